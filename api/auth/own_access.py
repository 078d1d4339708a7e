"""What a person has opened: their sessions and tokens, as they and nobody else see them.

Owns the reading of both for their owner; ending them, the commands of ``sessions`` do. A session is
named by a part of the hash of its secret, which opens nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from api.auth.sessions import IDLE, Caller
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import Method, PersonId
from workflow.store import schema
from workflow.store.instants import read, read_required, written
from workflow.store.prepared import Prepared

_NAME_LETTERS = 16
_sessions, _tokens = schema.sessions.c, schema.api_tokens.c
_SESSIONS = Prepared(
    select(
        _sessions.id_hash,
        _sessions.created_at,
        _sessions.seen_at,
        _sessions.expires_at,
        _sessions.factor,
        _sessions.address,
        _sessions.agent,
    )
    .where(
        _sessions.person == bindparam("of_person"),
        _sessions.expires_at > bindparam("now"),
        _sessions.seen_at >= bindparam("rested_since"),
    )
    .order_by(_sessions.seen_at.desc(), _sessions.id_hash)
)
_TOKENS = Prepared(
    select(_tokens.id, _tokens.created_at, _tokens.seen_at, _tokens.expires_at, _tokens.scopes)
    .where(
        _tokens.person == bindparam("of_person"),
        _tokens.revoked_at.is_(None),
        _tokens.expires_at > bindparam("now"),
    )
    .order_by(_tokens.created_at.desc(), _tokens.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSession:
    """A session that is open: since when, from where, proven by what, last used when."""

    id: str
    id_hash: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    factor: Method | None
    address: str
    agent: str
    is_this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnToken:
    """A token that is good for something; ``scopes`` empty: for all that its person may do."""

    id: str
    created_at: datetime
    seen_at: datetime | None
    expires_at: datetime
    scopes: tuple[str, ...]


def own_sessions(connection: Connection, asker: Caller, now: datetime) -> list[OwnSession]:
    """Return the open sessions of whoever asks, the last used first."""
    values = {
        "of_person": asker.person.id,
        "now": written(now),
        "rested_since": written(now - IDLE),
    }
    return [
        OwnSession(
            id=row.id_hash[:_NAME_LETTERS],
            id_hash=row.id_hash,
            created_at=read_required(row.created_at),
            seen_at=read_required(row.seen_at),
            expires_at=read_required(row.expires_at),
            factor=Method(row.factor) if row.factor is not None else None,
            address=row.address or "",
            agent=row.agent or "",
            is_this=row.id_hash == asker.session,
        )
        for row in _SESSIONS.rows(connection, values)
    ]


def own_session(connection: Connection, asker: Caller, name: str, now: datetime) -> OwnSession:
    """Return the open session of that name. Raises NotFoundRefusal."""
    found = next((each for each in own_sessions(connection, asker, now) if each.id == name), None)
    if found is None:
        raise NotFoundRefusal(lazy("this session"))
    return found


def own_tokens(connection: Connection, person: PersonId, now: datetime) -> list[OwnToken]:
    """Return the tokens of a person that are good for something, the newest first."""
    return [
        OwnToken(
            id=row.id,
            created_at=read_required(row.created_at),
            seen_at=read(row.seen_at),
            expires_at=read_required(row.expires_at),
            scopes=tuple((row.scopes or "").split()),
        )
        for row in _TOKENS.rows(connection, {"of_person": person, "now": written(now)})
    ]
