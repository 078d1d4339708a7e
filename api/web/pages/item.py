"""One item: what it says, where it is, what its reader can do, what happened to it.

Owns the page of an item and how it shows that something was refused; it changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Annotated, ClassVar

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.access_log import AccessKind, NoteAccess, aside
from api.auth.callers import Asker, application
from api.auth.sessions import Caller
from api.composition import Application
from api.official_documents import item_documents
from api.web.accesses_in_words import Opening, openings
from api.web.available_actions import Incomplete, WayOn, incomplete, ways_on
from api.web.choices import Choices, person_choices
from api.web.dates import day_writer, hour_and_day
from api.web.deciding import Deciding, deciding, own_factors
from api.web.forms import FormState
from api.web.hints import Hint, hint_for
from api.web.history_sentences import Sentence, sentence
from api.web.item_filters import Beside, beside, is_search
from api.web.labels import CHANNELS
from api.web.rendering import Page, render_page
from api.web.signatures import SignatureShown, signature_shown
from notifications.translation import translate
from workflow.commands.reassign import candidates
from workflow.commands.undo import undoable_until
from workflow.definition import (
    Actor,
    FieldType,
    ItemField,
    Label,
    Tone,
    Visit,
    awaited_in,
    duration_words,
)
from workflow.history import EntryType
from workflow.lookups.items import may_see, visible_item
from workflow.lookups.nominations import Examination, examinations
from workflow.messages import Message
from workflow.model import DispatchChannel, Item, Json, Person, Position
from workflow.people import (
    Directory,
    by_given_name,
    may_read_history,
    may_read_register,
    may_set_deadlines,
)
from workflow.queries import deadlines, listing
from workflow.queries.campaigns import campaign_names
from workflow.queries.changes import Compared, Returned, changed_since_decided, returned_of
from workflow.queries.items import ItemView, TransitionView, item_view, transitions_for
from workflow.queries.listing import Sending
from workflow.queries.timeline import EntryView, timeline, visits_of
from workflow.rules import FILE_LIMIT

router = APIRouter(prefix="/items")
_OPENINGS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReached:
    """How far an item is on the straight way, and how long it has been where it is."""

    step: int
    """The number of the present step; 0 where it is on no step of the straight way."""
    steps: Sequence[Label]
    """Each step by what was done in it, from the present one on by what is awaited.

    Where the item left the straight way, its end comes right after the last step it had come to.
    """
    has_failed: bool = False
    """Whether it ended without what it was drafted for."""
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeInState:
    """A state that the item was in, and how long."""

    label: str
    spent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoOffer:
    """A decision that the reader may still take back, theirs or another's; ``words`` say which."""

    until: datetime
    words: str
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage(Page):
    """An item as its reader may see it, with what they can do."""

    template: ClassVar[str] = "item.html"
    view: ItemView
    hint: Hint | None
    beside: Beside | None
    department: str
    campaign: str
    deadline: str
    """Which report the item answers and until when; empty where it answers none."""
    open: Sequence[WayOn]
    """The open ways, the main one first."""
    asked: Sequence[Deciding]
    """The answers of whom the item waits for, each with what it asks for beside the content."""
    closed: Sequence[TransitionView]
    sentences: Sequence[Sentence]
    most_bytes: int = FILE_LIMIT
    file_fields: Sequence[ItemField]
    """The fields that name one of the item's files."""
    may_comment: bool
    progress: StepReached
    is_talk: bool
    """Whether of its history only what somebody said in words is shown."""
    way: Sequence[TimeInState]
    """Where it was and how long; the drawing of it is a picture of its own, for who opens it."""
    dispatch: Sending | None
    """What it left with; its dossier is named to who reads dossiers alone."""
    signature: SignatureShown | None
    """The signature that it bears where it is, and what that rests on."""
    channels: Mapping[DispatchChannel, Message]
    may_edit: bool
    compared: Compared | None
    examined: Sequence[Examination]
    """What the law of its day says of a nomination."""
    documents: Sequence[tuple[str, Message]]
    """The official documents that it can have now, each with its address."""
    returned: Returned | None
    """By whom, when and why it came back to its author, and what is to be mended."""
    incomplete: Incomplete | None
    """What its author has yet to write before it can be handed in."""
    undo: UndoOffer | None
    is_asked: bool
    """Whether the reader's opinion was asked and not yet given."""
    people: Choices
    candidates: Choices
    """Whom the reader may put in a holder's place."""
    may_recuse: bool
    openings: Sequence[Opening]
    """The newest openings, for auditors."""
    carrier: str
    """The consolidated report that it goes with, where the reader may see that."""
    key: str
    errors: Sequence[str]
    typed: Mapping[str, Json]


