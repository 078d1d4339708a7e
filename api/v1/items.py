"""``/api/v1/items``: draft, edit, decide, read."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, application, required_caller
from api.auth.second_factor import GivenFactor, decide_with_factor, plan_and_prove
from api.auth.sessions import Caller
from api.composition import Application
from api.cursors import next_cursor, read_cursor
from api.json_response import OrjsonResponse
from api.problems import PreconditionError, malformed
from api.request_bodies import KnownCallerRoute, PlainRoute
from api.v1.dependencies import cause_of, expected_version, if_matched
from api.v1.responses import item_response, item_response_after, list_response
from api.v1.schemas.items import Instant, ItemChange, NewItem, TransitionRequest
from api.v1.serializers import entry_json, item_json, transition_json
from api.visible_items import visible_view
from workflow.commands.award_decision import AwardRequest
from workflow.commands.create_item import CreateItem
from workflow.commands.decide import Decide
from workflow.commands.dispatch import DispatchRequest
from workflow.commands.edit_item import EditItem
from workflow.commands.nominee_results import NomineeOutcome
from workflow.context import code_in, search_of
from workflow.errors import InvalidRefusal, NotFoundRefusal, Refusal, StaleRefusal, reason
from workflow.lookups.items import visible_item
from workflow.messages import lazy
from workflow.model import DepartmentId
from workflow.people import scope_of
from workflow.queries.history import StoredEntry
from workflow.queries.items import ItemView, TransitionView, item_view, transitions_for
from workflow.queries.listing import PAGE_LIMIT, ItemFilter, find_item, item_ids, listed_views
from workflow.queries.past_items import view_as_of, view_at_hand, view_of
from workflow.queries.timeline import EntryView, timeline

router = APIRouter(prefix="/items", route_class=KnownCallerRoute)
_OPTIONAL = (
    *("to", "pin", "totp", "number", "issued_on", "channel", "mend"),
    *("award", "authority", "decision_number", "decided_on", "nominees"),
)


async def decide_item(
    request: Request,
    code: str,
    dry_run: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
) -> Response:
    """Decide on an item; with ``dry_run`` only say what would come of it."""
    # The hottest route: what others get by dependency it asks for itself, and without a query the
    # framework solves nothing for it.
    parts, asker = application(request), await required_caller(request)
    try:
        body = TransitionRequest.model_validate_json(await request.body() or b"null")
    except ValidationError as exc:
        await parts.database.read(lambda connection: visible_item(connection, code, asker.person))
        return malformed(exc.errors())
    if_match = expected_version(request)
    command = _command(request, asker, code, body, if_match)
    try:
        return await (_tried if dry_run else _decided)(
            parts, command, GivenFactor(pin=body.pin, totp=body.totp)
        )
    except StaleRefusal as refusal:
        if if_match is None:
            raise
        raise PreconditionError(refusal) from refusal


DECISION = PlainRoute("/api/v1/items/{code}/transitions", decide_item, methods=["POST"])
"""Matched before all routers: through one that is included the framework matches twice."""


@router.post("", status_code=201)
async def create_item(request: Request, parts: Parts, asker: Asker, body: NewItem) -> Response:
    """Draft an item for the own department."""
    command = CreateItem(
        cause=cause_of(request, asker, body.model_dump(exclude_unset=True)),
        type=body.type,
        campaign=body.campaign,
        department=DepartmentId(body.department) if body.department else None,
        title=body.title,
        fields=body.json_fields(),
    )
    written = await parts.database.write(command)
    return await item_response_after(parts, written.code, written.seq, asker.person.id, status=201)


@router.get("")
async def list_items(  # noqa: PLR0913, PLR0917 - one parameter for each filter of the interface
    parts: Parts,
    asker: Asker,
    state: str | None = None,
    type: str | None = None,  # noqa: A002 - the interface's name
    department: str | None = None,
    campaign: str | None = None,
    holder: str | None = None,
    overdue: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
    q: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
    cursor: str | None = None,
) -> Response:
    """List the items that the caller may see, newest first."""
    if holder not in {None, "me"}:
        raise InvalidRefusal(reason("holder", "The filter holder takes only the value me."))
    sought, code = search_of(q or ""), code_in(q or "")
    wanted = ItemFilter(
        state=state,
        type=type,
        department=department,
        campaign=campaign,
        holder=asker.person.id if holder else None,
        overdue_at=parts.clock.now() if overdue else None,
        code=code,
        text=sought if code is None else None,
    )
    before = read_cursor(cursor)

    def page(connection: Connection) -> tuple[list[ItemView], str | None]:
        ids = item_ids(connection, scope_of(asker.person), wanted, before=before, count=limit + 1)
        views = listed_views(parts.context, connection, ids[:limit], asker.person.id)
        return views, next_cursor(ids, limit)

    views, after = await parts.database.read(page)
    return list_response([item_json(view) for view in views], after)


@router.get("/{code}")
async def get_item(parts: Parts, asker: Asker, code: str) -> Response:
    """Return one item."""
    return item_response(await visible_view(parts, asker, code))


@router.patch("/{code}")
async def edit_item(request: Request, parts: Parts, asker: Asker, code: str) -> Response:
    """Change title or fields of an own item in ``drafted`` or ``submitted``."""
    await parts.database.read(lambda connection: visible_item(connection, code, asker.person))
    try:
        body = ItemChange.model_validate_json(await request.body() or b"null")
    except ValidationError as exc:
        return malformed(exc.errors())
    command = EditItem(
        code=code,
        cause=cause_of(request, asker, body.model_dump(exclude_unset=True)),
        version=expected_version(request),
        title=body.title,
        fields=body.json_fields(),
    )
    with if_matched():
        written = await parts.database.write(command)
    return await item_response_after(parts, written.code, written.seq, asker.person.id)


@router.get("/{code}/transitions")
async def list_transitions(parts: Parts, asker: Asker, code: str) -> Response:
    """Return every transition with, for each that is closed to the caller, every reason."""

    def load_transitions(connection: Connection) -> list[TransitionView]:
        item = visible_item(connection, code, asker.person)
        return transitions_for(parts.context, connection, item, asker.person)

    return list_response(
        [transition_json(each) for each in await parts.database.read(load_transitions)]
    )


def _command(
    request: Request, asker: Caller, code: str, body: TransitionRequest, if_match: int | None
) -> Decide:
    return Decide(
        code=code,
        transition=body.transition,
        cause=cause_of(
            request, asker, body.model_dump(exclude_unset=True, exclude={"pin", "totp"})
        ),
        version=body.version if if_match is None else if_match,
        to=body.to,
        comment=body.comment or "",
        dispatch=DispatchRequest(
            number=body.number, issued_on=body.issued_on, channel=body.channel
        ),
        award=AwardRequest(
            award=body.award,
            authority=body.authority,
            number=body.decision_number,
            decided_on=body.decided_on,
            outcomes=tuple(
                NomineeOutcome(
                    row=each.row,
                    is_awarded=each.awarded,
                    award=each.award,
                    authority=each.authority,
                    number=each.decision_number,
                    decided_on=each.decided_on,
                    why=each.reason,
                )
                for each in body.nominees or ()
            ),
        ),
        mend=body.mend or (),
        named=frozenset(name for name in _OPTIONAL if getattr(body, name) is not None),
        with_view=True,
    )


async def _decided(parts: Application, command: Decide, given: GivenFactor) -> Response:
    decided = await decide_with_factor(parts, command, given)
    view = view_at_hand(parts.context, decided, command.cause.actor)
    if view is None:
        view = await parts.database.read(
            lambda connection: view_of(parts.context, connection, decided, command.cause.actor)
        )
    return item_response(view, entry={"seq": decided.seq, "hash": decided.hash})


async def _tried(parts: Application, command: Decide, given: GivenFactor) -> Response:
    (planned,) = await plan_and_prove(parts, [command], given)
    if isinstance(planned, Refusal):
        raise planned
    view = await parts.database.read(lambda connection: _judged(parts, connection, command))
    return item_response(view)


def _judged(parts: Application, connection: Connection, command: Decide) -> ItemView:
    item = find_item(connection, command.code)
    if item is None:  # pragma: no cover - judged just now, and items are never deleted
        raise NotFoundRefusal(lazy("the item {code}", code=command.code))
    return item_view(parts.context, connection, item, command.cause.actor)


@router.get("/{code}/history")
async def item_history(parts: Parts, asker: Asker, code: str) -> Response:
    """Return the history of an item, oldest first."""

    def load_entries(connection: Connection) -> list[EntryView]:
        item = visible_item(connection, code, asker.person)
        return timeline(parts.context, connection, item)

    return list_response([entry_json(each) for each in await parts.database.read(load_entries)])


@router.get("/{code}/as-of/{instant}")
async def item_as_of(parts: Parts, asker: Asker, code: str, instant: Instant) -> Response:
    """Return the item as it was at an instant."""

    def load_past_item(connection: Connection) -> tuple[ItemView, StoredEntry]:
        item = visible_item(connection, code, asker.person)
        return view_as_of(parts.context, connection, item, instant, asker.person.id)

    view, entry = await parts.database.read(load_past_item)
    reference = {"seq": entry.seq, "hash": entry.hash.hex()}
    return OrjsonResponse({**item_json(view), "entry": reference})
