"""Let one act for another by a written delegation (NĐ 30/2020/NĐ-CP, Điều 13).

Whoever delegates does it themselves, with a second factor, to a position that the process lets
stand in for theirs. Every change is an entry in the history of whoever is stood in for. Holders of
open items follow in the same transaction, with a mail; the day on which it begins or ends does the
same through the clock.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import ClassVar

import orjson

from workflow import values
from workflow.command import Cause, Command
from workflow.commands.account_changes import keep_undoable, told_elsewhere
from workflow.commands.execute import Transaction
from workflow.commands.proposals import Proposed, Wish, proposed
from workflow.commands.recording import record_by, touch_directory
from workflow.commands.refresh_holders import refresh
from workflow.commands.signing_forms import form_problems
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    Reason,
    Refusal,
    SecondFactorRefusal,
    reason,
)
from workflow.events import (
    AccountChange,
    AccountChanged,
    DelegationCutShort,
    DelegationStarted,
    Event,
)
from workflow.history import agency_payloads
from workflow.lookups.proposals import proposal_rules
from workflow.messages import lazy
from workflow.model import (
    FACTORS,
    Delegation,
    DepartmentId,
    Grant,
    Person,
    PersonId,
    Position,
    SignedFor,
)
from workflow.people import Directory, may_set_deadlines
from workflow.people.powers import Gain, may_propose
from workflow.people.staff_rows import row_of
from workflow.rules import missing_factor
from workflow.rules.standing_in import stand_in_problems
from workflow.store import people
from workflow.store.instants import written

_DOCUMENT_LIMIT = 200
_TERMS_LIMIT = 500
_DEPUTY_OF = {Position.DIRECTOR: Position.DEPUTY_DIRECTOR, Position.HEAD: Position.DEPUTY}
_GAIN = Gain(grants=frozenset({Grant.DELEGATIONS}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegate(Command[int | Proposed]):
    """Let one person act for another on the days given, by a document (NĐ 30/2020/NĐ-CP, Điều 13).

    ``form`` None: as a deputy (KT.) where they are one, else by delegation (TUQ.). ``kinds``: the
    ids of the kinds of item it is limited to, ``departments``: whose; ``terms``: the limit of its
    content, in words. ``ends_on`` OPEN_END: it stands until it is ended, as an assignment (KT.) or
    what the work regulation says (TL.) does; an authorisation (TUQ.) always has a term.
    """

    from_email: str
    to_email: str
    starts_on: str
    ends_on: str
    document: str
    form: SignedFor | None = None
    kinds: tuple[str, ...] = ()
    departments: tuple[DepartmentId, ...] = ()
    terms: str = ""
    contends_for: ClassVar[str] = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndDelegation(Command[int]):
    """End a delegation today: yesterday was its last day. By its giver, its taker, the Office."""

    delegation: int
    contends_for: ClassVar[str] = "people"


def delegate(transaction: Transaction, command: Delegate) -> int | Proposed:
    """Record a delegation; answer its id, or the proposal that its giver is to confirm.

    Both persons get a mail, and whoever newly holds an item a link.
    """
    directory = transaction.directory
    giver, taker = (
        people.person_by_email(transaction.connection, command.from_email),
        people.person_by_email(transaction.connection, command.to_email),
    )
    proposes = _proposes(transaction, command.cause, giver)
    if not proposes:
        require_giver(directory, command.cause, giver, command.from_email)
    problems = [
        *_people_problems(command, giver, taker),
        *_delegation_problems(transaction, command),
    ]
    if giver is None or taker is None or problems:
        raise unproven_or_invalid(command.cause, problems, is_proven=proposes)
    form = command.form or _usual_form(giver, taker)
    problems = [
        *form_problems(transaction, command, form, giver, taker),
        *stand_in_problems(
            transaction.context.rulebooks.newest(transaction.connection),
            giver,
            taker,
            command.kinds,
            rule="to",
        ),
    ]
    if problems or not (proposes or command.cause.method in FACTORS):
        raise unproven_or_invalid(command.cause, problems, is_proven=proposes)
    if proposes and (waits := proposed(transaction, command, _wish(command, giver, taker))):
        return waits
    return _write_delegation(transaction, command, giver, taker, form)


def _proposes(transaction: Transaction, cause: Cause, giver: Person | None) -> bool:
    """Return whether this is a proposal to the giver, or the giver's confirmation of one."""
    asker = transaction.directory.active(cause.asker)
    rules = proposal_rules(transaction.connection)
    # An agency may do without the proposal, never without the giver.
    is_asked_for = cause.proposal is not None or Grant.DELEGATIONS not in rules.relaxed
    return (
        is_asked_for
        and asker is not None
        and giver is not None
        and asker.id != giver.id
        and may_propose(asker, _GAIN, rules)
    )


