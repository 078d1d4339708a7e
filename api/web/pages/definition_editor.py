"""The administrator's desk for a process: its text, what is wrong with it, what it would change.

What is saved here is a draft. Publishing copies it into the database, which is the only truth for
items, and is asked twice: a page with the difference stands before it. Items that are open stay on
their version until they are moved.
"""

import difflib
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import ClassVar

import orjson
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.composition import Application
from api.problems import page_status
from api.web.definition_differences import ChangedSetting
from api.web.errors import reasons_in_words
from api.web.examination import Examined, examine, read_text
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import page_cause, read_form
from api.web.outlooks import EffectGroup
from api.web.pages.definition_drafts import (
    drop_draft,
    has_draft,
    mark_of,
    present_text,
    save_draft,
)
from api.web.pages.proposals import to_proposal
from api.web.rendering import Page, render_page
from notifications.translation import translate
from workflow.commands.proposals import Proposed
from workflow.commands.publish_definition import PublishDefinition
from workflow.definition import (
    Definition,
    FileProblem,
    definition_schema,
    to_svg,
)
from workflow.errors import InvalidRefusal, Refusal, StaleRefusal, reason
from workflow.messages import Message
from workflow.queries.what_if import Outlook
from workflow.rules import GUARDS

router = APIRouter(prefix="/definitions")
_MOST_CHARACTERS = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The text of a process as somebody sent it; ``base``: the mark of the text kept now."""

    identity: str
    text: str
    base: str

    @property
    def file(self) -> str:
        """Return by which name messages call it."""
        return f"{self.identity}.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorPage(Page):
    """The text of a process, with what was found in it if it was examined."""

    template: ClassVar[str] = "editor.html"
    identity: str
    text: str
    base: str
    rows: int
    schema: str
    guards: str
    has_draft: bool
    key: str
    is_examined: bool
    differs: Sequence[str]
    """Lines by which the draft as it is now differs from this text, which was refused for it."""
    problems: Sequence[FileProblem | str]
    weakened: Sequence[Message]
    definition: Definition | None
    svg: str
    coverage: str
    outlook: Outlook | None
    effects: Sequence[EffectGroup]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPage(Page):
    """What is about to be published: what differs, what it would do, the button that does it."""

    template: ClassVar[str] = "publish.html"
    identity: str
    text: str
    base: str
    key: str
    definition: Definition
    published: Definition | None
    changed: Sequence[ChangedSetting]
    weakened: Sequence[Message]
    outlook: Outlook | None
    effects: Sequence[EffectGroup]


@router.get("/{identity}/edit")
async def edit(request: Request, parts: Parts, asker: Asker, identity: str) -> Response:
    """Show the text of a process: the draft, else the file, else what is published."""
    text = await run_in_threadpool(present_text, parts, asker.person, identity)
    draft = Draft(identity=identity, text=text, base=mark_of(text))
    shown = await run_in_threadpool(_editor_page, parts, draft, None)
    return render_page(request, asker, shown)


@router.post("/{identity}/edit")
async def act(request: Request, parts: Parts, asker: Asker, identity: str) -> Response:
    """Save, check or publish the text as typed, which comes back whole; or drop the draft."""
    await run_in_threadpool(present_text, parts, asker.person, identity)
    form = await read_form(request)
    action, text = form.get("action"), text_in(form, "text")
    base = text_in(form, "base")
    try:
        if action == "discard":
            await run_in_threadpool(drop_draft, parts, asker.person, identity, base=base)
            told = translate("The draft is dropped; this is the published text again.")
            return redirect_with_flash(request, asker, f"/definitions/{identity}/edit", told)
        require_short(text)
        await run_in_threadpool(save_draft, parts, asker.person, identity, text, base=base)
    except StaleRefusal as refusal:
        present = await run_in_threadpool(present_text, parts, asker.person, identity)
        draft = Draft(identity=identity, text=text, base=mark_of(present))
        return await _show_overtaken(request, parts, asker, draft, refusal, present)
    present = await run_in_threadpool(present_text, parts, asker.person, identity)
    draft = Draft(identity=identity, text=text, base=mark_of(present))
    if action == "save":
        told = translate("The draft is saved. Running items are not changed.")
        return redirect_with_flash(request, asker, f"/definitions/{identity}/edit", told)
    if action == "publish":
        return await publish(request, parts, asker, form, draft)
    examined = await parts.database.report(
        lambda connection: examine(parts, connection, text, draft.file)
    )
    return await _show_editor(request, parts, asker, draft, examined)


def require_short(text: str) -> None:
    """Raise InvalidRefusal for a text that is too long to be read."""
    if len(text) > _MOST_CHARACTERS:
        raise InvalidRefusal(
            reason("text", "The process is longer than 256 KB. Shorten it, then send again.")
        )


async def publish(
    request: Request, parts: Application, asker: Caller, form: FormData, draft: Draft
) -> Response:
    """Show what differs; asked from that page, publish a sound text, or propose it."""
    examined = await parts.database.report(
        lambda connection: examine(parts, connection, draft.text, draft.file, is_to_publish=True)
    )
    loaded = examined.loaded
    if loaded is None or examined.problems:
        return await _show_editor(request, parts, asker, draft, examined)
    if not form.get("confirmed"):
        page = await run_in_threadpool(_publish_page, parts, draft, examined, loaded.definition)
        return render_page(request, asker, page)
    try:
        outcome = await parts.database.write(
            PublishDefinition(loaded=loaded, cause=page_cause(asker, form))
        )
    except Refusal as refusal:
        refused = replace(examined, problems=tuple(reasons_in_words(refusal)))
        shown = await run_in_threadpool(_editor_page, parts, draft, refused)
        return render_page(request, asker, shown, page_status(refusal))
    # What is published is the truth; a draft that stays would one day be taken for it. Another's,
    # saved meanwhile, is not what was published.
    with suppress(StaleRefusal):
        await run_in_threadpool(drop_draft, parts, asker.person, draft.identity, base=draft.base)
    if isinstance(outcome, Proposed):
        return to_proposal(request, asker, outcome.id)
    told = translate(
        "Version {version} is published: new items follow it. Below are the open items "
        "that could follow it too.",
        version=loaded.definition.version,
    )
    address = f"/definitions/{loaded.definition.id}/migrate"
    return redirect_with_flash(request, asker, address, told)


async def _show_editor(
    request: Request, parts: Application, asker: Caller, draft: Draft, examined: Examined
) -> Response:
    shown = await run_in_threadpool(_editor_page, parts, draft, examined)
    return render_page(request, asker, shown, 422 if examined.problems else 200)


async def _show_overtaken(
    request: Request,
    parts: Application,
    asker: Caller,
    draft: Draft,
    refusal: StaleRefusal,
    present: str,
) -> Response:
    """Show what was typed on a draft that is another now, and by what the two differ."""
    shown = await run_in_threadpool(_editor_page, parts, draft, None)
    shown = replace(
        shown,
        problems=tuple(reasons_in_words(refusal)),
        differs=_differences(present, draft.text),
    )
    return render_page(request, asker, shown, page_status(refusal))


def _differences(present: str, typed: str) -> list[str]:
    """Return the lines by which two texts differ: ``-`` as the draft is now, ``+`` as typed."""
    lines = difflib.unified_diff(present.splitlines(), typed.splitlines(), n=1, lineterm="")
    return [each for each in lines if not each.startswith(("---", "+++"))]


def _editor_page(parts: Application, draft: Draft, examined: Examined | None) -> EditorPage:
    """Return the page of a text; one that was not examined yet is drawn where it can be read."""
    found = examined or read_text(draft.text, draft.file)
    definition = found.definition
    return EditorPage(
        identity=draft.identity,
        text=draft.text,
        base=draft.base,
        rows=min(max(draft.text.count("\n") + 2, 24), 60),
        schema=orjson.dumps(definition_schema()).decode(),
        guards=orjson.dumps(sorted(GUARDS)).decode(),
        has_draft=has_draft(parts, draft.identity),
        key=secrets.token_hex(16),
        is_examined=examined is not None,
        differs=(),
        problems=found.problems,
        weakened=found.weakened,
        definition=definition,
        svg=to_svg(definition, words=translate) if definition else "",
        coverage=found.coverage,
        outlook=found.outlook,
        effects=found.effects(parts.context.calendar.zone),
    )


def _publish_page(
    parts: Application, draft: Draft, examined: Examined, definition: Definition
) -> PublishPage:
    return PublishPage(
        identity=draft.identity,
        text=draft.text,
        base=draft.base,
        key=secrets.token_hex(16),
        definition=definition,
        published=examined.published,
        changed=examined.changed,
        weakened=examined.weakened,
        outlook=examined.outlook,
        effects=examined.effects(parts.context.calendar.zone),
    )
