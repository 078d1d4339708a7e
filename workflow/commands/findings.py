"""Findings: what an auditor attaches to an entry of the history, and follows until it is closed.

An auditor opens one, asks somebody to answer, notes what follows and closes it; whoever is asked
reads it and answers. Each of it is an entry: a finding is never taken back.
"""

from dataclasses import dataclass
from typing import ClassVar

from workflow import values
from workflow.command import Command
from workflow.commands.execute import Transaction
from workflow.commands.recording import record_by
from workflow.errors import (
    InvalidRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    Reason,
    reason,
)
from workflow.events import FindingMoved
from workflow.history.agency_payloads import FindingClosed, FindingNoted, FindingOpened
from workflow.lookups.findings import visible_finding
from workflow.messages import lazy
from workflow.model import FindingChange, Person, PersonId
from workflow.people import may_read_history
from workflow.store import findings, history, people
from workflow.store.findings import FindingNote
from workflow.store.instants import written

_TITLE_LIMIT = 200
_WORDS_LIMIT = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFinding(Command[int]):
    """Attach a finding to entry ``entry`` of ``about``; ``addressee``: an address, or nothing."""

    about: str
    entry: int
    title: str
    words: str
    addressee: str = ""
    contends_for: ClassVar[str] = "findings"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteFinding(Command[int]):
    """Say something of a finding; ``closes``: it ends with that."""

    finding: int
    words: str
    closes: bool = False
    contends_for: ClassVar[str] = "findings"


def open_finding(transaction: Transaction, command: OpenFinding) -> int:
    """Attach a finding to an entry; return its number. Whoever it asks gets a mail."""
    connection, now = transaction.connection, transaction.now
    person = _auditor(transaction, command.cause.actor)
    if history.entry_at(connection, command.about, command.entry) is None:
        raise NotFoundRefusal(lazy("this entry"))
    problems = _wrong_words(command.words)
    if wrong := values.line_fault(command.title, _TITLE_LIMIT):
        problems.append(reason("title", "The title {wrong}", wrong=wrong))
    addressee = _addressee(transaction, command.addressee, problems)
    if problems:
        raise InvalidRefusal(*problems)
    title, words = values.line(command.title), values.lines(command.words)
    finding = findings.insert_finding(
        connection,
        {
            "about": command.about,
            "entry": command.entry,
            "title": title,
            "addressee": addressee,
            "opened_by": person.id,
            "opened_at": written(now),
        },
    )
    findings.add_note(connection, finding, FindingNote(person=person.id, at=now, words=words))
    payload = FindingOpened(about=command.about, entry=command.entry, addressee=addressee)
    texts = {"title": title, "message": words}
    entry = record_by(transaction, command.cause, f"finding:{finding}", payload, texts=texts)
    if addressee is not None:
        moved = FindingMoved(
            finding=finding,
            person=addressee,
            actor=person.id,
            what=FindingChange.OPENED,
            occurrence=entry.seq,
        )
        transaction.emit([moved])
    return finding


def note_finding(transaction: Transaction, command: NoteFinding) -> int:
    """Write down what is said of a finding; return its number. The other side gets a mail."""
    connection, now = transaction.connection, transaction.now
    person = transaction.directory.active(command.cause.actor)
    if person is None:
        raise NotFoundRefusal(lazy("this finding"))
    found = visible_finding(connection, command.finding, person)
    if command.closes:
        _auditor(transaction, person.id)
    if problems := _wrong_words(command.words):
        raise InvalidRefusal(*problems)
    if found.closed_at is not None:
        raise InvalidRefusal(reason("closed", "The finding is closed. Open another one."))
    words = values.lines(command.words)
    findings.add_note(connection, found.id, FindingNote(person=person.id, at=now, words=words))
    if command.closes:
        findings.close_finding(connection, found.id, now)
    payload = FindingClosed() if command.closes else FindingNoted()
    subject = f"finding:{found.id}"
    entry = record_by(transaction, command.cause, subject, payload, texts={"message": words})
    transaction.emit(
        FindingMoved(
            finding=found.id,
            person=each,
            actor=person.id,
            what=FindingChange.CLOSED if command.closes else FindingChange.NOTED,
            occurrence=entry.seq,
        )
        for each in sorted({found.opened_by, found.addressee or found.opened_by} - {person.id})
    )
    return found.id


def _auditor(transaction: Transaction, actor: PersonId | None) -> Person:
    person = transaction.directory.active(actor)
    if person is None or not may_read_history(person):
        raise NotPermittedRefusal(reason("auditor", "Only auditors open findings and close them."))
    return person


def _wrong_words(words: str) -> list[Reason]:
    wrong = values.lines_fault(words, _WORDS_LIMIT)
    return [reason("words", "Say what it is about. The text {wrong}", wrong=wrong)] if wrong else []


def _addressee(transaction: Transaction, address: str, problems: list[Reason]) -> PersonId | None:
    wanted = values.line(address)
    if not wanted:
        return None
    found = people.person_by_email(transaction.connection, wanted)
    if found is None or not found.is_active:
        problems.append(
            reason(
                "addressee",
                "Nobody who works here has the address “{email}”. Choose somebody, or nobody.",
                email=wanted[:80],
            )
        )
        return None
    return found.id
