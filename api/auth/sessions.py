"""Who is asking: sessions of browsers and tokens of programs.

Owns the tables ``sessions`` and ``api_tokens``. Only hashes of secrets are kept. A session ends
after half an hour of rest or twelve hours in all, at a sign-out, and when its person leaves.
"""

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from workflow.command import AnyCommand, Upkeep
from workflow.commands.execute import Transaction, UseCases, as_set, one_by_one
from workflow.context import DIRECTORY_VERSION, Context
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import Method, Person, PersonId
from workflow.store import calendar_feeds, schema
from workflow.store.instants import read_required, written
from workflow.store.prepared import Prepared

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
CONCURRENT = 5
_SEEN_EVERY = timedelta(minutes=1)

_sessions = schema.sessions.c
_tokens = schema.api_tokens.c
# Who asks and which directory is in force come in one statement: every request begins with it.
_VERSION = (
    select(schema.settings.c.value)
    .where(schema.settings.c.name == DIRECTORY_VERSION)
    .scalar_subquery()
)
_FIND_SESSION = Prepared(
    select(
        _sessions.person, _sessions.seen_at, _sessions.expires_at, _VERSION.label("directory")
    ).where(_sessions.id_hash == bindparam("of_hash"))
)
_NEW_SESSION = Prepared(insert(schema.sessions))
_SEE = Prepared(
    update(schema.sessions)
    .where(_sessions.id_hash == bindparam("of_hash"))
    .values(seen_at=bindparam("now"))
)
_EVERY = Prepared(select(_sessions.id_hash, _sessions.seen_at, _sessions.expires_at))
_POSTPONE = Prepared(
    update(schema.sessions)
    .where(_sessions.id_hash == bindparam("of_hash"))
    .values(seen_at=bindparam("now"), expires_at=bindparam("until"))
)
_END = Prepared(delete(schema.sessions).where(_sessions.id_hash == bindparam("of_hash")))
_END_ALL = Prepared(delete(schema.sessions).where(_sessions.person == bindparam("of_person")))
_OF_PERSON = Prepared(
    select(_sessions.id_hash)
    .where(_sessions.person == bindparam("of_person"))
    .order_by(_sessions.created_at.desc())
)
_FIND_TOKEN = Prepared(
    select(
        _tokens.person, _tokens.expires_at, _tokens.revoked_at, _VERSION.label("directory")
    ).where(_tokens.token_hash == bindparam("of_hash"))
)
_NEW_TOKEN = Prepared(insert(schema.api_tokens))
_KEPT_TOKEN = Prepared(select(_tokens.id).where(_tokens.token_hash == bindparam("of_hash")))
_REVOKE = Prepared(
    update(schema.api_tokens)
    .where(_tokens.id == bindparam("of_id"))
    .values(revoked_at=func.coalesce(_tokens.revoked_at, bindparam("now")))
)


