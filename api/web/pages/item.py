"""One item: read it, draft it, edit it, decide on it."""

import secrets
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from api.auth.access_log import NoteAccess
from api.auth.callers import RowId, application
from api.auth.sessions import Caller
from api.composition import Application
from api.downloads import file_answer
from api.intake.attaching import attach
from api.web.campaign_choices import campaign_choices
from api.web.dates import hour_and_day
from api.web.forms import (
    entered,
    form_digest,
    form_key,
    form_version,
    from_content,
    read_fields,
    read_form,
    read_title,
    tidied,
    typed_again,
)
from api.web.hints import hint_for
from api.web.history_sentences import sentence
from api.web.item_filters import beside
from api.web.pages.autosave import forget, form_of, kept_for
from api.web.rendering import Asker, page
from notifications.translation import translate
from workflow import values
from workflow.command import Cause
from workflow.commands.create_item import CreateItem
from workflow.commands.edit_item import EditItem
from workflow.commands.merits import visible_merit
from workflow.commands.reassign import candidates
from workflow.commands.undo import undoable_until
from workflow.definition import Definition, awaited_in, duration_words, time_spent
from workflow.errors import InvalidRefusal, NotFoundRefusal, Refusal
from workflow.history import EntryType
from workflow.lookups.items import visible_item
from workflow.messages import lazy
from workflow.model import Content, Item, Person, Position, Via
from workflow.people import by_given_name, may_set_deadlines
from workflow.queries.changes import changed_since_decided, to_mend
from workflow.queries.items import ItemView, item_view, transitions_for
from workflow.queries.timeline import EntryView, timeline, visits_of
from workflow.rules import FILE_LIMIT, asked_fields
from workflow.store import deadlines, dispatches, opinions, people

router = APIRouter(prefix="/items")
CHANNEL_NAMES = (
    ("mail", lazy("E-mail")),
    ("post", lazy("Post")),
    ("hand", lazy("By hand")),
    ("axis", lazy("Document exchange axis")),
)


@router.get("/new")
async def new_item(
    request: Request,
    asker: Asker,
    type: str = "",  # noqa: A002 - the address's name
    merit: RowId = 0,
    *,
    kept: bool = False,
) -> Response:
    """Choose a kind of item, or show its form; with a merit, it begins with what was noted."""
    typed = await _begun_from(application(request), asker, type, merit) if merit else {}
    return await _form(request, asker, kind=type, typed=typed, errors=[], is_kept=kept)


async def _begun_from(parts: Application, asker: Caller, kind: str, merit: int) -> dict[str, Any]:
    """Return what a merit begins a form with, as typed."""

    def found(connection: Connection) -> dict[str, Any]:
        shown = visible_merit(connection, merit, asker.person)
        book = parts.context.rulebooks.newest(connection).get(kind)
        told = {
            "whose": shown.whose,
            "whose_kind": shown.whose_kind,
            "recognition": shown.recognition,
            "what": shown.what,
        }
        told["story"] = "\n".join(filter(None, [shown.what, shown.story]))
        fields = book.definition.fields if book else ()
        begun = {
            f"f-{field.id}": told[field.from_merit]
            for field in fields
            if field.from_merit is not None
        }
        return {
            **begun,
            "title": f"Đề nghị khen thưởng {shown.whose}",
            "campaign": shown.campaign,
            "merit": str(shown.id),
        }

    return await parts.database.read(found)


async def _form(
    request: Request,
    asker: Caller,
    *,
    kind: str,
    typed: dict[str, Any],
    errors: list[str],
    status: int = 200,
    is_kept: bool = False,
) -> Response:
    parts = application(request)
    newest = await parts.database.read(parts.context.rulebooks.newest)
    campaigns = await parts.database.read(campaign_choices)
    definition = newest[kind].definition if kind in newest else None
    typing = (
        await kept_for(parts, asker, form_of(definition, None), definition, is_wanted=is_kept)
        if definition
        else {}
    )
    typed = typing.get("restored") or typed
    shown = {
        "typing": typing if status == 200 else {**typing, "kept_at": ""},  # noqa: PLR2004 - not after a refusal, which brings all back
        "heading": translate("Draft: {label}", label=definition.label)
        if definition
        else translate("Draft a new item"),
        "context_line": translate("Save the draft first; submit it once you have read it again."),
        "definition": definition,
        "definitions": [each.definition for each in newest.values()],
        "campaigns": campaigns,
        "typed": typed,
        "errors": errors,
        "version": "",
        "key": typed.get("key") or secrets.token_hex(16),
        "button": translate("Save draft"),
        "files": [],
        "asked": _asked(definition, None, asker.person) if definition else set(),
        **await parts.database.read(_to_choose),
    }
    return page(request, asker, "item_form.html", shown, status)


