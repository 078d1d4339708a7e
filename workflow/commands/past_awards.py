"""Awards of earlier years: the Office brings them in from a sheet, and withdraws a wrong one.

One that came under a name becomes a person's of that name when the Office says so, and why. They
are a basis of nominations as recorded awards are, so a second person confirms each of these, who is
none of those they name. What is here already is passed over: the same sheet twice adds nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import ClassVar, TypeAlias

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
from workflow.rules import KnownHere, PastAwardRow, ReadAward, known_as, read_awards
from workflow.rules.nominees import COLLECTIVE
from workflow.store import past_awards
from workflow.store.history import StoredEntry
from workflow.store.instants import written
from workflow.store.past_awards import ImportedAward, PastAwardEnd
from workflow.store.prepared import Values
from workflow.values import searchable

MOST_AT_ONCE = 500
_WHY_LIMIT = 2000
_Given: TypeAlias = tuple[str, str, PersonId | None]
"""What is recorded of an award: which, its day, and whose where that is known."""
_OF_ITS_ROW = {
    *("id", "imported_by", "confirmed_by", "imported_at"),
    *("withdrawn_by", "withdrawn_at", "withdrawn_why"),
}
"""What tells of a row and not of the award in it."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class NameAwardee(Command[int | Proposed]):
    """Say that an award imported under a name is that of a person who is called so, and why."""

    award: int
    person: PersonId
    why: str
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
    why = _why(command.why)
    wish = Wish(
        parameters={"award": found.id, "whole": command.whole, "why": why},
        base=",".join(str(each.id) for each in standing),
        gain=Gain(grants=frozenset({Grant.PAST_AWARDS}), gainers=_people(standing)),
    )
    if (waits := proposed(transaction, command, wish)) is not None:
        return waits
    for number, each in enumerate(standing):
        _withdraw(transaction, cause, each, why, is_first=number == 0)
    return found.id


def name_awardee(transaction: Transaction, command: NameAwardee) -> int | Proposed:
    """Let a person have an award that came under a name; answer its number, or the proposal.

    As imported it is withdrawn, and it is there anew as that person's: one entry each.
    """
    _require_office(transaction, command.cause)
    connection, cause = transaction.connection, command.cause
    found = past_awards.find_past_award(connection, command.award)
    person = transaction.directory.people.get(command.person)
    if found is None or person is None or person.is_erased:
        raise NotFoundRefusal(lazy("this imported award"))
    is_under_name = found.kind != COLLECTIVE and found.known_as == known_as(None, person.name)
    if found.is_withdrawn or not is_under_name:
        raise InvalidRefusal(
            reason(
                "award",
                "This award did not come under the name of {name}, or it is somebody's already. "
                "Reload the page.",
                name=person.name,
            )
        )
    own = replace(found, person=person.id, known_as=known_as(person.id, found.nominee))
    had = past_awards.past_awards_to(connection, [own.known_as])
    if any(each.key == own.key and not each.is_withdrawn for each in had):
        raise InvalidRefusal(
            reason("award", "That award is recorded as theirs already. Withdraw this one.")
        )
    why = _why(command.why)
    wish = Wish(
        parameters={"award": found.id, "person": person.id, "why": why},
        base=str(found.id),
        gain=Gain(grants=frozenset({Grant.PAST_AWARDS}), gainers=frozenset({person.id})),
    )
    if (waits := proposed(transaction, command, wish)) is not None:
        return waits
    _withdraw(transaction, cause, found, why, is_first=True)
    kept = {name: value for name, value in asdict(own).items() if name not in _OF_ITS_ROW}
    given = own.award, own.decided_on, own.person
    _keep(transaction, cause, kept, given, is_first=False)
    return found.id


def _why(said: str) -> str:
    if wrong := values.lines_fault(said, _WHY_LIMIT):
        raise InvalidRefusal(reason("why", "Say why. It {wrong}", wrong=wrong))
    return values.lines(said)


def _withdraw(
    transaction: Transaction, cause: Cause, award: ImportedAward, why: str, *, is_first: bool
) -> None:
    end = PastAwardEnd(by=cause.asker, at=transaction.now, why=why)
    past_awards.withdraw_past_award(transaction.connection, award.id, end)
    payload = PastAwardWithdrawn(proposal=cause.proposal, proposed_by=cause.proposed_by)
    own = _own_cause(cause, award.id, is_first=is_first)
    entry = record_by(transaction, own, award.subject, payload)
    if is_first:
        tell_auditors(transaction, cause, award.subject, entry.seq)


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
    }
    given = read.said.award, read.said.decided_on, read.person
    _keep(transaction, cause, row, given, is_first=is_first)


def _keep(
    transaction: Transaction, cause: Cause, said: Values, given: _Given, *, is_first: bool
) -> None:
    """Insert an award with who brings it in, and record it."""
    row = {
        **said,
        "imported_by": cause.asker,
        "confirmed_by": None if cause.proposal is None else cause.actor,
        "imported_at": written(transaction.now),
    }
    number = past_awards.insert_past_award(transaction.connection, row)
    award, decided_on, person = given
    payload = PastAwardImported(
        award=award,
        decided_on=decided_on,
        person=person,
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
