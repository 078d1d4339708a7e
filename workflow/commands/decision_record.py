"""What a decision writes: its entry in the history, the moved row, and all that goes with it.

Owns the order of the writes. Everything here is inside the committer's transaction, so that a crash
before its COMMIT leaves nothing of it, and one after it leaves all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from workflow.commands.award_decision import OutcomeRecorded
from workflow.commands.decision import Decide, PlannedDecision
from workflow.commands.dispatch import Dispatch, record_dossier
from workflow.commands.numbering import record_number
from workflow.context import SetBrokenError
from workflow.history import Fact, payloads
from workflow.history.payloads import seats_of
from workflow.model import Item, ReminderReason
from workflow.rules import Plan
from workflow.store import attention, held_items, history, items, links, reminder_ledger
from workflow.store.history import NewEntry
from workflow.store.instants import written
from workflow.store.items import Move


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidBeside:
    """What a decision says beside itself: what a dossier leaves with, what was awarded."""

    dispatch: Dispatch | None
    outcome: OutcomeRecorded | None
    carried_by: str | None = None
    reports: payloads.DecisionReported | None = None


def fact_of(command: Decide, item: Item, plan: Plan, beside: SaidBeside, *, at: datetime) -> Fact:
    """Return what the history keeps of a decision made at ``at``."""
    return Fact(
        subject=item.subject,
        payload=_payload_of(command, plan, beside),
        at=at,
        actor=command.cause.actor,
        on_behalf_of=plan.on_behalf_of,
        position=plan.actor.position.value if plan.actor else None,
        via=command.cause.via.value,
        method=command.cause.method.value,
        transition=plan.transition.id,
        from_state=item.state,
        to_state=plan.to,
        version=item.version + 1,
        step=item.step + 1 if plan.moves else item.step,
        decided_version=item.version,
        content_hash=item.content_hash,
        definition_hash=item.definition_hash,
        command_id=command.cause.command_id,
        texts={
            **({"comment": plan.comment} if plan.comment else {}),
            **(beside.outcome.listed.texts if beside.outcome else {}),
        },
    )


def _payload_of(command: Decide, plan: Plan, beside: SaidBeside) -> payloads.Decision:
    kind = payloads.TransitionTaken if plan.moves else payloads.SignedOff
    answer = plan.answer
    sent, dispatch, ground = None, beside.dispatch, plan.ground
    if dispatch is not None:
        sent = payloads.Dispatched(
            number=dispatch.notation, issued_on=dispatch.issued_on, channel=dispatch.channel
        )
    return kind(
        holders=seats_of(plan.holders),
        due_at=plan.due_at,
        seat=answer.seat if answer else None,
        answers=tuple(answer.answers.items()) if answer else (),
        members=answer.members if answer else None,
        dispatch=sent,
        mend=tuple(dict.fromkeys(command.mend)),
        award=beside.outcome.award if beside.outcome else None,
        registered=_registered(beside.outcome),
        nominees=beside.outcome.listed.results if beside.outcome else (),
        signed_for=payloads.SignatureGround(
            form=ground.form.value, basis=ground.basis.value, delegation=ground.delegation
        )
        if ground
        else None,
        carried_by=beside.carried_by,
        recipient=command.cause.recipient,
        reports=beside.reports,
    )


def _registered(outcome: OutcomeRecorded | None) -> payloads.Registered | None:
    if outcome is None or outcome.number is None:
        return None
    given = outcome.number
    return payloads.Registered(number=given.notation, issued_on=given.issued_on)


def move_items(connection: Connection, planned: Sequence[PlannedDecision]) -> None:
    """Move the rows, each only from the state and version that were planned on.

    Raises SetBrokenError where somebody else moved one meanwhile.
    """
    moves = [
        Move(
            item=each.item,
            state=each.plan.to,
            step=each.step,
            due_at=each.plan.due_at,
            since=each.since,
            seq=each.entry.seq,
            head=each.entry.hash,
        )
        for each in planned
    ]
    if not items.move_all(connection, moves):
        raise SetBrokenError


def record_dossiers(connection: Connection, planned: Sequence[PlannedDecision]) -> list[int]:
    """Record what leaves under a number, with all that goes along; return the dossiers' ids."""
    return [
        record_dossier(
            connection,
            each.dispatch,
            each.entry,
            [each.item, *(along.item for along in each.carried)],
        )
        for each in planned
        if each.dispatch is not None
    ]


def write_beside(connection: Connection, planned: Sequence[PlannedDecision], now: datetime) -> None:
    """Write what goes with the moved rows; sent without waiting for each answer."""
    # The entries' unique keys (subject and number, item and decided version, actor and command)
    # make a double decision impossible even where everything before was wrong: the set then breaks.
    history.append_entries(
        connection,
        [
            NewEntry(
                entry=each.entry, item_id=each.item.id, command_digest=each.command.cause.digest
            )
            for each in planned
        ],
    )
    # Kept with the entry it names: a link that shows a receipt has the decision to show.
    links.spend_links(connection, [_spent(each, now) for each in planned])
    # Nobody holds an item whose row stands elsewhere: "my work" and the row change at once.
    _write_holders(connection, planned, now)
    # The number's unique key decides where two ask at once; a number is never given and then lost.
    for each in planned:
        for number in each.numbers:
            record_number(connection, number, each.entry, item_id=each.item.id)
    # Reminders that have not left stop with the decision that met them; one that is just being sent
    # asks again whether it is still relevant.
    _supersede_met(connection, planned)


def _spent(each: PlannedDecision, now: datetime) -> dict[str, object]:
    """Return which links a decision uses up: all of that person for that step."""
    return {
        "of_item": each.item.id,
        "of_step": each.item.step,
        "of_person": each.command.cause.actor,
        "now": written(now),
        "entry": each.entry.seq,
    }


def _write_holders(
    connection: Connection, planned: Sequence[PlannedDecision], now: datetime
) -> None:
    """Make the plans' holders the items'.

    Where others still answer, only who need not drops out.
    """
    moved = [each for each in planned if each.plan.moves]
    held_items.replace_holders(
        connection,
        [(each.item.id, each.plan.holders) for each in moved],
        dues=[each.plan.due_at for each in moved],
        since=now,
    )
    stuck = [
        each.item.id
        for each in moved
        if not (each.plan.able or each.rulebook.states[each.plan.to].final)
    ]
    attention.note_stuck(connection, stuck)
    for each in planned:
        if not each.plan.moves:
            answered = () if each.command.cause.actor is None else (each.command.cause.actor,)
            asked = {holder.person for holder in each.plan.holders}
            for person in {*answered, *each.plan.released} - asked:
                held_items.drop_holder(connection, each.item.id, person)


def _supersede_met(connection: Connection, planned: Sequence[PlannedDecision]) -> None:
    """Stop the reminders of obligations that these decisions have met.

    One item of several that answer a deadline together does not meet it alone: what is still owed
    is asked when the mail is to leave.
    """
    met = [
        (each.item.campaign, each.item.period, each.item.department)
        for each in planned
        if each.item.period is not None and each.meets_deadline
    ]
    if met:
        reminder_ledger.supersede_met(connection, met, ReminderReason.MET.value)
