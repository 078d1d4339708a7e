"""The agency as it was at a moment, for whoever watches over it: read, never written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.permissions import require_watcher
from api.web.dates import hour_and_day, past_moment
from api.web.departments import by_department
from api.web.history_sentences import subject_words
from api.web.rendering import Page, render_page
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.messages import Message
from workflow.model import Person, Position
from workflow.people import may_read_history
from workflow.queries.past_agency import AgencyThen, DefinitionThen, OpenItem, agency_then

router = APIRouter(prefix="/history")


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAgencyPage(Page):
    """Who worked and stood in, what was in force, and whom each item waited for."""

    template: ClassVar[str] = "past_agency.html"
    then: AgencyThen
    moment: str
    at: str
    """The moment as the form takes it."""
    steps: Sequence[tuple[str, Sequence[OpenItem]]]
    """The items on their way, by process and state."""
    groups: Sequence[tuple[str, Sequence[Person]]]
    positions: Mapping[Position, Message]
    definitions: Sequence[tuple[str, DefinitionThen]]
    """Each process that was in force, with its name."""
    limits: Mapping[int, str]
    """What each delegation was limited to."""
    erased: Sequence[str]
    altered: Sequence[str]
    """What is left out, in words."""
    reads_history: bool


@router.get("/as-of")
async def show_past_agency(request: Request, parts: Parts, asker: Asker, at: str = "") -> Response:
    """Show the agency as it was at a moment; now where none is asked for."""
    require_watcher(asker)
    moment = past_moment(parts, at) if at.strip() else parts.clock.now()

    def load_page(connection: Connection) -> PastAgencyPage:
        then = agency_then(parts.context, connection, moment)
        books = [parts.context.rulebooks.of(connection, each.hash) for each in then.definitions]
        names = [translate(each.definition.label) for each in books]
        kinds = {each.id: name for name, each in zip(names, then.definitions, strict=True)}
        directory = then.directory
        return PastAgencyPage(
            then=then,
            moment=hour_and_day(parts, moment),
            at=moment.astimezone(parts.context.calendar.zone).strftime("%d/%m/%Y %H:%M"),
            steps=_by_step(then.items),
            groups=by_department(directory.people.values(), directory.departments.values()),
            positions=POSITIONS,
            definitions=list(zip(names, then.definitions, strict=True)),
            limits={
                each.id: "; ".join(kinds.get(kind, kind) for kind in each.kinds)
                for each in then.delegations
            },
            erased=[subject_words(each) for each in then.erased],
            altered=[subject_words(each) for each in then.altered],
            reads_history=may_read_history(asker.person),
        )

    return render_page(request, asker, await parts.database.report(load_page))


def _by_step(items: Sequence[OpenItem]) -> list[tuple[str, list[OpenItem]]]:
    """Return the items by process and state, in the order of the process."""

    def place(item: OpenItem) -> tuple[str, int]:
        return item.definition.id, item.definition.states.index(item.state)

    def name(item: OpenItem) -> str:
        return f"{translate(item.definition.label)}: {translate(item.state.label_now)}"

    return [(each, list(found)) for each, found in groupby(sorted(items, key=place), key=name)]
