"""The package of a dossier: which documents and files go in, each by one table of kinds.

Owns how each part is made and what it is called. It is an official paper: in Vietnamese, whoever
asks for it. Made in a thread, part by part; who waits for it and where it lies: ``kept_packages``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO
from urllib.parse import urlencode

import orjson
from fastapi import Request
from sqlalchemy import Connection
from starlette.responses import FileResponse, RedirectResponse, Response

from api.auth.access_log import AccessKind, NoteAccess
from api.auth.permissions import require_register_reader
from api.auth.sessions import Caller
from api.composition import Application
from api.kept_packages import PackageKey
from api.official_documents import drawn, writing_for
from notifications.days_in_words import day_text
from notifications.letters.dossiers import CHANNELS
from notifications.translation import DEFAULT_LANGUAGE, speaking, translate
from workflow.definition import NAMES
from workflow.documents import FONTS, qr_svg, typeset
from workflow.documents.package import PackagePart, PartKind, plain_name, write_package
from workflow.errors import BusyError
from workflow.history import verify_history
from workflow.history.checkpoints import hex_groups, parse_note
from workflow.history.proofs import code_of
from workflow.model import Json
from workflow.queries.document_facts import issue_of
from workflow.queries.documents import ItemDocument, Made
from workflow.queries.dossier_documents import PackedDocument, packed_documents
from workflow.queries.dossier_package import PackageFacts, count_erasures, package_facts
from workflow.queries.dossiers import Dossier, dossier_view
from workflow.queries.round_documents import RoundDocument

_PAGE_SECONDS, _LONGEST_SECONDS = 2.0, 50.0
"""So long a page's reader waits before being told how far a package is, and a program at all."""
_REPORTS_A_FILE = 20
"""Of a long list of nominees: each file takes as much memory as it has pages."""
_HISTORY = Path(verify_history.__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """What parts are made from."""

    parts: Application
    facts: PackageFacts
    documents: Sequence[PackedDocument]


async def package_answer(
    request: Request, parts: Application, asker: Caller, number: int, waiting: str = ""
) -> Response:
    """Return the package of a dossier, and note who took it; ``waiting``: as below.

    Raises Refusal, AlteredError, BusyError.
    """
    require_register_reader(asker)
    note = NoteAccess.of(request, AccessKind.FILE_READ, person=asker.person.id)
    return await package_response(parts, number, note, waiting)


async def package_response(
    parts: Application, number: int, access: NoteAccess, waiting: str = ""
) -> Response:
    """Return the package of a dossier once ``access`` is noted.

    ``waiting``: the page that tells how far it is; "": there is none, and it is waited for. Raises
    Refusal, AlteredError, BusyError where it takes longer than anybody waits.
    """

    def load(connection: Connection) -> tuple[Dossier, PackageKey]:
        # What is erased from here on may still be in it, and then asks for another key.
        key = PackageKey(number, count_erasures(connection))
        return dossier_view(connection, number).dossier, key

    left, key = await parts.database.read(load)
    name = plain_name(f"{left.notation}-{left.issued_on[:4]}.zip")
    seconds = _PAGE_SECONDS if waiting else _LONGEST_SECONDS
    packed = await parts.packages.make(key, partial(write_whole, parts, number), seconds)
    if packed is None:
        if not waiting:
            raise BusyError
        return RedirectResponse(waiting, 303)
    await parts.database.write(replace(access, note=name))
    headers = {"Cache-Control": "no-store"}
    return FileResponse(packed, filename=name, media_type="application/zip", headers=headers)


def write_whole(
    parts: Application, number: int, target: IO[bytes], told: Callable[[int, int], None]
) -> None:
    """Write the package of a dossier; ``told``: how many parts are written, of how many.

    For a thread that may wait. Raises Refusal, AlteredError.
    """
    made = parts.database.report_blocking(partial(_read, parts, number))
    dossier = made.facts.view.dossier
    said: dict[str, Json] = {
        "number": dossier.notation,
        "issued_on": dossier.issued_on,
        "agency": parts.agency.name,
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
    with speaking(DEFAULT_LANGUAGE):
        write_package([part for make in _PARTS.values() for part in make(made)], said, target, told)


def _read(parts: Application, number: int, connection: Connection) -> _Made:
    facts = package_facts(parts.context, connection, number)
    documents = packed_documents(
        partial(writing_for, parts),
        connection,
        [each.as_left for each in facts.items],
        issue_of(facts.view.dossier),
    )
    return _Made(parts=parts, facts=facts, documents=documents)


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
        for first_of, some in _in_files(each.made):
            which = f"-{first_of:03d}-{first_of + len(some) - 1:03d}" if first_of else ""
            yield PackagePart(
                name=f"{folder}{name}{which}.pdf",
                kind=PartKind.DOCUMENT,
                load=partial(drawn, made.parts.settings, each.kind.value, some),
                of=each.of,
            )


def _in_files(made: Made) -> Iterator[tuple[int, Made]]:
    """Yield the reports of a long list so many a file, with the number of the first; else 0."""
    if len(made) <= _REPORTS_A_FILE:
        yield 0, made
        return
    for start in range(0, len(made), _REPORTS_A_FILE):
        yield start + 1, made[start : start + _REPORTS_A_FILE]


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
