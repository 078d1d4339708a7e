"""``/api/v1/checkpoints``: what was signed of the history, and that it only grew; for auditors."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.permissions import require_auditor
from api.cursors import next_cursor, read_cursor
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.responses import list_response
from api.v1.serializers import checkpoint_json
from workflow.queries import history
from workflow.queries.listing import PAGE_LIMIT
from workflow.queries.proofs import consistency
from workflow.values import LARGEST_ID

router = APIRouter(prefix="/checkpoints", route_class=KnownCallerRoute)


@router.get("")
async def list_checkpoints(
    parts: Parts,
    asker: Asker,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
    cursor: str | None = None,
) -> Response:
    """Return the checkpoints, the largest first, each with the note that left the house."""
    require_auditor(asker)
    before = read_cursor(cursor) or LARGEST_ID
    found = await parts.database.read(
        lambda connection: history.checkpoints_before(connection, before, limit + 1)
    )
    after = next_cursor([each.size for each in found], limit)
    return list_response([checkpoint_json(each) for each in found[:limit]], after)


@router.get("/proof")
async def prove_growth(
    parts: Parts,
    asker: Asker,
    old: Annotated[int, Query(alias="from", ge=1, le=LARGEST_ID)],
    new: Annotated[int, Query(alias="to", ge=1, le=LARGEST_ID)],
) -> Response:
    """Return the consistency proof between two sizes of the log (RFC 9162 §2.1.4)."""
    require_auditor(asker)
    origin = parts.sealer.origin

    def load_proof(connection: Connection) -> dict[str, object]:
        proof = consistency(connection, origin, old, new)
        return {
            "origin": origin,
            "from": {"size": proof.old.size, "root": proof.old.root.hex()},
            "to": {"size": proof.new.size, "root": proof.new.root.hex()},
            "hashes": [each.hex() for each in proof.hashes],
        }

    return OrjsonResponse(await parts.database.report(load_proof))
