"""``/api/v1/privacy``: data subjects' requests, holds, erasures and retention.

And ``/me/data``, ``/people/{email}/data``: what is held on somebody.
"""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.permissions import require_watcher
from api.auth.sessions import Caller
from api.composition import Application
from api.cursors import cursor_after, read_cursor
from api.json_response import OrjsonResponse
from api.personal_data import AskedErasure, erasing, personal_data_of
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of
from api.v1.proposals import proposed_response
from api.v1.responses import list_response
from api.v1.schemas.privacy import Answering, Erasing, Lifting, NewHold, NewRequest, Removing
from api.v1.serializers import moment
from workflow.commands.apply_retention import ApplyRetention
from workflow.commands.holds import LiftHold, PlaceHold
from workflow.commands.privacy_requests import AnswerRequest, RecordRequest
from workflow.commands.proposals import Proposed
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.model import KeptKind, Person, PersonId
from workflow.people import may_place_holds, may_watch, require_office
from workflow.queries import people, privacy
from workflow.queries.privacy import Hold, Overdue, PrivacyRequest
from workflow.rules.erasing import Wanted

router = APIRouter(route_class=KnownCallerRoute)


@router.get("/me/data")
async def my_data(request: Request, asker: Asker) -> Response:
    """Return everything that is held on the caller."""
    return OrjsonResponse(await personal_data_of(request, asker, asker.person))


@router.get("/people/{email}/data")
async def data_of(request: Request, parts: Parts, asker: Asker, email: str) -> Response:
    """Return everything that is held on a person; for the Office, and of oneself."""
    person = await parts.database.read(lambda c: people.person_by_email(c, email))
    if person is None:
        require_office(asker.person)  # nobody else learns who works here
        raise NotFoundRefusal(lazy("anybody with the address {email}", email=email))
    return OrjsonResponse(await personal_data_of(request, asker, person))


@router.get("/privacy/requests")
async def list_requests(parts: Parts, asker: Asker, cursor: str | None = None) -> Response:
    """Return the register of requests, newest first; for others all of their own."""
    before = read_cursor(cursor)

    def found(connection: Connection) -> tuple[list[dict[str, object]], str | None]:
        known = people.people_by_id(connection)
        if not may_watch(asker.person):
            own = privacy.requests_of(connection, asker.person.id)
            return [request_json(each, known) for each in own], None
        page = privacy.newest_requests(connection, before)
        after = cursor_after([each.id for each in page], privacy.PAGE)
        return [request_json(each, known) for each in page], after

    rows, after = await parts.database.read(found)
    return list_response(rows, after)


@router.post("/privacy/requests", status_code=201)
async def record_request(
    request: Request, parts: Parts, asker: Asker, body: NewRequest
) -> Response:
    """Ask for oneself; the Office also writes down what somebody from outside asks."""
    command = RecordRequest(
        kind=body.kind,
        words=body.words,
        is_for_another=bool(body.name.strip()),
        name=body.name,
        contact=body.contact,
        received_on=body.received_on.isoformat() if body.received_on else None,
        cause=cause_of(request, asker, body.model_dump(mode="json")),
    )
    return await _request_answer(parts, await parts.database.write(command), status=201)


@router.post("/privacy/requests/{number}")
async def answer_request(
    request: Request, parts: Parts, asker: Asker, number: RowId, body: Answering
) -> Response:
    """Acknowledge, grant, refuse or put off; whoever asked and works here gets a mail."""
    command = AnswerRequest(
        request=number,
        state=body.state,
        answer=body.answer,
        puts_off=body.puts_off,
        cause=cause_of(request, asker, body.model_dump(mode="json")),
    )
    return await _request_answer(parts, await parts.database.write(command), status=200)


async def _request_answer(parts: Application, number: int, *, status: int) -> Response:
    def load(connection: Connection) -> dict[str, object]:
        found = privacy.request_by_id(connection, number)
        if found is None:
            raise NotFoundRefusal(lazy("this request"))
        return request_json(found, people.people_by_id(connection))

    return OrjsonResponse(await parts.database.read(load), status_code=status)


@router.get("/privacy/holds")
async def list_holds(parts: Parts, asker: Asker, cursor: str | None = None) -> Response:
    """Return what must not be erased, lifted ones too, newest first."""
    require_watcher(asker)
    before = read_cursor(cursor)

    def load(connection: Connection) -> tuple[list[dict[str, object]], str | None]:
        known = people.people_by_id(connection)
        page = privacy.newest_holds(connection, before)
        after = cursor_after([each.id for each in page], privacy.PAGE)
        return [_hold_json(each, known) for each in page], after

    rows, after = await parts.database.read(load)
    return list_response(rows, after)


@router.post("/privacy/holds", status_code=201)
async def place_hold(request: Request, parts: Parts, asker: Asker, body: NewHold) -> Response:
    """Keep what is kept about an item, a merit or a person; the Office's and auditors'."""
    cause = cause_of(request, asker, body.model_dump())
    about = await _subject(parts, asker, body.about)
    number = await parts.database.write(PlaceHold(about=about, why=body.reason, cause=cause))
    return await _hold_answer(parts, number, status=201)


