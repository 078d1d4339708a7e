"""Awards of earlier years as a sheet or a program names them, and what is wrong with that.

Owns whom a row means: a person of the agency by their address or, where one alone is called so, by
name; else whoever is called so. An award is judged by what there was on the day of its decision.
Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from workflow import values
from workflow.addresses import as_kept
from workflow.awards import COMMENDATIONS, Award, Awards
from workflow.messages import Message, lazy
from workflow.model import DepartmentId, PersonId
from workflow.people import Directory
from workflow.rules.nominees import COLLECTIVE
from workflow.values import searchable

_INDIVIDUAL = "individual"
_NAME_LIMIT = 200
_NUMBER_LIMIT = 60
_REASON_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAwardRow:
    """An award as it is named: ids of ``awards.yaml``, days in ISO 8601; empty: nothing is said.

    ``row`` is the line in the sheet. ``email``: of a person who is or was of the agency.
    """

    row: int
    nominee: str
    kind: str
    award: str
    number: str
    decided_on: str
    email: str = ""
    department: str = ""
    authority: str = ""
    commendation: str = ""
    reason: str = ""
    first_day: str = ""
    last_day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHere:
    """What rows are read by; ``departments``: by id, and by every name that one had, folded."""

    awards: Awards
    directory: Directory
    departments: Mapping[str, DepartmentId]
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAward:
    """A row without fault: whom it means, and all that it says or that follows from it."""

    said: PastAwardRow
    person: PersonId | None

    @property
    def known_as(self) -> str:
        """Return by what the nominee is found."""
        return known_as(self.person, self.said.nominee)

    @property
    def key(self) -> tuple[str, ...]:
        """Return what is equal in two rows that tell of one award."""
        return (self.known_as, self.said.award, self.said.decided_on, self.said.number)


def known_as(person: PersonId | None, name: str) -> str:
    """Return by what a nominee is found: a person by number, anybody else by the folded name."""
    return f"={searchable(name)}" if person is None else f"#{person}"


def read_awards(
    rows: Sequence[PastAwardRow], here: KnownHere
) -> tuple[list[ReadAward], list[Message]]:
    """Return what the rows say, one of several that say the same, and every fault by its row."""
    found: dict[tuple[str, ...], ReadAward] = {}
    problems = []
    for each in map(_tidied, rows):
        read, faults = _read(each, here)
        problems += [lazy("Row {row}: {problem}", row=each.row, problem=one) for one in faults]
        found.setdefault(read.key, read)
    return list(found.values()), problems


def _tidied(row: PastAwardRow) -> PastAwardRow:
    return replace(
        row,
        nominee=values.line(row.nominee),
        number=values.line(row.number),
        reason=values.lines(row.reason),
        email=as_kept(row.email),
    )


def _read(row: PastAwardRow, here: KnownHere) -> tuple[ReadAward, list[Message]]:
    """Return a row with what follows from it, and what is wrong with it."""
    person, faults = _person(row, here.directory)
    department = here.departments.get(row.department) or here.departments.get(
        searchable(row.department), DepartmentId("")
    )
    award, day = (
        here.awards.find(row.award),
        values.day(row.decided_on, since=values.EARLIEST_YEAR_TOLD),
    )
    faults += [*_wrong_texts(row), *_wrong_days(row, day, here.today)]
    if row.department and not department:
        faults.append(lazy("there is no department “{department}”.", department=row.department))
    faults += _wrong_award(row, award, day, here.awards)
    competent = here.awards.authority(row.award, day) if day is not None else None
    usual = "regular" if here.awards.is_title(row.award) else "themed"
    said = replace(
        row,
        email=here.directory.people[person].email if person is not None else "",
        department=department,
        authority=row.authority or (competent.id if competent else ""),
        # What is not said of a form must not make it a basis: of a movement it is none.
        commendation=row.commendation or usual,
    )
    return ReadAward(said=said, person=person), faults


def _person(row: PastAwardRow, directory: Directory) -> tuple[PersonId | None, list[Message]]:
    """Return which person of the agency a row means: None where it is none."""
    if row.email:
        person = directory.addressed(row.email)
        is_known = person is not None and not directory.people[person].is_erased
        if row.kind != _INDIVIDUAL:
            return None, [lazy("only a person has a mail address.")]
        if not is_known:
            return None, [lazy("nobody here has or had the address {email}.", email=row.email)]
        return person, []
    if row.kind != _INDIVIDUAL:
        return None, []
    called = [
        each.id
        for each in directory.people.values()
        if searchable(each.name) == searchable(row.nominee) and not each.is_erased
    ]
    if len(called) > 1:
        return None, [
            lazy("several people are called {name}. Write the mail address.", name=row.nominee)
        ]
    return (called[0] if called else None), []


def _wrong_texts(row: PastAwardRow) -> Iterator[Message]:
    if wrong := values.line_fault(row.nominee, _NAME_LIMIT):
        yield lazy("the name {wrong}", wrong=wrong)
    if wrong := values.line_fault(row.number, _NUMBER_LIMIT):
        yield lazy("the number of the decision {wrong}", wrong=wrong)
    if wrong := values.lines_fault(row.reason, _REASON_LIMIT, may_be_empty=True):
        yield lazy("the achievement {wrong}", wrong=wrong)
    if row.commendation and row.commendation not in COMMENDATIONS:
        yield lazy("there is no way to commend “{given}”.", given=row.commendation)


def _wrong_days(row: PastAwardRow, day: date | None, today: date) -> Iterator[Message]:
    if day is None or day > today:
        yield lazy(
            "the day of the decision is {given}. Write a day until today, for example 15/12/2019.",
            given=f"“{row.decided_on}”",
        )
    period = [
        values.day(each, since=values.EARLIEST_YEAR_TOLD) for each in (row.first_day, row.last_day)
    ]
    first, last = period
    if not (row.first_day or row.last_day):
        return
    if first is None or last is None or first > last or (day is not None and last > day):
        yield lazy("the time of the merit needs a first and a last day, before the decision.")


def _wrong_award(
    row: PastAwardRow, award: Award | None, day: date | None, awards: Awards
) -> Iterator[Message]:
    if row.kind not in {_INDIVIDUAL, COLLECTIVE}:
        yield lazy("write a person or a collective as the kind of nominee.")
    if award is None:
        yield lazy("there is no award “{given}”.", given=row.award)
    elif row.kind in {_INDIVIDUAL, COLLECTIVE} and row.kind not in award.kinds:
        yield lazy("“{award}” is not for such a nominee.", award=award.label)
    elif day is not None and not award.is_in_force(day):
        yield lazy("there was no “{award}” on {day}.", award=award.label, day=f"{day:%d/%m/%Y}")
    if row.authority and row.authority not in awards.authorities:
        yield lazy("there is no authority “{given}”.", given=row.authority)
