"""The operations about files and what leaves: attachments, the signed document, the register.

A part of the table of ``operations``.
"""

from collections.abc import Mapping

from api.official_documents import DOCUMENT_TYPES
from api.v1.operation import Operation
from api.v1.schemas.answers import (
    AttachFile,
    FileAnswer,
    ItemAnswer,
    Page,
    SignatureAnswer,
    SignedCopyFile,
)
from api.v1.schemas.dossiers import DossierAnswer, DossierLineAnswer, NewDossier
from api.v1.schemas.register import NewDocument, RegisterLineAnswer
from api.v1.schemas.sendings import (
    AmendmentAnswer,
    NewAmendment,
    NewDelivery,
    SealedCopy,
    SendingEntry,
)
from workflow.rules import MEDIA_TYPES

OUTGOING: Mapping[str, Operation] = {
    "get /api/v1/items/{code}/attachments": Operation(
        "list_files", Page[FileAnswer], refusals=(404,)
    ),
    "post /api/v1/items/{code}/attachments": Operation(
        "attach_file",
        ItemAnswer,
        has_etag=True,
        status=201,
        body=AttachFile,
        refusals=(403, 404, 412, 422, 428),
        if_match=True,
    ),
    "get /api/v1/items/{code}/attachments/{sha256}": Operation(
        "get_file", tuple(sorted({*MEDIA_TYPES.values()})), refusals=(404,)
    ),
    "get /api/v1/items/{code}/documents/{file}": Operation(
        "get_item_document", DOCUMENT_TYPES, refusals=(404,)
    ),
    "get /api/v1/council-rounds/{round_id}/documents/{file}": Operation(
        "get_round_document", DOCUMENT_TYPES, refusals=(404,)
    ),
    "get /api/v1/register": Operation(
        "list_register", Page[RegisterLineAnswer], refusals=(403, 422)
    ),
    "post /api/v1/register": Operation(
        "register_document",
        RegisterLineAnswer,
        status=201,
        body=NewDocument,
        refusals=(403, 422),
    ),
    "get /api/v1/dossiers": Operation(
        "list_dossiers", Page[DossierLineAnswer], refusals=(403, 422)
    ),
    "get /api/v1/dossiers/{dossier_id}": Operation(
        "get_dossier", DossierAnswer, refusals=(403, 404, 422)
    ),
    "get /api/v1/dossiers/{dossier_id}/package": Operation(
        "get_dossier_package", ("application/zip",), refusals=(403, 404, 422)
    ),
    "post /api/v1/dossiers": Operation(
        "send_dossier",
        DossierAnswer,
        status=201,
        body=NewDossier,
        refusals=(403, 404, 422),
    ),
    "post /api/v1/items/{code}/amendments": Operation(
        "amend_sending",
        AmendmentAnswer,
        status=201,
        body=NewAmendment,
        refusals=(403, 404, 422),
    ),
    "post /api/v1/items/{code}/deliveries": Operation(
        "record_delivery",
        SendingEntry,
        status=201,
        body=NewDelivery,
        refusals=(403, 404, 422),
    ),
    "post /api/v1/items/{code}/recipient-links/revoke": Operation(
        "revoke_recipient_links", SendingEntry, refusals=(403, 404, 422)
    ),
    "post /api/v1/items/{code}/signed-copy/seal": Operation(
        "seal_signed_copy",
        SignatureAnswer,
        status=201,
        body=SealedCopy,
        refusals=(403, 404, 422),
    ),
    "get /api/v1/items/{code}/signed-copy": Operation(
        "get_signature", SignatureAnswer, refusals=(404,)
    ),
    "post /api/v1/items/{code}/signed-copy": Operation(
        "add_signed_copy",
        SignatureAnswer,
        status=201,
        body=SignedCopyFile,
        refusals=(403, 404, 422),
    ),
}