def _merit_in(form: FormData) -> int | None:
    return values.counter(str(form.get("merit") or ""), most=values.LARGEST_ID)


def _candidates(
    parts: Application, connection: Connection, item: Item, asker: Caller
) -> list[tuple[str, str]]:
    """Return whom the asker may put in a holder's place, by given name."""
    if not may_set_deadlines(asker.person):
        return []
    directory = parts.context.directory(connection, parts.clock.now())
    found = candidates(
        parts.context.rulebooks.of(connection, item.definition_hash), item, directory
    )
    return sorted(
        ((each.email, each.name) for each in found), key=lambda each: by_given_name(each[1])
    )


def _asked(definition: Definition, content: Content | None, author: Person) -> set[str]:
    """Return the ids of the fields that the form asks for; the others stand folded, so that nothing typed is lost."""
    return {
        field.id
        for field in asked_fields(
            definition, content, department=author.department or "", author=author
        )
    }


def _to_choose(connection: Connection) -> dict[str, list[tuple[str, object]]]:
    """Return the people and departments that a field may name, by given name and in the agency's order."""
    persons = sorted(
        (each for each in people.all_people(connection) if each.is_active),
        key=lambda each: by_given_name(each.name),
    )
    return {
        "people": [(each.email, f"{each.name} ({each.email})") for each in persons],
        "departments": [(str(each.id), each.name) for each in people.all_departments(connection)],
        "deadlines": list(deadlines.kinds_called(connection).items()),
    }


@router.post("/new")
async def create_item(request: Request, asker: Asker, type: str = "") -> Response:  # noqa: A002 - the address's name
    """Save a draft; on refusal the form comes back with everything that was typed."""
    parts = application(request)
    form = await read_form(request)
    newest = await parts.database.read(parts.context.rulebooks.newest)
    if type not in newest:
        raise NotFoundRefusal(lazy("this kind of item"))
    definition = newest[type].definition
    merit = _merit_in(form)
    if merit is not None:
        await parts.database.read(lambda connection: visible_merit(connection, merit, asker.person))
    try:
        command = CreateItem(
            cause=Cause(
                actor=asker.person.id,
                via=Via.PAGE,
                method=asker.method,
                command_id=form_key(form),
                digest=form_digest(form),
            ),
            type=type,
            campaign=str(form.get("campaign", "")),
            department=None,
            title=str(form.get("title", "")),
            merit=merit,
            fields={
                name: value
                for name, value in read_fields(definition, form).items()
                if value is not None
            },
        )
        written = await parts.database.write(command)
        await forget(parts, asker, form_of(definition, None))
    except Refusal as refusal:
        typed = typed_again(
            {**entered(definition, form), "merit": str(form.get("merit") or "")}, refusal
        )
        return await _form(
            request,
            asker,
            kind=type,
            typed=typed,
            errors=[translate(each) for each in refusal.reasons],
            status=422,
        )
    return RedirectResponse(f"/items/{written.code}", status_code=303)


@router.get("/{code}")
async def show_item(
    request: Request,
    asker: Asker,
    code: str,
    within: Annotated[str | None, Query(alias="in")] = None,
) -> Response:
    """Show an item: content, where it is, what one can do, what happened."""
    return await _show(request, asker, code, within=within)


