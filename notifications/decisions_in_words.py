"""A decision of the history in one line: for the mail, the page and the history alike."""

from typing import Final

from sqlalchemy import Connection

from notifications.translation import translate
from workflow.context import Context
from workflow.history import EntryType
from workflow.messages import Message, lazy
from workflow.store import history
from workflow.store.history import StoredEntry

_DEEDS: Final = {
    EntryType.TRANSITION: lazy("decided"),
    EntryType.SIGNED_OFF: lazy("answered"),
    EntryType.UNDONE: lazy("took a decision back"),
    EntryType.MIGRATED: lazy("moved it to another version of the process"),
    EntryType.REASSIGNED: lazy("reassigned it"),
    EntryType.DELEGATION_ADDED: lazy("recorded a delegation"),
    EntryType.EXTENSION_GRANTED: lazy("granted more time"),
    EntryType.EXTENSION_REFUSED: lazy("refused more time"),
    EntryType.PERSON_ADDED: lazy("added a person"),
    EntryType.PERSON_CHANGED: lazy("changed a person's details"),
    EntryType.PROPOSAL_CONFIRMED: lazy("confirmed a proposal"),
    EntryType.PROPOSAL_REJECTED: lazy("rejected a proposal"),
    EntryType.DEFINITION_PUBLISHED: lazy("published a process"),
    EntryType.TEXT_ERASED: lazy("erased texts of the item"),
    EntryType.MERIT_ERASED: lazy("erased what a good example says"),
    EntryType.REQUEST_ERASED: lazy("erased what a request on personal data says"),
    EntryType.PAST_AWARD_IMPORTED: lazy("imported awards of earlier years"),
    EntryType.PAST_AWARD_WITHDRAWN: lazy("withdrew imported awards"),
    EntryType.PAST_AWARD_ERASED: lazy("erased to whom an imported award was given"),
    EntryType.PROCEEDING_ERASED: lazy("erased what was written of a pending matter"),
    EntryType.PERSON_ERASED: lazy("erased a person's name, address and factors"),
    EntryType.RETENTION_APPLIED: lazy("erased what was past its retention period"),
    EntryType.HOLD_LIFTED: lazy("lifted a hold"),
}
_SUBJECTS: Final = {
    "proposal": lazy("Proposal {name}"),
    "person": lazy("Person {name}"),
    "deadline": lazy("Deadline {name}"),
    "merit": lazy("Merit {name}"),
    "request": lazy("Request {name}"),
    "hold": lazy("Hold {name}"),
    "past_award": lazy("Imported award {name}"),
    "proceeding": lazy("Pending matter {name}"),
    "agency": lazy("Agency"),
}


def reference_of(entry: StoredEntry) -> str:
    """Return how an entry is named: its subject and its number there."""
    return f"{entry.subject}/{entry.seq}"


def decision_words(context: Context, connection: Connection, reference: str) -> str:
    """Return what an entry, named by ``reference_of``, decided, on what and when."""
    subject, _, seq = reference.rpartition("/")
    entry = history.entry_at(connection, subject, int(seq))
    if entry is None:
        return reference
    kind, _, name = subject.partition(":")
    about = _subject(kind, name)
    at = entry.at.astimezone(context.calendar.zone).strftime(translate("%H:%M on %d/%m/%Y"))
    return translate(
        "{about}: {what}, at {at}", about=about, what=_deed_words(context, connection, entry), at=at
    )


def _subject(kind: str, name: str) -> str:
    words = _SUBJECTS.get(kind)
    return translate(Message(words.template, (("name", name),))) if words else name


def _deed_words(context: Context, connection: Connection, entry: StoredEntry) -> str:
    fact = entry.fact
    if fact.transition and fact.definition_hash:
        book = context.rulebooks.of(connection, fact.definition_hash)
        taken = next((t for t in book.definition.transitions if t.id == fact.transition), None)
        if taken is not None:
            return f"“{translate(taken.label)}”"
    return translate(_DEEDS.get(EntryType(entry.type), lazy("recorded something")))
