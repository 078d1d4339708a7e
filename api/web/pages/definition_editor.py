"""The administrator's desk for a process: its text, what is wrong with it, what it would change.

What is saved here is a draft. Publishing copies it into the database, which is the only truth for
items; those that are open stay on their version until they are moved.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import orjson
from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.composition import Application
from api.web.errors import reasons_in_words
from api.web.flash import redirect_with_flash
from api.web.forms import page_cause, read_form
from api.web.pages.definition_drafts import drop_draft, has_draft, present_text, save_draft
from api.web.pages.proposals import to_proposal
from api.web.rendering import Page, render_page
from notifications.translation import translate
from workflow.checking import Checked, Effect, check_definition, weakenings
from workflow.commands.proposals import Proposed
from workflow.commands.publish_definition import PublishDefinition
from workflow.definition import (
    Definition,
    FileProblem,
    LoadedDefinition,
    definition_schema,
    load_definition,
    to_svg,
)
from workflow.errors import InvalidInputError, InvalidRefusal, Refusal, reason
from workflow.messages import Message, lazy
from workflow.queries.what_if import Change, Outlook, plan_change
from workflow.rules import GUARDS, vocabulary

router = APIRouter(prefix="/definitions")
_MOST_CHARACTERS = 256 * 1024
_EFFECTS_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What came of a text: what is wrong, else the definition with its checks and its outlook."""

    problems: tuple[FileProblem | str, ...] = ()
    loaded: LoadedDefinition | None = None
    checked: Checked | None = None
    outlook: Outlook | None = None
    weakened: tuple[Message, ...] = ()
    """What the newest published version guarantees and this one does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorPage(Page):
    """The text of a process, with what was found in it if it was examined."""

    template: ClassVar[str] = "editor.html"
    identity: str
    text: str
    rows: int
    schema: str
    guards: str
    has_draft: bool
    key: str
    is_examined: bool
    problems: Sequence[FileProblem | str]
    weakened: Sequence[Message]
    definition: Definition | None
    svg: str
    coverage: str
    outlook: Outlook | None
    effects: Sequence[Effect]


@router.get("/{identity}/edit")
async def edit(request: Request, parts: Parts, asker: Asker, identity: str) -> Response:
    """Show the text of a process: the draft, else the file, else what is published."""
    text = await run_in_threadpool(present_text, parts, asker.person, identity)
    shown = await run_in_threadpool(_page, parts, identity, text, Examined())
    return render_page(request, asker, shown)


@router.post("/{identity}/edit")
async def act(request: Request, parts: Parts, asker: Asker, identity: str) -> Response:
    """Save, check or publish the text as typed, which comes back whole; or drop the draft."""
    await run_in_threadpool(present_text, parts, asker.person, identity)
    form = await read_form(request)
    action, text = form.get("action"), str(form.get("text") or "")
    if action == "discard":
        await run_in_threadpool(drop_draft, parts, asker.person, identity)
        told = translate("The draft is dropped; this is the published text again.")
        return redirect_with_flash(request, asker, f"/definitions/{identity}/edit", told)
    if len(text) > _MOST_CHARACTERS:
        raise InvalidRefusal(
            reason("text", "The process is longer than 256 KB. Shorten it, then send again.")
        )
    await run_in_threadpool(save_draft, parts, asker.person, identity, text)
    if action == "save":
        told = translate("The draft is saved. Running items are not changed.")
        return redirect_with_flash(request, asker, f"/definitions/{identity}/edit", told)
    examined = await parts.database.report(
        lambda connection: _examine(parts, connection, text, f"{identity}.yaml")
    )
    loaded = examined.loaded
    if action == "publish" and loaded is not None and not examined.problems:
        try:
            outcome = await parts.database.write(
                PublishDefinition(loaded=loaded, cause=page_cause(asker, form))
            )
        except Refusal as refusal:
            examined = Examined(problems=tuple(reasons_in_words(refusal)))
        else:
            # What is published is the truth; a draft that stays would one day be taken for it.
            await run_in_threadpool(drop_draft, parts, asker.person, identity)
            if isinstance(outcome, Proposed):
                return to_proposal(request, asker, outcome.id)
            told = translate(
                "Version {version} is published: new items follow it. Below are the open items "
                "that could follow it too.",
                version=loaded.definition.version,
            )
            address = f"/definitions/{loaded.definition.id}/migrate"
            return redirect_with_flash(request, asker, address, told)
    shown = await run_in_threadpool(_page, parts, identity, text, examined)
    return render_page(request, asker, shown, 422 if examined.problems else 200)


def _examine(parts: Application, connection: Connection, text: str, name: str) -> Examined:
    try:
        loaded = load_definition(text, name, vocabulary())
    except InvalidInputError as exc:
        return Examined(
            problems=tuple(
                each if isinstance(each, FileProblem) else translate(each) for each in exc.problems
            )
        )
    checked = check_definition(
        loaded, parts.context.calendar, parts.context.directory(connection, parts.clock.now())
    )
    outlook = plan_change(parts.context, connection, Change(definition=loaded))
    published = parts.context.rulebooks.newest(connection).get(loaded.definition.id)
    return Examined(
        problems=checked.problems,
        loaded=loaded,
        checked=checked,
        outlook=outlook,
        weakened=tuple(weakenings(published.definition, loaded.definition)) if published else (),
    )


def _page(parts: Application, identity: str, text: str, examined: Examined) -> EditorPage:
    loaded, checked, outlook = examined.loaded, examined.checked, examined.outlook
    return EditorPage(
        identity=identity,
        text=text,
        rows=min(max(text.count("\n") + 2, 24), 60),
        schema=orjson.dumps(definition_schema()).decode(),
        guards=orjson.dumps(sorted(GUARDS)).decode(),
        has_draft=has_draft(parts, identity),
        key=secrets.token_hex(16),
        is_examined=loaded is not None or bool(examined.problems),
        problems=examined.problems,
        weakened=examined.weakened,
        definition=loaded.definition if loaded else None,
        svg=to_svg(loaded.definition, words=translate) if loaded else "",
        coverage=_coverage(checked) if checked else "",
        outlook=outlook,
        effects=outlook.effects[:_EFFECTS_SHOWN] if outlook else (),
    )


def _coverage(checked: Checked) -> str:
    found = checked.coverage
    line = lazy(
        "The scenarios passed {moves}/{every_move} moves.",
        moves=len(found.moves),
        every_move=len(found.moves) + len(found.moves_unseen),
    )
    return translate(found.with_unseen(line))
