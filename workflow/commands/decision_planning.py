"""Plan decisions: plan or refuse each command of a set, by what was read for it.

Owns what is wrong with a decision before the rules are asked: an item that does not exist for who
decides, a link that is no longer live, fields that the transition does not take. Writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from workflow.commands.award_decision import Given, OutcomeRecorded, outcome_of
from workflow.commands.award_rules import forbidden_on
from workflow.commands.decision import Decide, PlannedDecision
from workflow.commands.decision_inputs import Known
from workflow.commands.decision_record import SaidBeside, fact_of
from workflow.commands.dispatch import Dispatch, item_dispatch
from workflow.commands.reported_decision import reported_decision
from workflow.commands.staleness import stale
from workflow.context import Context
from workflow.definition import Transition
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    Reason,
    Refusal,
    StaleRefusal,
    VersionRequiredRefusal,
    reason,
)
from workflow.history.payloads import DecisionReported
from workflow.links import LinkStatus, refusal_of, status_of
from workflow.messages import lazy
from workflow.model import Item, Via
from workflow.people import scope_of
from workflow.rules import (
    NOTHING,
    Request,
    Rulebook,
    plan_decision,
)
from workflow.rules.outcomes import Decided
from workflow.store import history

Judged = TypeVar("Judged")


def plan_command(
    context: Context, connection: Connection, command: Decide, known: Known
) -> PlannedDecision | Decided | Refusal:
    """Return the decision as it may be written, what a used link answers again, or the refusal."""
    item = known.items.get(command.code)
    if item is None:
        return _not_found(command)
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    if not _may_see(command, item, rulebook, known):
        return _not_found(command)
    if malformed := _malformed(rulebook, command):
        return malformed
    answered = _answered_by_link(connection, command, item, known)
    if answered is not None:
        return answered
    if command.version is None and command.cause.via is not Via.CLOCK:
        return VersionRequiredRefusal()
    content, past = known.contents.get(item.id), known.pasts.get(item.id, NOTHING)
    asked = _beside(context, connection, command, known, rulebook)
    request = _request(command, asked.faults, asked.forbidden)
    plan = plan_decision(rulebook, item, content, request, known.around, past)
    if isinstance(plan, StaleRefusal):
        return stale(context, connection, item, known.directory, given=command.version)
    if isinstance(plan, Refusal):
        return plan
    lead = known.lead_of(item)
    beside = asked.said(plan.transition, lead)
    at = context.stamp(connection, item.subject, known.now)
    return PlannedDecision(
        command=command,
        item=item,
        rulebook=rulebook,
        plan=plan,
        # The number is the lead's: it is given once.
        dispatch=None if lead else beside.dispatch,
        award_number=beside.outcome.number if beside.outcome else None,
        entry=context.next_entry(item, fact_of(command, item, plan, beside, at=at)),
        carried_by=lead,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """What is said or asked beside the decision itself: as it may be written, or what is wrong."""

    dispatch: Dispatch | InvalidRefusal | None = None
    outcome: OutcomeRecorded | InvalidRefusal | None = None
    reports: DecisionReported | InvalidRefusal | None = None
    held: Sequence[Reason] = ()
    """What the rules of awards forbid."""

    @property
    def faults(self) -> tuple[Reason, ...]:
        """Return what is wrong with what leaves with it."""
        return (*_reasons(self.dispatch), *_reasons(self.reports))

    @property
    def forbidden(self) -> tuple[Reason, ...]:
        """Return what speaks against the award."""
        return (*_reasons(self.outcome), *self.held)

    def said(self, transition: Transition, lead: str | None) -> SaidBeside:
        """Return what ``transition`` writes of it."""
        return SaidBeside(
            dispatch=_sound(self.dispatch) if transition.numbered else None,
            outcome=_sound(self.outcome) if transition.result else None,
            reports=_sound(self.reports) if transition.sends else None,
            carried_by=lead,
        )


def _beside(
    context: Context, connection: Connection, command: Decide, known: Known, rulebook: Rulebook
) -> _Beside:
    """Return what is said beside a decision; nothing is looked up for a transition without it."""
    item = known.items[command.code]
    ways = rulebook.ways(item.state, command.transition)
    content = known.contents.get(item.id)
    dispatch, outcome, reports = None, None, None
    held: Sequence[Reason] = ()
    if ways.numbered:
        sending = known.sending(item)
        dispatch = item_dispatch(context, connection, command.dispatch, sending, known.numbers)
    if ways.result is not None:
        moment = Given(now=known.now, numbers=known.numbers)
        outcome = outcome_of(context, connection, command, item, content, moment)
    if ways.sends:
        reports = reported_decision(context, connection, command, item, content, known.now)
    if ways.asks_award_rules:
        # Whoever only holds a link is not told why: it may have been passed on.
        is_by_link = command.cause.via is Via.LINK
        asker = None if is_by_link else known.directory.active(command.cause.actor)
        held = forbidden_on(context, connection, item, content, ways.transitions, asker)
    return _Beside(dispatch=dispatch, outcome=outcome, reports=reports, held=held)


def _sound(judged: Judged | InvalidRefusal | None) -> Judged | None:
    """Return what was judged, where nothing is wrong with it."""
    return None if isinstance(judged, InvalidRefusal) else judged


def _reasons(judged: object) -> tuple[Reason, ...]:
    """Return what is wrong, where that is what was found."""
    return tuple(judged.reasons) if isinstance(judged, InvalidRefusal) else ()


def _not_found(command: Decide) -> NotFoundRefusal:
    return NotFoundRefusal(lazy("the item {code}", code=command.code))


def _request(command: Decide, faults: tuple[Reason, ...], forbidden: tuple[Reason, ...]) -> Request:
    return Request(
        transition=command.transition,
        actor=command.cause.actor,
        version=command.version,
        to=command.to,
        comment=command.comment,
        until=command.until,
        method=command.cause.method,
        via=command.cause.via,
        by_recipient=command.cause.recipient is not None,
        confirmed=command.confirmed,
        faults=faults,
        forbidden=forbidden,
    )


def _may_see(command: Decide, item: Item, rulebook: Rulebook, known: Known) -> bool:
    """Return whether the item exists for who decides.

    It does where a link of theirs names it, where it lies in their scope, and where they hold it.
    """
    if command.cause.actor is None:
        return command.cause.via is Via.CLOCK or command.cause.recipient is not None
    if command.link is not None:
        link = known.links.get(command.link)
        return link is not None and (link.person, link.item) == (command.cause.actor, item.id)
    actor = known.directory.active(command.cause.actor)
    if actor is None:
        return False
    if scope_of(actor).covers(item.department):
        return True
    holders = rulebook.holders(item.state, item, known.directory)
    return any(each.person == actor.id for each in holders)


def _malformed(rulebook: Rulebook, command: Decide) -> Refusal | None:
    """Refuse a transition that the definition never has, and fields that this one does not take."""
    taken = rulebook.fields_taken.get(command.transition)
    if taken is None and command.cause.via is not Via.API:
        return InvalidRefusal(
            reason(
                "transition",
                "The process of this item has no such act. Reload the page and choose again.",
            )
        )
    if taken is None:
        allowed = ", ".join(rulebook.transition_ids)
        return InvalidRefusal(
            reason(
                "transition",
                "There is no transition “{given}”. Use one of: {allowed}.",
                given=command.transition,
                allowed=allowed,
            )
        )
    if command.mend and (unknown := _unknown_fields(rulebook, command.mend)):
        return InvalidRefusal(
            reason(
                "mend",
                "The list of what to mend names unknown fields: {unknown}. Use the ids "
                "of the process's fields, or files.",
                unknown=", ".join(unknown),
            )
        )
    if command.named <= taken:
        return None
    return InvalidRefusal(
        *(
            reason(
                "field",
                "The transition “{id}” does not take the field “{name}”. Remove this field.",
                id=command.transition,
                name=name,
            )
            for name in sorted(command.named - taken)
        )
    )


def _unknown_fields(rulebook: Rulebook, named: tuple[str, ...]) -> list[str]:
    return sorted({*named} - {*(field.id for field in rulebook.definition.fields), "files"})


def _answered_by_link(
    connection: Connection, command: Decide, item: Item, known: Known
) -> Decided | Refusal | None:
    """Return what a link that is no longer live answers; None while it is, and without one."""
    if command.link is None:
        return None
    link = known.links[command.link]
    status = status_of(link, step=item.step, content_hash=item.content_hash, now=known.now)
    if status is LinkStatus.USED:
        entry = history.entry_at(connection, item.subject, link.used_entry or 0)
        if entry is not None and entry.fact.transition == command.transition:
            return Decided(code=item.code, seq=entry.seq, hash=entry.hash.hex())
    return refusal_of(status)
