"""The package of a dossier: which documents and files go in, each by one table of kinds.

Owns how each part is made and what it is called. It is an official paper: in Vietnamese, whoever
asks for it. Made in a thread, into a file that no name leads to.
"""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO
from urllib.parse import urlencode

import orjson
from fastapi import Request
from starlette.responses import Response, StreamingResponse

from api.auth.access_log import AccessKind, NoteAccess
from api.auth.permissions import require_register_reader
from api.auth.sessions import Caller
from api.composition import Application
from api.official_documents import drawn, writing_for
from notifications.days_in_words import day_text
from notifications.letters.dossiers import CHANNELS
from notifications.translation import DEFAULT_LANGUAGE, speaking, translate
from workflow.definition import NAMES
from workflow.documents import FONTS, qr_svg, typeset
from workflow.documents.package import PackagePart, PartKind, plain_name, write_package
from workflow.history import verify_history
from workflow.history.checkpoints import hex_groups, parse_note
from workflow.history.proofs import code_of
from workflow.model import Json
from workflow.queries.document_facts import issue_of
from workflow.queries.documents import ItemDocument
from workflow.queries.dossier_documents import PackedDocument, packed_documents
from workflow.queries.dossier_package import PackageFacts, package_facts
from workflow.queries.round_documents import RoundDocument

_PIECE = 1 << 18
_HISTORY = Path(verify_history.__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """What parts are made from."""

    parts: Application
    facts: PackageFacts
    documents: Sequence[PackedDocument]


async def package_answer(
    request: Request, parts: Application, asker: Caller, number: int
) -> Response:
    """Return the package of a dossier, and note who took it. Raises Refusal, AlteredError."""
    require_register_reader(asker)
    note = NoteAccess.of(request, AccessKind.FILE_READ, person=asker.person.id)
    return await package_response(parts, number, note)


async def package_response(parts: Application, number: int, access: NoteAccess) -> Response:
    """Return the package of a dossier once ``access`` is noted. Raises Refusal, AlteredError."""
    facts = await parts.database.report(
        lambda connection: package_facts(parts.context, connection, number)
    )
    documents = await parts.database.report(
        lambda connection: packed_documents(
            partial(writing_for, parts),
            connection,
            [each.as_left for each in facts.items],
            issue_of(facts.view.dossier),
        )
    )
    made = _Made(parts=parts, facts=facts, documents=documents)
    packed, size = await asyncio.to_thread(_packed, made)
    name = plain_name(f"{facts.view.dossier.notation}-{facts.view.dossier.issued_on[:4]}.zip")
    await parts.database.write(replace(access, note=name))
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(size),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_pieces(packed), media_type="application/zip", headers=headers)


def _pieces(packed: IO[bytes]) -> Iterator[bytes]:
    with packed:
        while piece := packed.read(_PIECE):
            yield piece


def _packed(made: _Made) -> tuple[IO[bytes], int]:
    """Return a package, whole and at its beginning, and its size."""
    dossier, agency = made.facts.view.dossier, made.parts.agency
    said: dict[str, Json] = {
        "number": dossier.notation,
        "issued_on": dossier.issued_on,
        "agency": agency.name,
        "items": [
            {
                "code": each.item.code,
                "title": each.content.title,
                "content_hash": each.entry.fact.content_hash,
                "entry": each.proof.position,
            }
            for each in made.facts.items
        ],
    }
    packed = tempfile.TemporaryFile()  # noqa: SIM115 - whoever is answered with it closes it
    try:
        with speaking(DEFAULT_LANGUAGE):
            parts = [part for make in _PARTS.values() for part in make(made)]
            write_package(parts, said, packed)
    except BaseException:
        packed.close()
        raise
    size = packed.tell()
    packed.seek(0)
    return packed, size


def _cover(made: _Made) -> Iterator[PackagePart]:
    yield PackagePart(name="00-bia.pdf", kind=PartKind.COVER, load=partial(_cover_pdf, made))


def _cover_pdf(made: _Made) -> bytes:
    parts, dossier = made.parts, made.facts.view.dossier
    lead = made.facts.items[0].proof
    point = parse_note(made.facts.checkpoint.note).checkpoint
    under = code_of(point.size, point.root)
    query = urlencode({"code": str(lead.code), "under": str(under)})
    data: dict[str, Json] = {
        "parent": parts.agency.superior,
        "agency": parts.agency.name,
        "day": f"{parts.agency.place}, {day_text(dossier.issued_on)}",
        "number": dossier.notation,
        "kind": NAMES.get(dossier.kind, dossier.kind),
        "campaign": made.facts.campaign,
        "addressee": "; ".join(each.name for each in parts.agency.outside[:1]),
        "issued_on": day_text(dossier.issued_on),
        "sent_at": _moment(parts, dossier.sent_at),
        "channel": translate(CHANNELS[dossier.channel]),
        "items": [
            {
                "code": each.item.code,
                "title": each.content.title,
                "position": str(each.proof.position),
            }
            for each in made.facts.items
        ],
        "qr": qr_svg(f"{parts.settings.base_url}/check?{query}"),
        "page": f"{parts.settings.base_url}/check",
        "short": str(lead.code),
        "size": str(point.size),
        "root": " ".join(hex_groups(point.root)),
        "at": _moment(parts, made.facts.checkpoint.made_at),
    }
    return typeset(
        parts.settings.definition_file("documents/cover.typ"),
        data,
        fonts=parts.settings.definition_file(f"documents/{FONTS}"),
        at=dossier.sent_at,
    )