@router.get("/{code}")
async def show_item(
    request: Request,
    asker: Asker,
    code: str,
    within: Annotated[str | None, Query(alias="in")] = None,
) -> Response:
    """Show an item: content, where it is, what one can do, what happened."""
    return await _show(request, asker, code, FormState(), within)


async def show_refused(request: Request, asker: Caller, code: str, state: FormState) -> Response:
    """Show an item with why something was not done, and what was typed."""
    return await _show(request, asker, code, state)


async def _show(
    request: Request, asker: Caller, code: str, state: FormState, within: str | None = None
) -> Response:
    parts = application(request)

    def load_page(connection: Connection) -> ItemPage:
        item = visible_item(connection, code, asker.person)
        return _page(
            parts, connection, asker, item, state, beside(parts, connection, asker, item, within)
        )

    door = parts.database.report if is_search(within or "") else parts.database.read
    shown = await door(load_page)
    if any(each.person.id == asker.person.id for each in shown.view.holders):
        # As a link's opening: what somebody decides on, they had before their eyes.
        item = shown.view.item.id
        opened = NoteAccess.of(request, AccessKind.ITEM_OPENED, person=asker.person.id, item=item)
        aside(parts.database, opened)
    shown = replace(shown, is_talk="talk" in request.query_params)
    return render_page(request, asker, shown, state.status)


def _sending(connection: Connection, item: Item, reader: Person) -> Sending | None:
    found = listing.dispatch_of(connection, item.id)
    return found if found is None or may_read_register(reader) else replace(found, dossier=0)


def _page(
    parts: Application,
    connection: Connection,
    asker: Caller,
    item: Item,
    state: FormState,
    around: Beside | None,
) -> ItemPage:
    context, person, now = parts.context, asker.person, parts.clock.now()
    view = item_view(context, connection, item, person.id)
    options = transitions_for(context, connection, item, person)
    entries, directory = timeline(context, connection, item), context.directory(connection, now)
    open_ways = ways_on(view, options)
    examined = examinations(context, connection, person, item, view.content)
    return ItemPage(
        view=view,
        hint=hint_for(connection, person, "item"),
        beside=around,
        department=directory.departments[item.department].name,
        campaign=_campaign_name(connection, item),
        deadline=_deadline(parts, connection, item),
        open=open_ways,
        asked=_deciding_of(parts, connection, asker, view, open_ways, examined),
        closed=[each for each in options if not each.is_allowed],
        sentences=[sentence(parts, each) for each in entries],
        file_fields=[each for each in view.definition.fields if each.type is FieldType.FILE],
        may_comment=person.position is not Position.AUDITOR,
        progress=_progress(view, entries, parts),
        is_talk=False,
        way=_way(view, entries, directory, parts.clock.now()),
        dispatch=_sending(connection, item, person),
        signature=signature_shown(parts, connection, item, person),
        channels=CHANNELS,
        may_edit=view.state.editable and item.author == person.id,
        compared=changed_since_decided(context, connection, view, entries, translate),
        examined=examined,
        documents=item_documents(parts, connection, view, person),
        returned=next(iter(returned_of(context, connection, [view])), None),
        incomplete=incomplete(view, options) if item.author == person.id else None,
        undo=_undo(entries, person, undoable_until(context, connection, item, person)),
        is_asked=_is_asked(connection, item, person),
        people=person_choices(connection),
        candidates=_candidates(parts, connection, item, asker),
        may_recuse=_may_recuse(view, person),
        carrier=_carrier(connection, item, person),
        openings=_openings(parts, connection, item, person),
        key=state.key,
        errors=state.errors,
        typed=state.typed,
    )


def _deciding_of(
    parts: Application,
    connection: Connection,
    asker: Caller,
    view: ItemView,
    open_ways: Sequence[WayOn],
    examined: Sequence[Examination],
) -> list[Deciding]:
    """Return the forms of whom the item waits for, one an answer."""
    answers = [each.transition for each in open_ways if each.transition.by is Actor.HOLDER]
    factors = own_factors(parts, connection, asker.person.id, view.item, answers)
    return [
        deciding(view.definition, [each], factors, parts.context.outgoing, examined)
        for each in answers
    ]


