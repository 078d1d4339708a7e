"""``/api/v1/items/{code}``: what a person does with an item beside its transitions.

Undoing, recusing oneself, reassigning, asking opinions and commenting.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of
from api.v1.responses import item_response_after
from api.v1.schemas.item_actions import Question, Reassigning, Recusal, Remark
from workflow.commands.opinions import AskOpinion, Comment, GiveOpinion
from workflow.commands.reassign import Reassign
from workflow.commands.recuse import Recuse
from workflow.commands.undo import Undo

router = APIRouter(prefix="/items", route_class=KnownCallerRoute)


@router.post("/{code}/opinions", status_code=201)
async def consult(
    request: Request, parts: Parts, asker: Asker, code: str, body: Question
) -> Response:
    """Ask somebody what they think of an item that waits for one, or answer.

    The item stays where it is.
    """
    cause = cause_of(request, asker, body.model_dump(by_alias=True))
    command: AskOpinion | GiveOpinion
    if body.of is None:
        command = GiveOpinion(code=code, words=body.words, cause=cause)
    else:
        command = AskOpinion(code=code, of=body.of, question=body.words, cause=cause)
    seq = await parts.database.write(command)
    return OrjsonResponse({"code": code, "entry": {"seq": seq}}, status_code=201)


@router.post("/{code}/comments", status_code=201)
async def comment(
    request: Request, parts: Parts, asker: Asker, code: str, body: Remark
) -> Response:
    """Say something about an item to everybody who may read it.

    The author and whoever holds it get a mail.
    """
    command = Comment(
        code=code,
        words=body.words,
        cause=cause_of(request, asker, body.model_dump()),
    )
    seq = await parts.database.write(command)
    return OrjsonResponse({"code": code, "entry": {"seq": seq}}, status_code=201)


@router.post("/{code}/undo")
async def undo(request: Request, parts: Parts, asker: Asker, code: str) -> Response:
    """Take back the last decision on an item.

    Within ten minutes and while nobody has acted since.
    """
    done = await parts.database.write(Undo(code=code, cause=cause_of(request, asker, None)))
    entry = {"seq": done.seq, "hash": done.hash}
    return await item_response_after(parts, done.code, done.seq, asker.person.id, entry=entry)


@router.post("/{code}/recuse")
async def recuse(
    request: Request, parts: Parts, asker: Asker, code: str, body: Recusal
) -> Response:
    """Say that one is concerned by an item that waits for one.

    It goes to the next person by rule.
    """
    command = Recuse(
        code=code,
        cause=cause_of(request, asker, body.model_dump()),
        why=body.reason,
    )
    seq = await parts.database.write(command)
    return await item_response_after(parts, code, seq, asker.person.id)


@router.post("/{code}/reassign")
async def reassign(
    request: Request, parts: Parts, asker: Asker, code: str, body: Reassigning
) -> Response:
    """Put somebody in a holder's place, in the step the item is in; the Office's."""
    command = Reassign(
        code=code,
        from_=body.from_,
        to=body.to,
        why=body.reason,
        cause=cause_of(request, asker, body.model_dump(by_alias=True)),
    )
    seq = await parts.database.write(command)
    return await item_response_after(parts, code, seq, asker.person.id)
