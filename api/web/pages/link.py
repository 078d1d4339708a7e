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
from api.web.forms import form_digest, form_version, read_form
from api.web.pages.decide import dispatch_from_form
from api.web.pages.link_state import Opened, open_link
from api.web.rendering import day_writer, due_writer, hour_and_day, render
from workflow.commands.decide import Decide, Decided, judge
from workflow.commands.dispatch import DispatchRequest
from workflow.commands.people import ResendLink
from workflow.errors import InvalidRefusal, LinkRefusal, NotFoundRefusal, NotPermittedRefusal, Refusal, SecondFactorRefusal, StaleRefusal
from workflow.links import LinkStatus
from workflow.model import Item, Method, Via
from workflow.speech import say

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
        what="link_opened", person=opened.person.id, item=opened.view.item.id, link=opened.link.id, note=f"{request.method} {purpose}"[:60]
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
        "heading": say("Không tìm thấy liên kết này") if allowed else say("Đã thử quá nhiều liên kết không đúng"),
        "sentences": [say("Địa chỉ có thể bị cắt khi sao chép. Hãy mở lại liên kết từ thư, hoặc đăng nhập để xem việc của bạn.")]
        if allowed
        else [say("Hãy đợi 10 phút rồi mở lại liên kết từ thư.")],
    }
    return render("link.html", values, 404 if allowed else 429)


def show_link(
    request: Request, parts: Application, opened: Opened, *, errors: list[str] | None = None, typed: dict[str, str] | None = None, status: int = 200
) -> HTMLResponse:
    """Return the page of a genuine link: what is asked, or what became of it."""
    heading, sentences = _words(parts, opened)
    targets = next((each.transition.to for each in opened.answers if len(each.transition.to) > 1), ())
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
        "targets": [state for wanted in targets for state in opened.view.definition.states if state.id == wanted],
        "asks_number": any(each.transition.numbered for each in opened.answers),
        "passkey_options": opened.passkey_options,
        "asks_factor": any(each.transition.second_factor for each in opened.answers),
        "may_ask_fresh": opened.holds_now and opened.status != LinkStatus.LIVE,
        "may_undo": opened.status == "used" and opened.undone is None and opened.undoable_until is not None,
        "undo_until": hour_and_day(parts, opened.undoable_until) if opened.undoable_until else "",
        "may_recuse": opened.status == "live" and opened.holds_now,
        "key": secrets.token_hex(16),
        "here": "/a/" + request.path_params["token"],
        "issued_to": opened.person.name,
        "expires": hour_and_day(parts, opened.link.expires_at),
    }
    return render("link.html", values, status)


def _words(parts: Application, opened: Opened) -> tuple[str, list[str]]:
    """Return the page's first sentence and what follows it."""
    labels = {each.id: str(each.label) for each in opened.view.definition.transitions}
    if opened.status == "used" and opened.receipt is not None:
        did = labels.get(str(opened.receipt.facts["transition"]), "")
        who = (
            say("Bạn")
            if opened.receipt.actor and opened.receipt.actor.id == opened.person.id
            else (opened.receipt.actor.name if opened.receipt.actor else say("Hệ thống"))
        )
        sentences = (
            [_waits_again(opened)]
            if opened.holds_now
            else [say("Hồ sơ hiện ở trạng thái “{label}”. Bạn không cần làm gì thêm.", label=opened.view.state.label)]
        )
        if opened.receipt.comment:
            sentences.insert(0, say("Ý kiến của bạn: {comment}", comment=opened.receipt.comment))
        if opened.undone is not None:
            by = opened.undone.actor.name if opened.undone.actor else say("Hệ thống")
            sentences.insert(
                0, say("{by} đã hoàn tác quyết định này lúc {hour_and_day}.", by=by, hour_and_day=hour_and_day(parts, opened.undone.entry.at))
            )
        sentences.append(say("Biên nhận: mục {seq} của lịch sử, mã {hash}.", seq=opened.receipt.entry.seq, hash=opened.receipt.entry.hash.hex()[:16]))
        return say(
            "Đã ghi nhận: {who} đã chọn “{did}” lúc {hour_and_day}.", who=who, did=did, hour_and_day=hour_and_day(parts, opened.receipt.entry.at)
        ), sentences
    if opened.status == "live" and opened.answers:
        due = due_writer(parts)(opened.view.item.due_at)
        day = day_writer(parts)(opened.view.item.due_at)[:5]
        return say("Bạn được đề nghị xử lý hồ sơ này{due}.", due=say(", hạn {day} ({due})", day=day, due=due) if due else ""), []
    return _ended_words(parts, opened, labels)


def _waits_again(opened: Opened) -> str:
    """Return where somebody decides who opened an older link: in the newest mail, in a fresh one, or after signing in."""
    return say(
        "Hồ sơ đang chờ bạn ở bước “{label}”. Dùng liên kết trong thư mới nhất, hoặc chọn một cách dưới đây.",
        label=opened.view.state.label,
    )