def _moment(parts: Application, moment: datetime) -> str:
    return f"{moment.astimezone(parts.context.calendar.zone):%H:%M %d/%m/%Y}"


def _guide(made: _Made) -> Iterator[PackagePart]:
    dossier, agency = made.facts.view.dossier, made.parts.agency
    template = made.parts.settings.definition_file("documents/package.txt").read_text("utf-8")
    said = template.format(
        number=dossier.notation, issued_on=day_text(dossier.issued_on), agency=agency.name
    )
    # As every editor of every machine shows it.
    content = said.replace("\n", "\r\n").encode("utf-8-sig")
    yield PackagePart(name="HUONG-DAN.txt", kind=PartKind.GUIDE, load=lambda: content)


def _documents(made: _Made) -> Iterator[PackagePart]:
    """Yield the letter, the reports, the minutes and tallies, as they were for paper."""
    first = min((each.round for each in made.documents if each.round), default=0)
    for each in made.documents:
        name = _DOCUMENTS[each.kind]
        if each.round != first and each.round:
            name = f"{name}-{each.round}"
        folder = f"ho-so/{each.of}/" if each.of else ""
        yield PackagePart(
            name=f"{folder}{name}.pdf",
            kind=PartKind.DOCUMENT,
            load=partial(drawn, made.parts.settings, each.kind.value, each.made),
            of=each.of,
        )


def _files(made: _Made) -> Iterator[PackagePart]:
    """Yield the signed document and what is attached, numbered: two may be called the same."""
    for each in made.facts.items:
        for place, file in enumerate(each.files):
            is_signed = file is each.signed
            yield PackagePart(
                name=f"ho-so/{each.item.code}/{place:02d}-{plain_name(file.name)}",
                kind=PartKind.SIGNED_COPY if is_signed else PartKind.FILE,
                load=partial(made.parts.files.get, file.sha256),
                of=each.item.code,
                called=file.name,
            )


def _proofs(made: _Made) -> Iterator[PackagePart]:
    """Yield the entry by which each item left, and the proof of it."""
    for each in made.facts.items:
        entry, stem = each.entry, f"chung-minh/{each.item.code}"
        line = {
            "subject": entry.subject,
            "seq": entry.seq,
            "prev": entry.prev.hex(),
            "hash": entry.hash.hex(),
            "body": entry.body,
        }
        for name, kind, content in (
            (f"{stem}.json", PartKind.ENTRY, orjson.dumps(line)),
            (f"{stem}.tlog-proof", PartKind.PROOF, str(each.proof).encode()),
        ):
            yield PackagePart(name=name, kind=kind, load=partial(bytes, content), of=each.item.code)


def _checkpoint(made: _Made) -> Iterator[PackagePart]:
    note = made.facts.checkpoint.note.encode()
    name = "chung-minh/diem-kiem-chung.txt"
    yield PackagePart(name=name, kind=PartKind.CHECKPOINT, load=lambda: note)


def _verifier(_made: _Made) -> Iterator[PackagePart]:
    for name in ("FORMAT.md", "verify_history.py"):
        path = _HISTORY / name
        yield PackagePart(name=name, kind=PartKind.VERIFIER, load=path.read_bytes)


_DOCUMENTS: Mapping[ItemDocument | RoundDocument, str] = {
    ItemDocument.SUBMISSION: "01-to-trinh",
    ItemDocument.MERIT_REPORT: "bao-cao-thanh-tich",
    ItemDocument.REPORT: "bao-cao",
    RoundDocument.MINUTES: "02-bien-ban-hop-hoi-dong",
    RoundDocument.TALLY: "03-bien-ban-kiem-phieu",
}
_PARTS: Mapping[PartKind, Callable[[_Made], Iterator[PackagePart]]] = {
    PartKind.COVER: _cover,
    PartKind.GUIDE: _guide,
    PartKind.DOCUMENT: _documents,
    PartKind.FILE: _files,
    PartKind.PROOF: _proofs,
    PartKind.CHECKPOINT: _checkpoint,
    PartKind.VERIFIER: _verifier,
}
"""What makes each kind of part; files and proofs bring what belongs to them."""
