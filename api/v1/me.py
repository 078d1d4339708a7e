"""``/api/v1/me``: who asks, and the sessions and tokens that they have open."""

from fastapi import APIRouter
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.factor_entries import by_themselves
from api.auth.own_access import OwnSession, OwnToken, own_session, own_sessions, own_tokens
from api.auth.sessions import EndSessions
from api.auth.tokens import RevokeToken
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.delegations import delegations_of
from api.v1.responses import list_response
from workflow.canonical import instant
from workflow.model import Via

router = APIRouter(route_class=KnownCallerRoute)


@router.get("/me")
async def who_am_i(parts: Parts, asker: Asker) -> Response:
    """Return the caller: person, positions, delegations."""
    person = asker.person
    return OrjsonResponse(
        {
            "email": person.email,
            "name": person.name,
            "positions": [{"position": person.position, "department": person.department}],
            "department": person.department,
            "delegations": await delegations_of(parts, person),
            "method": asker.method,
            "scopes": None if asker.scopes is None else sorted(asker.scopes),
        }
    )


@router.get("/me/sessions")
async def list_own_sessions(parts: Parts, asker: Asker) -> Response:
    """Return one's open sessions, the last used first."""
    now = parts.clock.now()
    found = await parts.database.read(lambda connection: own_sessions(connection, asker, now))
    return list_response([_session_json(each) for each in found])


@router.post("/me/sessions/{session}/end")
async def end_own_session(parts: Parts, asker: Asker, session: str) -> Response:
    """End one of one's sessions; whoever uses it has to sign in again."""
    now = parts.clock.now()
    found = await parts.database.read(
        lambda connection: own_session(connection, asker, session, now)
    )
    await parts.database.write(EndSessions(person=asker.person.id, id_hash=found.id_hash))
    return OrjsonResponse(_session_json(found))


@router.get("/me/tokens")
async def list_own_tokens(parts: Parts, asker: Asker) -> Response:
    """Return one's tokens, the newest first; never a token itself."""
    now = parts.clock.now()
    found = await parts.database.read(
        lambda connection: own_tokens(connection, asker.person.id, now)
    )
    return list_response([_token_json(each) for each in found])


@router.post("/me/tokens/{token}/end")
async def end_own_token(parts: Parts, asker: Asker, token: str) -> Response:
    """End one of one's tokens, be it the one that asks."""
    by = by_themselves(asker.person.id, asker.method, Via.API)
    command = RevokeToken(id=token, person=asker.person.id, by=by)
    await parts.database.write(command)
    return OrjsonResponse({"id": token})


def _session_json(session: OwnSession) -> dict[str, object]:
    return {
        "id": session.id,
        "opened_at": instant(session.created_at),
        "seen_at": instant(session.seen_at),
        "expires_at": instant(session.expires_at),
        "factor": session.factor,
        "address": session.address,
        "agent": session.agent,
        "is_this": session.is_this,
    }


def _token_json(token: OwnToken) -> dict[str, object]:
    return {
        "id": token.id,
        "created_at": instant(token.created_at),
        "seen_at": None if token.seen_at is None else instant(token.seen_at),
        "expires_at": instant(token.expires_at),
        "scopes": list(token.scopes) or None,
    }
