"""The block under which a document is signed: for whom, in which form, as what, and the name.

NĐ 30/2020/NĐ-CP, Phụ lục I, mục II.7: each on a line of its own. Owns only how it is written.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from api.composition import Application
from workflow.history import EntryType
from workflow.model import Item, Position, SignedFor
from workflow.queries import people
from workflow.queries.timeline import EntryView, timeline

_HEAD = "GIÁM ĐỐC"
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


def signatures_on(parts: Application, connection: Connection, item: Item) -> list[EntryView]:
    """Return the entries by which a document was signed, oldest first."""
    return [
        each
        for each in timeline(parts.context, connection, item)
        if each.entry.type == EntryType.TRANSITION
        and each.transition is not None
        and each.transition.signs
    ]


def signature_of(
    parts: Application, connection: Connection, signed: EntryView | None
) -> SignatureBlock:
    """Return the block of a signature; None: of the Director, who is still to sign."""
    if signed is None:
        heads = [
            each.name
            for each in people.all_people(connection)
            if each.is_active and each.position is Position.DIRECTOR
        ]
        return SignatureBlock(lines=(_HEAD,), name=heads[0] if heads else "")
    name = signed.actor.name if signed.actor else ""
    if signed.fact.position == Position.DIRECTOR:
        return SignatureBlock(lines=(_HEAD,), name=name)
    held = _TITLES.get(Position(str(signed.fact.position)), "")
    form = _form(parts, connection, signed)
    return SignatureBlock(lines=tuple(filter(None, (f"{form} {_HEAD}", held))), name=name)


def _form(parts: Application, connection: Connection, signed: EntryView) -> SignedFor:
    """Return how somebody signed for the head.

    By the rule itself: a deputy signs for the head where the head is concerned.
    """
    if signed.on_behalf_of is None or signed.actor is None:
        return SignedFor.KT
    day = parts.context.calendar.local_day(signed.entry.at).isoformat()
    pair = (signed.on_behalf_of.id, signed.actor.id)
    forms = [
        each.form
        for each in people.all_delegations(connection)
        if (each.from_person, each.to_person) == pair and each.starts_on <= day <= each.ends_on
    ]
    return forms[-1] if forms else SignedFor.KT
