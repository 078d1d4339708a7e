"""Note that somebody is away, who decides for them meanwhile, and that they are back.

Owns the absence and its end. Every change is an entry in the history of whoever is away; holders of
open items follow in the same transaction, with a mail.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar

from workflow.command import Cause, Command
from workflow.commands.account_changes import keep_undoable, told_elsewhere
from workflow.commands.delegations import (
    follow,
    is_period,
    may_arrange,
    require_giver,
    unproven_or_invalid,
)
from workflow.commands.execute import Transaction
from workflow.commands.recording import record_by
from workflow.errors import InvalidRefusal, NotFoundRefusal, NotPermittedRefusal, Reason, reason
from workflow.events import AbsenceChange, AbsenceRecorded, AccountChange, AccountChanged, Event
from workflow.history import agency_payloads
from workflow.messages import lazy
from workflow.model import FACTORS, Absence, Person, Position
from workflow.people import Directory
from workflow.rules.standing_in import holds_as_much, stand_in_problems
from workflow.store import people
from workflow.store.instants import written

_LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAbsence(Command[int]):
    """Note that somebody is away on the days given.

    ``stand_in`` (an address) decides for them meanwhile. Where that person gains by it, whoever is
    away says so, with a factor; else the Office may, for every step that waits for the one waits
    for the other too.
    """

    email: str
    stand_in: str | None
    starts_on: str
    ends_on: str
    contends_for: ClassVar[str] = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAbsence(Command[int]):
    """End an absence today: yesterday was its last day; one that has not begun never was."""

    absence: int
    contends_for: ClassVar[str] = "people"


def record_absence(transaction: Transaction, command: RecordAbsence) -> int:
    """Record an absence; return its id.

    Both persons get a mail, and whoever newly holds an item a link.
    """
    directory = transaction.directory
    person = people.person_by_email(transaction.connection, command.email)
    stand_in = people.person_by_email(transaction.connection, command.stand_in or "")
    books = transaction.context.rulebooks
    newest = books.newest(transaction.connection)
    # Items go on under the version that they began with.
    every = {each.hash: each for each in books.all(transaction.connection)}
    is_gain = bool(command.stand_in) and not (
        person and stand_in and holds_as_much(every, person, stand_in)
    )
    _require_recorder(directory, command, person, is_gain=is_gain)
    problems = _absence_problems(command, person, stand_in, directory)
    if person and stand_in and not problems:
        problems = stand_in_problems(newest, person, stand_in, (), rule="stand_in")
    if is_gain and command.cause.method not in FACTORS:
        raise unproven_or_invalid(command.cause, problems)
    if person is None or problems:
        raise InvalidRefusal(*problems)
    absence = people.insert_absence(
        transaction.connection,
        {
            "person": person.id,
            "stand_in": stand_in.id if stand_in else None,
            "starts_on": command.starts_on,
            "ends_on": command.ends_on,
            "created_by": command.cause.actor,
            "created_at": written(transaction.now),
        },
    )
    noted = Absence(
        id=absence,
        person=person.id,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        stand_in=stand_in.id if stand_in else None,
    )
    payload = agency_payloads.AbsenceAdded(
        absence=absence,
        stand_in=noted.stand_in,
        starts_on=noted.starts_on,
        ends_on=noted.ends_on,
    )
    entry = record_by(transaction, command.cause, f"person:{person.id}", payload)
    follow(transaction, command.cause, [*_noted_events(transaction, command, noted, entry.seq)])
    return absence


def _noted_events(
    transaction: Transaction, command: RecordAbsence, noted: Absence, seq: int
) -> Iterator[Event]:
    """Yield what both hear; whoever is said to be away may take it back for two days."""
    away, what = noted.person, AccountChange.ABSENCE
    changed = AccountChanged(person=away, what=what, by=command.cause.actor, at=transaction.now)
    yield from told_elsewhere(transaction, changed)
    undo = keep_undoable(transaction, away, what, seq, {"absence": noted.id})
    for told in _absence_recorded(noted, AbsenceChange.NOTED):
        yield replace(told, undo=undo) if told.person == away else told


def _require_recorder(
    directory: Directory, command: RecordAbsence, person: Person | None, *, is_gain: bool
) -> None:
    """Let pass the Office and whoever is away; where a stand-in gains by it, the latter alone."""
    if is_gain:
        require_giver(directory, command.cause, person, command.email)
    elif not may_arrange(directory, command.cause.actor, person):
        raise NotPermittedRefusal(
            reason("office", "Only the Office or the absent person may record an absence.")
        )


def _absence_problems(
    command: RecordAbsence, person: Person | None, stand_in: Person | None, directory: Directory
) -> list[Reason]:
    problems = []
    if person is None or not person.is_active:
        problems.append(
            reason("person", "Nobody who works here has the address {email}.", email=command.email)
        )
    if command.stand_in and (stand_in is None or not stand_in.is_active):
        problems.append(
            reason(
                "stand_in",
                "Nobody who could stand in has the address {email}.",
                email=command.stand_in,
            )
        )
    if person is not None and stand_in is not None and person.id == stand_in.id:
        problems.append(
            reason(
                "stand_in",
                "Nobody stands in for themselves. Choose somebody else, or leave it empty.",
            )
        )
    if person is not None and stand_in is not None and person.position is Position.DIRECTOR:
        problems.append(
            reason(
                "stand_in",
                "Standing in for the Director needs a written delegation (Decree "
                "30/2020/NĐ-CP, Article 13). Leave the stand-in empty, and record the "
                "delegation separately.",
            )
        )
    if not is_period(command.starts_on, command.ends_on):
        problems.append(
            reason("dates", "Beginning and end must be real days (15/06/2022), in the right order.")
        )
    elif (
        _has_ended(command.ends_on, directory)
        or (date.fromisoformat(command.ends_on) - date.fromisoformat(command.starts_on)).days
        > _LONGEST_DAYS
    ):
        problems.append(
            reason(
                "dates",
                "An absence must end today or later and last at most a year. Mend the days.",
            )
        )
    return problems


def end_absence(transaction: Transaction, command: EndAbsence) -> int:
    """End an absence; return its id. What waits goes back to whoever was away."""
    absence = people.absence_by_id(transaction.connection, command.absence)
    directory = transaction.directory
    if absence is None or not may_arrange(
        directory, command.cause.actor, directory.people.get(absence.person)
    ):
        raise NotFoundRefusal(lazy("this absence"))
    if _has_ended(absence.ends_on, directory):
        return absence.id
    cut_absence_short(transaction, command.cause, absence)
    return absence.id


def cut_absence_short(transaction: Transaction, cause: Cause, absence: Absence) -> None:
    """End an absence today, record it and tell both; holders follow."""
    last = (date.fromisoformat(transaction.directory.today) - timedelta(days=1)).isoformat()
    people.end_absence(transaction.connection, absence.id, last)
    payload = agency_payloads.AbsenceEnded(absence=absence.id, ends_on=last)
    record_by(transaction, cause, f"person:{absence.person}", payload)
    follow(transaction, cause, _absence_recorded(absence, AbsenceChange.ENDED))


def _absence_recorded(absence: Absence, what: AbsenceChange) -> list[AbsenceRecorded]:
    return [
        AbsenceRecorded(
            absence=absence.id,
            person=told,
            away=absence.person,
            stand_in=absence.stand_in,
            starts_on=absence.starts_on,
            ends_on=absence.ends_on,
            what=what,
        )
        for told in (absence.person, absence.stand_in)
        if told is not None
    ]


def _has_ended(last: str, directory: Directory) -> bool:
    return date.fromisoformat(last) < date.fromisoformat(directory.today)