def _wish(command: Delegate, giver: Person, taker: Person) -> Wish:
    """Return what a delegation gives; its giver alone confirms it."""
    return Wish(
        parameters={
            "delegation": {
                "from_email": giver.email,
                "to_email": taker.email,
                "starts_on": command.starts_on,
                "ends_on": command.ends_on,
                "document": values.line(command.document),
                "form": command.form.value if command.form else None,
                "kinds": [*command.kinds],
                "departments": [*command.departments],
                "terms": values.lines(command.terms),
            }
        },
        base=[asdict(row_of(giver)), asdict(row_of(taker))],
        gain=replace(_GAIN, gainers=frozenset({taker.id})),
        named=(giver.id,),
    )


def require_giver(directory: Directory, cause: Cause, giver: Person | None, address: str) -> None:
    """Let pass only whoever lets another act for them. Raises NotPermittedRefusal.

    Nobody's right to decide is given away by somebody else.
    """
    actor = directory.active(cause.actor)
    if actor is None or giver is None or actor.id != giver.id:
        raise NotPermittedRefusal(
            reason(
                "giver",
                "Only {email} may say who acts for them, with their own PIN or authenticator "
                "code. Ask them to record it on the page “Absences, delegations”.",
                email=address,
            )
        )


def unproven_or_invalid(
    cause: Cause, problems: Sequence[Reason], *, is_proven: bool = False
) -> Refusal:
    """Return the refusal for want of a factor, with all else that is wrong; else for that alone.

    ``is_proven``: no factor is asked for now.
    """
    if cause.method not in FACTORS and not is_proven:
        return SecondFactorRefusal(missing_factor(), incomplete=problems)
    return InvalidRefusal(*problems)


def end_delegation(transaction: Transaction, command: EndDelegation) -> int:
    """End a delegation; answer its id. What was decided by it stays."""
    directory, connection = transaction.directory, transaction.connection
    delegation = people.delegation_by_id(connection, command.delegation)
    taker = directory.people.get(delegation.to_person) if delegation else None
    giver = directory.people.get(delegation.from_person) if delegation else None
    actor = command.cause.actor
    if delegation is None or not any(
        may_arrange(directory, actor, each) for each in (giver, taker)
    ):
        raise NotFoundRefusal(lazy("this delegation"))
    if delegation.ends_on >= directory.today:
        cut_short(transaction, command.cause, delegation)
    return delegation.id


def cut_short(transaction: Transaction, cause: Cause, delegation: Delegation) -> None:
    """End a delegation today, record it and tell both; holders follow."""
    directory, connection = transaction.directory, transaction.connection
    last = (date.fromisoformat(directory.today) - timedelta(days=1)).isoformat()
    people.end_delegation(connection, delegation, last)
    payload = agency_payloads.DelegationEnded(delegation=delegation.id, ends_on=last)
    record_by(transaction, cause, f"person:{delegation.from_person}", payload)
    told: list[Event] = [
        DelegationCutShort(
            delegation=delegation.id,
            person=person,
            from_person=delegation.from_person,
            to_person=delegation.to_person,
        )
        for person in (delegation.from_person, delegation.to_person)
    ]
    follow(transaction, cause, told)


def may_arrange(directory: Directory, actor: PersonId | None, concerned: Person | None) -> bool:
    """Return whether ``actor`` arranges who stands in for ``concerned``.

    The Office, or they themselves.
    """
    person = directory.active(actor)
    return person is not None and (
        may_set_deadlines(person) or (concerned is not None and concerned.id == person.id)
    )


def _people_problems(command: Delegate, giver: Person | None, taker: Person | None) -> list[Reason]:
    problems = []
    if giver is None or not giver.is_active:
        problems.append(
            reason(
                "from",
                "Nobody who could delegate has the address {email}.",
                email=command.from_email,
            )
        )
    if taker is None or not taker.is_active:
        problems.append(
            reason(
                "to",
                "Nobody who could be delegated to has the address {email}.",
                email=command.to_email,
            )
        )
    if giver is not None and taker is not None and giver.id == taker.id:
        problems.append(reason("to", "Nobody can delegate to themselves. Choose somebody else."))
    return problems