_REVOKE_ALL = Prepared(
    update(schema.api_tokens)
    .where(_tokens.person == bindparam("of_person"), _tokens.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
)
_ALL_TOKENS = Prepared(
    select(
        _tokens.id,
        schema.people.c.email,
        _tokens.created_at,
        _tokens.expires_at,
        _tokens.revoked_at,
    )
    .join_from(schema.api_tokens, schema.people, _tokens.person == schema.people.c.id)
    .order_by(_tokens.created_at.desc(), _tokens.id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The person who asks, and how they are known; ``stale_session`` is to be marked seen."""

    person: Person
    method: Method
    stale_session: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession(Upkeep[None]):
    """Start a session; the oldest beyond five ends, and the browser's before, ``instead_of``."""

    person: PersonId
    id_hash: str
    instead_of: str | None = None
    contends_for: ClassVar[str] = "sessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeeSession(Upkeep[None]):
    """Keep a session awake."""

    id_hash: str
    contends_for: ClassVar[str] = "sessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSessions(Upkeep[None]):
    """End one session, or all of a person."""

    id_hash: str | None = None
    person: PersonId | None = None
    contends_for: ClassVar[str] = "sessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostponeSessions(Upkeep[None]):
    """Let every session end later by as much as a clock is about to be moved.

    Only the demo moves one. Run again it would postpone twice.
    """

    is_repeatable: ClassVar[bool] = False
    by: timedelta
    contends_for: ClassVar[str] = "sessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateToken(Upkeep[None]):
    """Issue an API token whose hash is ``token_hash``."""

    id: str
    token_hash: str
    person: PersonId
    expires_at: datetime
    contends_for: ClassVar[str] = "tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeToken(Upkeep[None]):
    """Revoke an API token."""

    id: str
    contends_for: ClassVar[str] = "tokens"


class KnownTokens:
    """Who lately asked by which bearer token, for a second; a change of people ends it at once.

    Another process that revokes a token is noticed within that second. Decisions judge the person
    anew in any case.
    """

    _SECONDS = 1.0
    _MOST = 1024
    _ENDING = frozenset({"codes", "people", "setup", "tokens"})
    """Keys of the commands after which a token may mean somebody else."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Caller]] = {}

    def find(self, secret: str) -> Caller | None:
        """Return who asked by ``secret`` less than a second ago."""
        known = self._known.get(fingerprint(secret))
        return known[1] if known is not None and time.monotonic() < known[0] else None

    def keep(self, secret: str, caller: Caller) -> None:
        """Remember ``caller``."""
        if len(self._known) >= self._MOST:
            self._known = {}
        self._known[fingerprint(secret)] = (time.monotonic() + self._SECONDS, caller)

    def written(self, command: AnyCommand) -> None:
        """Forget everybody if ``command`` changed who somebody is."""
        if command.contends_for in self._ENDING:
            self._known = {}


def new_secret() -> str:
    """Return 256 random bits, as text for a header or a cookie."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """Return what is kept of a secret of at least 112 bits (ASVS 6.5.2)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def caller_by_session(context: Context, connection: Connection, secret: str) -> Caller | None:
    """Return who has the session ``secret``, or None."""
    id_hash = fingerprint(secret)
    row = _FIND_SESSION.one(connection, {"of_hash": id_hash})
    if row is None:
        return None
    now = context.clock()
    seen_at = read_required(row.seen_at)
    person = context.directory_of_version(connection, row.directory, now).active(
        PersonId(row.person)
    )
    if person is None or now - seen_at > IDLE or now >= read_required(row.expires_at):
        return None
    return Caller(
        person=person,
        method=Method.SESSION,
        stale_session=id_hash if now - seen_at > _SEEN_EVERY else None,
    )


def caller_by_token(context: Context, connection: Connection, secret: str) -> Caller | None:
    """Return who has the API token ``secret``, or None."""
    row = _FIND_TOKEN.one(connection, {"of_hash": fingerprint(secret)})
    if row is None or row.revoked_at is not None:
        return None
    now = context.clock()
    person = context.directory_of_version(connection, row.directory, now).active(
        PersonId(row.person)
    )
    if person is None or now >= read_required(row.expires_at):
        return None
    return Caller(person=person, method=Method.TOKEN)


def _see(transaction: Transaction, commands: Sequence[SeeSession]) -> list[None]:
    now = written(transaction.now)
    _SEE.many(transaction.connection, [{"of_hash": each.id_hash, "now": now} for each in commands])
    return [None] * len(commands)


def _end(transaction: Transaction, command: EndSessions) -> None:
    if command.id_hash is not None:
        _END.run(transaction.connection, {"of_hash": command.id_hash})
    if command.person is not None:
        _END_ALL.run(transaction.connection, {"of_person": command.person})


def _issue(transaction: Transaction, command: CreateToken) -> None:
    row = {
        "id": command.id,
        "token_hash": command.token_hash,
        "person": command.person,
        "created_at": written(transaction.now),
        "expires_at": written(command.expires_at),
    }
    if _KEPT_TOKEN.one(transaction.connection, {"of_hash": command.token_hash}) is None:
        _NEW_TOKEN.run(transaction.connection, row)


def _revoke(transaction: Transaction, command: RevokeToken) -> None:
    values = {"of_id": command.id, "now": written(transaction.now)}
    if not _REVOKE.run(transaction.connection, values):
        raise NotFoundRefusal(lazy("the token"))


def all_tokens(connection: Connection) -> list[dict[str, str | None]]:
    """Return what is kept of every API token, newest first, never the token itself."""
    names = ("id", "email", "created_at", "expires_at", "revoked_at")
    return [dict(zip(names, row, strict=True)) for row in _ALL_TOKENS.rows(connection, {})]


def end_access(connection: Connection, person: PersonId, now: datetime) -> None:
    """End all that a person has opened: sessions, tokens, the calendar's address."""
    _END_ALL.run(connection, {"of_person": person})
    _REVOKE_ALL.run(connection, {"of_person": person, "now": written(now)})
    calendar_feeds.end_feed(connection, person)


def _postpone(transaction: Transaction, command: PostponeSessions) -> None:
    later = [
        {
            "of_hash": row.id_hash,
            "now": written(read_required(row.seen_at) + command.by),
            "until": written(read_required(row.expires_at) + command.by),
        }
        for row in _EVERY.rows(transaction.connection, {})
    ]
    _POSTPONE.many(transaction.connection, later)


def _start(transaction: Transaction, command: OpenSession) -> None:
    connection, now = transaction.connection, transaction.now
    if command.instead_of is not None:
        _END.run(connection, {"of_hash": command.instead_of})
    row = {
        "id_hash": command.id_hash,
        "person": command.person,
        "created_at": written(now),
        "seen_at": written(now),
        "expires_at": written(now + ABSOLUTE),
    }
    if not _SEE.run(connection, {"of_hash": command.id_hash, "now": written(now)}):
        _NEW_SESSION.run(connection, row)
    surplus = _OF_PERSON.rows(connection, {"of_person": command.person})[CONCURRENT:]
    _END.many(connection, [{"of_hash": each.id_hash} for each in surplus])


USE_CASES: UseCases = {
    OpenSession: one_by_one(OpenSession, _start),
    SeeSession: as_set(SeeSession, _see),
    EndSessions: one_by_one(EndSessions, _end),
    PostponeSessions: one_by_one(PostponeSessions, _postpone),
    CreateToken: one_by_one(CreateToken, _issue),
    RevokeToken: one_by_one(RevokeToken, _revoke),
}
