"""The forms of a page, as a browser would send them untouched."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """One form: where it goes, how, and what its fields send; ``names`` has every field, also those that send nothing now."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._text: tuple[str, list[str]] | None = None
        self._options: list[tuple[str, bool]] | None = None
        self._select = ""
        self._is_in_form = False

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(
                Form(action=given.get("action", ""), method=given.get("method", "get").lower())
            )
            self._is_in_form = True
        if not self._is_in_form:
            return
        form, name = self.forms[-1], given.get("name", "")
        match tag:
            case "input":
                self._input(form, name, given)
            case "textarea":
                self._text = (name, [])
                form.names.append(name)
            case "select":
                self._select, self._options = name, []
                form.names.append(name)
            case "option" if self._options is not None:
                self._options.append((given.get("value", ""), "selected" in given))
            case "button" if name:
                form.buttons.append((name, given.get("value", "")))

    @staticmethod
    def _input(form, name, given):
        kind = given.get("type", "text")
        if not name:
            return
        if kind == "file":
            form.files.append(name)
            return
        form.names.append(name)
        if kind not in {"checkbox", "radio"} or "checked" in given:
            value = given.get("value", "on" if kind in {"checkbox", "radio"} else "")
            form.fields.append(
                (name, value if kind == "hidden" else value.replace("\n", "").replace("\r", ""))
            )

    def handle_data(self, data):
        if self._text is not None:
            self._text[1].append(data)

    def handle_endtag(self, tag):
        if tag == "textarea" and self._text is not None:
            name, parts = self._text
            text = "".join(parts).replace("\r\n", "\n").removeprefix("\n")
            self.forms[-1].fields.append((name, text.replace("\n", "\r\n")))
            self._text = None
        if tag == "select" and self._options is not None:
            chosen = [value for value, is_selected in self._options if is_selected] or [
                value for value, _ in self._options[:1]
            ]
            self.forms[-1].fields += [(self._select, value) for value in chosen[-1:]]
            self._options = None
        if tag == "form":
            self._is_in_form = False


def forms_in(html: str) -> list[Form]:
    parser = _Forms()
    parser.feed(html)
    return parser.forms


def form_with(html: str, name: str) -> Form:
    return next(each for each in forms_in(html) if name in each.names)


def encoded(fields: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Return fields as the test's client sends them."""
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    return found
