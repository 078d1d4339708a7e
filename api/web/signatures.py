"""The block under which a document is signed: for whom, in which form, as what, and the name.

NĐ 30/2020/NĐ-CP, Phụ lục I, mục II.7: each on a line of its own. Owns only how it is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from api.composition import Application
from api.web.dates import hour_and_day
from api.web.labels import SIGNATURES
from api.web.signature_words import findings, tone_of, verdict_words
from notifications.translation import translate
from workflow.commands.signed_copy import is_sealable
from workflow.lookups.signatures import ItemSignature, signature_on
from workflow.messages import Message, lazy
from workflow.model import Item, Person, Position, StoredFile
from workflow.people import may_register
from workflow.queries import people
from workflow.queries.document_facts import director, signed_form
from workflow.queries.timeline import EntryView, SignedOn
from workflow.rules import Basis

_HEAD = "GIÁM ĐỐC"
_BASES: Mapping[Basis, Message] = {
    Basis.ASSIGNMENT: lazy("by assignment"),
    Basis.REGULATION: lazy("by the work regulation"),
    Basis.AUTHORISATION: lazy("by written authorisation"),
    Basis.ABSENCE: lazy("while the Director is away"),
    Basis.PROCESS: lazy("as the process says; no assignment is recorded"),
}
_TITLES = {
    Position.DEPUTY_DIRECTOR: "PHÓ GIÁM ĐỐC",
    Position.CHIEF: "CHÁNH VĂN PHÒNG",
    Position.HEAD: "TRƯỞNG PHÒNG",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureBlock:
    """The lines above a signature, and the signer's name below; empty where nobody is known."""

    lines: tuple[str, ...]
    name: str
    ground: str = ""
    """On what somebody signed for the head, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureShown:
    """On what an item's signature rests, in words, and the file where there is one.

    ``verdict``: what the signatures in it are worth, in a word, with its ``tone``; ``findings``:
    all that was found of them. ``may_add``: whether the reader may upload the signed document;
    ``may_seal``: whether they may add the agency's own signature, by the key that the server has.
    """

    words: str
    file: StoredFile | None
    verdict: str
    tone: str
    findings: Sequence[str]
    may_add: bool
    may_seal: bool


def signature_shown(
    parts: Application, connection: Connection, item: Item, reader: Person
) -> SignatureShown | None:
    """Return on what the signature of an item rests; None while it bears none."""
    found = signature_on(parts.context, connection, item)
    if found is None:
        return None
    copy = found.copy
    verdict = copy.verdict if copy else None
    return SignatureShown(
        words=signature_words(parts, connection, found),
        file=copy.file if copy else None,
        verdict=verdict_words(verdict) if verdict else "",
        tone=tone_of(verdict) if verdict else "",
        findings=findings(parts, copy) if copy else (),
        may_add=may_register(reader),
        may_seal=bool(parts.settings.agency_key)
        and copy is not None
        and is_sealable(parts.context, reader, copy),
    )


def signature_words(parts: Application, connection: Connection, found: ItemSignature) -> str:
    """Return on what a signature rests: by whom and when the signed document was uploaded."""
    copy = found.copy
    if copy is None:
        return translate("approved here only; no signed document was uploaded")
    known = people.people_by_id(connection)
    uploader = known[copy.added_by].name if copy.added_by in known else translate("The system")
    how = translate(SIGNATURES[copy.form])
    if copy.verdict is not None:
        worth = verdict_words(copy.verdict)
        how = translate("{how} (signatures: {verdict})", how=how, verdict=worth)
    return translate(
        "{how}; uploaded by {name} at {at}",
        how=how,
        name=uploader,
        at=hour_and_day(parts, copy.added_at),
    )


def signature_of(
    parts: Application, connection: Connection, signed: EntryView | None
) -> SignatureBlock:
    """Return the block of a signature; None: of the Director, who is still to sign."""
    if signed is None:
        head = director(connection)
        return SignatureBlock(lines=(_HEAD,), name=head.name if head else "")
    name = signed.actor.name if signed.actor else ""
    if signed.fact.position == Position.DIRECTOR:
        return SignatureBlock(lines=(_HEAD,), name=name)
    held = _TITLES.get(Position(str(signed.fact.position)), "")
    form = signed_form(parts.context, connection, signed)
    return SignatureBlock(
        lines=tuple(filter(None, (f"{form} {_HEAD}", held))),
        name=name,
        ground=ground_words(signed.signed_on),
    )


def ground_words(signed: SignedOn | None) -> str:
    """Return on what somebody signed for the head, as "KT., by assignment: Notice 5"; else ""."""
    if signed is None:
        return ""
    if not signed.document:
        return f"{signed.form}, {translate(_BASES[signed.basis])}"
    return f"{signed.form}, {translate(_BASES[signed.basis])}: {signed.document}"
