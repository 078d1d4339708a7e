"""The page behind a link in a mail: what is asked, on which content, and the receipt.

GET and HEAD change nothing that anything depends on. The page grants this one decision and no session. The order in
which a POST is judged is part of the interface (§6).
"""

import asyncio
import secrets
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from api.auth.access_log import NoteAccess
from api.auth.callers import application, client_of
from api.auth.rate_limits import Limit
from api.auth.second_factor import NEVER_SHOWN_AGAIN, prove
from api.composition import Application
from api.v1.items import file_answer
from api.web.confirmations import boxes, unconfirmed
from api.web.forms import form_digest, form_version, read_form
from api.web.pages.decide import dispatch_from_form
from api.web.pages.link_state import Opened, open_link
from api.web.rendering import day_writer, due_writer, hour_and_day, render
from notifications.translation import translate
from workflow.commands.decide import Decide, judge
from workflow.commands.dispatch import DispatchRequest
from workflow.commands.people import ResendLink
from workflow.definition import State
from workflow.errors import (
    InvalidRefusal,
    LinkRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    Refusal,
    SecondFactorRefusal,
    StaleRefusal,
)
from workflow.links import LinkStatus
from workflow.model import Item, Method, Via
from workflow.rules.outcomes import Decided

router = APIRouter(prefix="/a")
_UNKNOWN = Limit(name="unknown-link", count=30, minutes=10)


@router.api_route("/{token}", methods=["GET", "HEAD"])
async def show_opened(request: Request, token: str) -> Response:
    """Show what a link asks for, or what became of it."""
    parts = application(request)
    opened = await open_link(request, token)
    if opened is None:
        return await unknown_link(request)
    _note_opening(request, parts, opened)
    response = show_link(request, parts, opened)
    return HTMLResponse(status_code=200) if request.method == "HEAD" else response


def _note_opening(request: Request, parts: Application, opened: Opened) -> None:
    """Write the opening down aside; the reader does not wait, and nothing depends on it."""
    purpose = request.headers.get("sec-purpose", "")
    note = NoteAccess(
        what="link_opened",
        person=opened.person.id,
        item=opened.view.item.id,
        link=opened.link.id,
        note=f"{request.method} {purpose}"[:60],
    )
    task = asyncio.ensure_future(parts.database.write(note))
    _running.add(task)
    task.add_done_callback(_finished)


_running: set[asyncio.Future[Any]] = set()


def _finished(task: asyncio.Future[Any]) -> None:
    _running.discard(task)
    if not task.cancelled():
        task.exception()  # a note that could not be written is not the reader's concern


async def unknown_link(request: Request) -> Response:
    """Answer an unknown or forged link; always the same bytes."""
    allowed = await application(request).limits.take(_UNKNOWN, client_of(request))
    values = {
        "agency": application(request).agency,
        "view": None,
        "heading": translate("This link was not found")
        if allowed
        else translate("Too many wrong links were tried"),
        "sentences": [
            translate(
                "The address may have been cut when it was copied. Open the link from the "
                "mail again, or sign in to see your work."
            )
        ]
        if allowed
        else [translate("Wait 10 minutes, then open the link from the mail again.")],
    }
    return render("link.html", values, 404 if allowed else 429)


