"""``/api/v1/items/{code}/attachments``: the files of an item."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.downloads import file_answer
from api.intake.attaching import attach, attach_signed
from api.json_response import OrjsonResponse
from api.request_bodies import KnownCallerRoute
from api.v1.dependencies import cause_of, expected_version, if_matched
from api.v1.responses import item_response_after, list_response
from api.v1.serializers import file_json, moment
from api.visible_items import visible_view
from workflow.commands.edit_item import EditItem
from workflow.commands.signed_copy import AddSignedCopy
from workflow.lookups.items import visible_item
from workflow.lookups.signatures import ItemSignature, SignedCopy, signature_on
from workflow.model import Person, PersonId, StoredFile
from workflow.queries import people
from workflow.rules import FILE_LIMIT
from workflow.verdicts import SignatureDemand

router = APIRouter(prefix="/items", route_class=KnownCallerRoute)


@router.get("/{code}/attachments")
async def list_files(parts: Parts, asker: Asker, code: str) -> Response:
    """Return the files of an item."""
    view = await visible_view(parts, asker, code)
    return list_response([file_json(each) for each in view.content.files])


@router.post("/{code}/attachments", status_code=201)
async def attach_file(
    request: Request,
    parts: Parts,
    asker: Asker,
    code: str,
    file: UploadFile,
    for_field: Annotated[str | None, Form()] = None,
) -> Response:
    """Attach a file (multipart field ``file``), as the value of ``for_field`` where that is given.

    Needs If-Match.
    """
    await parts.database.read(lambda connection: visible_item(connection, code, asker.person))
    content = await file.read(FILE_LIMIT + 1)

    def edit(stored: StoredFile) -> EditItem:
        return EditItem(
            code=code,
            cause=cause_of(request, asker, [stored.sha256, stored.name, for_field]),
            version=expected_version(request),
            add_file=stored,
            for_field=for_field,
        )

    with if_matched():
        written = await attach(parts, file.filename or "", content, edit)
    return await item_response_after(parts, written.code, written.seq, asker.person.id, status=201)


@router.get("/{code}/signed-copy")
async def get_signature(parts: Parts, asker: Asker, code: str) -> Response:
    """Return on what the signature of an item rests.

    Without a form, on the approval alone; without that either, it bears none where it is.
    """

    def load(connection: Connection) -> dict[str, object]:
        item = visible_item(connection, code, asker.person)
        found = signature_on(parts.context, connection, item)
        return _signature_json(found, people.people_by_id(connection))

    return OrjsonResponse(await parts.database.read(load))


@router.post("/{code}/signed-copy", status_code=201)
async def add_signed_copy(
    request: Request,
    parts: Parts,
    asker: Asker,
    code: str,
    file: UploadFile,
    form: Annotated[str, Form()],
) -> Response:
    """Keep the signed document (multipart field ``file``); the clerk's and the Office's."""
    await parts.database.read(lambda connection: visible_item(connection, code, asker.person))
    content = await file.read(FILE_LIMIT + 1)

    def add(stored: StoredFile) -> AddSignedCopy:
        cause = cause_of(request, asker, [stored.sha256, form])
        return AddSignedCopy(code=code, cause=cause, form=form, file=stored)

    await attach_signed(parts, file.filename or "", content, add)
    answer = await get_signature(parts, asker, code)
    answer.status_code = 201
    return answer


def _signature_json(
    found: ItemSignature | None, known: Mapping[PersonId, Person]
) -> dict[str, object]:
    copy = found.copy if found else None
    return {
        "approved_at": moment(found.approved_at) if found else None,
        "form": copy.form if copy else None,
        "sha256": copy.file.sha256 if copy else None,
        "size": copy.file.size if copy else None,
        "added_by": known[copy.added_by].email if copy and copy.added_by else None,
        "added_at": moment(copy.added_at) if copy else None,
        "verdict": _verdict_json(copy) if copy else None,
    }


def _verdict_json(copy: SignedCopy) -> dict[str, object] | None:
    verdict = copy.verdict
    if verdict is None:
        return None
    return {
        "document": verdict.document,
        "shortfalls": verdict.shortfalls(SignatureDemand.TRUSTED),
        "signatures": [
            {**asdict(each), **asdict(names)}
            for each, names in zip(verdict.signatures, copy.names, strict=True)
        ],
    }


@router.get("/{code}/attachments/{sha256}")
async def get_file(
    request: Request, parts: Parts, asker: Asker, code: str, sha256: str
) -> Response:
    """Return the bytes of an item's file, always as a download."""
    view = await visible_view(parts, asker, code)
    return await file_answer(request, view, sha256, asker.person.id)
