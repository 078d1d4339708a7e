"""``/api/v1/items``: draft, edit, decide, read."""

import base64
import binascii
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, UploadFile
from pydantic import ValidationError
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.access_log import NoteAccess
from api.auth.callers import (
    Asker,
    Parts,
    application,
    command_id,
    digest,
    expected_version,
    required_caller,
)
from api.auth.second_factor import GivenFactor, decide_with_factor, plan
from api.auth.sessions import Caller
from api.composition import Application
from api.downloads import attachment
from api.intake.attaching import attach
from api.problems import PreconditionError, malformed
from api.request_bodies import KnownCallerRoute
from api.v1.schemas.items import Instant, ItemChange, NewItem, TransitionRequest
from api.v1.serializers import OrjsonResponse, entry_json, item_json, transition_json
from workflow import values
from workflow.command import Cause
from workflow.commands.create_item import CreateItem
from workflow.commands.decide import Decide
from workflow.commands.dispatch import DispatchRequest
from workflow.commands.edit_item import EditItem
from workflow.context import code_in, search_of
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    Refusal,
    StaleRefusal,
    reason,
)
from workflow.lookups.items import visible_item
from workflow.messages import lazy
from workflow.model import DepartmentId, PersonId, StoredFile, Via
from workflow.people import scope_of
from workflow.queries.items import (
    ItemView,
    item_view,
    item_views,
    timeline,
    transitions_for,
    view_after,
    view_as_of,
    view_at_hand,
    view_of,
)
from workflow.rules import FILE_LIMIT
from workflow.store import items
from workflow.store.listing import PAGE_LIMIT, ItemFilter, item_ids

router = APIRouter(prefix="/items", route_class=KnownCallerRoute)
_OPTIONAL = ("to", "pin", "totp", "number", "issued_on", "channel", "mend")


@router.post("/{code}/transitions")
async def decide_item(request: Request, code: str, dry_run: bool = False) -> Response:  # noqa: FBT001, FBT002 - a query parameter
    """Decide on an item; with ``dry_run`` only say what would come of it."""
    # The hottest route, so the first to be matched: what other routes get by dependency it asks for itself, which is half the framework's work.
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


@router.post("", status_code=201)
async def create_item(request: Request, parts: Parts, asker: Asker, body: NewItem) -> Response:
    """Draft an item for the own department."""
    command = CreateItem(
        cause=Cause(
            actor=asker.person.id,
            via=Via.API,
            method=asker.method,
            command_id=command_id(request),
            digest=digest(request, body.model_dump(exclude_unset=True)),
        ),
        type=body.type,
        campaign=body.campaign,
        department=DepartmentId(body.department) if body.department else None,
        title=body.title,
        fields=body.json_fields(),  # floats are refused by the field checks
    )
    written = await parts.database.write(command)
    return await _item_answer(parts, written.code, written.seq, asker.person.id, status=201)


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

    def page(connection: Connection) -> dict[str, Any]:
        ids = item_ids(connection, scope_of(asker.person), wanted, before=before, count=limit + 1)
        found = items.items_by_id(connection, ids[:limit])
        views = item_views(
            parts.context, connection, [found[each] for each in ids[:limit]], asker.person.id
        )
        return {
            "data": [item_json(view) for view in views],
            "next": write_cursor(ids[limit - 1]) if len(ids) > limit else None,
        }

    return OrjsonResponse(await parts.database.read(page))


@router.get("/{code}")
async def get_item(parts: Parts, asker: Asker, code: str) -> Response:
    """Return one item."""
    view = await parts.database.read(
        lambda connection: item_view(
            parts.context, connection, visible_item(connection, code, asker.person), asker.person.id
        )
    )
    return OrjsonResponse(item_json(view), headers={"ETag": f'"{view.item.version}"'})


@router.patch("/{code}")
async def edit_item(request: Request, parts: Parts, asker: Asker, code: str) -> Response:
    """Change title or fields of an own item in ``drafted`` or ``submitted``."""
    await parts.database.read(lambda connection: visible_item(connection, code, asker.person))
    try:
        body = ItemChange.model_validate_json(await request.body() or b"null")
    except ValidationError as exc:
        return malformed(exc.errors())
    return await _edited(
        parts,
        EditItem(
            code=code,
            cause=Cause(
                actor=asker.person.id,
                via=Via.API,
                method=asker.method,
                command_id=command_id(request),
                digest=digest(request, body.model_dump(exclude_unset=True)),
            ),
            version=expected_version(request),
            title=body.title,
            fields=body.json_fields(),
        ),
    )


async def _edited(parts: Application, command: EditItem) -> Response:
    try:
        written = await parts.database.write(command)
    except StaleRefusal as refusal:
        raise PreconditionError(refusal) from refusal
    return await _item_answer(parts, written.code, written.seq, command.cause.actor)


@router.get("/{code}/transitions")
async def list_transitions(parts: Parts, asker: Asker, code: str) -> Response:
    """Return every transition with, for each that is closed to the caller, every reason."""

    def found(connection: Connection) -> list[dict[str, Any]]:
        item = visible_item(connection, code, asker.person)
        return [
            transition_json(each)
            for each in transitions_for(parts.context, connection, item, asker.person)
        ]

    return OrjsonResponse({"data": await parts.database.read(found), "next": None})


