"""Awards of earlier years: the Office brings them in from a sheet, and withdraws a wrong one.

They are a basis of nominations as recorded awards are, so a second person confirms both, who is
none of those they name. What is here already is passed over: the same sheet twice adds nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import ClassVar

from sqlalchemy import Connection

from workflow import values
from workflow.command import Cause, Command
from workflow.commands.erase_text import tell_auditors
from workflow.commands.execute import Transaction
from workflow.commands.proposals import Proposed, Wish, proposed
from workflow.commands.recording import record_by
from workflow.errors import InvalidRefusal, NotFoundRefusal, reason
from workflow.history.past_award_payloads import PastAwardImported, PastAwardWithdrawn
from workflow.lookups.proceedings import names_had
from workflow.messages import lazy
from workflow.model import Grant, PersonId
from workflow.people import require_office
from workflow.people.powers import Gain
from workflow.rules import KnownHere, PastAwardRow, ReadAward, read_awards
from workflow.store import past_awards
from workflow.store.history import StoredEntry
from workflow.store.instants import written
from workflow.store.past_awards import ImportedAward, PastAwardEnd
from workflow.values import searchable

MOST_AT_ONCE = 500
_WHY_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardImport:
    """How many awards were brought in, and how many were here already."""

    added: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportAwards(Command[AwardImport | Proposed]):
    """Bring in awards that were given before the product came, all or none."""

    rows: tuple[PastAwardRow, ...]
    contends_for: ClassVar[str] = "past_awards"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawPastAward(Command[int | Proposed]):
    """Let an imported award count no more, and say why; ``whole``: all of its import."""

    award: int
    why: str
    whole: bool = False
    contends_for: ClassVar[str] = "past_awards"


def import_awards(transaction: Transaction, command: ImportAwards) -> AwardImport | Proposed:
    """Bring in what is not here yet; answer how many, or the proposal to do so."""
    _require_office(transaction, command.cause)
    fresh, known = _fresh(transaction, command.rows)
    if not fresh:
        return AwardImport(added=0, known=known)
    people = frozenset(each.person for each in fresh if each.person is not None)
    wish = Wish(
        parameters={"awards": [asdict(each.said) for each in fresh]},
        base="",
        gain=Gain(grants=frozenset({Grant.PAST_AWARDS}), gainers=people),
    )
    if (waits := proposed(transaction, command, wish)) is not None:
        return waits
    for number, each in enumerate(fresh):
        _insert(transaction, command.cause, each, is_first=number == 0)
    return AwardImport(added=len(fresh), known=known)


def withdraw_past_award(transaction: Transaction, command: WithdrawPastAward) -> int | Proposed:
    """Let it count no more; answer its number, or the proposal to do so."""
    _require_office(transaction, command.cause)
    connection, cause = transaction.connection, command.cause
    found = past_awards.find_past_award(connection, command.award)
    if found is None:
        raise NotFoundRefusal(lazy("this imported award"))
    wanted = past_awards.imported_with(connection, found) if command.whole else [found]
    standing = [each for each in wanted if not each.is_withdrawn]
    if not standing:
        raise InvalidRefusal(reason("award", "It is withdrawn already. Reload the page."))
    if wrong := values.lines_fault(command.why, _WHY_LIMIT):
        raise InvalidRefusal(
            reason("why", "Say why the award is withdrawn. It {wrong}", wrong=wrong)
        )
    why = values.lines(command.why)
    wish = Wish(
        parameters={"award": found.id, "whole": command.whole, "why": why},
        base=",".join(str(each.id) for each in standing),
        gain=Gain(grants=frozenset({Grant.PAST_AWARDS}), gainers=_people(standing)),
    )
    if (waits := proposed(transaction, command, wish)) is not None:
        return waits
    end = PastAwardEnd(by=cause.asker, at=transaction.now, why=why)
    for number, each in enumerate(standing):
        past_awards.withdraw_past_award(connection, each.id, end)
        payload = PastAwardWithdrawn(proposal=cause.proposal, proposed_by=cause.proposed_by)
        own = _own_cause(cause, each.id, is_first=number == 0)
        entry = record_by(transaction, own, each.subject, payload)
        if number == 0:
            tell_auditors(transaction, cause, each.subject, entry.seq)
    return found.id


def recall_awards(connection: Connection, command: ImportAwards, made: StoredEntry) -> AwardImport:
    """Return what an import did; ``made``: the entry of its first award."""
    first = past_awards.find_past_award(connection, int(made.subject.partition(":")[2]))
    added = len(past_awards.imported_with(connection, first)) if first else 0
    return AwardImport(added=added, known=len(command.rows) - added)


def _require_office(transaction: Transaction, cause: Cause) -> None:
    if not cause.is_operator:
        require_office(transaction.directory.active(cause.asker))


def _fresh(transaction: Transaction, rows: Sequence[PastAwardRow]) -> tuple[list[ReadAward], int]:
    """Return the awards that are not here yet, and how many rows tell of others.

    Raises InvalidRefusal with every fault by its row.
    """
    connection, context = transaction.connection, transaction.context
    if not 0 < len(rows) <= MOST_AT_ONCE:
        raise InvalidRefusal(
            reason("rows", "From 1 to {most} awards are imported at once.", most=MOST_AT_ONCE)
        )
    names = names_had(connection)
    folded = {searchable(name): identity for identity, had in names.items() for name in had}
    here = KnownHere(
        awards=context.awards,
        directory=transaction.directory,
        departments=folded | {identity: identity for identity in names},
        today=context.calendar.local_day(transaction.now),
    )
    read, problems = read_awards(rows, here)
    if problems:
        raise InvalidRefusal(*(reason("rows", "{problem}", problem=each) for each in problems))
    given = past_awards.past_awards_to(connection, (each.known_as for each in read))
    known = {each.key for each in given if not each.is_withdrawn}
    fresh = [each for each in read if each.key not in known]
    return fresh, len(rows) - len(fresh)


def _insert(transaction: Transaction, cause: Cause, read: ReadAward, *, is_first: bool) -> None:
    said = asdict(read.said)
    columns = {name: said[name] for name in said if name not in {"row", "email"}}
    row = {
        **columns,
        "department": read.said.department or None,
        "known_as": read.known_as,
        "person": read.person,
        "imported_by": cause.asker,
        "confirmed_by": None if cause.proposal is None else cause.actor,
        "imported_at": written(transaction.now),
    }
    number = past_awards.insert_past_award(transaction.connection, row)
    payload = PastAwardImported(
        award=read.said.award,
        decided_on=read.said.decided_on,
        person=read.person,
        proposal=cause.proposal,
        proposed_by=cause.proposed_by,
    )
    own, subject = _own_cause(cause, number, is_first=is_first), f"past_award:{number}"
    entry = record_by(transaction, own, subject, payload)
    if is_first:
        tell_auditors(transaction, cause, subject, entry.seq)


def _own_cause(cause: Cause, award: int, *, is_first: bool) -> Cause:
    """Return the cause of one of several entries: the first has the command's own id."""
    return cause if is_first else replace(cause, command_id=f"{cause.command_id}:{award}")


def _people(awards: Sequence[ImportedAward]) -> frozenset[PersonId]:
    return frozenset(each.person for each in awards if each.person is not None)
