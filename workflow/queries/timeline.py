"""The history of an item as a reader sees it: entries with the persons and texts they name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import Connection

from workflow.command import DossierRecipient
from workflow.context import Context
from workflow.definition import Label, Transition, Visit
from workflow.history import EntryType, Fact
from workflow.history.agency_payloads import DelegationAdded
from workflow.history.payloads import Decision, Edited, HoldersSet, Payload
from workflow.lookups.items import transition_of
from workflow.model import Item, Person, PersonId, SignedFor
from workflow.people import Directory
from workflow.rules import Basis
from workflow.store import history
from workflow.store.history import StoredEntry, StoredText


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOn:
    """In which form somebody signed for the head, on what, and by which document ("" for none)."""

    form: SignedFor
    basis: Basis
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """A history entry with the persons and texts it names; an erased text is None.

    ``transition``: as the definition that the entry was made under has it; None where it made none.
    """

    entry: StoredEntry
    transition: Transition | None
    actor: Person | None
    on_behalf_of: Person | None
    about: Person | None
    """Whose entry it is, where it is one of a person."""
    comment: str | None
    is_erased: bool
    """Whether words that it committed to were erased."""
    from_label: Label | None
    to_label: Label | None
    """What the states that it names are called; None where it names none."""
    signed_on: SignedOn | None = None
    """On what it was signed for the head, where it was."""
    taker: Person | None = None
    """Who may act for whom it is about, where it says so."""

    @property
    def fact(self) -> Fact:
        """Return what the entry says."""
        return self.entry.fact

    @property
    def recipient(self) -> str:
        """Return which body outside answered by it, by its link; "" where nobody outside did."""
        said = recipient_of(self.fact)
        return said.name if said else ""

    @property
    def label(self) -> Label | None:
        """Return what its transition is called."""
        return self.transition.label if self.transition else None


def timeline(context: Context, connection: Connection, item: Item) -> list[EntryView]:
    """Return the history of an item, oldest first."""
    return entry_views(context, connection, history.entries_of(connection, item.subject))


def signing_entries(context: Context, connection: Connection, item: Item) -> list[EntryView]:
    """Return the entries by which an item was signed, oldest first."""
    return [
        each
        for each in timeline(context, connection, item)
        if each.fact.type == EntryType.TRANSITION and each.transition and each.transition.signs
    ]


def entry_views(
    context: Context, connection: Connection, entries: Sequence[StoredEntry]
) -> list[EntryView]:
    """Return ``entries`` with the persons and texts they name."""
    directory = context.directory(connection, context.clock())
    texts = history.texts_of(connection, {entry.subject for entry in entries})
    return [
        _entry_view(entry, directory, texts, _Defined.of(context, connection, entry))
        for entry in entries
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Defined:
    """What the definition that an entry was made under says of its transition and states."""

    transition: Transition | None
    from_label: Label | None
    to_label: Label | None

    @classmethod
    def of(cls, context: Context, connection: Connection, entry: StoredEntry) -> Self:
        fact = entry.fact
        if not fact.definition_hash:
            return cls(transition=None, from_label=None, to_label=None)
        states = context.rulebooks.of(connection, fact.definition_hash).states
        left, entered = states.get(fact.from_state or ""), states.get(fact.to_state or "")
        return cls(
            transition=transition_of(context, connection, entry),
            from_label=left.label if left else None,
            to_label=entered.label if entered else None,
        )


def recipient_of(fact: Fact) -> DossierRecipient | None:
    """Return the body outside that took a decision by its link, or None."""
    return fact.payload.recipient if isinstance(fact.payload, Decision) else None


_WORDS = ("comment", "message")
"""What the words of an entry are called among its commitments; no member of ``data`` is."""


def _entry_view(
    entry: StoredEntry,
    directory: Directory,
    texts: dict[tuple[str, int, str], StoredText],
    said: _Defined,
) -> EntryView:
    fact = entry.fact
    found = (texts.get((entry.subject, entry.seq, each)) for each in _WORDS)
    comment = next((each for each in found if each is not None), None)
    return EntryView(
        entry=entry,
        transition=said.transition,
        actor=directory.people.get(fact.actor) if fact.actor is not None else None,
        on_behalf_of=directory.people.get(fact.on_behalf_of)
        if fact.on_behalf_of is not None
        else None,
        about=directory.people.get(_person_of(entry.subject)),
        comment=comment.text if comment else None,
        is_erased=comment is None and any(f'"{e}":"' in entry.body for e in _WORDS),
        from_label=said.from_label,
        to_label=said.to_label,
        signed_on=_signed_on(fact.payload, directory),
        taker=directory.people.get(fact.payload.to_person)
        if isinstance(fact.payload, DelegationAdded)
        else None,
    )


def _signed_on(payload: Payload, directory: Directory) -> SignedOn | None:
    said = payload.signed_for if isinstance(payload, Decision) else None
    if said is None:
        return None
    documents = {each.id: each.document for each in directory.delegations}
    return SignedOn(
        form=SignedFor(said.form),
        basis=Basis(said.basis),
        document=documents.get(said.delegation or 0, ""),
    )


def _person_of(subject: str) -> PersonId:
    """Return the person that ``subject`` is, 0 where it is not one."""
    kind, _, number = subject.partition(":")
    return PersonId(int(number)) if kind == "person" else PersonId(0)


def visits_of(entries: Sequence[EntryView]) -> list[Visit]:
    """Return the stays of an item, oldest first, from its timeline."""
    came = [
        (each.fact.to_state, each.entry.at, _seats(each.fact.payload))
        for each in entries
        if each.fact.to_state and each.fact.to_state != each.fact.from_state
    ]
    ends = [at for _, at, _ in came[1:]]
    return [
        Visit(state=state, entered=at, left=left, seats=seats)
        for (state, at, seats), left in zip(came, [*ends, None], strict=True)
    ]


def _seats(payload: Payload) -> tuple[PersonId, ...]:
    """Return for whose decision an item waits by what an entry says."""
    held = payload.holders if isinstance(payload, HoldersSet | Edited) else None
    return tuple(person if behalf is None else behalf for person, behalf in held or ())
