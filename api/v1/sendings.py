"""``/api/v1/items/{code}``: what became of a document after it was sent, and the agency's seal."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.intake.agency_seal import seal_copy
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.attachments import get_signature
from api.v1.dependencies import cause_of
from api.v1.schemas.sendings import NewAmendment, NewDelivery, SealedCopy
from workflow.commands.amend_sending import AmendSending, RecordDelivery, RevokeRecipientLink
from workflow.lookups.items import visible_item

router = APIRouter(prefix="/items", route_class=KnownCallerRoute)


@router.post("/{code}/amendments", status_code=201)
async def amend_sending(
    request: Request, parts: Parts, asker: Asker, code: str, body: NewAmendment
) -> Response:
    """Correct, replace or recall what an item left with; the clerk's and the Office's."""
    command = AmendSending(
        code=code,
        cause=cause_of(request, asker, body.model_dump(mode="json")),
        how=body.how,
        why=body.reason,
        unit=body.unit,
        number=body.number,
        issued_on=body.issued_on,
    )
    made = await parts.database.write(command)
    answer = {"number": made.number, "issued_on": made.issued_on}
    return OrjsonResponse(answer, status_code=201)


@router.post("/{code}/deliveries", status_code=201)
async def record_delivery(
    request: Request, parts: Parts, asker: Asker, code: str, body: NewDelivery
) -> Response:
    """Record that what left arrived; the clerk's and the Office's."""
    command = RecordDelivery(
        code=code,
        cause=cause_of(request, asker, body.model_dump(mode="json")),
        reference=body.reference,
        delivered_on=body.delivered_on,
    )
    return OrjsonResponse({"seq": await parts.database.write(command)}, status_code=201)


@router.post("/{code}/recipient-links/revoke")
async def revoke_recipient_links(
    request: Request, parts: Parts, asker: Asker, code: str
) -> Response:
    """Take the links back by which what left is fetched and answered."""
    command = RevokeRecipientLink(code=code, cause=cause_of(request, asker, None))
    return OrjsonResponse({"seq": await parts.database.write(command)})


@router.post("/{code}/signed-copy/seal", status_code=201)
async def seal_signed_copy(
    request: Request, parts: Parts, asker: Asker, code: str, body: SealedCopy
) -> Response:
    """Add the agency's signature, where the server has its key; the clerk's and the Office's."""
    await parts.database.read(lambda connection: visible_item(connection, code, asker.person))
    await seal_copy(parts, code, body.sha256, cause_of(request, asker, body.model_dump()))
    answer = await get_signature(parts, asker, code)
    answer.status_code = 201
    return answer