def show_link(
    request: Request,
    parts: Application,
    opened: Opened,
    *,
    errors: list[str] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """Return the page of a genuine link: what is asked, or what became of it."""
    heading, sentences = _words(parts, opened)
    values = {
        "agency": parts.agency,
        "view": opened.view,
        "department": opened.department,
        "heading": heading,
        "sentences": sentences,
        "errors": errors or [],
        "typed": typed or {},
        "is_live": opened.status == "live" and bool(opened.answers),
        "receipt": opened.receipt,
        "changed_since": opened.changed_since,
        "compared": opened.compared,
        "answers": opened.answers,
        "targets": _targets(opened),
        "confirmations": boxes(
            confirmed for each in opened.answers for confirmed in each.transition.confirms
        ),
        "asks_number": any(each.transition.numbered for each in opened.answers),
        "passkey_options": opened.passkey_options,
        "asks_factor": any(each.transition.second_factor for each in opened.answers),
        "may_ask_fresh": opened.holds_now and opened.status != LinkStatus.LIVE,
        "may_undo": opened.status == "used"
        and opened.undone is None
        and opened.undoable_until is not None,
        "undo_until": hour_and_day(parts, opened.undoable_until) if opened.undoable_until else "",
        "may_recuse": opened.status == "live" and opened.holds_now,
        "key": secrets.token_hex(16),
        "here": "/a/" + request.path_params["token"],
        "issued_to": opened.person.name,
        "expires": hour_and_day(parts, opened.link.expires_at),
    }
    return render("link.html", values, status)


def _targets(opened: Opened) -> list[State]:
    """Return the states that the first answer with a choice among several may lead to."""
    ids = next((each.transition.to for each in opened.answers if len(each.transition.to) > 1), ())
    states = {each.id: each for each in opened.view.definition.states}
    return [states[each] for each in ids]


def _words(parts: Application, opened: Opened) -> tuple[str, list[str]]:
    """Return the page's first sentence and what follows it."""
    labels = {each.id: translate(each.label) for each in opened.view.definition.transitions}
    if opened.status == "used" and opened.receipt is not None:
        did = labels.get(opened.receipt.fact.transition or "", "")
        who = (
            translate("You")
            if opened.receipt.actor and opened.receipt.actor.id == opened.person.id
            else (opened.receipt.actor.name if opened.receipt.actor else translate("The system"))
        )
        sentences = (
            [_waits_again(opened)]
            if opened.holds_now
            else [
                translate(
                    "The item is now in the state “{label}”. You need do nothing more.",
                    label=opened.view.state.label,
                )
            ]
        )
        if opened.receipt.comment:
            sentences.insert(
                0, translate("Your comment: {comment}", comment=opened.receipt.comment)
            )
        if opened.undone is not None:
            by = opened.undone.actor.name if opened.undone.actor else translate("The system")
            sentences.insert(
                0,
                translate(
                    "{by} undid this decision at {hour_and_day}.",
                    by=by,
                    hour_and_day=hour_and_day(parts, opened.undone.entry.at),
                ),
            )
        sentences.append(
            translate(
                "Receipt: entry {seq} of the history, hash {hash}.",
                seq=opened.receipt.entry.seq,
                hash=opened.receipt.entry.hash.hex()[:16],
            )
        )
        return translate(
            "Recorded: {who} chose “{did}” at {hour_and_day}.",
            who=who,
            did=did,
            hour_and_day=hour_and_day(parts, opened.receipt.entry.at),
        ), sentences
    if opened.status == "live" and opened.answers:
        due = due_writer(parts)(opened.view.item.due_at)
        day = day_writer(parts)(opened.view.item.due_at)[:5]
        return translate(
            "You are asked to handle this item{due}.",
            due=translate(", due {day} ({due})", day=day, due=due) if due else "",
        ), []
    return _ended_words(parts, opened, labels)


def _waits_again(opened: Opened) -> str:
    """Return where somebody decides who opened an older link: in the newest mail, in a fresh one, or after signing in."""
    return translate(
        "The item waits for you at the step “{label}”. Use the link in the newest "
        "mail, or one of the ways below.",
        label=opened.view.state.label,
    )


def _ended_words(
    parts: Application, opened: Opened, labels: dict[str, str]
) -> tuple[str, list[str]]:
    happened = []
    if opened.last is not None:
        who = opened.last.actor.name if opened.last.actor else translate("The system")
        happened = [
            translate(
                "{who} chose “{labels}” at {hour_and_day}.",
                who=who,
                labels=labels.get(opened.last.fact.transition or "", ""),
                hour_and_day=hour_and_day(parts, opened.last.entry.at),
            )
        ]
    now = [
        _waits_again(opened)
        if opened.holds_now
        else translate("The item is now in the state “{label}”.", label=opened.view.state.label)
    ]
    match opened.status:
        case "expired":
            return translate(
                "The link expired at {hour_and_day}.",
                hour_and_day=hour_and_day(parts, opened.link.expires_at),
            ), now
        case "revoked":
            return translate("This link was revoked."), now
        case "changed":
            fresh = (
                translate(
                    "A link for the new content is sent to you, at the latest ten minutes "
                    "after the author has finished editing."
                )
                if opened.holds_now
                else ""
            )
            return translate("The item's content has changed since this link was sent."), [
                *filter(None, [fresh]),
                *now,
            ]
        case "moved" if opened.holds_now:
            return translate(
                "The item waits for you again; this link belongs to an earlier time."
            ), [*happened, *now]
        case "moved":
            return translate(
                "The item has moved to another step; you need do nothing more at this one."
            ), [*happened, *now]
        case _:
            return translate("The item no longer waits for you."), [*happened, *now]


@router.post("/{token}")
async def decide_by_link(request: Request, token: str) -> Response:
    """Record the decision that was chosen on a link's page. Others' wrong links, from the same address, never lock a genuine one."""
    parts = application(request)
    opened = await open_link(request, token)
    if opened is None:
        return await unknown_link(request)
    form = await read_form(request)
    typed = {name: str(value) for name, value in form.items() if name not in NEVER_SHOWN_AGAIN}
    status, errors = await _judged(parts, opened, form)
    opened = await open_link(request, token) or opened
    return show_link(request, parts, opened, errors=errors, typed=typed, status=status)


async def _judged(parts: Application, opened: Opened, form: FormData) -> tuple[int, list[str]]:
    """Decide as the form says; return the status and what to tell."""
    decision = str(form.get("decision") or "")
    if opened.status == "used":
        return _of_used(opened, decision)
    if opened.status in {"revoked", "expired"}:
        return 410, []
    if opened.status in {"moved", "changed"}:
        return 409, []
    version = form_version(form)
    known = {each.id for each in opened.view.definition.transitions}
    if decision not in known or version is None:
        return 400, [translate("Choose a decision, then send again. Nothing was recorded.")]
    try:
        command = _command(opened, decision, version, form)
    except InvalidRefusal as refusal:
        return 422, [translate(each) for each in refusal.reasons]
    chosen = [each.transition for each in opened.answers if each.transition.id == decision]
    if not chosen:
        return await _not_offered(parts, command)
    if errors := unconfirmed(chosen[0].confirms, form):
        return 422, errors
    return await _decided(parts, command, opened.view.item, form)


def _of_used(opened: Opened, decision: str) -> tuple[int, list[str]]:
    if opened.receipt is not None and opened.receipt.fact.transition == decision:
        return 200, []
    return 409, [
        translate("You made another decision at this step, so this choice was not recorded.")
    ]


def _command(opened: Opened, decision: str, version: int, form: FormData) -> Decide:
    chosen = next(
        (each.transition for each in opened.answers if each.transition.id == decision), None
    )
    return Decide(
        code=opened.view.item.code,
        transition=decision,
        actor=opened.person.id,
        version=version,
        via=Via.LINK,
        method=Method.LINK,
        command_id=f"link:{secrets.token_hex(16)}",
        digest=form_digest(form),
        # The page has one field for all answers; an answer takes only what it asks for.
        to=str(form.get("to") or "") or None if chosen is not None and len(chosen.to) > 1 else None,
        comment=str(form.get("comment") or ""),
        link=opened.link.id,
        dispatch=dispatch_from_form(form)
        if chosen is not None and chosen.numbered
        else DispatchRequest(),
    )


async def _not_offered(parts: Application, command: Decide) -> tuple[int, list[str]]:
    refusal = await parts.database.read(
        lambda connection: judge(parts.context, connection, command)
    )
    if isinstance(refusal, StaleRefusal):
        return 409, [translate(refusal)]
    return 403, [
        translate(refusal)
        if isinstance(refusal, NotPermittedRefusal)
        else translate("This decision is not yours at this step.")
    ]


async def _decided(
    parts: Application, command: Decide, item: Item, form: FormData
) -> tuple[int, list[str]]:
    """Judge all but the factor first, then prove the factor, then decide (§6: 422 comes before 403)."""
    refusal = await parts.database.read(
        lambda connection: judge(parts.context, connection, replace(command, method=Method.PIN))
    )
    try:
        if refusal is not None:
            raise refusal
        if await parts.database.read(lambda connection: _needs_factor(parts, connection, command)):
            command = replace(command, method=await prove(parts, command.actor, form, item))
        outcome: Decided = await parts.database.write(command)
    except Refusal as ended:
        return _status_of(ended), [translate(each) for each in ended.reasons]
    return (200, []) if outcome else (409, [])


def _needs_factor(parts: Application, connection: Connection, command: Decide) -> bool:
    return isinstance(judge(parts.context, connection, command), SecondFactorRefusal)


def _status_of(refusal: Refusal) -> int:
    match refusal:
        case LinkRefusal(status="revoked" | "expired"):
            return 410
        case LinkRefusal() | StaleRefusal():
            return 409
        case SecondFactorRefusal(is_locked=True):
            return 429
        case NotPermittedRefusal():
            return 403
        case NotFoundRefusal():
            return 404
        case _:
            return 422


@router.post("/{token}/fresh")
async def ask_fresh_link(request: Request, token: str) -> Response:
    """Mail a fresh link to the registered address of whom this one was issued to."""
    parts = application(request)
    opened = await open_link(request, token)
    if opened is None:
        return await unknown_link(request)
    # One a minute at most: the occurrence is part of the mail's unique key.
    occurrence = parts.clock.now().strftime("r%Y%m%d%H%M")
    sent = await parts.database.write(
        ResendLink(code=opened.view.item.code, person=opened.person.id, occurrence=occurrence)
    )
    sentence = (
        translate("A fresh link was sent to the registered address.")
        if sent
        else translate("The item no longer waits for you, so no fresh link is needed.")
    )
    values = {
        "agency": parts.agency,
        "view": None,
        "heading": sentence,
        "sentences": [translate("You may close this page.")],
    }
    return render("link.html", values)


@router.get("/{token}/files/{sha256}")
async def get_file(request: Request, token: str, sha256: str) -> Response:
    """Return a file of the item to whom the live link was issued."""
    parts = application(request)
    opened = await open_link(request, token)
    if opened is None or opened.status != "live":
        return await unknown_link(request)
    response = await file_answer(parts, opened.view.content.files, sha256)
    await parts.database.write(
        NoteAccess(
            what="file_read",
            person=opened.person.id,
            item=opened.view.item.id,
            link=opened.link.id,
            note=sha256[:16],
        )
    )
    return response
