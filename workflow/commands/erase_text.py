"""Erase what somebody wrote: of an item, a merit, a request, a proceeding, an imported award.

It takes evidence away, so a second person confirms it, and the entry says exactly what is gone and
why. Nothing that a hold keeps is erased.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from sqlalchemy import Connection

from workflow import values
from workflow.command import Cause, Command
from workflow.commands.execute import Transaction
from workflow.commands.proceedings import Against, require_other
from workflow.commands.proposals import Proposed, Wish, proposed
from workflow.commands.recorded_rows import require_recorded
from workflow.commands.recording import append_to_item, fact_in_place, record_by
from workflow.errors import InvalidRefusal, NotFoundRefusal, NotPermittedRefusal, reason
from workflow.events import AuditorTold
from workflow.history import SALT_BYTES, Entry, body_hash, restore_content
from workflow.history.past_award_payloads import PastAwardErased
from workflow.history.privacy_payloads import (
    Erasure,
    MeritErased,
    RequestErased,
    TextErased,
    TextName,
)
from workflow.history.proceeding_payloads import ProceedingErased
from workflow.lookups.privacy import number_in, require_no_hold
from workflow.lookups.search_text import found_by
from workflow.messages import lazy
from workflow.model import Grant, Item, Json, PersonId, Position
from workflow.people import may_set_deadlines
from workflow.people.powers import Gain
from workflow.rules.erasing import Wanted, erasing_problems, left_of
from workflow.store import erasures, history, items, merits, past_awards, privacy, proceedings
from workflow.store.erasures import ItemLeft

REASON_LIMIT = 2000
_NOTES: Mapping[str, type[Erasure]] = {
    "merit": MeritErased,
    "request": RequestErased,
    "proceeding": ProceedingErased,
    "past_award": PastAwardErased,
}
"""Which entry says that the words of a subject are gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseText(Command[int | Proposed]):
    """Erase what ``wanted`` names of an item, and say why; ``request``: whose wish it was."""

    code: str
    wanted: Wanted
    why: str
    request: int | None = None

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseNote(Command[int | Proposed]):
    """Erase all that was written in a merit (``merit:ID``), an answered request, a proceeding.

    Or to whom an imported award was given (``past_award:ID``), and for what.
    """

    subject: str
    why: str
    request: int | None = None
    contends_for: ClassVar[str] = "merits"


def erase_text(transaction: Transaction, command: EraseText) -> int | Proposed:
    """Erase texts of an item; answer the number of the entry, or the proposal."""
    connection, context, wanted = transaction.connection, transaction.context, command.wanted
    require_eraser(transaction, command.cause)
    require_request(connection, command.request)
    item = items.lock_items(connection, [command.code]).get(command.code)
    if item is None:
        raise NotFoundRefusal(lazy("the item {code}", code=command.code))
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    require_no_hold(connection, item.subject)
    why = checked_reason(command.why)
    kept = erasures.texts_of(connection, item.subject)
    texts = [each for each in kept if each[0] in wanted.entries]
    bodies = erasures.bodies_of(connection, item.id).values()
    attached = {each.sha256 for body in bodies for each in restore_content(body).files}
    numbers = {seq for seq, _ in texts}
    if problems := erasing_problems(wanted, definition, numbers, attached):
        raise InvalidRefusal(*problems)
    wish = Wish(
        parameters=_parameters_of(command),
        base=item.erasures,
        gain=Gain(grants=frozenset({Grant.ERASURES}), gainers=_authors(connection, item, wanted)),
    )
    if (waits := proposed(transaction, command, wish)) is not None:
        return waits
    seq = take_from_item(transaction, item, replace(command, why=why), texts)
    tell_auditors(transaction, command.cause, item.subject, seq)
    return seq


