"""Carry gathered items along: what a consolidated report does, they do in the same decision.

Owns which items a set of decisions locks beside its own, and how each that goes along is planned:
by its own process, with every permission and rule of it. One that may not move stops them all.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from workflow.commands.decision import Decide, PlannedDecision
from workflow.commands.decision_inputs import Known
from workflow.commands.decision_planning import plan_command
from workflow.commands.decision_record import SaidBeside, fact_of
from workflow.commands.dispatch import DispatchRequest
from workflow.commands.execute import Transaction
from workflow.commands.gathered_entries import send_with
from workflow.context import Context, SetBrokenError
from workflow.definition import Carries, Stage
from workflow.errors import InvalidRefusal, Refusal, SecondFactorRefusal
from workflow.lookups.carrying import GoesAlong, not_ready, out_of_date, why_not
from workflow.model import Item
from workflow.rules import NOTHING, Plan, Request
from workflow.rules.outcomes import Decided
from workflow.store import items


def lock_with_gathered(
    context: Context, connection: Connection, commands: Sequence[Decide]
) -> dict[str, Item]:
    """Return the items of ``commands`` and those that go with them, by code, locked in one go.

    Raises SetBrokenError where a process that gathers was not known here: by then it is.
    """
    codes = [each.code for each in commands]
    asked = [each.code for each in commands if context.rulebooks.may_gather(each.transition)]
    gathered = items.items_gathered_in(connection, asked)
    found = items.lock_items(connection, [*codes, *(each.code for each in gathered)])
    for each in commands:
        item = found.get(each.code)
        if item is not None and each.code not in asked:
            # Once the process has been read, it is known which transitions gather.
            book = context.rulebooks.of(connection, item.definition_hash)
            gathers = book.definition.gathers is not None
            if gathers and context.rulebooks.may_gather(each.transition):
                raise SetBrokenError
    return found


def plan_with_gathered(
    context: Context, connection: Connection, command: Decide, known: Known
) -> PlannedDecision | Decided | Refusal:
    """Return what ``plan_command`` does, with the decision of each item that goes along."""
    planned = plan_command(context, connection, command, known)
    if isinstance(planned, SecondFactorRefusal):
        return _asking_for_factor(context, connection, command, known, planned)
    if not isinstance(planned, PlannedDecision):
        return planned
    carries = planned.plan.transition.carries
    if carries is None or not planned.plan.moves:
        return planned
    gathered = known.gathered.get(planned.item.code, ())
    content, definition = known.contents[planned.item.id], planned.rulebook.definition
    is_signed = planned.plan.transition.signs
    faults = list(out_of_date(definition, content, gathered)) if is_signed else []
    carried: list[PlannedDecision] = []
    for item in gathered:
        plan = _plan_of(context, connection, planned, carries, item, known)
        if isinstance(plan, Refusal):
            faults += [why_not(item, each) for each in plan.reasons]
        else:
            carried.append(_along(context, connection, planned, item, plan, known))
    return InvalidRefusal(*faults) if faults else replace(planned, carried=tuple(carried))


def _asking_for_factor(
    context: Context,
    connection: Connection,
    command: Decide,
    known: Known,
    refusal: SecondFactorRefusal,
) -> SecondFactorRefusal:
    """Return ``refusal`` with what is not ready to go along: no factor is asked for in vain."""
    item, actor = known.items[command.code], known.directory.active(command.cause.actor)
    book = context.rulebooks.of(connection, item.definition_hash)
    ways = [each for each in book.alternatives(item.state, command.transition) if each.carries]
    if actor is None or not ways:
        return refusal
    faults = not_ready(context, connection, item, ways[0], actor)
    return SecondFactorRefusal(refusal.reasons[0], incomplete=(*refusal.incomplete, *faults))


def _plan_of(
    context: Context,
    connection: Connection,
    planned: PlannedDecision,
    carries: Carries,
    item: Item,
    known: Known,
) -> Plan | Refusal:
    """Return the plan of an item that goes along, whoever decides being judged by its own rules."""
    command = planned.command
    request = Request(
        transition=carries.take,
        actor=command.cause.actor,
        version=None,
        to=carries.to,
        comment=planned.plan.comment,
        method=command.cause.method,
        via=command.cause.via,
        by_recipient=command.cause.recipient is not None,
    )
    along = GoesAlong(
        item=item,
        rulebook=context.rulebooks.of(connection, item.definition_hash),
        content=known.contents.get(item.id),
        past=known.pasts.get(item.id, NOTHING),
    )
    return along.plan(request, known.around, is_numbered=planned.dispatch is not None)


def _along(
    context: Context,
    connection: Connection,
    planned: PlannedDecision,
    item: Item,
    plan: Plan,
    known: Known,
) -> PlannedDecision:
    """Return the decision on an item that goes along, as it may be written."""
    cause = planned.command.cause
    command = replace(
        planned.command,
        cause=replace(cause, command_id=f"{cause.command_id}:{item.code}"),
        code=item.code,
        transition=plan.transition.id,
        version=item.version,
        to=plan.to,
        link=None,
        dispatch=DispatchRequest(),
        mend=(),
        with_view=False,
    )
    beside = SaidBeside(
        dispatch=planned.dispatch,
        outcome=None,
        carried_by=planned.item.code,
    )
    at = context.stamp(connection, item.subject, known.now)
    return PlannedDecision(
        command=command,
        item=item,
        rulebook=context.rulebooks.of(connection, item.definition_hash),
        plan=plan,
        # The number is the other report's: it is given once.
        dispatch=None,
        entry=context.next_entry(item, fact_of(command, item, plan, beside, at=at)),
        carried_by=planned.item.code,
    )


def release_given_up(transaction: Transaction, planned: PlannedDecision, known: Known) -> None:
    """Let the reports go their own way again where the one they went with is given up."""
    if planned.rulebook.definition.gathers is None:
        return
    if planned.rulebook.stages[planned.plan.to] is Stage.GIVEN_UP:
        gathered = known.gathered.get(planned.item.code, ())
        send_with(transaction, planned.command.cause, gathered, None)