def _ended_words(parts: Application, opened: Opened, labels: dict[str, str]) -> tuple[str, list[str]]:
    happened = []
    if opened.last is not None:
        who = opened.last.actor.name if opened.last.actor else say("Hệ thống")
        happened = [
            say(
                "{who} đã thực hiện “{labels}” lúc {hour_and_day}.",
                who=who,
                labels=labels.get(str(opened.last.facts["transition"]), ""),
                hour_and_day=hour_and_day(parts, opened.last.entry.at),
            )
        ]
    now = [_waits_again(opened) if opened.holds_now else say("Hồ sơ hiện ở trạng thái “{label}”.", label=opened.view.state.label)]
    match opened.status:
        case "expired":
            return say("Liên kết đã hết hạn lúc {hour_and_day}.", hour_and_day=hour_and_day(parts, opened.link.expires_at)), now
        case "revoked":
            return say("Liên kết này đã bị thu hồi."), now
        case "changed":
            fresh = say("Liên kết cho nội dung mới được gửi tới bạn, chậm nhất mười phút sau khi người soạn sửa xong.") if opened.holds_now else ""
            return say("Nội dung hồ sơ đã thay đổi sau khi gửi liên kết này."), [*filter(None, [fresh]), *now]
        case "moved" if opened.holds_now:
            return say("Hồ sơ lại đang chờ bạn xử lý; liên kết này của một lần trước."), [*happened, *now]
        case "moved":
            return say("Hồ sơ đã sang bước khác, bạn không cần làm gì thêm ở bước này."), [*happened, *now]
        case _:
            return say("Hồ sơ không còn chờ bạn."), [*happened, *now]


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
        return 400, [say("Hãy chọn một quyết định rồi gửi lại. Chưa có gì được ghi nhận.")]
    try:
        command = _command(opened, decision, version, form)
    except InvalidRefusal as refusal:
        return 422, [each.message for each in refusal.reasons]
    if decision not in {each.transition.id for each in opened.answers}:
        return await _not_offered(parts, command)
    return await _decided(parts, command, opened.view.item, form)


def _of_used(opened: Opened, decision: str) -> tuple[int, list[str]]:
    if opened.receipt is not None and opened.receipt.facts["transition"] == decision:
        return 200, []
    return 409, [say("Bạn đã có một quyết định khác ở bước này nên lựa chọn vừa rồi không được ghi nhận.")]


def _command(opened: Opened, decision: str, version: int, form: FormData) -> Decide:
    chosen = next((each.transition for each in opened.answers if each.transition.id == decision), None)
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
        dispatch=dispatch_from_form(form) if chosen is not None and chosen.numbered else DispatchRequest(),
    )


async def _not_offered(parts: Application, command: Decide) -> tuple[int, list[str]]:
    refusal = await parts.database.read(lambda connection: judge(parts.context, connection, command))
    if isinstance(refusal, StaleRefusal):
        return 409, [str(refusal)]
    return 403, [str(refusal) if isinstance(refusal, NotPermittedRefusal) else say("Quyết định này không dành cho bạn ở bước này.")]


async def _decided(parts: Application, command: Decide, item: Item, form: FormData) -> tuple[int, list[str]]:
    """Judge all but the factor first, then prove the factor, then decide (§6: 422 comes before 403)."""
    refusal = await parts.database.read(lambda connection: judge(parts.context, connection, replace(command, method=Method.PIN)))
    try:
        if refusal is not None:
            raise refusal
        if await parts.database.read(lambda connection: _needs_factor(parts, connection, command)):
            command = replace(command, method=await prove(parts, command.actor, form, item))
        outcome: Decided = await parts.database.write(command)
    except Refusal as ended:
        return _status_of(ended), [each.message for each in ended.reasons]
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
    sent = await parts.database.write(ResendLink(code=opened.view.item.code, person=opened.person.id, occurrence=occurrence))
    sentence = say("Đã gửi liên kết mới tới địa chỉ đã đăng ký.") if sent else say("Hồ sơ không còn chờ bạn nên không cần liên kết mới.")
    values = {"agency": parts.agency, "view": None, "heading": sentence, "sentences": [say("Bạn có thể đóng trang này.")]}
    return render("link.html", values)


@router.get("/{token}/files/{sha256}")
async def get_file(request: Request, token: str, sha256: str) -> Response:
    """Return a file of the item to whom the live link was issued."""
    parts = application(request)
    opened = await open_link(request, token)
    if opened is None or opened.status != "live":
        return await unknown_link(request)
    response = await file_answer(parts, opened.view.content.files, sha256)
    await parts.database.write(NoteAccess(what="file_read", person=opened.person.id, item=opened.view.item.id, link=opened.link.id, note=sha256[:16]))
    return response
