"""Carry gathered items along: what a consolidated report does, they do in the same decision.

Owns which items a set of decisions locks beside its own, and how each that goes along is planned:
by its own process, with every permission and rule of it. One that may not move stops them all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from workflow.commands.decision import Decide, PlannedDecision
from workflow.commands.decision_planning import Known, plan_command
from workflow.commands.decision_record import SaidBeside, fact_of
from workflow.commands.dispatch import DispatchRequest
from workflow.commands.execute import Transaction
from workflow.commands.travelling import send_with
from workflow.context import Context, SetBrokenError
from workflow.definition import Carries, Stage
from workflow.errors import InvalidRefusal, Reason, Refusal, reason
from workflow.model import Item
from workflow.rules import NOTHING, Plan, Request, plan_decision, sources_in
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
    for each in codes:
        item = found.get(each)
        if item is not None and each not in asked:
            book = context.rulebooks.of(connection, item.definition_hash)
            if book.definition.gathers is not None and context.rulebooks.may_gather(
                next(command.transition for command in commands if command.code == each)
            ):
                raise SetBrokenError
    return found


def plan_with_gathered(
    context: Context, connection: Connection, command: Decide, known: Known
) -> PlannedDecision | Decided | Refusal:
    """Return what ``plan_command`` does, with the decision of each item that goes along."""
    planned = plan_command(context, connection, command, known)
    if not isinstance(planned, PlannedDecision):
        return planned
    carries = planned.plan.transition.carries
    if carries is None or not planned.plan.moves:
        return planned
    gathered = known.gathered.get(planned.item.code, ())
    faults = list(_out_of_date(planned, gathered, known)) if planned.plan.transition.signs else []
    carried: list[PlannedDecision] = []
    for item in gathered:
        plan = _plan_of(context, connection, planned, carries, item, known)
        if isinstance(plan, Refusal):
            faults += [_why_not(item, each) for each in plan.reasons]
        else:
            carried.append(_along(context, connection, planned, item, plan, known))
    return InvalidRefusal(*faults) if faults else replace(planned, carried=tuple(carried))


def _out_of_date(
    planned: PlannedDecision, gathered: Sequence[Item], known: Known
) -> Iterator[Reason]:
    """Yield each report that is not, or no longer as, it was gathered: nothing else is signed."""
    content = known.contents[planned.item.id]
    sources = sources_in(planned.rulebook.definition, content)
    hashes = {each.report: each.content for each in sources if each.report and not each.alone}
    present = {each.code: each.content_hash for each in gathered}
    for code in sorted({*hashes, *present}):
        if hashes.get(code) != present.get(code):
            yield reason(
                "gathered",
                "The report {code} is no longer as it was gathered. Let this report be returned "
                "to its author, who gathers anew.",
                code=code,
            )


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
    )
    plan = plan_decision(
        context.rulebooks.of(connection, item.definition_hash),
        replace(item, gathered_in=None),
        known.contents.get(item.id),
        request,
        known.around,
        known.pasts.get(item.id, NOTHING),
    )
    if isinstance(plan, Plan) and plan.transition.numbered and planned.dispatch is None:
        return InvalidRefusal(reason("number", "It leaves with a number, and none is given here."))
    return plan


def _why_not(item: Item, why: Reason) -> Reason:
    return reason(
        "gathered",
        "The report {code} cannot go along: {why}",
        code=item.code,
        why=why.message,
    )


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
        dispatch=planned.dispatch if plan.transition.numbered else None,
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
