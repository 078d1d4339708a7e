"""Merits: what a department notes of good people and deeds during a campaign, and what the Office makes of it.

The plan (III.2a) has the Office follow outstanding collectives and individuals, for the yearly evaluation of civil servants and
for the review of commendations. Anyone who drafts notes for their own department; the Office follows, says what it thinks, and
closes; a nomination drafted from a merit is tied to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection

from workflow import values
from workflow.commands.replays import made_by
from workflow.context import Context, fact_by, record
from workflow.definition import Label
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    Reason,
    Refusal,
    reason,
)
from workflow.history import payloads
from workflow.messages import lazy, listed
from workflow.model import MeritStanding, Method, Person, PersonId, Via
from workflow.people import may_draft, may_set_deadlines, scope_of
from workflow.store import definitions, items, merits
from workflow.store.history import StoredEntry
from workflow.store.instants import written
from workflow.store.merits import Merit, MeritNote

FOLLOWABLE = (MeritStanding.NOTED, MeritStanding.FOLLOWED, MeritStanding.CLOSED)
"""The standings that the Office gives; ``nominated`` comes with a nomination."""
_WHOSE_LIMIT = 200
_WHAT_LIMIT = 300
_STORY_LIMIT = 4000
_WORDS_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMerit:
    """Note a merit of one's own department: whose (individual or collective), what, when (local day, ISO), and the story."""

    campaign: str
    recognition: str
    whose_kind: str
    whose: str
    what: str
    story: str
    happened_on: str
    actor: PersonId
    via: Via
    method: Method
    command_id: str
    digest: str
    key: str = "merits"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteMerit:
    """Say something of a merit and give it a standing; the Office's."""

    merit: int
    standing: str
    words: str
    actor: PersonId
    via: Via
    method: Method
    command_id: str
    digest: str
    key: str = "merits"


@dataclass(frozen=True, slots=True, kw_only=True)
class NominateMerit:
    """Tie a nomination that the actor drafted to the merit it came from."""

    merit: int
    code: str
    actor: PersonId
    via: Via
    method: Method
    command_id: str
    digest: str = ""
    key: str = "merits"


def record_merits(
    context: Context, connection: Connection, commands: Sequence[RecordMerit]
) -> list[int | Refusal]:
    """Note merits; answer their ids."""
    return [_record(context, connection, command) for command in commands]


def note_merits(
    context: Context, connection: Connection, commands: Sequence[NoteMerit]
) -> list[int | Refusal]:
    """Note what the Office says of merits; answer their ids."""
    return [_note(context, connection, command) for command in commands]


def nominate_merits(
    context: Context, connection: Connection, commands: Sequence[NominateMerit]
) -> list[int | Refusal]:
    """Tie nominations to merits; answer the merits' ids."""
    return [_nominate(context, connection, command) for command in commands]


def visible_merit(connection: Connection, merit: int, person: Person) -> Merit:
    """Return a merit that ``person`` may read: their department's, or any for those who read all. Raises NotFoundRefusal."""
    found = merits.merit_by_id(connection, merit)
    if found is None or not scope_of(person).covers(found.department):
        raise NotFoundRefusal(lazy("this note"))
    return found


def recognitions(connection: Connection, campaign: str) -> dict[str, Label]:
    """Return the kinds of merit that a campaign asks for, with their names; empty for one that is not there."""
    for identity, _, body in definitions.all_campaigns(connection):
        if identity == campaign:
            return {
                each["id"]: Label(**each["label"]) for each in orjson.loads(body)["recognition"]
            }
    return {}


def _made_before(
    connection: Connection, command: RecordMerit | NoteMerit | NominateMerit
) -> int | Refusal | None:
    made = made_by(connection, command)
    return int(made.subject.removeprefix("merit:")) if isinstance(made, StoredEntry) else made


def _record(context: Context, connection: Connection, command: RecordMerit) -> int | Refusal:
    if made := _made_before(connection, command):
        return made
    now = context.clock()
    person = context.directory(connection, now).active(command.actor)
    if person is None or person.department is None or not may_draft(person, person.department):
        return NotPermittedRefusal(
            reason("own-department", "Only people of the department may note good examples of it.")
        )
    if problems := _problems(context, connection, command):
        return InvalidRefusal(*problems)
    whose, what, story = (
        values.line(command.whose),
        values.line(command.what),
        values.lines(command.story),
    )
    merit = merits.insert_merit(
        connection,
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
    payload = payloads.MeritRecorded(
        campaign=command.campaign, recognition=command.recognition, department=person.department
    )
    texts = {"whose": whose, "what": what, **({"story": story} if story else {})}
    record(
        context,
        connection,
        fact_by(context, command, f"merit:{merit}", payload, texts=texts),
        digest=command.digest,
    )
    return merit


def _problems(context: Context, connection: Connection, command: RecordMerit) -> list[Reason]:
    problems = []
    known = recognitions(connection, command.campaign)
    if not known:
        problems.append(
            reason("campaign", "There is no campaign “{campaign}”.", campaign=command.campaign)
        )
    elif command.recognition not in known:
        problems.append(
            reason("recognition", "Choose the kind of note: {known}.", known=listed(known.values()))
        )
    if command.whose_kind not in {"individual", "collective"}:
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
        problems.append(reason("happened_on", "Choose the day it happened, as YYYY-MM-DD."))
    elif happened > context.calendar.local_day(context.clock()):
        problems.append(
            reason("happened_on", "The day it happened cannot be after today. Mend the day.")
        )
    return problems


def _note(context: Context, connection: Connection, command: NoteMerit) -> int | Refusal:
    if made := _made_before(connection, command):
        return made
    now = context.clock()
    person = context.directory(connection, now).active(command.actor)
    merit = merits.merit_by_id(connection, command.merit)
    if person is None or not may_set_deadlines(person):
        return NotPermittedRefusal(reason("office", "Only the Office writes follow-up notes."))
    if merit is None:
        return NotFoundRefusal(lazy("this note"))
    words = values.lines(command.words)
    wrong = values.lines_fault(words, _WORDS_LIMIT, may_be_empty=command.standing != merit.standing)
    if command.standing not in FOLLOWABLE or wrong:
        return InvalidRefusal(
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
    merits.move_merit(connection, merit, standing=standing, code=merit.code)
    merits.add_note(
        connection, merit.id, MeritNote(by=person.id, at=now, standing=standing, words=words)
    )
    fact = fact_by(
        context,
        command,
        f"merit:{merit.id}",
        payloads.MeritNoted(standing=standing),
        texts={"message": words} if words else {},
    )
    record(context, connection, fact, digest=command.digest)
    return merit.id


def _nominate(context: Context, connection: Connection, command: NominateMerit) -> int | Refusal:
    if made := _made_before(connection, command):
        return made
    person = context.directory(connection, context.clock()).active(command.actor)
    merit = merits.merit_by_id(connection, command.merit)
    item = items.find_item(connection, command.code)
    if (
        person is None
        or merit is None
        or item is None
        or item.author != person.id
        or not scope_of(person).covers(merit.department)
    ):
        return NotFoundRefusal(lazy("this note"))
    merits.move_merit(connection, merit, standing=MeritStanding.NOMINATED, code=item.code)
    merits.add_note(
        connection,
        merit.id,
        MeritNote(
            by=person.id, at=context.clock(), standing=MeritStanding.NOMINATED, words=item.code
        ),
    )
    record(
        context,
        connection,
        fact_by(context, command, f"merit:{merit.id}", payloads.MeritNominated(code=item.code)),
        digest=command.digest,
    )
    return merit.id
