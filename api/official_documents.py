"""Official documents, handed out as PDF and for Word by pages and by the interface.

Owns which template draws which document, and what happens where the agency's own template or words
are broken: those that came with the program are used, and the log says why. Reading is done
in a read, typesetting in a thread: the event loop does neither.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy import Connection
from starlette.responses import Response

from api.composition import Application, read_file
from api.downloads import private_file
from api.settings import Settings, shipped_definitions
from notifications.translation import DEFAULT_LANGUAGE, speaking, translate
from workflow.definition import DocumentWords, load_document_words
from workflow.documents import FONTS, data_of, typeset_official
from workflow.documents.samples import SAMPLES, sample_agency
from workflow.errors import InvalidInputError, NotFoundRefusal
from workflow.messages import Message, lazy
from workflow.model import Json, Person
from workflow.queries.document_facts import Writing
from workflow.queries.documents import ItemDocument, Made, documents_of, item_document
from workflow.queries.items import ItemView
from workflow.queries.round_documents import (
    RoundDocument,
    documents_of_round,
    round_document,
)
from workflow.queries.rounds import RoundView

KindT = TypeVar("KindT", bound=StrEnum)
log = structlog.get_logger()
WORDING = "documents/wording.yaml"
LAYOUT = "documents/layout.typ"
WORD_TEMPLATE, CERTIFICATES = "documents/official.docx", "documents/certificates.docx"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ITEM_DOCUMENTS: Mapping[ItemDocument, Message] = {
    ItemDocument.SUBMISSION: lazy("Submission with its list"),
    ItemDocument.MERIT_REPORT: lazy("Report of merit"),
    ItemDocument.DECISION: lazy("Decision on the award"),
    ItemDocument.CERTIFICATES: lazy("Text of the certificate"),
    ItemDocument.REPORT: lazy("Report"),
    ItemDocument.LETTER: lazy("Covering letter"),
    ItemDocument.CORRECTION: lazy("Letter of correction"),
}
ROUND_DOCUMENTS: Mapping[RoundDocument, Message] = {
    RoundDocument.MINUTES: lazy("Minutes"),
    RoundDocument.TALLY: lazy("Tally sheet"),
    RoundDocument.SUBMISSION: lazy("Submission with its list"),
    RoundDocument.DECISION: lazy("Decision on the awards"),
    RoundDocument.CERTIFICATES: lazy("Text of the certificates"),
}
DOCUMENT_TYPES = ("application/pdf", DOCX)
_TEMPLATES: Mapping[ItemDocument | RoundDocument, str] = {ItemDocument.CORRECTION: "letter"}
"""The documents whose template is called by another name than their own."""
_Files = Sequence[Path]
"""A template, and the layout where it reads one."""
_EPOCH = datetime(2020, 3, 5, tzinfo=UTC)
"""The day that a file says it was made, the same for ever, so that its bytes are: the decree's."""


def writing_for(parts: Application, reader: Person) -> Writing:
    """Return what documents are written with for ``reader``; their language is Vietnamese."""
    return Writing(
        context=parts.context,
        agency=parts.agency,
        words=words_of(parts.settings),
        reader=reader,
        say=_in_default_language,
    )


def _in_default_language(message: object) -> str:
    with speaking(DEFAULT_LANGUAGE):
        return translate(message)


def words_of(settings: Settings) -> DocumentWords:
    """Return the words of the agency's documents; those shipped where its file is broken."""
    own = settings.definition_file(WORDING)
    try:
        return _words(*read_file(own))
    except InvalidInputError as exc:
        log.warning("document_words_broken", file=str(own), problem=str(exc))
        return _words(*read_file(shipped_definitions() / WORDING))


_words = lru_cache(maxsize=4)(load_document_words)
"""The words in a file by its text: reading YAML takes longer than a page does."""


def item_documents(
    parts: Application, connection: Connection, view: ItemView, reader: Person
) -> list[tuple[str, Message]]:
    """Return the address and the name of each document that an item can have at this moment.

    The address is without the ending that says in which form.
    """
    here = f"/items/{view.item.code}/documents"
    kinds = documents_of(writing_for(parts, reader), connection, view)
    return [(f"{here}/{each.value}", ITEM_DOCUMENTS[each]) for each in kinds]


def round_documents(
    parts: Application, connection: Connection, view: RoundView, reader: Person
) -> list[tuple[str, Message]]:
    """Return the address and the name of each document that a round can have at this moment.

    The address is without the ending that says in which form.
    """
    here = f"/rounds/{view.round.id}/documents"
    kinds = documents_of_round(writing_for(parts, reader), connection, view)
    return [(f"{here}/{each.value}", ROUND_DOCUMENTS[each]) for each in kinds]


