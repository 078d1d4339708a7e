"""The files of an item: attached to the version that was shown, and handed out."""

from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.composition import Application
from api.downloads import file_answer
from api.intake.agency_seal import seal_copy
from api.intake.attaching import attach, attach_signed
from api.intake.checks import check_inside
from api.problems import page_status
from api.visible_items import visible_view
from api.web.errors import reasons_in_words
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import FormState, form_version, page_cause, tidied
from api.web.item_flash import item_flash
from api.web.pages.item import show_refused
from notifications.translation import translate
from workflow.commands.create_item import Written
from workflow.commands.edit_item import EditItem
from workflow.commands.signed_copy import AddSignedCopy
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    Refusal,
    reason,
)
from workflow.messages import lazy
from workflow.model import StoredFile
from workflow.rules import FILE_LIMIT, kept_as, named_upload

router = APIRouter(prefix="/items")


@router.post("/{code}/files")
async def add_file(request: Request, parts: Parts, asker: Asker, code: str) -> Response:
    """Attach a file to the version that was shown."""
    async with request.form() as given:
        form = tidied(given)
        file = form.get("file")
        try:
            if not isinstance(file, UploadFile):
                raise NotFoundRefusal(lazy("the file"))
            await visible_view(parts, asker, code)
            command = EditItem(
                code=code,
                cause=page_cause(asker, form),
                version=form_version(form),
                for_field=text_in(form, "for_field") or None,
            )
            content = await file.read(FILE_LIMIT + 1)
            await attach(
                parts, file.filename or "", content, lambda stored: _adding(command, stored)
            )
        except InvalidRefusal as refusal:
            state = FormState(errors=reasons_in_words(refusal), status=422)
            return await show_refused(request, asker, code, state)
    told = await item_flash(parts, asker, code, translate("The file is attached."))
    return redirect_with_flash(request, asker, f"/items/{code}", told)


@router.post("/{code}/signed-copy")
async def add_signed_copy(request: Request, parts: Parts, asker: Asker, code: str) -> Response:
    """Keep the signed document of an item that was approved."""
    async with request.form() as given:
        form = tidied(given)
        await visible_view(parts, asker, code)
        try:
            await _keep_signed(parts, asker, code, form)
        except (InvalidRefusal, NotPermittedRefusal) as refusal:
            errors = reasons_in_words(refusal, {"file": "signed", "form": "form"})
            typed = {"form": text_in(form, "form")}
            state = FormState(typed=typed, errors=errors, status=page_status(refusal))
            return await show_refused(request, asker, code, state)
    told = await item_flash(parts, asker, code, translate("The signed document is kept."))
    return redirect_with_flash(request, asker, f"/items/{code}", told)


async def _keep_signed(parts: Application, asker: Caller, code: str, form: FormData) -> None:
    if seals := text_in(form, "seals"):
        await seal_copy(parts, code, seals, page_cause(asker, form))
        return
    file, how = form.get("signed"), text_in(form, "form")
    if not isinstance(file, UploadFile):
        raise InvalidRefusal(reason("file", "Choose the signed document as a PDF."))
    content = await file.read(FILE_LIMIT + 1)
    cause = page_cause(asker, form)

    def add(stored: StoredFile) -> AddSignedCopy:
        digest = f"{cause.digest[:32]}{stored.sha256[:32]}"
        return AddSignedCopy(code=code, cause=replace(cause, digest=digest), form=how, file=stored)

    await attach_signed(parts, file.filename or "", content, add)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A file that was chosen in the form of an item, looked into and found good."""

    name: str
    content: bytes


async def chosen_file(form: FormData) -> Chosen | None:
    """Return the file that a form brings, if any. Raises InvalidRefusal before anything is kept."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        return None
    try:
        content = await file.read(FILE_LIMIT + 1)
    finally:
        await file.close()
    if not file.filename:
        return None
    named_upload(file.filename, content)
    await check_inside(kept_as(file.filename)[0], content)
    return Chosen(name=file.filename, content=content)


async def attach_chosen(
    parts: Application, asker: Caller, form: FormData, chosen: Chosen | None, written: Written
) -> str:
    """Attach the file to what the form has just written, which stands whatever comes of the file.

    Return in words why it was not attached, or nothing.
    """
    if chosen is None:
        return ""
    cause = page_cause(asker, form, "file")
    command = EditItem(code=written.code, cause=cause, version=written.version)
    try:
        await attach(parts, chosen.name, chosen.content, lambda stored: _adding(command, stored))
    except Refusal as refusal:
        why = " ".join(reasons_in_words(refusal)) or translate(refusal)
        return translate("The file was not attached: {why}", why=why)
    return ""


def _adding(command: EditItem, stored: StoredFile) -> EditItem:
    """Return ``command`` with the file; its digest tells one file from another."""
    digest = f"{command.cause.digest[:32]}{stored.sha256[:32]}"
    return replace(command, add_file=stored, cause=replace(command.cause, digest=digest))


@router.get("/{code}/files/{sha256}")
async def get_file(
    request: Request, parts: Parts, asker: Asker, code: str, sha256: str
) -> Response:
    """Return a file as a download."""
    view = await visible_view(parts, asker, code)
    return await file_answer(request, view, sha256, asker.person.id)
