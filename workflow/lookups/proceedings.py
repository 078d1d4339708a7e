"""What is pending against whom: the register as a reader may read it, and what holds a nominee.

Owns by what a nominee is known to be the one against whom something is pending: a person by their
number, a collective by a name that a department has or had in its own. Nothing here writes.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from workflow.awards import AwardJudgement, Pending, RuleFinding
from workflow.context import Context
from workflow.errors import NotFoundRefusal, NotPermittedRefusal, reason
from workflow.history.agency_payloads import DepartmentAdded
from workflow.lookups.nominees import Nominee
from workflow.messages import lazy
from workflow.model import DepartmentId, Item, Person
from workflow.people import may_read_proceedings
from workflow.store import history, people, proceedings
from workflow.store.proceedings import Proceeding, ProceedingCorrection
from workflow.values import alike

PAGE = 200
"""Proceedings that are read at once."""


def register(connection: Connection, person: Person, before: int | None = None) -> list[Proceeding]:
    """Return up to ``PAGE`` proceedings below ``before``, newest first.

    Raises NotPermittedRefusal.
    """
    require_reader(person)
    return proceedings.newest_proceedings(connection, before=before, count=PAGE)


def visible_proceeding(connection: Connection, proceeding: int, person: Person) -> Proceeding:
    """Return a proceeding. Raises NotPermittedRefusal, NotFoundRefusal."""
    require_reader(person)
    found = proceedings.find_proceeding(connection, proceeding)
    if found is None:
        raise NotFoundRefusal(lazy("this proceeding"))
    return found


def ends_written(
    connection: Connection, found: Proceeding
) -> tuple[Proceeding, list[ProceedingCorrection]]:
    """Return a visible proceeding with its end as first written, and every correction of that."""
    first = proceedings.first_written(connection, found.id) or found
    return first, proceedings.corrections_of(connection, [found.id]).get(found.id, [])


def require_reader(person: Person) -> None:
    """Let pass the Office, the Directorate and auditors. Raises NotPermittedRefusal."""
    if not may_read_proceedings(person):
        raise NotPermittedRefusal(
            reason("office", "Only the Office, the Directorate and auditors may read this.")
        )


def proceedings_of(
    connection: Connection, nominees: Sequence[Nominee], collectives: Sequence[bool]
) -> list[tuple[Pending, ...]]:
    """Return what is or was pending against each of ``nominees``; ``collectives``: which are none.

    The database is asked once for them all.
    """
    names = _patterns(names_had(connection) if any(collectives) else {})
    named = [
        _named_in(each.said, names) if is_collective else ()
        for each, is_collective in zip(nominees, collectives, strict=True)
    ]
    persons = [each.person for each in nominees if each.person is not None]
    every = {identity for found in named for identity in found}
    found = proceedings.proceedings_against(connection, persons, sorted(every))
    return [
        tuple(
            each.as_pending
            for each in found
            if (each.person is not None and each.person == nominee.person) or each.department in own
        )
        for nominee, own in zip(nominees, named, strict=True)
    ]


def names_had(connection: Connection) -> dict[DepartmentId, list[str]]:
    """Return every name of each department: that of today, and those it had."""
    called = {each.id: [each.name] for each in people.all_departments(connection)}
    subjects = {f"department:{each}": each for each in called}
    for subject, entries in history.entries_by_subject(connection, subjects).items():
        called[subjects[subject]] += [
            each.fact.payload.name
            for each in entries
            if isinstance(each.fact.payload, DepartmentAdded)
        ]
    return called


def departments_in(
    name: str, called: Mapping[DepartmentId, Iterable[str]]
) -> tuple[DepartmentId, ...]:
    """Return the departments that a collective's name names by any of the names in ``called``.

    "Tập thể Phòng Lãnh sự" names one, "Phòng Lãnh sự và Văn phòng" two. Names that look the same
    are the same, wherever a space stands in them.
    """
    return _named_in(name, _patterns(called))


def _patterns(
    called: Mapping[DepartmentId, Iterable[str]],
) -> list[tuple[re.Pattern[str], list[DepartmentId]]]:
    """Return what finds each name in a text, with whose it is; longer names first."""
    owners: dict[str, list[DepartmentId]] = {}
    for identity, names in called.items():
        for each in filter(None, map(alike, names)):
            owners.setdefault(each, []).append(identity)

    def pattern(name: str) -> re.Pattern[str]:
        letters = " ?".join(map(re.escape, name.replace(" ", "")))
        return re.compile(rf"(?<!\w){letters}(?!\w)")

    return [(pattern(each), owners[each]) for each in sorted(owners, key=len, reverse=True)]


def _named_in(
    name: str, names: Iterable[tuple[re.Pattern[str], Sequence[DepartmentId]]]
) -> tuple[DepartmentId, ...]:
    words, found = alike(name), list[DepartmentId]()
    # A longer name is not the shorter one that it begins with.
    for pattern, owners in names:
        words, times = pattern.subn("|", words)
        if times:
            found += owners
    return tuple(dict.fromkeys(found))


def stands_for(name: str, other: str) -> bool:
    """Return whether ``name`` looks like ``other``, with words before it or after a sign."""
    wanted = alike(other).replace(" ", "")
    parts = (name, *re.split(r"[^\w\s]", name))
    return bool(wanted) and any(
        re.search(rf"(?<!\w){' ?'.join(map(re.escape, wanted))}$", alike(each)) for each in parts
    )


def veil_for(connection: Connection, reader: Person | None) -> str:
    """Return whom a reader asks who may not know why a nominee is held; "" where they may know."""
    if reader is not None and may_read_proceedings(reader):
        return ""
    return next(each.name for each in people.all_departments(connection) if each.is_office)


def veiled(judgement: AwardJudgement, office: str) -> AwardJudgement:
    """Return a judgement for a reader who asks ``office`` why; unchanged where that is empty.

    They learn that the nominee is held, and not by which rule. What only warns is not for them.
    """
    if not office:
        return judgement
    held = only_held(judgement).of("refuse")
    neutral = RuleFinding(
        rule="held",
        effect="refuse",
        label=lazy("It is held for now. Ask {office} what to do", office=office),
        source="",
        is_verified=True,
        is_confidential=True,
        is_passing=judgement.waits,
    )
    told = untold(judgement).findings
    return replace(judgement, findings=(*((neutral,) if held else ()), *told))


def untold(judgement: AwardJudgement) -> AwardJudgement:
    """Return a judgement as if nothing were or had been pending; what a nomination says stays."""
    told = (
        replace(each, found=each.found_openly, found_openly=None, is_confidential=False)
        if each.is_confidential and each.found_openly is not None
        else each
        for each in judgement.findings
    )
    return replace(judgement, findings=tuple(each for each in told if not each.is_confidential))


def only_held(judgement: AwardJudgement) -> AwardJudgement:
    """Return what a judgement says of discipline and of what is pending."""
    held = tuple(each for each in judgement.findings if each.is_confidential)
    return replace(judgement, findings=held)


def shown_to(
    context: Context, connection: Connection, reader: Person, item: Item
) -> Callable[[AwardJudgement], AwardJudgement]:
    """Return what leaves of a judgement what a reader of ``item`` may know of it.

    Whoever drafts is not told that a nominee is held, nor anybody of a draft: by changing it they
    would learn of whom and since when. They are told when they hand it in, in one sentence for the
    whole item.
    """
    state = context.rulebooks.of(connection, item.definition_hash).states[item.state]
    is_drafting = state.held_by_author or reader.id == item.author
    if is_drafting and not may_read_proceedings(reader):
        return untold
    return partial(veiled, office=veil_for(connection, reader))