def _undo(entries: Sequence[EntryView], person: Person, until: datetime | None) -> UndoOffer | None:
    """Return the last decision, while ``person`` may take it back: whose it is, and which."""
    if until is None:
        return None
    last = next(each for each in reversed(entries) if each.entry.type == EntryType.TRANSITION)
    label = translate(last.transition.label) if last.transition else ""
    if last.actor is None or last.actor.id == person.id:
        words = translate("Your last decision: {label}.", label=label)
        return UndoOffer(until=until, words=words, is_own=True)
    words = translate("Decision of {who}: {label}.", who=last.actor.name, label=label)
    return UndoOffer(until=until, words=words, is_own=False)


def _carrier(connection: Connection, item: Item, person: Person) -> str:
    code = item.gathered_in or ""
    found = listing.find_item(connection, code) if code else None
    return code if found is not None and may_see(connection, found, person) else ""


def _may_recuse(view: ItemView, person: Person) -> bool:
    """Return whether ``person`` holds the item to decide on it, and may stand aside."""
    is_holder = any(each.person.id == person.id for each in view.holders)
    return is_holder and not view.state.held_by_author


def _is_asked(connection: Connection, item: Item, person: Person) -> bool:
    """Return whether the opinion of ``person`` was asked and is not yet given."""
    return any(
        each.asked_of == person.id and each.answered_at is None
        for each in listing.opinions_of(connection, item.id)
    )


def _candidates(parts: Application, connection: Connection, item: Item, asker: Caller) -> Choices:
    """Return whom the asker may put in a holder's place, by given name."""
    if not may_set_deadlines(asker.person):
        return []
    directory = parts.context.directory(connection, parts.clock.now())
    rulebook = parts.context.rulebooks.of(connection, item.definition_hash)
    found = candidates(connection, rulebook, item, directory, asker.person.id)
    return sorted(
        ((each.email, each.name) for each in found), key=lambda each: by_given_name(each[1])
    )


def _campaign_name(connection: Connection, item: Item) -> str:
    return dict(campaign_names(connection)).get(item.campaign, item.campaign)


def _deadline(parts: Application, connection: Connection, item: Item) -> str:
    """Return which report an item answers and until when, in words; empty where it answers none."""
    mine = deadlines.answered_deadline(connection, item)
    return (
        translate(
            "{owed}, {due}",
            owed=mine.owed,
            due=hour_and_day(parts, mine.due_at),
        )
        if mine is not None
        else ""
    )


def _progress(view: ItemView, entries: list[EntryView], parts: Application) -> StepReached:
    """Return where the item is among the states before the first final one, and since when."""
    way = [*takewhile(lambda state: not state.final, view.definition.states)]
    here = next((at for at, each in enumerate(way, 1) if each.id == view.item.state), 0)
    visits = visits_of(entries)
    before = visits[-2].state if visits[1:] else ""
    come_to = here or next((at for at, each in enumerate(way, 1) if each.id == before), 0)
    steps = [each.label for each in way[1:come_to]]
    if here:
        steps += [each.label_now for each in way[here - 1 :]]
    elif view.state.final and come_to:
        steps.append(view.state.label)
    if not visits or view.state.final:
        has_failed = view.tone is Tone.RETURNED
        return StepReached(step=here, steps=steps, has_failed=has_failed, since="")
    entered = visits[-1].entered
    day, spent = day_writer(parts)(entered)[:5], parts.clock.now() - entered
    return StepReached(
        step=here,
        steps=steps,
        since=translate(
            "since {day} · {spent} so far",
            day=day,
            spent=translate(duration_words(timedelta(days=spent.days))),
        )
        if spent.days
        else translate("since {day}", day=day),
    )


def _way(
    view: ItemView, entries: list[EntryView], directory: Directory, now: datetime
) -> list[TimeInState]:
    states = {state.id: state for state in view.definition.states}

    def label(visit: Visit) -> str:
        positions = {directory.people[each].position for each in visit.seats}
        state = states.get(visit.state)
        return translate(awaited_in(state, positions)) if state else visit.state

    return [
        TimeInState(
            label=label(each),
            spent=translate(duration_words((each.left or now) - each.entered)),
        )
        for each in visits_of(entries)
    ]


def _openings(
    parts: Application, connection: Connection, item: Item, person: Person
) -> Sequence[Opening]:
    """Return who opened the item, for auditors."""
    if not may_read_history(person):
        return []
    return openings(parts, connection, item=item.id, count=_OPENINGS)
