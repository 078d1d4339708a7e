"""Who is asking: sessions of browsers, and the commands about them.

Owns the table ``sessions``; tokens are those of ``tokens``. Only hashes of secrets are kept. A
session ends after half an hour of rest or twelve hours in all, at a sign-out, and when its person
leaves. Whether it awaits a second factor is judged at each request: power gained asks for one.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import ClassVar

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from api.auth.access_seals import SESSION_SEALED, is_session_sealed, seal_session
from api.auth.scopes import TokenScope
from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, as_set, one_by_one
from workflow.context import DIRECTORY_VERSION, Context
from workflow.links import Keys
from workflow.model import FACTORS, Method, Person, PersonId
from workflow.people import signs_in_with_factor
from workflow.store import schema
from workflow.store.instants import read_required, written
from workflow.store.prepared import Prepared

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
AWAITING = timedelta(minutes=10)
"""How long a session waits for its second factor."""
CONCURRENT = 5
_SEEN_EVERY = timedelta(minutes=1)
_AGENT_LIMIT = 200

_sessions = schema.sessions.c
DIRECTORY_IN_FORCE = (
    select(schema.settings.c.value)
    .where(schema.settings.c.name == DIRECTORY_VERSION)
    .scalar_subquery()
)
"""Read in one statement with who asks: every request begins with both."""
_FIND_SESSION = Prepared(
    select(*SESSION_SEALED, _sessions.seen_at, DIRECTORY_IN_FORCE.label("directory")).where(
        _sessions.id_hash == bindparam("of_hash")
    )
)
_NEW_SESSION = Prepared(insert(schema.sessions))
_SEE = Prepared(
    update(schema.sessions)
    .where(_sessions.id_hash == bindparam("of_hash"))
    .values(seen_at=bindparam("now"))
)
_EVERY = Prepared(select(*SESSION_SEALED, _sessions.seen_at))
_POSTPONE = Prepared(
    update(schema.sessions)
    .where(_sessions.id_hash == bindparam("of_hash"))
    .values(seen_at=bindparam("now"), expires_at=bindparam("until"), seal=bindparam("new_seal"))
)
_END = Prepared(delete(schema.sessions).where(_sessions.id_hash == bindparam("of_hash")))
_END_OWN = Prepared(
    delete(schema.sessions).where(
        _sessions.person == bindparam("of_person"), _sessions.id_hash == bindparam("of_hash")
    )
)
_END_ALL = Prepared(
    delete(schema.sessions).where(
        _sessions.person == bindparam("of_person"), _sessions.id_hash != bindparam("but_for")
    )
)
_UNPROVE = Prepared(
    update(schema.sessions)
    .where(_sessions.person == bindparam("of_person"), _sessions.factor == bindparam("by"))
    .values(factor=None)
)
_OF_PERSON = Prepared(
    select(_sessions.id_hash, _sessions.factor)
    .where(_sessions.person == bindparam("of_person"))
    .order_by(_sessions.created_at.desc())
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The person who asks, and how they are known.

    ``session``: the hash of theirs. ``factor``: what it was proven by; ``needs_factor``: whether it
    has to be. ``scopes``: what their token is good for; None: all. ``stale``: seen long ago.
    """

    person: Person
    method: Method
    session: str | None = None
    factor: Method | None = None
    needs_factor: bool = False
    token: str | None = None
    scopes: frozenset[TokenScope] | None = None
    stale: bool = False

    @property
    def is_proven(self) -> bool:
        """Return whether they have given what their power asks for."""
        return not self.needs_factor or self.factor in FACTORS


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession(Upkeep[None]):
    """Start a session; the oldest beyond five ends, and the browser's before, ``instead_of``.

    ``factor``: what proved it, None: a password alone. Of those, none ends one that is proven.
    ``address`` and ``agent``: where from, for its owner to know it by.
    """

    person: PersonId
    id_hash: str
    instead_of: str | None = None
    factor: Method | None = None
    address: str = ""
    agent: str = ""
    lives: timedelta = ABSOLUTE
    contends_for: ClassVar[str] = "sessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeeSession(Upkeep[None]):
    """Keep a session awake."""

    id_hash: str
    contends_for: ClassVar[str] = "sessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSessions(Upkeep[None]):
    """End one session, or all of a person but ``but_for``; with both, one if it is theirs."""

    id_hash: str | None = None
    person: PersonId | None = None
    but_for: str = ""
    contends_for: ClassVar[str] = "sessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostponeSessions(Upkeep[None]):
    """Let every session end later by as much as a clock is about to be moved.

    Only the demo moves one. Run again it would postpone twice.
    """

    is_repeatable: ClassVar[bool] = False
    by: timedelta
    contends_for: ClassVar[str] = "sessions"