def take_from_item(
    transaction: Transaction, item: Item, command: EraseText, texts: list[TextName]
) -> int:
    """Erase from a locked item what was judged before; answer the number of the entry.

    All of it is one transaction: a crash leaves either the texts or the entry that says they went.
    """
    connection, context, wanted = transaction.connection, transaction.context, command.wanted
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    bodies = {str(key): body for key, body in erasures.bodies_of(connection, item.id).items()}
    salts = [context.entropy(SALT_BYTES).hex() for _ in bodies]
    left = left_of(bodies, wanted, salts)
    payload = TextErased(
        texts=tuple(texts),
        parts=tuple(sorted(wanted.parts)),
        contents=tuple((of_hash, body_hash(body)) for of_hash, body in sorted(left.items())),
        files=tuple(sorted(wanted.files)),
        request=command.request,
        proposal=command.cause.proposal,
        proposed_by=command.cause.proposed_by,
    )
    actor = transaction.directory.active(command.cause.actor)
    fact = fact_in_place(transaction, command.cause, item, actor, payload)
    present = restore_content(left.get(item.content_hash) or bodies[item.content_hash])

    def update(entry: Entry) -> bool:
        row = ItemLeft(
            title=present.title,
            search=found_by(item.code, definition, present),
            seq=entry.seq,
            head=entry.hash,
        )
        return erasures.leave_item(connection, item, row)

    said = replace(fact, texts={"comment": command.why})
    seq = append_to_item(transaction, item, said, update, digest=command.cause.digest).seq
    erasures.drop_texts(connection, item.subject, texts)
    for of_hash, body in left.items():
        erasures.leave_content(connection, item.id, of_hash, body)
    erasures.drop_files(connection, item.id, wanted.files)
    erasures.drop_typed(connection, item.code)
    return seq


def erase_note(transaction: Transaction, command: EraseNote) -> int | Proposed:
    """Erase what a merit or a request says; answer its number, or the proposal."""
    connection = transaction.connection
    require_eraser(transaction, command.cause)
    require_request(connection, command.request)
    kind, identity = command.subject.partition(":")[0], number_in(command.subject) or 0
    authors = _note_authors(connection, kind, identity)
    require_no_hold(connection, command.subject)
    if kind in {"proceeding", "past_award"}:
        _require_open_to(transaction, command, identity)
    why = checked_reason(command.why)
    gainers = frozenset(each for each in authors if each is not None)
    wish = Wish(
        parameters={"subject": command.subject, "why": command.why, "request": command.request},
        base="",
        gain=Gain(grants=frozenset({Grant.ERASURES}), gainers=gainers),
    )
    if (waits := proposed(transaction, command, wish)) is not None:
        return waits
    seq = take_note(transaction, replace(command, why=why))
    tell_auditors(transaction, command.cause, command.subject, seq)
    return identity


def _require_open_to(transaction: Transaction, command: EraseNote, identity: int) -> None:
    """Refuse whom a proceeding was against, and what a hold on whom it is about keeps."""
    connection, directory = transaction.connection, transaction.directory
    if command.subject.startswith("past_award:"):
        award = past_awards.find_past_award(connection, identity)
        if award is not None and award.person is not None:
            require_no_hold(connection, f"person:{award.person}")
        return
    found = proceedings.find_proceeding(connection, identity)
    if found is None:
        return
    if found.person is not None:
        require_no_hold(connection, f"person:{found.person}")
    by = directory.active(command.cause.asker)
    if by is not None:
        require_other(directory, by, Against(person=found.person, department=found.department))