async def _show(
    request: Request,
    asker: Caller,
    code: str,
    *,
    within: str | None = None,
    errors: list[str] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    parts = application(request)

    def found(connection: Connection) -> dict[str, Any]:
        item = visible_item(connection, code, asker.person)
        view = item_view(parts.context, connection, item, asker.person.id)
        options = transitions_for(parts.context, connection, item, asker.person)
        entries = timeline(parts.context, connection, item)
        directory = parts.context.directory(connection, parts.clock.now())
        return {
            "view": view,
            "hint": hint_for(connection, asker.person, "item"),
            "beside": beside(parts, connection, asker, item, within),
            "department": directory.departments[item.department].name,
            "campaign": _campaign_name(connection, item),
            "deadline": _deadline(parts, connection, item),
            "open": [each for each in options if each.is_allowed],
            "closed": [each for each in options if not each.is_allowed],
            "sentences": [sentence(parts, each) for each in entries],
            "comments": [
                _comment(parts, each) for each in entries if each.entry.type == EntryType.COMMENTED
            ],
            "most_bytes": FILE_LIMIT,
            "may_comment": asker.person.position is not Position.AUDITOR,
            "steps": _steps(view, entries, parts),
            "drawn": _way(view, entries, parts.clock.now()),
            "dispatch": dispatch_of(connection, item),
            "may_edit": view.state.editable and item.author == asker.person.id,
            "compared": changed_since_decided(parts.context, connection, view, entries, translate),
            "mend": to_mend(view, entries),
            "undo_until": undoable_until(parts.context, connection, item, asker.person),
            "is_asked": any(
                each.asked_of == asker.person.id and each.answered_at is None
                for each in opinions.opinions_of(connection, item.id)
            ),
            "people": _to_choose(connection)["people"],
            "candidates": _candidates(parts, connection, item, asker),
            "may_recuse": not view.state.held_by_author
            and any(each.person.id == asker.person.id for each in view.holders),
        }

    shown = await parts.database.read(found)
    return page(
        request,
        asker,
        "item.html",
        {
            **shown,
            "key": secrets.token_hex(16),
            "notice": "",
            "errors": errors or [],
            "typed": typed or {},
        },
        status,
    )


async def show_refused(
    request: Request,
    asker: Caller,
    code: str,
    errors: list[str],
    *,
    typed: dict[str, str] | None = None,
) -> Response:
    """Show an item with why something was not done, and what was typed."""
    return await _show(request, asker, code, errors=errors, typed=typed, status=409)


def _comment(parts: Application, entry: EntryView) -> dict[str, str]:
    return {
        "who": entry.actor.name if entry.actor else "",
        "at": hour_and_day(parts, entry.entry.at),
        "words": entry.comment or "",
    }


def _campaign_name(connection: Connection, item: Item) -> str:
    return next(
        (each.name for each in campaign_choices(connection) if each.id == item.campaign),
        item.campaign,
    )


def _deadline(parts: Application, connection: Connection, item: Item) -> str:
    """Return which report an item answers and until when, in words; empty where it answers none."""
    known = [
        each
        for each in deadlines.all_deadlines(connection)
        if each.campaign == item.campaign and each.kind == item.period
    ]
    mine = next((each for each in known if item.department in each.departments), None)
    return (
        translate(
            "{called} report, {due}", called=mine.called, due=hour_and_day(parts, mine.due_at)
        )
        if mine is not None
        else ""
    )


def _steps(view: ItemView, entries: list[EntryView], parts: Application) -> list[dict[str, Any]]:
    """Return the states of the straight way, those before the first final one, with when each was last entered."""
    entered_at = {
        each.fact.to_state: each.entry.at
        for each in entries
        if each.entry.type in {EntryType.CREATED, EntryType.TRANSITION}
    }
    way = list(takewhile(lambda state: not state.final, view.definition.states))
    ids = [state.id for state in way]
    here = ids.index(view.item.state) if view.item.state in ids else None
    return [
        {
            "label": translate(state.label),
            "is_current": state.id == view.item.state,
            "is_passed": place < here if here is not None else state.id in entered_at,
            "note": hour_and_day(parts, entered_at[state.id])
            if state.id in entered_at and (here is None or place <= here)
            else "",
        }
        for place, state in enumerate(way)
    ]


def _way(view: ItemView, entries: list[EntryView], now: datetime) -> dict[str, Any]:
    """Return the item's way as a list; its drawing is a picture of its own, for who opens it."""
    visits = visits_of(entries)
    spent = time_spent(visits, now)
    labels = {state.id: translate(awaited_in(state)) for state in view.definition.states}
    return {
        "way": [
            {
                "label": labels.get(each.state, each.state),
                "spent": translate(duration_words((each.left or now) - each.entered)),
            }
            for each in visits
        ],
        "total": translate(duration_words(sum(spent.values(), timedelta()))),
    }


def dispatch_of(connection: Connection, item: Item) -> dict[str, str] | None:
    """Return number, day and channel of an item that was sent, in words."""
    sent = dispatches.dispatch_of(connection, item.id)
    if sent is None:
        return None
    return {
        "notation": sent.notation,
        "day": _vietnamese_day(sent.issued_on),
        "channel": translate(dict(CHANNEL_NAMES)[sent.channel]),
        "issued_on": sent.issued_on,
    }


def _vietnamese_day(day: str) -> str:
    return date.fromisoformat(day).strftime("%d/%m/%Y")


@router.get("/{code}/edit")
async def edit_form(request: Request, asker: Asker, code: str, *, kept: bool = False) -> Response:
    """Show the form with the present content, or with what was being typed."""
    view = await _view(application(request), asker, code)
    return await _edit_form(
        request, asker, view, from_content(view.definition, view.content), [], is_kept=kept
    )


async def _view(parts: Application, asker: Caller, code: str) -> ItemView:
    return await parts.database.read(
        lambda connection: item_view(
            parts.context, connection, visible_item(connection, code, asker.person), asker.person.id
        )
    )


async def _edit_form(
    request: Request,
    asker: Caller,
    view: ItemView,
    typed: dict[str, Any],
    errors: list[str],
    status: int = 200,
    *,
    is_kept: bool = False,
) -> Response:
    typing = await kept_for(
        application(request),
        asker,
        form_of(view.definition, view.item.code),
        view.definition,
        is_wanted=is_kept,
    )
    typed = typing["restored"] or typed
    shown = {
        "typing": typing if status == 200 else {**typing, "kept_at": ""},  # noqa: PLR2004 - not after a refusal, which brings all back
        "heading": translate("Edit {code}", code=view.item.code),
        "context_line": translate(
            "If the item waits for approval, approvers receive a new link for the new content."
        ),
        "definition": view.definition,
        "definitions": [],
        "campaigns": [],
        "typed": typed,
        "errors": errors,
        "version": (typing["restored"] or {}).get("version") or view.item.version,
        "key": secrets.token_hex(16),
        "button": translate("Save the changes"),
        "files": view.content.files,
        "asked": _asked(view.definition, view.content, view.author),
        **await application(request).database.read(_to_choose),
    }
    return page(request, asker, "item_form.html", shown, status)


@router.post("/{code}/edit")
async def edit_item(request: Request, asker: Asker, code: str) -> Response:
    """Save changes made to the version that was shown; on conflict nothing typed is lost."""
    parts = application(request)
    form = await read_form(request)
    view = await _view(parts, asker, code)
    try:
        command = EditItem(
            code=code,
            cause=Cause(
                actor=asker.person.id,
                via=Via.PAGE,
                method=asker.method,
                command_id=form_key(form),
                digest=form_digest(form),
            ),
            version=form_version(form),
            title=read_title(form, view.content),
            fields=read_fields(view.definition, form, view.content),
        )
        await parts.database.write(command)
        await forget(parts, asker, form_of(view.definition, code))
    except Refusal as refusal:
        return await _edit_form(
            request,
            asker,
            view,
            entered(view.definition, form),
            [translate(each) for each in refusal.reasons],
            409,
        )
    return RedirectResponse(f"/items/{code}", status_code=303)


@router.post("/{code}/files")
async def add_file(request: Request, asker: Asker, code: str) -> Response:
    """Attach a file to the version that was shown."""
    parts = application(request)
    async with request.form() as given:
        form = tidied(given)
        file = form.get("file")
        try:
            if not isinstance(file, UploadFile):
                raise NotFoundRefusal(lazy("the file"))
            await _view(parts, asker, code)
            command = EditItem(
                code=code,
                cause=Cause(
                    actor=asker.person.id,
                    via=Via.PAGE,
                    method=asker.method,
                    command_id=form_key(form),
                    digest=form_digest(form),
                ),
                version=form_version(form),
                for_field=str(form.get("for_field") or "") or None,
            )
            await attach(
                parts,
                file.filename or "",
                await file.read(FILE_LIMIT + 1),
                lambda stored: replace(
                    command,
                    add_file=stored,
                    cause=replace(
                        command.cause,
                        digest=f"{command.cause.digest[:32]}{stored.sha256[:32]}",
                    ),
                ),
            )
        except InvalidRefusal as refusal:
            return await _show(
                request,
                asker,
                code,
                errors=[translate(each) for each in refusal.reasons],
                status=422,
            )
    return RedirectResponse(f"/items/{code}", status_code=303)


@router.get("/{code}/files/{sha256}")
async def get_file(request: Request, asker: Asker, code: str, sha256: str) -> Response:
    """Return a file as a download."""
    parts = application(request)
    view = await _view(parts, asker, code)
    response = await file_answer(parts, view.content.files, sha256)
    await parts.database.write(
        NoteAccess(what="file_read", person=asker.person.id, item=view.item.id, note=sha256[:16])
    )
    return response
