"""A process changed by a form: steps added, moved, taken away; names, days, holders, reminders.

The form writes into the draft where the old values stand; the draft stays text, and what it is
worth is judged as ever. It asks for nothing that the whole text does not have.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from types import MappingProxyType
from typing import ClassVar, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.composition import Application
from api.problems import page_status
from api.web.changed_steps import (
    NEW,
    ChangedSteps,
    Given,
    asks_for_steps,
    changed_steps,
    new_faults,
)
from api.web.definition_differences import SETTING_NAMES
from api.web.errors import reasons_in_words
from api.web.examination import read_text
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import read_form
from api.web.pages.definition_drafts import (
    drop_draft,
    has_draft,
    mark_of,
    present_text,
    published_text,
    save_draft,
)
from api.web.pages.definition_editor import Draft, publish, require_short
from api.web.rendering import Page, PageLink, SentencePage, render_page
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.definition import Definition, FileProblem, to_svg
from workflow.definition.stages import desk_of
from workflow.definition.steps import Room, rooms
from workflow.definition.usual_changes import (
    Element,
    Setting,
    changed_text,
    usual_settings,
)
from workflow.errors import InvalidRefusal, Reason, StaleRefusal, reason
from workflow.messages import Message, lazy, verbatim
from workflow.model import NEVER_DECIDE, Position
from workflow.queries import people

router = APIRouter(prefix="/definitions")
_HOLDERS: Final = lazy("Who holds it")
_ENDS: Final = "ends"
_SECTION_NAMES: Final[Mapping[str, Message]] = {
    "states": lazy("Steps"),
    _ENDS: lazy("How an item ends"),
    "transitions": lazy("Actions of several steps"),
    "fields": lazy("Fields of the form"),
    "process": lazy("Name of the process"),
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
    rooms: Mapping[str, Room]
    """What may be done to a step, by its id."""
    acts: Mapping[str, Sequence[Element]]
    """The actions of a step alone, by its id."""
    desks: Mapping[str, str]
    """On whose desk an item lies in a step, by the step's id."""
    departments: Mapping[str, str]
    base: str
    key: str
    new: Mapping[str, str]
    """What was typed of a new step, by the field."""
    has_draft: bool = False
    opened: str = ""
    """The step in hand, or ``new``."""
    errors: Sequence[str] = ()
    overtaken: Sequence[Overtaken] = ()


@router.get("/{identity}/changes")
async def show_changes(
    request: Request, parts: Parts, asker: Asker, identity: str, step: str = ""
) -> Response:
    """Show the form; a draft that cannot be read is first mended as text."""
    text = await run_in_threadpool(present_text, parts, asker.person, identity)
    definition = await _read(text, identity)
    if definition is None:
        return _to_the_text(request, asker, identity)
    shown = await run_in_threadpool(_page, parts, definition, text)
    return render_page(request, asker, replace(shown, opened=step))


async def _read(text: str, identity: str) -> Definition | None:
    """Return what a text says; None where it cannot be read."""
    return (await run_in_threadpool(read_text, text, f"{identity}.yaml")).definition


def _page(
    parts: Application, definition: Definition, text: str, given: Given = MappingProxyType({})
) -> ChangesPage:
    """Return the page of a text; with the values ``given`` by name in place of its own."""
    called = _called(definition)
    elements = [
        replace(_as_typed(each, given), label=called.get((each.section, each.id), each.label))
        for each in usual_settings(text)
    ]
    alone = _acts_of_one_step(definition)
    ends = {each.id for each in definition.states if each.final}
    return ChangesPage(
        identity=definition.id,
        label=translate(definition.label),
        svg=to_svg(definition, words=translate),
        sections=[
            (name, heading, [each for each in elements if _section(each, ends, alone) == name])
            for name, heading in _SECTION_NAMES.items()
        ],
        names=SETTING_NAMES,
        positions=[
            (position, name) for position, name in POSITIONS.items() if position not in NEVER_DECIDE
        ],
        rooms=rooms(text),
        acts={
            state.id: [
                each
                for each in elements
                if each.section == "transitions" and alone.get(each.id) == state.id
            ]
            for state in definition.states
        },
        desks={each.id: _begun(translate(desk_of(each))) for each in definition.states},
        departments=parts.database.report_blocking(
            lambda connection: {each.id: each.name for each in people.all_departments(connection)}
        ),
        base=mark_of(text),
        key=secrets.token_hex(16),
        new={
            each: ",".join(given.get(f"{NEW}.{each}", (begun,)))
            for each, begun in (("name", ""), ("after", ""), ("days", "2"), ("positions", ""))
        },
        has_draft=has_draft(parts, definition.id),
    )


