"""Statements about data subjects' requests and holds."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from workflow.model import PersonId, RequestKind, RequestState
from workflow.store import schema
from workflow.store.instants import written
from workflow.store.mapping import Mapper
from workflow.store.prepared import Prepared, Values
from workflow.values import LARGEST_ID

_requests = schema.privacy_requests.c
_holds = schema.legal_holds.c
PAGE = 200
"""Requests, or holds, that are read at once."""
_OPEN_STATES = (RequestState.RECEIVED, RequestState.ACKNOWLEDGED)
_ENDED_STATES = (RequestState.GRANTED, RequestState.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRequest:
    """What a data subject asked; ``person`` None: ``name`` and ``contact`` say who, from outside.

    Days are local, in ISO.
    """

    id: int
    kind: RequestKind
    person: PersonId | None
    name: str
    contact: str
    words: str
    received_on: str
    due_on: str
    state: RequestState
    recorded_by: PersonId | None
    recorded_at: datetime
    answer: str
    answered_by: PersonId | None
    answered_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Return whether it still waits for its answer."""
        return self.state in _OPEN_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why nothing kept about a subject (``item:…``, ``person:…``) may be erased, and until when."""

    id: int
    about: str
    reason: str
    placed_by: PersonId | None
    placed_at: datetime
    lifted_by: PersonId | None
    lifted_at: datetime | None
    lift_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What became of a request, by whom and when; ``due_on``: its due day from then on."""

    state: RequestState
    answer: str
    by: PersonId | None
    at: datetime
    due_on: str


_REQUEST = Mapper(PrivacyRequest, schema.privacy_requests)
_HOLD = Mapper(Hold, schema.legal_holds)
_BY_ID = Prepared(select(*_REQUEST.columns).where(_requests.id == bindparam("wanted")))
_NEWEST = Prepared(
    select(*_REQUEST.columns)
    .where(_requests.id < bindparam("before"))
    .order_by(_requests.id.desc())
    .limit(PAGE)
)
_OPEN = Prepared(
    select(*_REQUEST.columns)
    .where(or_(*(_requests.state == each.value for each in _OPEN_STATES)))
    .order_by(_requests.due_on, _requests.id)
)
_OF_PERSON = Prepared(
    select(*_REQUEST.columns)
    .where(_requests.person == bindparam("of_person"))
    .order_by(_requests.id.desc())
)
_ANSWERED_BEFORE = Prepared(
    select(*_REQUEST.columns)
    .where(_requests.answered_at < bindparam("before"), _requests.words != "")
    .where(or_(*(_requests.state == each.value for each in _ENDED_STATES)))
    .order_by(_requests.id)
)
_INSERT = Prepared(insert(schema.privacy_requests).returning(_requests.id))
_REPLY = Prepared(
    update(schema.privacy_requests)
    .where(_requests.id == bindparam("old_id"))
    .values(
        state=bindparam("new_state"),
        answer=bindparam("says"),
        answered_by=bindparam("by"),
        answered_at=bindparam("at"),
        due_on=bindparam("new_due_on"),
    )
)
_HOLD_BY_ID = Prepared(select(*_HOLD.columns).where(_holds.id == bindparam("wanted")))
_HELD = Prepared(
    select(*_HOLD.columns).where(_holds.lifted_at.is_(None)).order_by(_holds.about, _holds.id)
)
_NEWEST_HOLDS = Prepared(
    select(*_HOLD.columns)
    .where(_holds.id < bindparam("before"))
    .order_by(_holds.id.desc())
    .limit(PAGE)
)
_ABOUT = Prepared(
    select(*_HOLD.columns).where(_holds.about == bindparam("of_subject")).order_by(_holds.id)
)
_PLACE = Prepared(insert(schema.legal_holds).returning(_holds.id))
_LIFT = Prepared(
    update(schema.legal_holds)
    .where(_holds.id == bindparam("old_id"), _holds.lifted_at.is_(None))
    .values(lifted_by=bindparam("by"), lifted_at=bindparam("at"), lift_reason=bindparam("why"))
)


def _below(before: int | None) -> Values:
    return {"before": LARGEST_ID if before is None else before}


def request_by_id(connection: Connection, request: int) -> PrivacyRequest | None:
    """Return a request, or None."""
    return _REQUEST.find(_BY_ID.one(connection, {"wanted": request}))


def newest_requests(connection: Connection, before: int | None = None) -> list[PrivacyRequest]:
    """Return up to ``PAGE`` requests below ``before``, newest first."""
    return list(map(_REQUEST.read, _NEWEST.rows(connection, _below(before))))


def open_requests(connection: Connection) -> list[PrivacyRequest]:
    """Return what waits for its answer, the first due first."""
    return list(map(_REQUEST.read, _OPEN.rows(connection, {})))


def requests_of(connection: Connection, person: PersonId) -> list[PrivacyRequest]:
    """Return what a person asked, newest first."""
    return list(map(_REQUEST.read, _OF_PERSON.rows(connection, {"of_person": person})))


def answered_before(connection: Connection, before: datetime) -> list[PrivacyRequest]:
    """Return the requests that were answered before an instant and still have their words."""
    return list(map(_REQUEST.read, _ANSWERED_BEFORE.rows(connection, {"before": written(before)})))


def insert_request(connection: Connection, values: Values) -> int:
    """Insert a request that was just received and return its id."""
    fresh = {"state": RequestState.RECEIVED.value, "answer": ""}
    return int(_INSERT.scalar(connection, {**values, **fresh}))


def reply(connection: Connection, request: int, said: Reply) -> None:
    """Record what became of a request."""
    values = {
        "old_id": request,
        "new_state": said.state.value,
        "says": said.answer,
        "by": said.by,
        "at": written(said.at),
        "new_due_on": said.due_on,
    }
    _REPLY.run(connection, values)


def hold_by_id(connection: Connection, hold: int) -> Hold | None:
    """Return a hold, or None."""
    return _HOLD.find(_HOLD_BY_ID.one(connection, {"wanted": hold}))


def present_holds(connection: Connection) -> list[Hold]:
    """Return every hold that is not lifted, by what it is about."""
    return list(map(_HOLD.read, _HELD.rows(connection, {})))


def newest_holds(connection: Connection, before: int | None = None) -> list[Hold]:
    """Return up to ``PAGE`` holds below ``before``, lifted ones too, newest first."""
    return list(map(_HOLD.read, _NEWEST_HOLDS.rows(connection, _below(before))))


def holds_about(connection: Connection, subject: str) -> list[Hold]:
    """Return the holds on a subject, lifted ones too, oldest first."""
    return list(map(_HOLD.read, _ABOUT.rows(connection, {"of_subject": subject})))


def insert_hold(connection: Connection, values: Values) -> int:
    """Insert a hold and return its id."""
    return int(_PLACE.scalar(connection, {**values, "lift_reason": ""}))


def lift_hold(
    connection: Connection, hold: int, *, by: PersonId | None, at: datetime, why: str
) -> bool:
    """Lift a hold; return whether it was not lifted yet."""
    values = {"old_id": hold, "by": by, "at": written(at), "why": why}
    return _LIFT.run(connection, values) == 1
