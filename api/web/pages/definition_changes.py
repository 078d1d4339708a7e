"""The usual changes of a process in a form: names, days, holders, what is required, reminders.

The form writes into the draft where the old values stand; the draft stays text, and what it is
worth is judged as ever. It asks for nothing that the whole text does not have.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import ClassVar, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.problems import page_status
from api.web.definition_differences import SETTING_NAMES
from api.web.errors import reasons_in_words
from api.web.examination import read_text
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import read_form
from api.web.pages.definition_drafts import mark_of, present_text, published_text, save_draft
from api.web.pages.definition_editor import Draft, publish, require_short
from api.web.rendering import Page, PageLink, SentencePage, render_page
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.definition import Definition, to_svg
from workflow.definition.usual_changes import (
    Element,
    Setting,
    changed_text,
    usual_settings,
)
from workflow.errors import StaleRefusal
from workflow.messages import Message, lazy
from workflow.model import NEVER_DECIDE, Position

router = APIRouter(prefix="/definitions")
Given = Mapping[str, tuple[str, ...]]
"""The values of a form, by the names of its settings."""
_HOLDERS: Final = lazy("Who holds it")
_ENDS: Final = "ends"
_SECTION_NAMES: Final[Mapping[str, Message]] = {
    "process": lazy("The process"),
    "states": lazy("Steps: names, days, holders, reminders"),
    _ENDS: lazy("How an item ends: names"),
    "transitions": lazy("Actions: names, reasons, confirmation"),
    "fields": lazy("Fields of the form: names, what is required"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken:
    """A value as typed, and as it stands in a draft that is another now."""

    of: str
    name: Message
    kept: str
    typed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage(Page):
    """What is changed most often, with what the draft says of it."""

    template: ClassVar[str] = "definition_changes.html"
    identity: str
    label: str
    svg: str
    sections: Sequence[tuple[str, Message, Sequence[Element]]]
    names: Mapping[str, Message]
    positions: Sequence[tuple[Position, Message]]
    base: str
    key: str
    errors: Sequence[str] = ()
    overtaken: Sequence[Overtaken] = ()


@router.get("/{identity}/changes")
async def show_changes(request: Request, parts: Parts, asker: Asker, identity: str) -> Response:
    """Show the form; a draft that cannot be read is first mended as text."""
    text = await run_in_threadpool(present_text, parts, asker.person, identity)
    definition = read_text(text, f"{identity}.yaml").definition
    if definition is None:
        return _to_the_text(request, asker, identity)
    return render_page(request, asker, await run_in_threadpool(_page, definition, text))


def _page(definition: Definition, text: str, given: Given | None = None) -> ChangesPage:
    """Return the page of a text; with the values ``given`` by name in place of its own."""
    elements = [
        replace(
            each,
            settings=tuple(
                replace(one, values=(given or {}).get(one.name, one.values))
                for one in each.settings
            ),
        )
        for each in usual_settings(text)
    ]
    ends = {each.id for each in definition.states if each.final}
    return ChangesPage(
        identity=definition.id,
        label=translate(definition.label),
        svg=to_svg(definition, words=translate),
        sections=[
            (name, heading, [each for each in elements if _section(each, ends) == name])
            for name, heading in _SECTION_NAMES.items()
        ],
        names=SETTING_NAMES,
        positions=[
            (position, name) for position, name in POSITIONS.items() if position not in NEVER_DECIDE
        ],
        base=mark_of(text),
        key=secrets.token_hex(16),
    )


def _section(element: Element, ends: Collection[str]) -> str:
    """Return the part of the page in which an element stands: states that end apart."""
    is_end = element.section == "states" and element.id in ends
    return _ENDS if is_end else element.section


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
    given = {
        name: tuple(filter(None, (str(each).strip() for each in form.getlist(name))))
        for name in form
    }
    definition = read_text(text, f"{identity}.yaml").definition
    if definition is None:
        known = await run_in_threadpool(published_text, parts, identity)
        return _unreadable(request, asker, identity, _differing(usual_settings(known), given))
    published = await parts.database.read(
        lambda connection: parts.context.rulebooks.newest_of(connection, identity)
    )
    new, count = await run_in_threadpool(changed_text, text, given, published.definition.version)
    require_short(new)
    base = text_in(form, "base") or mark_of(text)
    try:
        if count:
            await run_in_threadpool(save_draft, parts, asker.person, identity, new, base=base)
    except StaleRefusal as refusal:
        shown = await run_in_threadpool(_overtaken_page, definition, text, given)
        shown = replace(shown, errors=reasons_in_words(refusal))
        return render_page(request, asker, shown, page_status(refusal))
    if form.get("action") == "publish":
        draft = Draft(identity=identity, text=new, base=mark_of(new))
        return await publish(request, parts, asker, form, draft)
    told = translate(
        "{count} change is written into the draft. Running items are not changed.",
        "{count} changes are written into the draft. Running items are not changed.",
        count=count,
    )
    return redirect_with_flash(request, asker, f"/definitions/{identity}/changes", told)


def _unreadable(
    request: Request, asker: Caller, identity: str, typed: Sequence[tuple[str, str]]
) -> Response:
    """Say that somebody made the draft unreadable meanwhile, with all that was typed."""
    page = SentencePage(
        heading=translate("Somebody saved a draft meanwhile that cannot be read"),
        sentences=[
            translate(
                "Nothing was changed. Mend the draft's text or discard it; then open the form "
                "again and enter what stands below."
            )
        ],
        links=[
            PageLink(href=f"/definitions/{identity}/edit", label=translate("To the draft's text"))
        ],
        typed=typed,
        is_error=True,
    )
    return render_page(request, asker, page, HTTPStatus.CONFLICT)


def _differing(elements: Sequence[Element], given: Given) -> list[tuple[str, str]]:
    """Return what was typed otherwise than ``elements`` have it, by name."""
    return [
        (f"{element.label} · {translate(_name(each))}", ", ".join(given[each.name]))
        for element in elements
        for each in element.settings
        if each.name in given and given[each.name] != each.values
    ]


def _name(setting: Setting) -> Message:
    return SETTING_NAMES.get(setting.key, _HOLDERS)


def _overtaken_page(definition: Definition, text: str, given: Given) -> ChangesPage:
    """Return the page as typed, with each value that the draft, another now, has otherwise."""
    now = {each.name: each for element in usual_settings(text) for each in element.settings}
    shown = _page(definition, text, given)
    overtaken = [
        Overtaken(
            of=element.label,
            name=_name(each),
            kept=", ".join(now[each.name].values),
            typed=", ".join(each.values),
        )
        for _, _, elements in shown.sections
        for element in elements
        for each in element.settings
        if each.values != now[each.name].values
    ]
    return replace(shown, overtaken=overtaken)
