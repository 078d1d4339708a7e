"""The usual changes of a process in a form: names, days, holders, what is required, reminders.

The form writes into the draft where the old values stand; the draft stays text, and what it is
worth is judged as ever. It asks for nothing that the whole text does not have.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.web.definition_differences import SETTING_NAMES
from api.web.examination import read_text
from api.web.flash import redirect_with_flash
from api.web.forms import read_form
from api.web.pages.definition_drafts import present_text, save_draft
from api.web.pages.definition_editor import Draft, publish, require_short
from api.web.rendering import Page, render_page
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.definition.usual_changes import SECTIONS, Element, changed_text, usual_settings
from workflow.messages import Message, lazy
from workflow.model import NEVER_DECIDE, Position

router = APIRouter(prefix="/definitions")
_SECTION_NAMES: Final[Mapping[str, Message]] = {
    "process": lazy("The process"),
    "states": lazy("Steps: names, days, holders, reminders"),
    "transitions": lazy("Actions: names, reasons, confirmation"),
    "fields": lazy("Fields of the form: names, what is required"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage(Page):
    """What is changed most often, with what the draft says of it."""

    template: ClassVar[str] = "definition_changes.html"
    identity: str
    label: str
    sections: Sequence[tuple[str, Message, Sequence[Element]]]
    names: Mapping[str, Message]
    positions: Sequence[tuple[Position, Message]]
    key: str


@router.get("/{identity}/changes")
async def show_changes(request: Request, parts: Parts, asker: Asker, identity: str) -> Response:
    """Show the form; a draft that cannot be read is first mended as text."""
    text = await run_in_threadpool(present_text, parts, asker.person, identity)
    definition = read_text(text, f"{identity}.yaml").definition
    if definition is None:
        return _to_the_text(request, asker, identity)
    elements = await run_in_threadpool(usual_settings, text)
    shown = ChangesPage(
        identity=identity,
        label=translate(definition.label),
        sections=[
            (name, _SECTION_NAMES[name], [each for each in elements if each.section == name])
            for name in ("process", *SECTIONS)
        ],
        names=SETTING_NAMES,
        positions=[
            (position, name) for position, name in POSITIONS.items() if position not in NEVER_DECIDE
        ],
        key=secrets.token_hex(16),
    )
    return render_page(request, asker, shown)


def _to_the_text(request: Request, asker: Caller, identity: str) -> Response:
    told = translate(
        "The draft cannot be read. Mend its text first; what is wrong stands beside it."
    )
    return redirect_with_flash(request, asker, f"/definitions/{identity}/edit", told)


@router.post("/{identity}/changes")
async def change(request: Request, parts: Parts, asker: Asker, identity: str) -> Response:
    """Write what differs into the draft; then keep it, or show what publishing it would do."""
    text = await run_in_threadpool(present_text, parts, asker.person, identity)
    form = await read_form(request)
    if read_text(text, f"{identity}.yaml").definition is None:
        return _to_the_text(request, asker, identity)
    given = {name: [str(each) for each in form.getlist(name)] for name in form}
    published = await parts.database.read(
        lambda connection: parts.context.rulebooks.newest_of(connection, identity)
    )
    new, count = await run_in_threadpool(changed_text, text, given, published.definition.version)
    require_short(new)
    if count:
        await run_in_threadpool(save_draft, parts, asker.person, identity, new)
    if form.get("action") == "publish":
        return await publish(request, parts, asker, form, Draft(identity=identity, text=new))
    told = translate(
        "{count} change is written into the draft. Running items are not changed.",
        "{count} changes are written into the draft. Running items are not changed.",
        count=count,
    )
    return redirect_with_flash(request, asker, f"/definitions/{identity}/changes", told)