def _note_authors(connection: Connection, kind: str, identity: int) -> set[PersonId | None]:
    """Return who wrote what is to go. Raises NotFoundRefusal, and of what is not over."""
    if kind == "merit" and (merit := merits.merit_by_id(connection, identity)) is not None:
        return {merit.recorded_by, *(each.by for each in merits.notes_of(connection, identity))}
    if kind == "request" and (asked := privacy.request_by_id(connection, identity)) is not None:
        if asked.is_open:
            raise InvalidRefusal(
                reason("open", "This request has no answer yet. Answer it before it is erased.")
            )
        return {asked.answered_by}
    award = past_awards.find_past_award(connection, identity) if kind == "past_award" else None
    if award is not None:
        return {award.imported_by, award.person}
    found = proceedings.find_proceeding(connection, identity) if kind == "proceeding" else None
    if found is None:
        raise NotFoundRefusal(lazy("this note"))
    if found.closed_at is None:
        raise InvalidRefusal(
            reason("open", "This is pending still. Say how it ended before it is erased.")
        )
    corrections = proceedings.corrections_of(connection, [identity]).get(identity, ())
    by = {each.corrected_by for each in corrections}
    return {found.opened_by, found.closed_by, found.person} | by


def take_note(transaction: Transaction, command: EraseNote) -> int:
    """Erase the words of a note that was judged before; answer the number of the entry."""
    connection, cause, subject = transaction.connection, command.cause, command.subject
    kind, _, number = subject.partition(":")
    require_recorded(connection, subject)
    texts = erasures.texts_of(connection, subject)
    if kind == "merit":
        erasures.empty_merit(connection, int(number), f"#{number}")
    elif kind == "request":
        erasures.empty_request(connection, int(number))
    elif kind == "past_award":
        award = past_awards.find_past_award(connection, int(number))
        if award is not None:
            erasures.empty_past_award(connection, award)
    else:
        erasures.empty_proceeding(connection, int(number))
    payload = _NOTES[kind](
        texts=tuple(texts),
        request=command.request,
        proposal=cause.proposal,
        proposed_by=cause.proposed_by,
    )
    seq = record_by(transaction, cause, subject, payload, texts={"message": command.why}).seq
    erasures.drop_texts(connection, subject, texts)
    return seq


def tell_auditors(transaction: Transaction, cause: Cause, subject: str, seq: int) -> None:
    """Let every auditor hear of what the command line erased: no second person confirmed it."""
    if cause.is_operator:
        tell_every_auditor(transaction, subject, seq)


def tell_every_auditor(transaction: Transaction, subject: str, seq: int) -> None:
    """Let every auditor hear of an entry."""
    transaction.emit(
        AuditorTold(person=each.id, subject=subject, seq=seq)
        for each in transaction.directory.in_positions({Position.AUDITOR})
    )


def require_eraser(transaction: Transaction, cause: Cause) -> None:
    """Let pass the Office, which answers for personal data, and the command line."""
    person = transaction.directory.active(cause.asker)
    if not cause.is_operator and (person is None or not may_set_deadlines(person)):
        raise NotPermittedRefusal(
            reason("office", "Only the Office asks for texts and personal data to be erased.")
        )


def require_request(connection: Connection, request: int | None) -> None:
    """Refuse what names a request that nobody made: whoever confirms reads its number."""
    if request is not None and privacy.request_by_id(connection, request) is None:
        raise InvalidRefusal(
            reason("request", "There is no request {number} in the register.", number=request)
        )


def checked_reason(why: str) -> str:
    """Return why something is erased or held. Raises InvalidRefusal where nothing is said."""
    if wrong := values.lines_fault(why, REASON_LIMIT):
        raise InvalidRefusal(reason("why", "Say why: the text {wrong}", wrong=wrong))
    return values.lines(why)


def _parameters_of(command: EraseText) -> dict[str, Json]:
    wanted = command.wanted
    return {
        "code": command.code,
        "entries": list(wanted.entries),
        "parts": list(wanted.parts),
        "files": list(wanted.files),
        "why": command.why,
        "request": command.request,
    }


def _authors(connection: Connection, item: Item, wanted: Wanted) -> frozenset[PersonId]:
    """Return who wrote what is to go: nobody confirms that their own words disappear."""
    found = {
        each.actor
        for each in history.entries_of(connection, item.subject)
        if each.seq in wanted.entries and each.actor is not None
    }
    return frozenset(found | ({item.author} if wanted.parts or wanted.files else set()))