def _acts_of_one_step(definition: Definition) -> dict[str, str]:
    """Return the step of each action that no other step has, by the action's id."""
    found: dict[str, set[str]] = {}
    for each in definition.transitions:
        found.setdefault(each.id, set()).update(each.from_states)
    return {name: next(iter(states)) for name, states in found.items() if len(states) == 1}


def _called(definition: Definition) -> dict[tuple[str, str], str]:
    """Return what elements are called in the reader's language, by their section and id."""
    return {
        **{("states", each.id): translate(each.label_now) for each in definition.states},
        **{("transitions", each.id): translate(each.label) for each in definition.transitions},
        **{("fields", each.id): translate(each.label) for each in definition.fields},
    }


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]


def _as_typed(element: Element, given: Given) -> Element:
    settings = (replace(one, values=given.get(one.name, one.values)) for one in element.settings)
    return replace(element, settings=tuple(settings))


def _section(element: Element, ends: Collection[str], alone: Collection[str]) -> str:
    """Return the part of the page in which an element stands; empty: within its step."""
    if element.section == "states" and element.id in ends:
        return _ENDS
    return "" if element.section == "transitions" and element.id in alone else element.section


def _to_the_text(request: Request, asker: Caller, identity: str) -> Response:
    told = translate(
        "The draft cannot be read. Mend its text first; what is wrong stands beside it."
    )
    return redirect_with_flash(request, asker, f"/definitions/{identity}/edit", told)


@router.post("/{identity}/changes")
async def change(request: Request, parts: Parts, asker: Asker, identity: str) -> Response:
    """Write what differs into the draft, with other steps where a button asks for them.

    Then keep it, or show what publishing it would do.
    """
    text = await run_in_threadpool(present_text, parts, asker.person, identity)
    form = await read_form(request)
    given = {
        name: tuple(filter(None, (str(each).strip() for each in form.getlist(name))))
        for name in form
    }
    action, base = str(form.get("action", "")), text_in(form, "base") or mark_of(text)
    definition = await _read(text, identity)
    if definition is None:
        known = await run_in_threadpool(published_text, parts, identity)
        return _unreadable(request, asker, identity, _differing(usual_settings(known), given))
    try:
        if action == "discard":
            await run_in_threadpool(drop_draft, parts, asker.person, identity, base=base)
            told = translate("The draft is dropped; this is the published text again.")
            return redirect_with_flash(request, asker, f"/definitions/{identity}/changes", told)
        changed = await _changed(parts, definition, text, action, given)
        if changed.text != text:
            await run_in_threadpool(
                save_draft, parts, asker.person, identity, changed.text, base=base
            )
    except StaleRefusal as refusal:
        shown = await run_in_threadpool(_overtaken_page, parts, definition, text, given)
        shown = replace(shown, errors=reasons_in_words(refusal))
        return render_page(request, asker, shown, page_status(refusal))
    except InvalidRefusal as refusal:
        shown = await run_in_threadpool(_page, parts, definition, text, given)
        at = {each.rule: each.rule for each in refusal.reasons}
        shown = replace(shown, errors=reasons_in_words(refusal, at), opened=_in_hand(action, at))
        return render_page(request, asker, shown, page_status(refusal))
    if action == "publish":
        draft = Draft(identity=identity, text=changed.text, base=mark_of(changed.text))
        return await publish(request, parts, asker, form, draft)
    address = f"/definitions/{identity}/changes"
    if changed.step:
        address = f"{address}?step={changed.step}#step-{changed.step}"
    return redirect_with_flash(request, asker, address, changed.told)


