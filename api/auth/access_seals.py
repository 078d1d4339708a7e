"""Seals: by which a session, token or private calendar is known to be the program's own.

Owns what is sealed of their rows, under the keys that stand outside the database. Who writes into
the database alone opens nothing by that, whatever the row says: it is refused at each use, and
``history verify`` names it. People sign in far more often than they decide, and an entry for each
session would outgrow the history of decisions; so sessions have seals alone, tokens and calendars
entries besides, which tell who made or ended them. A seal does not say that a row is the newest of
its own: whoever puts an earlier one back, sealed then, has what it gave until it expires. For a
session that is twelve hours. A token that was ended by hand opens nothing, for an entry says so;
one that ended with a password may be put back until verification names it, and one that ended with
a higher position until it expires; the earlier address of a calendar until verification names it.
"""

import hmac
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from workflow.history.verify_history import TamperedError
from workflow.links import Keys
from workflow.model import Method
from workflow.store import calendar_feeds, schema
from workflow.store.instants import written
from workflow.store.prepared import Prepared, Row, Values

_sessions, _tokens, _feeds = schema.sessions.c, schema.api_tokens.c, schema.calendar_feeds.c
SESSION_SEALED: Final = (
    *(_sessions.id_hash, _sessions.person, _sessions.created_at, _sessions.expires_at),
    *(_sessions.factor, _sessions.seal),
)
"""What a session's seal is over, and the seal."""
TOKEN_SEALED: Final = (
    *(_tokens.id, _tokens.token_hash, _tokens.person, _tokens.created_at, _tokens.expires_at),
    *(_tokens.scopes, _tokens.seal),
)
_FEED_SEALED: Final = (_feeds.person, _feeds.token_hash, _feeds.created_at, _feeds.seal)
_SAID: Final = {
    each[0].table.name: [one.name for one in each[:-1]]
    for each in (SESSION_SEALED, TOKEN_SEALED, _FEED_SEALED)
}
_LIVE_SESSIONS = Prepared(
    select(*SESSION_SEALED)
    .where(_sessions.expires_at > bindparam("now"))
    .order_by(_sessions.id_hash)
)
_LIVE_TOKENS = Prepared(
    select(*TOKEN_SEALED)
    .where(_tokens.revoked_at.is_(None), _tokens.expires_at > bindparam("now"))
    .order_by(_tokens.id)
)
_TOKEN = Prepared(select(*TOKEN_SEALED).where(_tokens.id == bindparam("of_id")))
_PROVEN_BY: Final = (None, *(each.value for each in Method))


def seal_session(keys: Keys, row: Values) -> str:
    """Return the seal of a row of ``sessions`` under the newest key."""
    return _under(keys, keys.newest, "sessions", row)


def seal_token(keys: Keys, row: Values) -> str:
    """Return the seal of a row of ``api_tokens`` under the newest key."""
    return _under(keys, keys.newest, "api_tokens", row)


def seal_feed(keys: Keys, row: Values) -> str:
    """Return the seal of a row of ``calendar_feeds`` under the newest key."""
    return _under(keys, keys.newest, "calendar_feeds", row)


def is_session_sealed(keys: Keys, row: Row) -> bool:
    """Return whether the program opened a session as it is kept.

    One that no factor proves any more was sealed with the one that did.
    """
    said = _values(row, "sessions")
    factors = (row.factor,) if row.factor is not None else _PROVEN_BY
    return any(_is_own(keys, row.seal, "sessions", {**said, "factor": each}) for each in factors)


def is_token_sealed(keys: Keys, row: Row) -> bool:
    """Return whether the program made a token as it is kept."""
    return _is_own(keys, row.seal, "api_tokens", _values(row, "api_tokens"))


def is_feed_sealed(keys: Keys, row: Row) -> bool:
    """Return whether the program made the address of a calendar as it is kept."""
    return _is_own(keys, row.seal, "calendar_feeds", _values(row, "calendar_feeds"))


def feed_sealed_anew(keys: Keys, row: Row) -> Values | None:
    """Return a row of ``calendar_feeds`` under the newest key; None where it is, or is not ours."""
    if not is_feed_sealed(keys, row):
        return None
    said = _values(row, "calendar_feeds")
    seal = seal_feed(keys, said)
    return None if seal == row.seal else {**said, "seal": seal}


def sealed_anew(keys: Keys, connection: Connection, token: str) -> str | None:
    """Return the seal of a token under the newest key; as it is, where that is none of ours."""
    row = _TOKEN.one(connection, {"of_id": token})
    if row is None or not is_token_sealed(keys, row):
        return row.seal if row is not None else None
    return seal_token(keys, _values(row, "api_tokens"))


def verify_access(connection: Connection, keys: Keys, now: datetime) -> None:
    """Verify the seal of every session, token and calendar that has not ended by ``now``.

    Raises TamperedError, which names the first that the program did not open.
    """
    for name in _unsealed(connection, keys, {"now": written(now)}):
        raise TamperedError(f"{name} was opened past the program, or under a key that is gone")


def _unsealed(connection: Connection, keys: Keys, at: Values) -> Iterator[str]:
    for row in _LIVE_SESSIONS.rows(connection, at):
        if not is_session_sealed(keys, row):
            yield f"person:{row.person} session {row.id_hash[:16]}"
    for row in _LIVE_TOKENS.rows(connection, at):
        if not is_token_sealed(keys, row):
            yield f"person:{row.person} token {row.id}"
    for row in calendar_feeds.all_feeds(connection):
        if not is_feed_sealed(keys, row):
            yield f"person:{row.person} calendar"


def _values(row: Row, table: str) -> dict[str, object]:
    return {name: getattr(row, name) for name in _SAID[table]}


def _is_own(keys: Keys, kept: str | None, table: str, row: Values) -> bool:
    kid = (kept or "").partition(".")[0]
    return kid in keys.by_kid and hmac.compare_digest(_under(keys, kid, table, row), kept or "")


def _under(keys: Keys, kid: str, table: str, row: Values) -> str:
    # None of it holds a NUL: hashes, numbers, instants and words of closed lists.
    said = (keys.deployment, table, *(str(row[name]) for name in _SAID[table]))
    message = "\0".join(("thidua-access/v1", *said))
    return f"{kid}.{hmac.digest(keys.by_kid[kid], message.encode(), 'sha256').hex()}"
