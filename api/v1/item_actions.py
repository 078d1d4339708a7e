"""``/api/v1/items/{code}/undo``, ``/recuse``, ``/reassign`` and ``/opinions``: what a person does beside the transitions."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field, StringConstraints
from starlette.responses import Response

from api.auth.callers import Asker, Parts, command_id, digest
from api.request_bodies import KnownCallerRoute
from api.v1.schemas.items import Body
from api.v1.serializers import OrjsonResponse, item_json
from workflow.command import Cause
from workflow.commands.opinions import AskOpinion, Comment, GiveOpinion
from workflow.commands.reassign import Reassign
from workflow.commands.recuse import Recuse
from workflow.commands.undo import Undo
from workflow.model import Via
from workflow.queries.items import view_after

router = APIRouter(prefix="/items", route_class=KnownCallerRoute)


class Recusal(Body):
    """``POST /items/{code}/recuse``."""

    reason: Annotated[str, StringConstraints(max_length=2000)]


class Reassigning(Body):
    """``POST /items/{code}/reassign``: addresses of who holds the item and of who shall, and why."""

    from_: Annotated[str, StringConstraints(max_length=254), Field(alias="from")]
    to: Annotated[str, StringConstraints(max_length=254)]
    reason: Annotated[str, StringConstraints(max_length=2000)]


class Question(Body):
    """``POST /items/{code}/opinions``: ``of`` an address, to ask; without it, to answer what one was asked."""

    of: Annotated[str, StringConstraints(max_length=254)] | None = None
    words: Annotated[str, StringConstraints(max_length=8000)]


@router.post("/{code}/opinions", status_code=201)
async def consult(
    request: Request, parts: Parts, asker: Asker, code: str, body: Question
) -> Response:
    """Ask somebody what they think of an item that waits for one, or answer; the item stays where it is."""
    command: AskOpinion | GiveOpinion
    who, key, said = (
        asker.person.id,
        command_id(request),
        digest(request, body.model_dump(by_alias=True)),
    )
    if body.of is None:
        command = GiveOpinion(
            code=code,
            words=body.words,
            cause=Cause(actor=who, via=Via.API, method=asker.method, command_id=key, digest=said),
        )
    else:
        command = AskOpinion(
            code=code,
            of=body.of,
            question=body.words,
            cause=Cause(actor=who, via=Via.API, method=asker.method, command_id=key, digest=said),
        )
    seq = await parts.database.write(command)
    return OrjsonResponse({"code": code, "entry": {"seq": seq}}, status_code=201)


class Remark(Body):
    """``POST /items/{code}/comments``."""

    words: Annotated[str, StringConstraints(max_length=8000)]


@router.post("/{code}/comments", status_code=201)
async def comment(
    request: Request, parts: Parts, asker: Asker, code: str, body: Remark
) -> Response:
    """Say something about an item to everybody who may read it; the author and whoever holds it get a mail."""
    command = Comment(
        code=code,
        words=body.words,
        cause=Cause(
            actor=asker.person.id,
            via=Via.API,
            method=asker.method,
            command_id=command_id(request),
            digest=digest(request, body.model_dump()),
        ),
    )
    seq = await parts.database.write(command)
    return OrjsonResponse({"code": code, "entry": {"seq": seq}}, status_code=201)


@router.post("/{code}/undo")
async def undo(request: Request, parts: Parts, asker: Asker, code: str) -> Response:
    """Take back the last decision on an item, within ten minutes and while nobody has acted since."""
    done = await parts.database.write(
        Undo(
            code=code,
            cause=Cause(
                actor=asker.person.id,
                via=Via.API,
                method=asker.method,
                command_id=command_id(request),
                digest=digest(request, None),
            ),
        )
    )
    view, _ = await parts.database.read(
        lambda connection: view_after(
            parts.context, connection, done.code, done.seq, asker.person.id
        )
    )
    return OrjsonResponse(
        {**item_json(view), "entry": {"seq": done.seq, "hash": done.hash}},
        headers={"ETag": f'"{view.item.version}"'},
    )


@router.post("/{code}/recuse")
async def recuse(
    request: Request, parts: Parts, asker: Asker, code: str, body: Recusal
) -> Response:
    """Say that one is concerned by an item that waits for one; it goes to the next person by rule."""
    command = Recuse(
        code=code,
        cause=Cause(
            actor=asker.person.id,
            via=Via.API,
            method=asker.method,
            command_id=command_id(request),
            digest=digest(request, body.model_dump()),
        ),
        why=body.reason,
    )
    seq = await parts.database.write(command)
    view, _ = await parts.database.read(
        lambda connection: view_after(parts.context, connection, code, seq, asker.person.id)
    )
    return OrjsonResponse(item_json(view), headers={"ETag": f'"{view.item.version}"'})


@router.post("/{code}/reassign")
async def reassign(
    request: Request, parts: Parts, asker: Asker, code: str, body: Reassigning
) -> Response:
    """Put somebody in a holder's place, in the step the item is in; the Office's."""
    who, key, said = (
        asker.person.id,
        command_id(request),
        digest(request, body.model_dump(by_alias=True)),
    )
    command = Reassign(
        code=code,
        from_=body.from_,
        to=body.to,
        why=body.reason,
        cause=Cause(actor=who, via=Via.API, method=asker.method, command_id=key, digest=said),
    )
    seq = await parts.database.write(command)
    view, _ = await parts.database.read(
        lambda connection: view_after(parts.context, connection, code, seq, asker.person.id)
    )
    return OrjsonResponse(item_json(view), headers={"ETag": f'"{view.item.version}"'})
