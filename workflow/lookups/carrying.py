"""Whether the items that go with a consolidated report are ready to: seen before it is decided.

Owns how an item that goes along is planned, here and in the decision itself, and the words for what
is not as it was gathered, and for what stops an item from going along.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import Definition, Transition
from workflow.errors import InvalidRefusal, Reason, Refusal, reason
from workflow.lookups.prior_decisions import pasts
from workflow.model import Content, Item, Method, Person
from workflow.rules import (
    NOTHING,
    Past,
    Plan,
    Request,
    Rulebook,
    Surroundings,
    plan_decision,
    sources_in,
)
from workflow.store import items


@dataclass(frozen=True, slots=True, kw_only=True)
class GoesAlong:
    """An item that goes with another, and what it is judged by: process, content and past."""

    item: Item
    rulebook: Rulebook
    content: Content | None
    past: Past

    def plan(self, request: Request, around: Surroundings, *, is_numbered: bool) -> Plan | Refusal:
        """Return what comes of it by its own rules.

        ``is_numbered``: the decision that it goes with has a number, or will be given one.
        """
        alone = replace(self.item, gathered_in=None)
        plan = plan_decision(self.rulebook, alone, self.content, request, around, self.past)
        if isinstance(plan, Plan) and plan.transition.numbered and not is_numbered:
            return InvalidRefusal(
                reason("number", "It leaves with a number, and none is given here.")
            )
        return plan


def not_ready(
    context: Context, connection: Connection, item: Item, transition: Transition, actor: Person
) -> list[Reason]:
    """Return why ``transition``, which ``actor`` may take, would stop at what goes along.

    As if everything that is said beside a decision were said: reason, number, second factor.
    """
    carries, now = transition.carries, context.clock()
    if carries is None:
        return []
    gathered = items.items_gathered_in(connection, [item.code])
    books = {each.id: context.rulebooks.of(connection, each.definition_hash) for each in gathered}
    contents = context.contents.of(connection, [item, *gathered])
    campaign = context.campaigns.of(connection, item.campaign)
    around = Surroundings(
        directory=context.directory(connection, now),
        calendar=context.calendar,
        now=now,
        campaigns={item.campaign: campaign} if campaign is not None else {},
    )
    asked = [(each, books[each.id], actor.id, carries.take) for each in gathered]
    known = pasts(connection, asked, around.directory)
    request = Request(
        transition=carries.take,
        actor=actor.id,
        version=None,
        to=carries.to,
        comment="…",
        method=Method.PIN,
    )
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    faults = list(out_of_date(definition, contents[item.id], gathered)) if transition.signs else []
    for each in gathered:
        along = GoesAlong(
            item=each,
            rulebook=books[each.id],
            content=contents.get(each.id),
            past=known.get(each.id, NOTHING),
        )
        plan = along.plan(request, around, is_numbered=transition.numbered)
        if isinstance(plan, Refusal):
            faults += [why_not(each, why) for why in plan.reasons]
    return faults


def out_of_date(
    definition: Definition, content: Content, gathered: Sequence[Item]
) -> Iterator[Reason]:
    """Yield each report that is not, or no longer as, it was gathered: nothing else is signed."""
    sources = sources_in(definition, content)
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


def why_not(item: Item, why: Reason) -> Reason:
    """Return that ``item`` cannot go along, and why."""
    return reason(
        "gathered",
        "The report {code} cannot go along: {why}",
        code=item.code,
        why=why.message,
    )
