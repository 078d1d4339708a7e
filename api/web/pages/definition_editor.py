"""The administrator's desk for processes: the text, what is wrong with it, its drawing, what it would change, publishing.

Text first: what is saved here is a draft in the data folder. Publishing copies it into the database, which is the only truth
for items; those that are open stay on their version until they are moved.
"""

import io
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter, Request
from ruamel.yaml import YAML
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.auth.callers import application
from api.auth.sessions import Caller
from api.composition import Application
from api.web.dates import hour_and_day
from api.web.forms import form_digest, form_key, read_form
from api.web.rendering import Asker, page
from notifications.translation import translate
from workflow.checking import Checked, check_definition
from workflow.command import Cause
from workflow.commands.migrate_items import MigrateItem, judged_items
from workflow.commands.publish_definition import PublishDefinition
from workflow.definition import (
    LoadedDefinition,
    Problem,
    definition_schema,
    load_definition,
    to_svg,
)
from workflow.errors import (
    InvalidInputError,
    InvalidRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    Refusal,
    reason,
)
from workflow.messages import lazy
from workflow.model import Via
from workflow.people import may_edit_definitions
from workflow.queries.what_if import Change, Outlook, plan_change
from workflow.rules import GUARDS, Rulebook, vocabulary
from workflow.store import definitions
from workflow.values import counter

