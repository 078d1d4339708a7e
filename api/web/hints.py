"""What a page says to whoever sees it first; once seen there, or shut, it goes for good.

A page that is read changes nothing: that its hint was before somebody's eyes, its script tells.
"""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from api.auth.callers import Asker, Parts
from api.web.help_tasks import Task, help_for, own_topic
from api.web.return_path import where_it_stood
from notifications.preferences import Prefer, preference
from workflow.errors import NotFoundRefusal
from workflow.history import EntryType
from workflow.messages import Message, lazy
from workflow.model import Person, Position
from workflow.people import may_set_deadlines
from workflow.queries.personal import latest_acts

router = APIRouter(prefix="/hints")
PAGES: Final = ("work", "items", "item", "deadlines")
_READ, _FIRST, _STEPS = "read", "first-", "steps"
_SHOWN_BY: Final = {
    "plan": {EntryType.CAMPAIGN_READ},
    "draft": {EntryType.CREATED},
    "decide": {EntryType.TRANSITION, EntryType.SIGNED_OFF},
    "sign": {EntryType.TRANSITION, EntryType.SIGNED_OFF},
    "send": {EntryType.TRANSITION},
    "absence": {EntryType.ABSENCE_ADDED},
    "deadline": {EntryType.DEADLINE_SET},
    "register": {EntryType.DOCUMENT_REGISTERED},
    "finding": {EntryType.FINDING_OPENED},
    "edit": {EntryType.DEFINITION_PUBLISHED},
    "people": {EntryType.PERSON_ADDED},
}
"""By which entry of the history a first step is seen to be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Words for a first visit, the page they are about, and the help page that says more."""

    page: str
    words: Message
    help: str


def hint_for(connection: Connection, person: Person, page: str) -> Hint | None:
    """Return what ``page`` says to ``person``, or None once they have read it."""
    if preference(connection, person.id, f"hint:{page}") is not None:
        return None
    return Hint(page=page, words=_words(person, page), help=help_for(person))


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStep:
    """A task that a newcomer begins with, by the name that it is ticked off under."""

    name: str
    task: Task
    help: str
    is_done: bool


def first_steps(connection: Connection, person: Person) -> list[FirstStep]:
    """Return what ``person`` may begin with, and what of it is done; of what is shut, nothing."""
    if preference(connection, person.id, f"hint:{_STEPS}") is not None:
        return []
    topic, acts = own_topic(person), latest_acts(connection, person.id)
    found = [
        FirstStep(
            name=f"{_FIRST}{each.name}",
            task=each,
            help=f"{topic.name}#{each.name}",
            is_done=not acts.isdisjoint(_SHOWN_BY.get(each.name, ()))
            or preference(connection, person.id, f"hint:{_FIRST}{each.name}") is not None,
        )
        for each in topic.first_steps
    ]
    return [] if all(each.is_done for each in found) else found


def _words(person: Person, page: str) -> Message:
    match page:
        case "work" if person.position is Position.STAFF:
            return lazy(
                "Choose “Draft a new item” to begin. What you have submitted and what "
                "was returned appears on this page."
            )
        case "work":
            return lazy(
                "Items that wait for you appear on this page and also come by mail; a "
                "link in a mail needs no signing in."
            )
        case "items":
            return lazy(
                "Filters stand in the page's address, so it can be kept or sent to a "
                "colleague. Press / to search, j and k to move through the list."
            )
        case "item":
            return lazy(
                "“Waiting for” tells on whose desk the item is, since when and until "
                "when. Whatever is closed has its reason below."
            )
        case _ if may_set_deadlines(person):
            return lazy(
                "Before you record a deadline, preview its reminders: the page tells "
                "which mail goes to whom, and when."
            )
        case _:
            return lazy(
                "Here you see which reports your department still owes, ask for more "
                "time, or put off your own reminders."
            )


@router.post("/{name}")
async def put_away(request: Request, parts: Parts, asker: Asker, name: str) -> Response:
    """Note that a hint was read or a first step done, and lead back to its page."""
    steps = {f"{_FIRST}{each.name}" for each in own_topic(asker.person).first_steps}
    if name not in {*PAGES, _STEPS, *steps}:
        raise NotFoundRefusal(lazy("this hint"))
    await parts.database.write(Prefer(person=asker.person.id, name=f"hint:{name}", value=_READ))
    return RedirectResponse(where_it_stood(request), status_code=303)
