"""Merits: what departments note of good people and deeds, and what the Office makes of it.

The plan (III.2a) has the Office follow outstanding collectives and individuals, for the yearly
evaluation of civil servants and for the review of commendations. Anyone who drafts notes for their
own department; the Office follows, says what it thinks, and closes; a nomination drafted from a
merit is tied to it.
"""

from dataclasses import dataclass
from typing import ClassVar

from workflow import values
from workflow.command import Command
from workflow.commands.execute import Transaction
from workflow.commands.recording import record_by
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    Reason,
    reason,
)
from workflow.history import agency_payloads
from workflow.lookups.merits import recognitions
from workflow.messages import lazy, listed
from workflow.model import MeritKind, MeritStanding
from workflow.people import may_draft, require_office, scope_of
from workflow.store import items, merits
from workflow.store.instants import written
from workflow.store.merits import MeritNote

FOLLOWABLE = (MeritStanding.NOTED, MeritStanding.FOLLOWED, MeritStanding.CLOSED)
"""The standings that the Office gives; ``nominated`` comes with a nomination."""
_WHOSE_LIMIT = 200
_WHAT_LIMIT = 300
_STORY_LIMIT = 4000
_WORDS_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMerit(Command[int]):
    """Note a merit of one's own department.

    Whose (individual or collective), what, when (local day, ISO), and the story.
    """

    campaign: str
    recognition: str
    whose_kind: str
    whose: str
    what: str
    story: str
    happened_on: str
    contends_for: ClassVar[str] = "merits"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteMerit(Command[int]):
    """Say something of a merit and give it a standing; the Office's."""

    merit: int
    standing: str
    words: str
    contends_for: ClassVar[str] = "merits"


@dataclass(frozen=True, slots=True, kw_only=True)
class NominateMerit(Command[int]):
    """Tie a nomination that the actor drafted to the merit it came from."""

    merit: int
    code: str
    contends_for: ClassVar[str] = "merits"


def record_merit(transaction: Transaction, command: RecordMerit) -> int:
    """Note a merit; return its id."""
    now = transaction.now
    person = transaction.directory.active(command.cause.actor)
    if person is None or person.department is None or not may_draft(person, person.department):
        raise NotPermittedRefusal(
            reason("own-department", "Only people of the department may note good examples of it.")
        )
    if problems := _problems(transaction, command):
        raise InvalidRefusal(*problems)
    whose, what, story = (
        values.line(command.whose),
        values.line(command.what),
        values.lines(command.story),
    )
    merit = merits.insert_merit(
        transaction.connection,
        {
            "campaign": command.campaign,
            "recognition": command.recognition,
            "whose_kind": command.whose_kind,
            "whose": whose,
            "department": person.department,
            "what": what,
            "story": story,
            "happened_on": command.happened_on,
            "recorded_by": person.id,
            "recorded_at": written(now),
        },
    )
    payload = agency_payloads.MeritRecorded(
        campaign=command.campaign, recognition=command.recognition, department=person.department
    )
    texts = {"whose": whose, "what": what, **({"story": story} if story else {})}
    record_by(transaction, command.cause, f"merit:{merit}", payload, texts=texts)
    return merit


def _problems(transaction: Transaction, command: RecordMerit) -> list[Reason]:
    problems = []
    known = recognitions(transaction.connection, command.campaign)
    if not known:
        problems.append(
            reason("campaign", "There is no campaign “{campaign}”.", campaign=command.campaign)
        )
    elif command.recognition not in known:
        problems.append(
            reason("recognition", "Choose the kind of note: {known}.", known=listed(known.values()))
        )
    if command.whose_kind not in set(MeritKind):
        problems.append(reason("whose_kind", "Choose individual or collective."))
    for name, value, limit, label in (
        ("whose", command.whose, _WHOSE_LIMIT, lazy("Name of the person or collective")),
        ("what", command.what, _WHAT_LIMIT, lazy("What was done")),
    ):
        if wrong := values.line_fault(value, limit):
            problems.append(reason(name, "{label} {wrong}", label=label, wrong=wrong))
    if wrong := values.lines_fault(command.story, _STORY_LIMIT, may_be_empty=True):
        problems.append(reason("story", "The story {wrong}", wrong=wrong))
    happened = values.day(command.happened_on)
    if happened is None:
        problems.append(reason("happened_on", "Write the day it happened, for example 15/06/2022."))
    elif happened > transaction.context.calendar.local_day(transaction.now):
        problems.append(
            reason("happened_on", "The day it happened cannot be after today. Mend the day.")
        )
    return problems


def note_merit(transaction: Transaction, command: NoteMerit) -> int:
    """Note what the Office says of a merit; return its id."""
    now = transaction.now
    person = require_office(transaction.directory.active(command.cause.actor))
    merit = merits.merit_by_id(transaction.connection, command.merit)
    if merit is None:
        raise NotFoundRefusal(lazy("this note"))
    words = values.lines(command.words)
    wrong = values.lines_fault(words, _WORDS_LIMIT, may_be_empty=command.standing != merit.standing)
    if command.standing not in FOLLOWABLE or wrong:
        raise InvalidRefusal(
            reason(
                "words",
                "Write a note (up to {limit} characters) or choose another standing.",
                limit=_WORDS_LIMIT,
            )
        )
    standing = (
        merit.standing
        if merit.standing is MeritStanding.NOMINATED
        else MeritStanding(command.standing)
    )
    merits.move_merit(transaction.connection, merit, standing=standing, code=merit.code)
    merits.add_note(
        transaction.connection,
        merit.id,
        MeritNote(by=person.id, at=now, standing=standing, words=words),
    )
    record_by(
        transaction,
        command.cause,
        f"merit:{merit.id}",
        agency_payloads.MeritNoted(standing=standing),
        texts={"message": words} if words else {},
    )
    return merit.id


def nominate_merit(transaction: Transaction, command: NominateMerit) -> int:
    """Tie a nomination to the merit it came from; return the merit's id."""
    person = transaction.directory.active(command.cause.actor)
    merit = merits.merit_by_id(transaction.connection, command.merit)
    item = items.find_item(transaction.connection, command.code)
    if (
        person is None
        or merit is None
        or item is None
        or item.author != person.id
        or not scope_of(person).covers(merit.department)
    ):
        raise NotFoundRefusal(lazy("this note"))
    merits.move_merit(
        transaction.connection, merit, standing=MeritStanding.NOMINATED, code=item.code
    )
    merits.add_note(
        transaction.connection,
        merit.id,
        MeritNote(
            by=person.id, at=transaction.now, standing=MeritStanding.NOMINATED, words=item.code
        ),
    )
    record_by(
        transaction,
        command.cause,
        f"merit:{merit.id}",
        agency_payloads.MeritNominated(code=item.code),
    )
    return merit.id