router = APIRouter(prefix="/definitions")
_MOST_CHARACTERS = 256 * 1024
_EFFECTS_SHOWN = 200
_MOVED_AT_ONCE = 500
_LINE_WIDTH = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What came of a text: what is wrong, and where nothing is, the definition with its checks and its outlook."""

    problems: tuple[Problem | str, ...] = ()
    loaded: LoadedDefinition | None = None
    checked: Checked | None = None
    outlook: Outlook | None = None


@router.get("")
async def list_processes(request: Request, asker: Asker) -> Response:
    """Show every process with its published versions."""
    parts = application(request)
    newest = await parts.database.read(parts.context.rulebooks.newest)
    values = {"rulebooks": list(newest.values()), "may_edit": may_edit_definitions(asker.person)}
    return page(request, asker, "processes.html", values)


@router.get("/{identity}/edit")
async def edit(request: Request, asker: Asker, identity: str) -> Response:
    """Show the text of a process: the draft if there is one, else the file, else what is published."""
    _require_administrator(asker)
    parts = application(request)
    text = await run_in_threadpool(_present_text, parts, identity)
    return await _editor(request, asker, identity, text, Examined(), notice="")


@router.post("/{identity}/edit")
async def act(request: Request, asker: Asker, identity: str) -> Response:
    """Save, check or publish the text as typed, which comes back whole whatever is wrong with it; or drop the draft."""
    _require_administrator(asker)
    parts = application(request)
    await run_in_threadpool(_present_text, parts, identity)
    form = await read_form(request)
    if form.get("action") == "discard":
        await run_in_threadpool(_draft_path(parts, identity).unlink, missing_ok=True)
        return RedirectResponse(f"/definitions/{identity}/edit", status_code=303)
    text = str(form.get("text") or "")
    if len(text) > _MOST_CHARACTERS:
        raise InvalidRefusal(
            reason("text", "The process is longer than 256 KB. Shorten it, then send again.")
        )
    await run_in_threadpool(_save, parts, identity, text)
    if form.get("action") == "save":
        return await _editor(
            request,
            asker,
            identity,
            text,
            Examined(),
            notice=translate("The draft is saved. Running items are not changed."),
        )
    examined = await parts.database.report(
        lambda connection: _examine(parts, connection, text, f"{identity}.yaml")
    )
    if form.get("action") != "publish" or examined.problems or examined.loaded is None:
        return await _editor(
            request,
            asker,
            identity,
            text,
            examined,
            notice="",
            status=422 if examined.problems else 200,
        )
    command = PublishDefinition(
        loaded=examined.loaded,
        cause=Cause(
            actor=asker.person.id,
            via=Via.PAGE,
            method=asker.method,
            command_id=form_key(form),
            digest=form_digest(form),
        ),
    )
    try:
        await parts.database.write(command)
    except Refusal as refusal:
        problems = tuple(translate(each) for each in refusal.reasons)
        return await _editor(
            request, asker, identity, text, Examined(problems=problems), notice="", status=422
        )
    # What is published is the truth; a draft that stays would one day be taken for it.
    await run_in_threadpool(_draft_path(parts, identity).unlink, missing_ok=True)
    return RedirectResponse(
        f"/definitions/{examined.loaded.definition.id}/migrate", status_code=303
    )


def _require_administrator(asker: Caller) -> None:
    if not may_edit_definitions(asker.person):
        raise NotPermittedRefusal(
            reason("administrator", "Only administrators may edit and publish processes.")
        )


def _draft_path(parts: Application, identity: str) -> Path:
    return parts.settings.data_dir / "drafts" / f"{identity}.yaml"


def _present_text(parts: Application, identity: str) -> str:
    """Return the text to begin with. Raises NotFoundRefusal for what is no published process: names become file names here."""
    newest = parts.database.report_blocking(parts.context.rulebooks.newest)
    if identity not in newest:
        raise NotFoundRefusal(lazy("this process"))
    rulebook = newest[identity]
    draft = _draft_path(parts, identity)
    if draft.is_file():
        return draft.read_text("utf-8")
    file = parts.settings.definition_file(f"{identity}.yaml")
    if file.is_file():
        text = file.read_text("utf-8")
        try:
            if (
                load_definition(text, file.name, vocabulary()).definition.version
                >= rulebook.definition.version
            ):
                return text
        except InvalidInputError:
            return text
    body = parts.database.report_blocking(
        lambda connection: definitions.definition_body(connection, rulebook.hash)
    )
    return _as_yaml(body or "")


def _as_yaml(body: str) -> str:
    out = io.StringIO()
    writer = YAML()
    writer.width = _LINE_WIDTH
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump(orjson.loads(body), out)
    return out.getvalue()


def _save(parts: Application, identity: str, text: str) -> None:
    """Keep the draft; whoever reads at the same moment gets the old one or the new one, whole."""
    path = _draft_path(parts, identity)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".{secrets.token_hex(4)}")
    new.write_text(text, "utf-8", newline="\n")
    new.replace(path)


def _examine(parts: Application, connection: Connection, text: str, name: str) -> Examined:
    try:
        loaded = load_definition(text, name, vocabulary())
    except InvalidInputError as exc:
        return Examined(
            problems=tuple(
                each if isinstance(each, Problem) else translate(each) for each in exc.problems
            )
        )
    checked = check_definition(
        loaded, parts.context.calendar, parts.context.directory(connection, parts.clock.now())
    )
    outlook = plan_change(parts.context, connection, Change(definition=loaded))
    return Examined(problems=checked.problems, loaded=loaded, checked=checked, outlook=outlook)


async def _editor(
    request: Request,
    asker: Caller,
    identity: str,
    text: str,
    examined: Examined,
    *,
    notice: str,
    status: int = 200,
) -> Response:  # what the page shows beside the text
    loaded, checked, outlook = examined.loaded, examined.checked, examined.outlook
    values = {
        "identity": identity,
        "text": text,
        "rows": min(max(text.count("\n") + 2, 24), 60),
        "schema": orjson.dumps(definition_schema()).decode(),
        "guards": orjson.dumps(sorted(GUARDS)).decode(),
        "problems": [_shown(each) for each in examined.problems],
        "notice": notice,
        "is_examined": loaded is not None or bool(examined.problems),
        "definition": loaded.definition if loaded else None,
        "svg": to_svg(loaded.definition, words=translate) if loaded else "",
        "coverage": _coverage(checked) if checked else "",
        "outlook": outlook,
        "effects": [
            _effect(application(request), each) for each in outlook.effects[:_EFFECTS_SHOWN]
        ]
        if outlook
        else [],
        "has_draft": _draft_path(application(request), identity).is_file(),
        "key": secrets.token_hex(16),
    }
    return page(request, asker, "editor.html", values, status)


def _shown(problem: Problem | str) -> dict[str, Any]:
    if isinstance(problem, str):
        return {"line": 0, "column": 0, "problem": problem, "remedy": ""}
    return {
        "line": problem.line,
        "column": problem.column,
        "problem": problem.problem,
        "remedy": problem.remedy,
    }


def _coverage(checked: Checked) -> str:
    moves, unseen = (
        len(checked.coverage.moves),
        [
            translate("{transition} from {state}", transition=transition, state=state)
            for state, transition in checked.coverage.moves_unseen
        ],
    )
    unseen += [
        translate("{guard} of {transition}", guard=guard, transition=transition)
        for transition, guard in checked.coverage.refusals_unseen
    ]
    line = translate(
        "The scenarios passed {moves}/{every_move} moves.",
        moves=moves,
        every_move=moves + len(checked.coverage.moves_unseen),
    )
    return (
        translate("{line} Not passed: {names}.", line=line, names=", ".join(unseen))
        if unseen
        else line
    )


def _effect(parts: Application, effect: Any) -> dict[str, Any]:  # noqa: ANN401 - an Effect, shown as it is
    due = ""
    if effect.moves_due:
        due = " → ".join(
            hour_and_day(parts, each) if each else translate("no due day")
            for each in (effect.due_before, effect.due_after)
        )
    return {
        "code": effect.code,
        "stuck": effect.stuck,
        "gains": effect.gains,
        "loses": effect.loses,
        "due": due,
    }


@router.get("/{identity}/migrate")
async def show_migration(
    request: Request, asker: Asker, identity: str, to: int | None = None
) -> Response:
    """Show which open items are on another version, and whether each can follow the one chosen (the newest)."""
    _require_administrator(asker)
    return await _migration(request, asker, identity, to, notice="")


async def _migration(
    request: Request, asker: Caller, identity: str, to: int | None, *, notice: str
) -> Response:
    parts = application(request)

    def found(connection: Connection) -> dict[str, Any]:
        versions = _versions(parts, connection, identity)
        target = (
            versions[to if to is not None else max(versions)]
            if to is None or to in versions
            else None
        )
        if target is None:
            raise NotFoundRefusal(lazy("this version of the process"))
        judged = judged_items(parts.context, connection, target)
        numbers = {book.hash: book.definition.version for book in versions.values()}
        return {
            "definition": target.definition,
            "versions": sorted(versions, reverse=True),
            "able": sum(not reasons for _, reasons in judged),
            "rows": [
                {
                    "code": item.code,
                    "version": numbers[item.definition_hash],
                    "reasons": [translate(each) for each in reasons],
                }
                for item, reasons in judged[:_EFFECTS_SHOWN]
            ],
            "total": len(judged),
        }

    values = await parts.database.report(found)
    return page(
        request,
        asker,
        "migration.html",
        {**values, "notice": notice, "key": secrets.token_hex(16), "at_once": _MOVED_AT_ONCE},
    )


def _versions(parts: Application, connection: Connection, identity: str) -> dict[int, Rulebook]:
    found = {
        book.definition.version: book
        for book in parts.context.rulebooks.all(connection)
        if book.definition.id == identity
    }
    if not found:
        raise NotFoundRefusal(lazy("this process"))
    return found


@router.post("/{identity}/migrate")
async def migrate(request: Request, asker: Asker, identity: str) -> Response:
    """Move the items that can follow the chosen version, each in its own command; the older version again takes them back."""
    _require_administrator(asker)
    parts = application(request)
    form = await read_form(request)
    to = counter(str(form.get("to") or "")) or 0

    def able(connection: Connection) -> tuple[str, list[str]]:
        versions = _versions(parts, connection, identity)
        if to not in versions:
            raise NotFoundRefusal(lazy("this version of the process"))
        judged = judged_items(parts.context, connection, versions[to])
        return versions[to].hash, [item.code for item, reasons in judged if not reasons]

    to_hash, codes = await parts.database.report(able)
    key, moved, refused = form_key(form), 0, []
    for code in codes[:_MOVED_AT_ONCE]:
        try:
            cause = Cause(
                actor=asker.person.id,
                via=Via.PAGE,
                method=asker.method,
                command_id=f"{key}:{code}",
            )
            seq = await parts.database.write(MigrateItem(cause=cause, code=code, to_hash=to_hash))
            moved += bool(seq)
        except Refusal as refusal:
            refused.append(f"{code}: {translate(refusal)}")
    notice = " ".join([translate("Moved {moved} items.", moved=moved), *refused])
    return await _migration(request, asker, identity, to, notice=notice)
