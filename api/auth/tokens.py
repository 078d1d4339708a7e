"""Tokens of programs: issued on the command line, found by their hash, ended by hand or by time.

Owns the table ``api_tokens``, the commands about it and what history is told of it. Only hashes are
kept.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar

from sqlalchemy import (
    Connection,
    String,
    bindparam,
    cast,
    exists,
    insert,
    literal,
    select,
    update,
)

from api.auth.access_seals import TOKEN_SEALED, is_token_sealed, seal_token, sealed_anew
from api.auth.factor_entries import record_factor
from api.auth.scopes import TokenScope, kept, read_scopes
from api.auth.sessions import DIRECTORY_IN_FORCE, Caller, end_sessions, fingerprint, new_secret
from workflow.command import Cause, Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.context import Context
from workflow.errors import NotFoundRefusal
from workflow.history import EntryType
from workflow.history.agency_payloads import TokenEnded, TokenMade
from workflow.links import Keys
from workflow.messages import lazy
from workflow.model import Method, PersonId
from workflow.store import calendar_feeds, schema
from workflow.store.instants import read, read_required, written
from workflow.store.prepared import Prepared

_USED_EVERY = timedelta(minutes=10)
_tokens = schema.api_tokens.c
_IS_ENDED = exists().where(
    schema.history.c.subject == literal("person:") + cast(_tokens.person, String),
    schema.history.c.type == EntryType.TOKEN_ENDED.value,
    schema.history.c.body.like(literal('%"token":"') + _tokens.id + literal('"%')),
)
"""History tells that it was ended, whatever its row says now; a person has few entries."""
_FIND_TOKEN = Prepared(
    select(
        *TOKEN_SEALED,
        _tokens.revoked_at,
        _IS_ENDED.label("is_ended"),
        _tokens.seen_at,
        DIRECTORY_IN_FORCE.label("directory"),
    ).where(_tokens.token_hash == bindparam("of_hash"))
)
_NEW_TOKEN = Prepared(insert(schema.api_tokens))
_KEPT_TOKEN = Prepared(select(_tokens.id).where(_tokens.token_hash == bindparam("of_hash")))
_REVOKE = Prepared(
    update(schema.api_tokens)
    .where(_tokens.id == bindparam("of_id"))
    .values(revoked_at=bindparam("now"))
)
_USE_TOKEN = Prepared(
    update(schema.api_tokens)
    .where(_tokens.id == bindparam("of_id"))
    .values(seen_at=bindparam("now"), seal=bindparam("new_seal"))
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
        _tokens.scopes,
        _tokens.seen_at,
    )
    .join_from(schema.api_tokens, schema.people, _tokens.person == schema.people.c.id)
    .order_by(_tokens.created_at.desc(), _tokens.id)
)
_OWNER = Prepared(
    select(_tokens.person, _tokens.revoked_at).where(_tokens.id == bindparam("of_id"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateToken(Upkeep[None]):
    """Issue an API token whose hash is ``token_hash``; without scopes it is good for all.

    ``by``: who made it, of which history tells; None: the program, for itself.
    """

    id: str
    token_hash: str
    person: PersonId
    expires_at: datetime
    scopes: frozenset[TokenScope] = frozenset()
    by: Cause | None = None
    contends_for: ClassVar[str] = "tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeToken(Upkeep[None]):
    """Revoke an API token: of ``person``, where one is given; ``by``: by whom."""

    id: str
    person: PersonId | None = None
    by: Cause | None = None
    contends_for: ClassVar[str] = "tokens"


@dataclass(frozen=True, slots=True, kw_only=True)
class UseToken(Upkeep[None]):
    """Note that an API token is in use."""

    id: str
    contends_for: ClassVar[str] = "token use"


def new_token(
    person: PersonId,
    expires_at: datetime,
    *,
    scopes: frozenset[TokenScope] = frozenset(),
    by: Cause | None = None,
) -> tuple[str, CreateToken]:
    """Return a new secret and the command that issues its token."""
    secret = new_secret()
    command = CreateToken(
        id=secrets.token_hex(8),
        token_hash=fingerprint(secret),
        person=person,
        expires_at=expires_at,
        scopes=scopes,
        by=by,
    )
    return secret, command


def caller_by_token(
    context: Context, connection: Connection, secret: str, *, keys: Keys
) -> Caller | None:
    """Return who has the API token ``secret``, or None."""
    row = _FIND_TOKEN.one(connection, {"of_hash": fingerprint(secret)})
    if row is None or row.revoked_at is not None or row.is_ended:
        return None
    if not is_token_sealed(keys, row):
        return None
    now = context.clock()
    person = context.directory_of_version(connection, row.directory, now).active(
        PersonId(row.person)
    )
    if person is None or now >= read_required(row.expires_at):
        return None
    seen_at = read(row.seen_at)
    return Caller(
        person=person,
        method=Method.TOKEN,
        token=row.id,
        scopes=read_scopes(row.scopes),
        stale=seen_at is None or now - seen_at > _USED_EVERY,
    )


def _issue(keys: Keys, transaction: Transaction, command: CreateToken) -> None:
    connection, person, now = transaction.connection, command.person, transaction.now
    if _KEPT_TOKEN.one(connection, {"of_hash": command.token_hash}) is not None:
        return
    row = {
        "id": command.id,
        "token_hash": command.token_hash,
        "person": person,
        "created_at": written(now),
        "expires_at": written(command.expires_at),
        "scopes": kept(command.scopes),
    }
    _NEW_TOKEN.run(connection, {**row, "seal": seal_token(keys, row)})
    if command.by is not None:
        made = TokenMade(
            token=command.id,
            scopes=tuple(sorted(each.value for each in command.scopes)),
            until=command.expires_at,
        )
        record_factor(transaction, command.by, person, made)


def _revoke(transaction: Transaction, command: RevokeToken) -> None:
    connection = transaction.connection
    found = _OWNER.one(connection, {"of_id": command.id})
    if found is None or command.person not in {None, found.person}:
        raise NotFoundRefusal(lazy("the token"))
    if found.revoked_at is not None:
        return
    _REVOKE.run(connection, {"of_id": command.id, "now": written(transaction.now)})
    if command.by is not None:
        owner = PersonId(found.person)
        record_factor(transaction, command.by, owner, TokenEnded(token=command.id))


def _use(keys: Keys, transaction: Transaction, command: UseToken) -> None:
    """Note a use; what is in use is sealed under the newest key, so that older ones may go."""
    connection = transaction.connection
    new_seal = sealed_anew(keys, connection, command.id)
    values = {"of_id": command.id, "now": written(transaction.now), "new_seal": new_seal}
    _USE_TOKEN.run(connection, values)


def all_tokens(connection: Connection) -> list[dict[str, str | None]]:
    """Return what is kept of every API token, newest first, never the token itself."""
    names = ("id", "email", "created_at", "expires_at", "revoked_at", "scopes", "seen_at")
    return [dict(zip(names, row, strict=True)) for row in _ALL_TOKENS.rows(connection, {})]


def end_access(connection: Connection, person: PersonId, now: datetime) -> None:
    """End all that a person has opened: sessions, tokens, the calendar's address."""
    end_sessions(connection, person)
    end_tokens(connection, person, now)
    calendar_feeds.end_feed(connection, person)


def end_tokens(connection: Connection, person: PersonId, now: datetime) -> None:
    """End every API token of a person."""
    _REVOKE_ALL.run(connection, {"of_person": person, "now": written(now)})


def use_cases(keys: Keys) -> UseCases:
    """Return how each command about tokens is run."""
    return {
        CreateToken: one_by_one(CreateToken, partial(_issue, keys)),
        RevokeToken: one_by_one(RevokeToken, _revoke),
        UseToken: one_by_one(UseToken, partial(_use, keys)),
    }
