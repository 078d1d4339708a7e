"""Give a number to a document that no item became: a decision, a plan, a letter of the agency.

The clerk's and the Office's. What the register says of it is never changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Connection

from workflow import values
from workflow.command import Command
from workflow.commands.execute import Transaction
from workflow.commands.numbering import NO_ISSUING_DAY, issuing_day, record_number, take_number
from workflow.commands.recording import record_by
from workflow.definition import LETTER, NAMES
from workflow.errors import InvalidRefusal, Reason, reason
from workflow.history.payloads import DocumentRegistered, Registered, narrow
from workflow.people import require_registrar
from workflow.rules.register import wrong_unit
from workflow.store import register
from workflow.store.history import StoredEntry

_LONGEST = 500
_LONGEST_UNIT = 20
_MOST_COPIES = 9_999


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDocument(Command[Registered]):
    """Register a document; answers its number with symbol, and its day.

    ``number`` None: the next one; ``issued_on`` None: today. ``unit``: of a letter, the
    abbreviation of who drafted it, which its symbol ends with.
    """

    kind: str
    about: str
    signer: str
    recipients: str
    kept_by: str = ""
    unit: str = ""
    note: str = ""
    copies: int | None = None
    number: int | None = None
    issued_on: str | None = None
    contends_for: ClassVar[str] = "register"


def register_document(transaction: Transaction, command: RegisterDocument) -> Registered:
    """Register a document; return its number with symbol, and its day."""
    connection = transaction.connection
    require_registrar(transaction.directory.active(command.cause.actor))
    problems, day = list(_problems(command)), issuing_day(transaction, command.issued_on)
    if day is None:
        problems.append(NO_ISSUING_DAY)
    if problems or day is None:
        raise InvalidRefusal(*problems)
    unit = values.line(command.unit)
    given = take_number(transaction, command.kind, number=command.number, day=day, unit=unit)
    texts = {
        name: values.line(getattr(command, name))
        for name in ("about", "signer", "recipients", "kept_by", "note")
    }
    document = register.insert_document(
        connection, {"kind": command.kind, "copies": command.copies, **texts}
    )
    registered = Registered(number=given.notation, issued_on=given.issued_on)
    payload = DocumentRegistered(kind=command.kind, registered=registered)
    entry = record_by(transaction, command.cause, f"document:{document}", payload)
    record_number(connection, given, entry, words=texts["about"])
    return registered


def recall_registered(
    _connection: Connection, _command: RegisterDocument, made: StoredEntry
) -> Registered:
    """Return what a registration was answered when it was made."""
    return narrow(made.fact.payload, DocumentRegistered).registered


def _problems(command: RegisterDocument) -> Iterator[Reason]:
    if command.kind not in NAMES:
        yield reason(
            "kind",
            "There is no kind of document “{given}”. Use one of: {allowed}.",
            given=command.kind,
            allowed=", ".join(NAMES),
        )
    texts = (
        ("about", command.about, _LONGEST, False),
        ("signer", command.signer, _LONGEST, False),
        ("recipients", command.recipients, _LONGEST, False),
        ("kept_by", command.kept_by, _LONGEST, True),
        ("note", command.note, _LONGEST, True),
        ("unit", command.unit, _LONGEST_UNIT, command.kind != LETTER),
    )
    for name, text, most, may_be_empty in texts:
        if wrong := values.line_fault(text, most, may_be_empty=may_be_empty):
            yield reason(name, "What stands in the register {wrong}", wrong=wrong)
        elif name == "unit" and command.kind == LETTER:
            yield from wrong_unit(values.line(text))
    if command.copies is not None and not 0 < command.copies <= _MOST_COPIES:
        yield reason("copies", "The number of copies must be a positive whole number.")