async def item_file(parts: Application, reader: Person, code: str, file: str) -> Response:
    """Return a document of an item by the name of its file in the address.

    Raises NotFoundRefusal.
    """
    unknown = lazy("this document: items have none of this name")
    kind, form = _kind_and_form(file, ItemDocument, unknown)
    documents = await parts.database.report(
        lambda connection: item_document(writing_for(parts, reader), connection, code, kind)
    )
    return await _file_of(parts, documents, kind, form, code)


async def round_file(parts: Application, reader: Person, number: int, file: str) -> Response:
    """Return a document of a round by the name of its file in the address.

    Raises NotFoundRefusal.
    """
    unknown = lazy("this document: rounds have none of this name")
    kind, form = _kind_and_form(file, RoundDocument, unknown)
    documents = await parts.database.report(
        lambda connection: round_document(writing_for(parts, reader), connection, number, kind)
    )
    return await _file_of(parts, documents, kind, form, str(number))


def _kind_and_form(file: str, kinds: type[KindT], unknown: Message) -> tuple[KindT, str]:
    """Return which document a file is, and the form it is wanted in. Raises NotFoundRefusal."""
    document, _, form = file.rpartition(".")
    if form not in _FORMS:
        raise NotFoundRefusal(lazy("this document: there are PDF and DOCX"))
    if document not in set(kinds):
        raise NotFoundRefusal(unknown)
    return kinds(document), form


async def _file_of(
    parts: Application, documents: Made, kind: ItemDocument | RoundDocument, form: str, of: str
) -> Response:
    media_type, write = _FORMS[form]
    template = _TEMPLATES.get(kind, kind.value)
    content = await asyncio.to_thread(write, parts.settings, template, documents)
    name = f"{kind.value}-{of}.{form}"
    return private_file(content, media_type, name, is_shown=form == "pdf")


def drawn(settings: Settings, template: str, made: Made) -> bytes:
    """Return documents as one PDF/A-2a and PDF/UA-1, the same bytes for the same words.

    Where the agency's own template does not compile, the shipped one is used.
    """
    file, data = f"documents/{template}.typ", _data_of(made)
    own, shipped = settings.definition_file(file), shipped_definitions()
    layout = settings.definition_file(LAYOUT)
    return _by_own_or_shipped(
        [own, layout],
        [shipped / file, shipped / LAYOUT],
        lambda at: _typeset(at[0], at[1], settings, data),
    )


def edited(settings: Settings, template: str, made: Made) -> bytes:
    """Return documents as one DOCX, to be edited before anybody signs; as ``drawn`` otherwise."""
    file = CERTIFICATES if template == ItemDocument.CERTIFICATES else WORD_TEMPLATE
    own, shipped = settings.definition_file(file), shipped_definitions() / file
    return _by_own_or_shipped([own], [shipped], lambda at: _word_file(at[0], made))


def _word_file(template: Path, made: Made) -> bytes:
    from workflow.documents.docx_files import docx_file  # noqa: PLC0415 - 90 ms, for whoever edits

    return docx_file(template, made)


def _by_own_or_shipped(own: _Files, shipped: _Files, write: Callable[[_Files], bytes]) -> bytes:
    try:
        return write(own)
    except ValueError as exc:
        if own == shipped:
            raise
        log.warning("document_template_broken", file=str(own[0]), problem=str(exc))
        return write(shipped)


_FORMS: Mapping[str, tuple[str, Callable[[Settings, str, Made], bytes]]] = {
    "pdf": ("application/pdf", drawn),
    "docx": (DOCX, edited),
}


def _data_of(made: Made) -> dict[str, Json]:
    return {
        "title": made[0].title if made else "",
        "author": "",
        "documents": [data_of(each) for each in made],
    }


def _typeset(template: Path, layout: Path, settings: Settings, data: dict[str, Json]) -> bytes:
    fonts = settings.definition_file(f"documents/{FONTS}")
    return typeset_official(template, data, layout=layout, fonts=fonts, at=_EPOCH)


def template_problems(settings: Settings, template: Path) -> list[Message]:
    """Return what is wrong with a template: it is tried on a document with long names and rows."""
    try:
        _try_out(settings, template)
    except ValueError as exc:
        return [
            lazy(
                "{file}: {problem}. Documents are made by the shipped template until it is mended.",
                file=str(template),
                problem=str(exc),
            )
        ]
    return []


def _try_out(settings: Settings, template: Path) -> None:
    """Make each sample that is made by a template. Raises ValueError."""
    agency = sample_agency(words_of(settings))
    if template.suffix == ".docx":
        is_certificate = template.name == Path(CERTIFICATES).name
        for name, made_of in SAMPLES.items():
            if (name == ItemDocument.CERTIFICATES) == is_certificate:
                _word_file(template, made_of(agency))
    elif (sample := SAMPLES.get(template.stem)) is not None:
        own = template.parent / Path(LAYOUT).name
        layout = own if own.exists() else settings.definition_file(LAYOUT)
        _typeset(template, layout, settings, _data_of(sample(agency)))