def _command(
    request: Request, asker: Caller, code: str, body: TransitionRequest, if_match: int | None
) -> Decide:
    return Decide(
        code=code,
        transition=body.transition,
        cause=Cause(
            actor=asker.person.id,
            via=Via.API,
            method=asker.method,
            command_id=command_id(request),
            digest=digest(request, body.model_dump(exclude_unset=True, exclude={"pin", "totp"})),
        ),
        version=body.version if if_match is None else if_match,
        to=body.to,
        comment=body.comment or "",
        dispatch=DispatchRequest(
            number=body.number, issued_on=body.issued_on, channel=body.channel
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
    body_after = {**item_json(view), "entry": {"seq": decided.seq, "hash": decided.hash}}
    return OrjsonResponse(body_after, headers={"ETag": f'"{view.item.version}"'})


async def _tried(parts: Application, command: Decide, given: GivenFactor) -> Response:
    (planned,) = await plan(parts, [command], given)
    if isinstance(planned, Refusal):
        raise planned
    view = await parts.database.read(lambda connection: _judged(parts, connection, command))
    return OrjsonResponse(item_json(view), headers={"ETag": f'"{view.item.version}"'})


def _judged(parts: Application, connection: Connection, command: Decide) -> ItemView:
    item = items.find_item(connection, command.code)
    if item is None:  # pragma: no cover - judged just now, and items are never deleted
        raise NotFoundRefusal(lazy("the item {code}", code=command.code))
    return item_view(parts.context, connection, item, command.cause.actor)


async def _item_answer(
    parts: Application, code: str, seq: int, reader: PersonId | None, *, status: int = 200
) -> Response:
    """Return the item as an entry left it: a replay gets the same answer."""
    view, _ = await parts.database.read(
        lambda connection: view_after(parts.context, connection, code, seq, reader)
    )
    return OrjsonResponse(
        item_json(view), status_code=status, headers={"ETag": f'"{view.item.version}"'}
    )


@router.get("/{code}/history")
async def item_history(parts: Parts, asker: Asker, code: str) -> Response:
    """Return the history of an item, oldest first."""

    def found(connection: Connection) -> list[dict[str, Any]]:
        return [
            entry_json(each)
            for each in timeline(
                parts.context, connection, visible_item(connection, code, asker.person)
            )
        ]

    return OrjsonResponse({"data": await parts.database.read(found), "next": None})


@router.get("/{code}/as-of/{instant}")
async def item_as_of(parts: Parts, asker: Asker, code: str, instant: Instant) -> Response:
    """Return the item as it was at an instant."""

    def found(connection: Connection) -> dict[str, Any]:
        view, entry = view_as_of(
            parts.context,
            connection,
            visible_item(connection, code, asker.person),
            instant,
            asker.person.id,
        )
        return {**item_json(view), "entry": {"seq": entry.seq, "hash": entry.hash.hex()}}

    return OrjsonResponse(await parts.database.read(found))


@router.get("/{code}/attachments")
async def list_files(parts: Parts, asker: Asker, code: str) -> Response:
    """Return the files of an item."""
    view = await parts.database.read(
        lambda connection: item_view(
            parts.context, connection, visible_item(connection, code, asker.person), asker.person.id
        )
    )
    return OrjsonResponse({"data": item_json(view)["files"], "next": None})


@router.post("/{code}/attachments", status_code=201)
async def attach_file(
    request: Request,
    parts: Parts,
    asker: Asker,
    code: str,
    file: UploadFile,
    for_field: Annotated[str | None, Form()] = None,
) -> Response:
    """Attach a file (multipart field ``file``), as the value of ``for_field`` where that is given; needs If-Match."""
    await parts.database.read(lambda connection: visible_item(connection, code, asker.person))
    content = await file.read(FILE_LIMIT + 1)

    def edit(stored: StoredFile) -> EditItem:
        return EditItem(
            code=code,
            cause=Cause(
                actor=asker.person.id,
                via=Via.API,
                method=asker.method,
                command_id=command_id(request),
                digest=digest(request, [stored.sha256, stored.name, for_field]),
            ),
            version=expected_version(request),
            add_file=stored,
            for_field=for_field,
        )

    try:
        written = await attach(parts, file.filename or "", content, edit)
    except StaleRefusal as refusal:
        raise PreconditionError(refusal) from refusal
    return await _item_answer(parts, written.code, written.seq, asker.person.id, status=201)


@router.get("/{code}/attachments/{sha256}")
async def get_file(parts: Parts, asker: Asker, code: str, sha256: str) -> Response:
    """Return the bytes of an item's file, always as a download."""
    view = await parts.database.read(
        lambda connection: item_view(
            parts.context, connection, visible_item(connection, code, asker.person), asker.person.id
        )
    )
    response = await file_answer(parts, view.content.files, sha256)
    await parts.database.write(
        NoteAccess(what="file_read", person=asker.person.id, item=view.item.id, note=sha256[:16])
    )
    return response


async def file_answer(parts: Application, files: tuple[StoredFile, ...], sha256: str) -> Response:
    """Return one of ``files`` as a download that a browser neither renders nor guesses about. Raises NotFoundRefusal."""
    wanted = next((each for each in files if each.sha256 == sha256), None)
    if wanted is None:
        raise NotFoundRefusal(lazy("the file"))
    content = await parts.database.report(lambda _connection: parts.files.get(sha256))
    headers = {
        "Content-Disposition": attachment(wanted.name),
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(content, media_type=wanted.media_type, headers=headers)


def write_cursor(last: int) -> str:
    """Return the opaque cursor after ``last``."""
    return base64.urlsafe_b64encode(f"i{last}".encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> int | None:
    """Return the id in a cursor. Raises InvalidRefusal for one that was not ours."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(
            cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True
        ).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    last = (
        values.counter(text.removeprefix("i"), most=values.LARGEST_ID)
        if text.startswith("i")
        else None
    )
    if last is None or cursor != write_cursor(last):
        raise InvalidRefusal(
            reason(
                "cursor", "The page cursor is not valid. Use the value 'next' of the page before."
            )
        )
    return last
