"""What an item is called in a row: for what it puts somebody forward, and whom.

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
_LONGEST = 90
_BETWEEN = " –-:;,."


@dataclass(frozen=True, slots=True)
class RowTitle:
    """The first line of a row, and the second: for what somebody is put forward, and who.

    Where an item does not say for what, its nominee comes first and the award second; one that
    puts nobody forward has its title alone. ``name`` and ``more`` are short, their ``full`` ones
    are not. ``whole``: the title, where it says more than the two.
    """

    name: str
    full: str
    more: str | Label = ""
    full_more: str | Label = ""
    whole: str = ""


def row_title(view: ItemView) -> RowTitle:
    """Return what an item is called in a row."""
    title, name = view.content.title, view.nominee
    if not name:
        return RowTitle(shortened(title, view.departments), title, whole=title)
    short = shortened(name, view.departments)
    if searchable(title).endswith(searchable(name)):  # as the form suggests it: award, for whom
        deed, title = _deed(view), ""
    elif title.casefold().startswith(name.casefold()):
        deed = title[len(name) :].strip(_BETWEEN)
        deed = deed[:1].upper() + deed[1:]
    else:
        deed = title
    if not deed:
        award = _award(view)
        return RowTitle(short, name, award, award, title)
    return RowTitle(shortened(deed, view.departments), deed, short, name, title)


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
    words = _FORM.sub(" ", text[: 2 * _LONGEST]).split() if isinstance(text, str) else []
    return textwrap.shorten(" ".join(words), _LONGEST, placeholder="…")


def _award(view: ItemView) -> str | Label:
    said = view.definition.nominates
    field = next((each for each in view.definition.fields if said and each.id == said.award), None)
    if field is None:
        return ""
    chosen = view.content.fields.get(field.id)
    return next((each.label for each in field.choices if each.id == chosen), "")
