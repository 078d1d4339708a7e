"""The certificate of decision of an item: who decided what, and the proof of it, for paper.

An extract of the history, never an official document; it says so. Beside it the same proof as a
file. Who may see an item may have both.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.composition import Application
from api.downloads import private_file
from api.web.dates import hour_and_day
from api.web.history_sentences import deed, way
from api.web.signatures import ground_words, signature_words
from notifications.position_names import POSITIONS
from notifications.proposals_in_words import relaxed_words
from notifications.translation import DEFAULT_LANGUAGE, speaking, translate
from workflow.definition import Definition, ProposalRules
from workflow.documents import FONTS, qr_svg, typeset
from workflow.errors import NotFoundRefusal
from workflow.history import EntryType
from workflow.history.checkpoints import hex_groups
from workflow.history.proofs import MEDIA_TYPE, Proof, code_of
from workflow.lookups.items import visible_item
from workflow.lookups.proposals import proposal_rules
from workflow.lookups.signatures import signature_on
from workflow.messages import lazy
from workflow.model import Content, Item, Json, Person, Position
from workflow.queries.items import item_view
from workflow.queries.proofs import ItemProofs, proofs_of
from workflow.queries.timeline import EntryView, timeline

router = APIRouter(prefix="/items")
_DECISIONS = {EntryType.TRANSITION, EntryType.SIGNED_OFF, EntryType.UNDONE}
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Extract:
    """What the certificate is made from."""

    item: Item
    definition: Definition
    content: Content
    decisions: Sequence[EntryView]
    proofs: ItemProofs
    rules: ProposalRules
    signature: str
    """On what the signature rests, in words; empty while there is none."""
    signed_file: str
    """The hash of the signed document, where one was uploaded."""


@router.get("/{code}/certificate.pdf")
async def print_certificate(parts: Parts, asker: Asker, code: str) -> Response:
    """Return the certificate of decision as PDF/A."""
    now = parts.clock.now()
    extract = await parts.database.read(
        lambda connection: _extract(parts, connection, code, asker.person)
    )
    # A document speaks the language of the agency's documents, whoever prints it.
    with speaking(DEFAULT_LANGUAGE):
        data = _printed(parts, extract)
    content = await asyncio.to_thread(
        typeset,
        parts.settings.definition_file("documents/certificate.typ"),
        data,
        fonts=parts.settings.definition_file(f"documents/{FONTS}"),
        at=now,
    )
    name = f"xac-nhan-{extract.item.code}.pdf"
    return private_file(content, "application/pdf", name, is_shown=True)


@router.get("/{code}/proof.tlog-proof")
async def download_proof(parts: Parts, asker: Asker, code: str) -> Response:
    """Return the proof of the item's last entry under a checkpoint. Raises NotFoundRefusal."""

    def load_proofs(connection: Connection) -> tuple[str, ItemProofs]:
        item = visible_item(connection, code, asker.person)
        return item.code, proofs_of(connection, item.subject)

    shown, proofs = await parts.database.read(load_proofs)
    if not proofs.proofs:
        raise NotFoundRefusal(lazy("a proof of this item: no checkpoint covers it yet"))
    return private_file(str(proofs.proofs[-1]), MEDIA_TYPE, f"{shown}.tlog-proof")


def _extract(parts: Application, connection: Connection, code: str, person: Person) -> _Extract:
    item = visible_item(connection, code, person)
    view = item_view(parts.context, connection, item, person.id)
    signature = signature_on(parts.context, connection, item)
    with speaking(DEFAULT_LANGUAGE):
        words = signature_words(parts, connection, signature) if signature else ""
    return _Extract(
        item=item,
        definition=view.definition,
        content=view.content,
        decisions=[
            each
            for each in timeline(parts.context, connection, item)
            if each.fact.type in _DECISIONS
        ],
        proofs=proofs_of(connection, item.subject),
        rules=proposal_rules(connection),
        signature=words,
        signed_file=signature.copy.file.sha256 if signature and signature.copy else "",
    )


def _printed(parts: Application, extract: _Extract) -> dict[str, Json]:
    positions = {each.seq: each.position for each in extract.proofs.places}
    contents = list(dict.fromkeys(each.fact.content_hash or "" for each in extract.decisions))
    letters = {each: _letter(place) for place, each in enumerate(contents)}
    covered = len(extract.proofs.proofs)
    newest = extract.proofs.places[covered - 1].seq if covered else 0
    return {
        "parent": parts.agency.superior,
        "agency": parts.agency.name,
        "code": extract.item.code,
        "kind": translate(extract.definition.label),
        "title": extract.content.title,
        "made": hour_and_day(parts, parts.clock.now()),
        "relaxed": relaxed_words(extract.rules),
        "signature": extract.signature,
        "signed_file": _grouped(bytes.fromhex(extract.signed_file)),
        "decisions": [
            _row(
                parts,
                each,
                letters,
                positions.get(each.entry.seq) if each.entry.seq <= newest else None,
            )
            for each in extract.decisions
        ],
        "is_partial": any(each.entry.seq > newest for each in extract.decisions),
        "contents": [[letters[each], _grouped(bytes.fromhex(each))] for each in contents if each],
        "proof": _proof(parts, extract.proofs, extract.proofs.proofs[-1]) if covered else None,
    }


def _row(
    parts: Application, view: EntryView, letters: Mapping[str, str], position: int | None
) -> list[Json]:
    """Return the cells of one decision: when, who, what, how, on what, where in the log."""
    held = view.fact.position
    who = view.actor.name if view.actor else view.recipient or translate("The system")
    if held in set(Position):
        who += f"\n{translate(POSITIONS[Position(held)])}"
    if view.on_behalf_of is not None:
        who += "\n" + translate("for {name}", name=view.on_behalf_of.name)
    if view.signed_on is not None:
        who += f"\n{ground_words(view.signed_on)}"
    return [
        hour_and_day(parts, view.entry.at),
        who,
        deed(view),
        way(view.fact),
        letters[view.fact.content_hash or ""],
        translate("not yet") if position is None else str(position),
    ]


def _proof(parts: Application, found: ItemProofs, proof: Proof) -> dict[str, Json]:
    checkpoint = proof.checkpoint
    under = code_of(checkpoint.size, checkpoint.root)
    query = urlencode({"code": str(proof.code), "under": str(under)})
    return {
        "qr": qr_svg(f"{parts.settings.base_url}/check?{query}"),
        "page": f"{parts.settings.base_url}/check",
        "short": str(proof.code),
        "position": str(proof.position),
        "entry": _grouped(proof.entry),
        "hashes": [_grouped(each) for each in proof.hashes],
        "log": checkpoint.origin,
        "size": str(checkpoint.size),
        "root": _grouped(checkpoint.root),
        "at": hour_and_day(parts, found.checkpoint.made_at if found.checkpoint else None),
        "signature": proof.note.strip().split("\n")[-1],
    }


def _letter(place: int) -> str:
    """Return A, B … Z, A1 …: a content's name on the paper."""
    more, at = divmod(place, len(_LETTERS))
    return _LETTERS[at] + (str(more) if more else "")


def _grouped(raw: bytes) -> str:
    return " ".join(hex_groups(raw))