def _delegation_problems(transaction: Transaction, command: Delegate) -> list[Reason]:
    problems = []
    if not is_period(command.starts_on, command.ends_on):
        problems.append(
            reason("dates", "Beginning and end must be real days (15/06/2022), in the right order.")
        )
    if wrong := values.line_fault(command.document, _DOCUMENT_LIMIT):
        problems.append(
            reason(
                "document",
                "A delegation must rest on a document (Decree 30/2020/NĐ-CP, Article 13). "
                "Its number and date: the text {wrong}",
                wrong=wrong,
            )
        )
    if wrong := values.lines_fault(command.terms, _TERMS_LIMIT, may_be_empty=True):
        problems.append(reason("terms", "What is delegated: the text {wrong}", wrong=wrong))
    if not transaction.directory.departments.keys() >= {*command.departments}:
        problems.append(reason("departments", "There is no such department. Choose one."))
    known = sorted(transaction.context.rulebooks.newest(transaction.connection))
    if unknown := sorted(set(command.kinds) - set(known)):
        problems.append(
            reason(
                "kinds",
                "There is no kind of item {unknown}. Use one of: {known}.",
                unknown=", ".join(unknown),
                known=", ".join(known),
            )
        )
    return problems


def _usual_form(giver: Person, taker: Person) -> SignedFor:
    return SignedFor.KT if _DEPUTY_OF.get(giver.position) is taker.position else SignedFor.TUQ


def is_period(starts_on: str, ends_on: str) -> bool:
    """Return whether two texts are real days in the right order."""
    first, last = values.day(starts_on), values.day(ends_on)
    return first is not None and last is not None and first <= last


def _write_delegation(
    transaction: Transaction,
    command: Delegate,
    giver: Person,
    taker: Person,
    form: SignedFor,
) -> int:
    now = transaction.now
    document, terms = values.line(command.document), values.lines(command.terms)
    delegation = people.insert_delegation(
        transaction.connection,
        {
            "from_person": giver.id,
            "to_person": taker.id,
            "starts_on": command.starts_on,
            "ends_on": command.ends_on,
            "document": document,
            "created_by": command.cause.actor,
            "created_at": written(now),
            "form": form.value,
            "kinds": _as_list(command.kinds),
            "departments": _as_list(command.departments),
            "terms": terms or None,
        },
    )
    payload = agency_payloads.DelegationAdded(
        delegation=delegation,
        to_person=taker.id,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        form=form,
        kinds=command.kinds,
        departments=command.departments,
        proposal=command.cause.proposal,
        proposed_by=command.cause.proposed_by,
    )
    texts = {"document": document, "terms": terms} if terms else {"document": document}
    entry = record_by(transaction, command.cause, f"person:{giver.id}", payload, texts=texts)
    started = DelegationStarted(
        delegation=delegation,
        person=taker.id,
        from_person=giver.id,
        to_person=taker.id,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        document=document,
    )
    told = [*_events_for_giver(transaction, command.cause, started, entry.seq), started]
    follow(transaction, command.cause, told)
    return delegation


def _as_list(limits: Sequence[str]) -> str | None:
    """Return what a right is limited to as it is kept; None: to nothing."""
    return orjson.dumps(limits).decode() if limits else None


def _events_for_giver(
    transaction: Transaction, cause: Cause, started: DelegationStarted, seq: int
) -> Iterator[Event]:
    """Yield what whoever is stood in for hears; they may take it back for two days."""
    giver, what = started.from_person, AccountChange.DELEGATION
    changed = AccountChanged(person=giver, what=what, by=cause.actor, at=transaction.now)
    yield from told_elsewhere(transaction, changed)
    undo = keep_undoable(transaction, giver, what, seq, {"delegation": started.delegation})
    yield replace(started, person=giver, undo=undo)


def follow(transaction: Transaction, cause: Cause, told: Sequence[Event]) -> None:
    """Make holders follow, and tell whoever is concerned."""
    touch_directory(transaction)
    transaction.emit([*told, *refresh(transaction, cause)[0]])