async def _changed(
    parts: Application, definition: Definition, text: str, action: str, given: Given
) -> ChangedSteps:
    """Return the text as the form has it, with other steps where ``action`` asks for them.

    Raises InvalidRefusal where a value cannot stand, or the checks find what they did not before.
    """
    published = await parts.database.read(
        lambda connection: parts.context.rulebooks.newest_of(connection, definition.id)
    )
    newest, name = published.definition.version, f"{definition.id}.yaml"
    written, count = await run_in_threadpool(changed_text, text, given, newest)
    require_short(written)
    if count:
        unfit = (await run_in_threadpool(read_text, written, name)).problems
        if unfit:
            raise _unfit(text, given, unfit)
    if action == "publish":
        faults = await parts.database.report(
            lambda connection: new_faults(parts, connection, ("", written), name)
        )
        if faults:
            raise _faulty("", faults)
    if not asks_for_steps(action):
        told = translate(
            "{count} change is written into the draft. Running items are not changed.",
            "{count} changes are written into the draft. Running items are not changed.",
            count=count,
        )
        return ChangedSteps(text=written, step="", told=told)
    changed = await run_in_threadpool(changed_steps, written, action, given, newest)
    require_short(changed.text)
    faults = await parts.database.report(
        lambda connection: new_faults(parts, connection, (written, changed.text), name)
    )
    if faults:
        raise _faulty(f"step-{action.partition('.')[2] or NEW}", faults)
    return changed


def _faulty(place: str, faults: Sequence[str]) -> InvalidRefusal:
    return InvalidRefusal(*(Reason(place, verbatim(each)) for each in faults))


def _unfit(text: str, given: Given, problems: Sequence[FileProblem | str]) -> InvalidRefusal:
    """Return what is wrong with the values of a form, each at its field where that is known."""
    reasons = []
    for element in usual_settings(text):
        for each in element.settings:
            typed = given.get(each.name)
            named = {"element": element.label, "name": _name(each)}
            if typed is not None and each.kind == "days" and not all(map(str.isdecimal, typed)):
                said = reason(each.name, "“{element}”, {name}: write a number.", **named)
                reasons.append(said)
            elif typed == () and each.values and each.kind in {"text", "positions"}:
                said = reason(each.name, "“{element}”, {name}: it is missing.", **named)
                reasons.append(said)
    rest = (verbatim(each) if isinstance(each, str) else each.problem for each in problems)
    return InvalidRefusal(*reasons or [Reason("changes", each) for each in rest])


def _in_hand(action: str, errors: Collection[str]) -> str:
    """Return the step that a refused form was about: of a button, else of a field."""
    if asks_for_steps(action):
        return action.partition(".")[2] or NEW
    return next((each.split(".")[1] for each in errors if each.startswith("states.")), "")


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


def _overtaken_page(
    parts: Application, definition: Definition, text: str, given: Given
) -> ChangesPage:
    """Return the page as typed, with each value that the draft, another now, has otherwise."""
    now = {each.name: each for element in usual_settings(text) for each in element.settings}
    shown = _page(parts, definition, text, given)
    overtaken = [
        Overtaken(
            of=element.label,
            name=_name(each),
            kept=", ".join(now[each.name].values),
            typed=", ".join(each.values),
        )
        for element in (
            *(each for _, _, elements in shown.sections for each in elements),
            *(each for acts in shown.acts.values() for each in acts),
        )
        for each in element.settings
        if each.values != now[each.name].values
    ]
    return replace(shown, overtaken=overtaken)