@router.post("/privacy/holds/{hold}/lift")
async def lift_hold(
    request: Request, parts: Parts, asker: Asker, hold: RowId, body: Lifting
) -> Response:
    """End a hold; the Office's."""
    cause = cause_of(request, asker, body.model_dump())
    number = await parts.database.write(LiftHold(hold=hold, why=body.reason, cause=cause))
    return await _hold_answer(parts, number, status=200)


async def _hold_answer(parts: Application, number: int, *, status: int) -> Response:
    def load(connection: Connection) -> dict[str, object]:
        found = privacy.hold_by_id(connection, number)
        if found is None:
            raise NotFoundRefusal(lazy("this hold"))
        return _hold_json(found, people.people_by_id(connection))

    return OrjsonResponse(await parts.database.read(load), status_code=status)


@router.post("/privacy/erasures")
async def erase(request: Request, parts: Parts, asker: Asker, body: Erasing) -> Response:
    """Erase words, fields, files or a person for good; a second person confirms it."""
    cause = cause_of(request, asker, body.model_dump())
    subject = await _subject(parts, asker, body.of)
    wanted = Wanted(entries=body.entries, parts=body.fields, files=body.files)
    asked = AskedErasure(subject=subject, wanted=wanted, why=body.reason, request=body.request)
    done: object = await parts.database.write(erasing(asked, cause))
    if isinstance(done, Proposed):
        return await proposed_response(parts, asker, done)
    return OrjsonResponse({"erased": body.of})


async def _subject(parts: Application, asker: Caller, name: str) -> str:
    """Return whose history ``name`` means. Raises NotFoundRefusal to those who may ask."""
    try:
        return await parts.database.read(lambda c: privacy.subject_named(c, name))
    except NotFoundRefusal:
        if may_place_holds(asker.person):
            raise
        return name  # the command refuses them, whether or not somebody has that address


@router.get("/privacy/retention")
async def show_retention(parts: Parts, asker: Asker) -> Response:
    """Return how long data is kept, by which texts, and what is past its period today."""
    require_watcher(asker)
    today = parts.context.calendar.local_day(parts.clock.now())
    plan = await parts.database.report(lambda c: privacy.retention_plan(parts.context, c, today))
    periods = {kind: plan.rules.period(kind) for kind in KeptKind}
    return OrjsonResponse(
        {
            "day": plan.day.isoformat(),
            "periods": [
                {
                    "kind": kind,
                    "months": period.months if period else None,
                    "source": period.source if period else None,
                }
                for kind, period in periods.items()
            ],
            "removed": [_overdue_json(each) for each in plan.removed],
            "left": plan.left,
            "held": [_overdue_json(each) for each in plan.held],
        }
    )


@router.post("/privacy/retention")
async def apply_retention(request: Request, parts: Parts, asker: Asker, body: Removing) -> Response:
    """Erase for good what the plan shows; a second person confirms it."""
    today = parts.context.calendar.local_day(parts.clock.now())
    plan = await parts.database.report(lambda c: privacy.retention_plan(parts.context, c, today))
    command = ApplyRetention(
        day=today.isoformat(),
        subjects=tuple(each.subject for each in plan.removed),
        why=body.reason,
        cause=cause_of(request, asker, body.model_dump()),
    )
    done = await parts.database.write(command)
    if isinstance(done, Proposed):
        return await proposed_response(parts, asker, done)
    return OrjsonResponse({"removed": done})


def request_json(request: PrivacyRequest, known: Mapping[PersonId, Person]) -> dict[str, object]:
    """Return a request as the interface shows it."""
    return {
        "id": request.id,
        "kind": request.kind,
        "person": known[request.person].email if request.person is not None else None,
        "name": request.name,
        "contact": request.contact,
        "words": request.words,
        "received_on": request.received_on,
        "due_on": request.due_on,
        "state": request.state,
        "answer": request.answer,
        "answered_by": known[request.answered_by].email if request.answered_by else None,
        "answered_at": moment(request.answered_at),
    }


def _hold_json(hold: Hold, known: Mapping[PersonId, Person]) -> dict[str, object]:
    return {
        "id": hold.id,
        "about": privacy.called(hold.about, known),
        "reason": hold.reason,
        "placed_by": known[hold.placed_by].email if hold.placed_by else None,
        "placed_at": moment(hold.placed_at),
        "lifted_by": known[hold.lifted_by].email if hold.lifted_by else None,
        "lifted_at": moment(hold.lifted_at),
        "lift_reason": hold.lift_reason,
    }


def _overdue_json(each: Overdue) -> dict[str, object]:
    return {
        "kind": each.kind,
        "subject": each.subject,
        "since": moment(each.since),
        "hold": each.hold,
    }