def new_secret() -> str:
    """Return 256 random bits, as text for a header or a cookie."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """Return what is kept of a secret of at least 112 bits (ASVS 6.5.2)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def caller_by_session(
    context: Context, connection: Connection, secret: str, *, keys: Keys
) -> Caller | None:
    """Return who has the session ``secret``, or None."""
    id_hash = fingerprint(secret)
    row = _FIND_SESSION.one(connection, {"of_hash": id_hash})
    if row is None or not is_session_sealed(keys, row):
        return None
    now = context.clock()
    seen_at = read_required(row.seen_at)
    directory = context.directory_of_version(connection, row.directory, now)
    person = directory.active(PersonId(row.person))
    if person is None or now - seen_at > IDLE or now >= read_required(row.expires_at):
        return None
    return Caller(
        person=person,
        method=Method.SESSION,
        session=id_hash,
        factor=Method(row.factor) if row.factor is not None else None,
        needs_factor=signs_in_with_factor(person, directory),
        stale=now - seen_at > _SEEN_EVERY,
    )


def _see(transaction: Transaction, commands: Sequence[SeeSession]) -> list[None]:
    now = written(transaction.now)
    _SEE.many(transaction.connection, [{"of_hash": each.id_hash, "now": now} for each in commands])
    return [None] * len(commands)


def _end(transaction: Transaction, command: EndSessions) -> None:
    connection, person, id_hash = transaction.connection, command.person, command.id_hash
    if person is None:
        _END.run(connection, {"of_hash": id_hash})
    elif id_hash is not None:
        _END_OWN.run(connection, {"of_person": person, "of_hash": id_hash})
    else:
        end_sessions(connection, person, command.but_for)


def end_sessions(connection: Connection, person: PersonId, but_for: str = "") -> None:
    """End every session of a person but one."""
    _END_ALL.run(connection, {"of_person": person, "but_for": but_for})


def ask_again(connection: Connection, person: PersonId, factor: Method) -> None:
    """Let sessions that a factor proved await one anew: that one is no longer what it was."""
    _UNPROVE.run(connection, {"of_person": person, "by": factor.value})


def _postpone(keys: Keys, transaction: Transaction, command: PostponeSessions) -> None:
    later = []
    for row in _EVERY.rows(transaction.connection, {}):
        now = written(read_required(row.seen_at) + command.by)
        until = written(read_required(row.expires_at) + command.by)
        same = {name: getattr(row, name) for name in ("id_hash", "person", "created_at", "factor")}
        new_seal = seal_session(keys, {**same, "expires_at": until})
        later.append({"of_hash": row.id_hash, "now": now, "until": until, "new_seal": new_seal})
    _POSTPONE.many(transaction.connection, later)


def _start(keys: Keys, transaction: Transaction, command: OpenSession) -> None:
    connection, now = transaction.connection, transaction.now
    if command.instead_of is not None:
        _END.run(connection, {"of_hash": command.instead_of})
    row = {
        "id_hash": command.id_hash,
        "person": command.person,
        "created_at": written(now),
        "seen_at": written(now),
        "expires_at": written(now + command.lives),
        "factor": command.factor.value if command.factor is not None else None,
        "address": command.address,
        "agent": command.agent[:_AGENT_LIMIT],
    }
    if not _SEE.run(connection, {"of_hash": command.id_hash, "now": written(now)}):
        _NEW_SESSION.run(connection, {**row, "seal": seal_session(keys, row)})
    open_ones = _OF_PERSON.rows(connection, {"of_person": command.person})
    # Whoever knows but the password ends no session that is proven.
    alike = [each for each in open_ones if (each.factor is None) == (command.factor is None)]
    _END.many(connection, [{"of_hash": each.id_hash} for each in alike[CONCURRENT:]])


def use_cases(keys: Keys) -> UseCases:
    """Return how each command about sessions is run."""
    return {
        OpenSession: one_by_one(OpenSession, partial(_start, keys)),
        SeeSession: as_set(SeeSession, _see),
        EndSessions: one_by_one(EndSessions, _end),
        PostponeSessions: one_by_one(PostponeSessions, partial(_postpone, keys)),
    }
