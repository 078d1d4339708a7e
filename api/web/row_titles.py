"""What an item is called: whom it puts forward, and for what.

Owns how names are shortened where there is little room; the whole title stands beside it.
"""

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from api.web.departments import short_names
from workflow.definition import Label
from workflow.model import Department, DepartmentId
from workflow.queries.items import ItemView
from workflow.values import searchable

_FORM = re.compile(r"[*_`#>]+|^\s*[-+] ", re.MULTILINE)
_CLAUSE = re.compile(r".{24,108}?(?=[,;.] )")
"""The first of what is said, where it ends soon enough to be a name."""
_LONGEST = 90
_BETWEEN = " –-:;,."


@dataclass(frozen=True, slots=True)
class RowTitle:
    """What an item is called everywhere: whom it puts forward, and for what.

    One that puts nobody forward is called by its title, and has no deed. ``name`` and ``deed`` are
    short, ``full_name`` and ``full_deed`` are not; ``whole``: the title, where it says more.
    """

    name: str
    full_name: str
    deed: str = ""
    full_deed: str = ""
    award: str | Label = ""
    whole: str = ""

    @property
    def words(self) -> str:
        """Return both on one line."""
        return f"{self.name} – {self.deed}" if self.deed else self.name

    @property
    def full(self) -> str:
        """Return both on one line, with no name shortened."""
        return f"{self.full_name} – {self.full_deed}" if self.full_deed else self.full_name


def row_title(view: ItemView) -> RowTitle:
    """Return what an item is called."""
    title, name = view.content.title, view.nominee
    if not name:
        return RowTitle(shortened(title, view.departments), title, whole=title)
    if searchable(title).endswith(searchable(name)):  # as the form suggests it: award, for whom
        deed, title = _deed(view), ""
    elif title.casefold().startswith(name.casefold()):
        deed = title[len(name) :].strip(_BETWEEN)
        deed = deed[:1].upper() + deed[1:]
    else:
        deed = title
    short = shortened(name, view.departments), shortened(deed, view.departments)
    return RowTitle(short[0], name, short[1], deed, award=_award(view), whole=title)


def shortened(text: str, departments: Mapping[DepartmentId, Department]) -> str:
    """Return a name in which a department has its initials after a first word that others share.

    That word stays where it stands first, or belongs to what is before it (Trưởng phòng).
    """
    for within, whole, short in _shortenings(tuple(departments.values())):
        text = whole.sub(rf"\1 {short}", within.sub(short, text))
    return text


@lru_cache(maxsize=8)
def _shortenings(
    departments: tuple[Department, ...],
) -> list[tuple[re.Pattern[str], re.Pattern[str], str]]:
    """Return what is looked for of each department within a sentence and anywhere, and its short.

    Made once for the names of now: a list asks for it in each of its rows.
    """
    names = {each.id: each.name for each in departments}
    found = []
    for each, short in short_names(names).items():
        first, _, rest = map(re.escape, names[each].partition(" "))
        if rest and len(short) == len(names[each].split()) - 1 > 1:
            within = re.compile(rf"(?<=. ){first} {rest}\b")
            whole = re.compile(rf"\b({first}) {rest}\b", re.IGNORECASE)
            found.append((within, whole, short.replace("\\", r"\\")))
    return found


def _deed(view: ItemView) -> str:
    """Return the beginning of what the nominee is said to have done, without marks of its form."""
    said = view.definition.nominates
    text = view.content.fields.get(said.deed or "") if said else ""
    words = " ".join(_FORM.sub(" ", text[: 2 * _LONGEST]).split() if isinstance(text, str) else [])
    clause = _CLAUSE.match(words)
    return clause[0] if clause else textwrap.shorten(words, _LONGEST, placeholder="…")


def _award(view: ItemView) -> str | Label:
    said = view.definition.nominates
    field = next((each for each in view.definition.fields if said and each.id == said.award), None)
    if field is None:
        return ""
    chosen = view.content.fields.get(field.id)
    return next((each.label for each in field.choices if each.id == chosen), "")
