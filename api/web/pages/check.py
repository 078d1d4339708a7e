"""Checking, without signing in, whether an entry that somebody holds on paper is in the history.

Answers for a short code, a scanned address or a proof's file: there and unchanged, or not. Says
nothing of what the entry is about, and changes nothing; how often one client may ask is counted.
"""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, Response

from api.auth.callers import Parts, client_of
from api.auth.rate_limits import Limit
from api.composition import Application
from api.web.dates import hour_and_day
from api.web.form_fields import text_in
from api.web.forms import read_form
from api.web.rendering import Page, render_alone
from notifications.translation import translate
from workflow.history.checkpoints import hex_groups
from workflow.history.proofs import Code, parse_code, parse_proof
from workflow.lookups.agency import Agency
from workflow.messages import Message, lazy
from workflow.queries.proofs import Finding, ProofCheck, check_code, check_proof

router = APIRouter(prefix="/check")
_CHECKS = Limit(name="check", count=60, minutes=10)
_LONGEST_PROOF = 16_384
_HEADINGS = {
    Finding.UNCHANGED: lazy("In the history, and unchanged"),
    Finding.WAITING: lazy("In the history, but not under a checkpoint yet"),
    Finding.CHANGED: lazy("Does not agree with the history"),
    Finding.ABSENT: lazy("Not in the history"),
}
_SENTENCES = {
    Finding.UNCHANGED: lazy(
        "The entry stands where your paper or file says, and nothing of it or before it was "
        "changed."
    ),
    Finding.WAITING: lazy(
        "The entry is there. A signed checkpoint will cover it within a day; check again then."
    ),
    Finding.CHANGED: lazy(
        "The history here is not the one that your paper or file was made from. Keep what you "
        "hold, and tell the agency's auditor or its superior body."
    ),
    Finding.ABSENT: lazy(
        "No entry of this history has this code. Compare it letter by letter with the paper. If it "
        "is right, the paper is not from this history: tell the agency's auditor."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPage(Page):
    """The form, and what a check found."""

    template: ClassVar[str] = "check.html"
    agency: Agency
    heading: str
    typed: str = ""
    error: str = ""
    finding: Finding | None = None
    sentence: Message | str = ""
    position: int = 0
    size: int = 0
    root: str = ""
    log: str = ""
    made: str = ""


@router.get("")
async def show_check(request: Request, parts: Parts, code: str = "", under: str = "") -> Response:
    """Show the form; with a code, as a scanned address has one, what it is worth."""
    return await _check(request, parts, code, under) if code else _check_page(parts)


@router.post("")
async def check(request: Request, parts: Parts) -> Response:
    """Answer for what was typed, or for the file of a proof."""
    form = await read_form(request)
    file = form.get("proof")
    raw = await file.read(_LONGEST_PROOF) if isinstance(file, UploadFile) else b""
    await form.close()
    if raw:
        return await _check_file(request, parts, raw.decode("utf-8", "replace"))
    return await _check(request, parts, text_in(form, "code"))


async def _check(request: Request, parts: Application, typed: str, under: str = "") -> Response:
    if not await parts.limits.take(_CHECKS, client_of(request)):
        return _too_often(parts)
    code, seal = parse_code(typed), parse_code(under) if under else None
    if code is None or (under and seal is None):
        return _check_page(
            parts,
            typed=typed,
            error=translate(
                "This is no code. It is a number and five groups of four letters and digits, as "
                "printed beside the QR code: 123-ABCD-EFGH-JKMN-PQRS-TVWX."
            ),
            status=422,
        )
    keys = parts.sealer.verifier_keys
    found = await parts.database.report(lambda connection: check_code(connection, keys, code, seal))
    return _answer(parts, found, code)


async def _check_file(request: Request, parts: Application, text: str) -> Response:
    if not await parts.limits.take(_CHECKS, client_of(request)):
        return _too_often(parts)
    try:
        proof, note = parse_proof(text)
    except ValueError:
        sentence = translate(
            "This file is no proof. Choose the file that ends with .tlog-proof, as it was "
            "downloaded."
        )
        return _check_page(parts, error=sentence, status=422)
    keys = parts.sealer.verifier_keys
    found = await parts.database.report(
        lambda connection: check_proof(connection, keys, proof, note)
    )
    return _answer(parts, found, proof.code)


def _answer(parts: Application, found: ProofCheck, code: Code) -> HTMLResponse:
    page = CheckPage(
        agency=parts.agency,
        heading=translate(_HEADINGS[found.finding]),
        typed=str(code),
        finding=found.finding,
        sentence=_SENTENCES[found.finding],
        position=found.position,
        size=found.checkpoint.size if found.checkpoint else 0,
        root=" ".join(hex_groups(found.checkpoint.root)) if found.checkpoint else "",
        log=found.checkpoint.origin if found.checkpoint else "",
        made=hour_and_day(parts, found.made_at),
    )
    return render_alone(page)


def _check_page(
    parts: Application, *, typed: str = "", error: str = "", status: int = 200
) -> HTMLResponse:
    heading = translate("Check a certificate of decision")
    page = CheckPage(agency=parts.agency, heading=heading, typed=typed, error=error)
    return render_alone(page, status)


def _too_often(parts: Application) -> HTMLResponse:
    sentence = translate("Too many checks from this connection. Wait 10 minutes, then try again.")
    return _check_page(parts, error=sentence, status=429)
