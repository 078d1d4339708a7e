"""Messages: sentences not yet translated, as an English template and the values that fill it.

Owns nothing but the values. What the core says is a Message; it becomes text in the reader's
language where it leaves (``notifications.translation``), and it is never stored as text. ``str`` of
a Message is its English: for logs and for readers of code, never for a page, a letter or a file.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

InWords = Callable[[object], str]
"""How a Message or a Label becomes text, in the language of whoever reads it."""


@dataclass(frozen=True, slots=True)
class Message:
    """An English template with ``str.format`` places, the values, and its form for many.

    ``plural`` is empty where the sentence has one form; else the integer value called ``count``
    decides. A value may be a Message, a Reason or a Label itself: it is translated with the whole.
    """

    template: str
    values: tuple[tuple[str, object], ...] = ()
    plural: str = ""

    def __str__(self) -> str:
        values = dict(self.values)
        template = self.plural if self.plural and values.get("count") != 1 else self.template
        return template.format(**values) if values else template

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def lazy(template: str, plural: str = "", /, **values: object) -> Message:
    """Return the Message of ``template``; the call marks the sentence for the catalogue."""
    return Message(template, tuple(values.items()), plural)


def listed(words: Iterable[object], separator: str = "; ") -> Message:
    """Return several words as one Message, ``separator`` between them."""
    values = {f"word{place}": word for place, word in enumerate(words)}
    return Message(separator.join(f"{{{name}}}" for name in values), tuple(values.items()))


def verbatim(text: object) -> Message:
    """Return words of another program as a Message: they are what they are in every language."""
    return Message("{text}", (("text", text),))
