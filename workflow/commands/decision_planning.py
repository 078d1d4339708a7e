"""Plan decisions: read under lock what a set is judged by, and plan or refuse each of its commands.

Owns what is wrong with a decision before the rules are asked: an item that does not exist for who
decides, a link that is no longer live, fields that the transition does not take. Writes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from workflow.commands.award_decision import Given, outcome_of
from workflow.commands.award_rules import forbidden_on
from workflow.commands.decision import Decide, PlannedDecision
from workflow.commands.decision_record import SaidBeside, fact_of
from workflow.commands.dispatch import Dispatch, Sent, item_dispatch
from workflow.commands.numbering import Numbers
from workflow.commands.reported_decision import reported_decision
from workflow.commands.staleness import stale
from workflow.context import DIRECTORY_VERSION, Context
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    Reason,
    Refusal,
    StaleRefusal,
    VersionRequiredRefusal,
    reason,
)
from workflow.links import Link, LinkStatus, refusal_of, status_of
from workflow.lookups.prior_decisions import pasts
from workflow.messages import lazy
from workflow.model import Content, Item, ItemId, PersonId, Via
from workflow.people import Directory, scope_of
from workflow.rules import (
    NOTHING,
    Past,
    Request,
    Rulebook,
    Surroundings,
    plan_decision,
    reads_content,
)
from workflow.rules.outcomes import Decided
from workflow.store import definitions, history, items, links
from workflow.store.prepared import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What several items leave with; ``lead``: the code of the one that gives the number."""

    dispatch: Dispatch
    lead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a set of decisions is planned against."""

    items: Mapping[str, Item]
    contents: Mapping[ItemId, Content]
    links: Mapping[bytes, Link]
    pasts: Mapping[ItemId, Past]
    around: Surroundings
    gathered: Mapping[str, tuple[Item, ...]]
    """The items that go with each that is decided on, by its code."""
    numbers: Numbers = field(default_factory=Numbers)
    """What the set has given numbers so far."""
    under: Leaving | None = None
    """What all of the set leaves with, where it is one dossier."""

    @property
    def directory(self) -> Directory:
        """Return who works here today."""
        return self.around.directory

    def sending(self, item: Item) -> Sent:
        """Return the sending of an item, with what the whole set leaves with."""
        return Sent(item=item, now=self.now, under=self.under.dispatch if self.under else None)

    def lead_of(self, item: Item) -> str | None:
        """Return the code of the other item whose number it goes under, or None."""
        return self.under.lead if self.under and self.under.lead != item.code else None

    @property
    def now(self) -> datetime:
        """Return the one instant of the set."""
        return self.around.now


def asked_ahead(context: Context, commands: Sequence[Decide]) -> list[Question]:
    """Return what a set asks first: its items, locked, and then what most decisions depend on.

    Where another query is needed than was thought, it is asked when it is needed.
    """
    books = context.rulebooks
    if any(books.may_gather(each.transition) for each in commands):
        return []  # what goes along is locked together with what is asked for
    apart = [f"item:{each.code}" for each in commands if books.keeps_apart(each.transition)]
    used = [each.link for each in commands if each.link is not None]
    asked = [
        items.LOCKED.of(each.code for each in commands),
        definitions.SETTING.of([DIRECTORY_VERSION]),
        history.DECIDERS.of(apart),
        links.BY_ID.of(used),
        *context.told_by,
    ]
    return [(query, keys) for query, keys in asked if keys]


def load_known(
    context: Context,
    connection: Connection,
    commands: Sequence[Decide],
    found: Mapping[str, Item],
    now: datetime,
) -> Known:
    """Return all that planning ``commands`` on the items ``found`` (by code) depends on.

    What goes with one of them is among ``found``.
    """
    directory = context.directory(connection, now)
    asked = [
        (command, item, context.rulebooks.of(connection, item.definition_hash))
        for command in commands
        if (item := found.get(command.code)) is not None
    ]
    gathered = _gathered(commands, found)
    along = list(_along(context, connection, asked, gathered))
    wanted = [item for command, item, book in asked if _needs_content(command, item, book)]
    wanted += [item for item, _, _, _ in along]
    used = [command.link for command in commands if command.link is not None]
    decided = [
        (item, book, command.cause.actor, command.transition)
        for command, item, book in asked
        if command.cause.actor is not None or command.cause.recipient is not None
    ]
    return Known(
        items=found,
        gathered=gathered,
        contents=context.contents.of(connection, wanted),
        links=links.find_links(connection, used),
        pasts=pasts(connection, [*decided, *along], directory),
        around=Surroundings(
            directory=directory,
            calendar=context.calendar,
            now=now,
            campaigns={
                item.campaign: campaign
                for _, item, _ in asked
                if (campaign := context.campaigns.of(connection, item.campaign)) is not None
            },
        ),
    )


def gives_number(
    context: Context,
    connection: Connection,
    commands: Sequence[Decide],
    found: Mapping[str, Item],
) -> bool:
    """Return whether one of ``commands`` may give a number in the register."""
    return any(
        way.numbered or way.result == "given"
        for command in commands
        if (item := found.get(command.code)) is not None
        for way in context.rulebooks.of(connection, item.definition_hash).alternatives(
            item.state, command.transition
        )
    )


def _gathered(commands: Sequence[Decide], found: Mapping[str, Item]) -> dict[str, tuple[Item, ...]]:
    codes = {each.code for each in commands}
    going: dict[str, tuple[Item, ...]] = {}
    for item in sorted(found.values(), key=lambda each: each.id):
        if item.gathered_in in codes:
            going[item.gathered_in] = (*going.get(item.gathered_in, ()), item)
    return going


def _along(
    context: Context,
    connection: Connection,
    asked: Sequence[tuple[Decide, Item, Rulebook]],
    gathered: Mapping[str, tuple[Item, ...]],
) -> Iterator[tuple[Item, Rulebook, PersonId | None, str]]:
    """Yield each decision that goes along with one of ``asked``, as its past is asked about."""
    for command, carrier, book in asked:
        alternatives = book.alternatives(carrier.state, command.transition)
        carries = next((each.carries for each in alternatives if each.carries), None)
        is_recipient = command.cause.recipient is not None
        if carries is not None and (command.cause.actor is not None or is_recipient):
            for item in gathered.get(carrier.code, ()):
                rulebook = context.rulebooks.of(connection, item.definition_hash)
                yield item, rulebook, command.cause.actor, carries.take


def _needs_content(command: Decide, item: Item, rulebook: Rulebook) -> bool:
    alternatives = rulebook.alternatives(item.state, command.transition)
    return bool(alternatives) and bool(
        command.with_view
        or any(to in rulebook.council_states for each in alternatives for to in each.to)
        or reads_content(alternatives)
        or any(each.result or each.judged or each.carries or each.sends for each in alternatives)
        or (rulebook.definition.nominates and any(each.signs for each in alternatives))
    )


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
    dispatch = _dispatch(context, connection, command, item, known)
    content, past = known.contents.get(item.id), known.pasts.get(item.id, NOTHING)
    moment = Given(now=known.now, numbers=known.numbers)
    outcome = outcome_of(context, connection, command, item, content, moment)
    reports = reported_decision(context, connection, command, item, content, known.now)
    faults = (*_reasons(dispatch), *_reasons(reports))
    forbidden = (
        *_reasons(outcome),
        *_forbidden(context, connection, command, item, known),
    )
    request = _request(command, faults, forbidden)
    plan = plan_decision(rulebook, item, content, request, known.around, past)
    if isinstance(plan, StaleRefusal):
        return stale(context, connection, item, known.directory, given=command.version)
    if isinstance(plan, Refusal):
        return plan
    taken = dispatch if isinstance(dispatch, Dispatch) and plan.transition.numbered else None
    given = outcome if not isinstance(outcome, InvalidRefusal) and plan.transition.result else None
    told = reports if not isinstance(reports, InvalidRefusal) and plan.transition.sends else None
    lead = known.lead_of(item)
    beside = SaidBeside(dispatch=taken, outcome=given, reports=told, carried_by=lead)
    at = context.stamp(connection, item.subject, known.now)
    return PlannedDecision(
        command=command,
        item=item,
        rulebook=rulebook,
        plan=plan,
        # The number is the lead's: it is given once.
        dispatch=None if lead else taken,
        award_number=given.number if given else None,
        entry=context.next_entry(item, fact_of(command, item, plan, beside, at=at)),
        carried_by=lead,
    )


def _dispatch(
    context: Context, connection: Connection, command: Decide, item: Item, known: Known
) -> Dispatch | InvalidRefusal | None:
    """Return what the item leaves with, where the transition gives a number."""
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    if not any(each.numbered for each in rulebook.alternatives(item.state, command.transition)):
        return None
    return item_dispatch(context, connection, command.dispatch, known.sending(item), known.numbers)


def _reasons(judged: object) -> tuple[Reason, ...]:
    """Return what is wrong, where that is what was found."""
    return tuple(judged.reasons) if isinstance(judged, InvalidRefusal) else ()


def _forbidden(
    context: Context, connection: Connection, command: Decide, item: Item, known: Known
) -> list[Reason]:
    """Return what the rules of awards forbid, where the transition asks them."""
    rulebook = context.rulebooks.of(connection, item.definition_hash)
    taken = rulebook.alternatives(item.state, command.transition)
    # Whoever only holds a link is not told why: it may have been passed on.
    is_by_link = command.cause.via is Via.LINK
    asker = None if is_by_link else known.directory.active(command.cause.actor)
    return forbidden_on(context, connection, item, known.contents.get(item.id), taken, asker)


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
