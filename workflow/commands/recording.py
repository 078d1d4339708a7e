"""What commands write into history about a subject, and into the settings about the directory.

Owns how a fact is built from the cause of a command and put at the end of its subject's chain.
Decides nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from workflow.command import Cause
from workflow.commands.execute import Transaction
from workflow.commands.recorded_rows import rows_to_commit
from workflow.context import DIRECTORY_VERSION, SetBrokenError
from workflow.history import GENESIS, Entry, Fact, payloads
from workflow.history.payloads import Payload
from workflow.model import Item, Person
from workflow.people import require_people_manager
from workflow.store import definitions, history, items
from workflow.store.history import NewEntry


def record(transaction: Transaction, fact: Fact, *, digest: str = "") -> Entry:
    """Append ``fact`` to the chain of a subject that is no item, and return the entry.

    The entry commits to what is kept about the subject: rows are written before it.
    """
    context, connection = transaction.context, transaction.connection
    seq, prev = history.end_of_chain(connection, fact.subject)
    rows = rows_to_commit(connection, fact)
    stamped = replace(
        fact,
        at=context.stamp(connection, fact.subject, fact.at),
        texts={**fact.texts, **rows},
    )
    entry = context.entry(stamped, seq + 1, prev if seq else GENESIS)
    history.append_entries(connection, [NewEntry(entry=entry, command_digest=digest)])
    return entry


def record_by(
    transaction: Transaction,
    cause: Cause,
    subject: str,
    payload: Payload,
    *,
    texts: dict[str, str] | None = None,
) -> Entry:
    """Record what ``cause`` made of a subject that is no item."""
    fact = Fact(
        subject=subject,
        payload=payload,
        at=transaction.now,
        actor=cause.actor,
        on_behalf_of=cause.on_behalf_of,
        via=cause.via.value,
        method=cause.method.value,
        command_id=cause.command_id,
        texts=texts or {},
    )
    return record(transaction, fact, digest=cause.digest)


def fact_in_place(
    transaction: Transaction, cause: Cause, item: Item, person: Person | None, payload: Payload
) -> Fact:
    """Return a fact with ``payload`` that leaves the item in its state, version and step."""
    return Fact(
        subject=item.subject,
        payload=payload,
        at=transaction.context.stamp(transaction.connection, item.subject, transaction.now),
        actor=cause.actor,
        position=person.position.value if person else None,
        via=cause.via.value,
        method=cause.method.value,
        from_state=item.state,
        to_state=item.state,
        version=item.version,
        step=item.step,
        content_hash=item.content_hash,
        definition_hash=item.definition_hash,
        command_id=cause.command_id,
    )


def append_to_item(
    transaction: Transaction,
    item: Item,
    fact: Fact,
    update: Callable[[Entry], bool],
    *,
    digest: str = "",
) -> Entry:
    """Append ``fact`` to an item's chain; ``update`` writes the row that then ends with the entry.

    Raises SetBrokenError where ``update`` finds the row changed since ``item`` was read. Row and
    entry are kept together or not at all: a row never points beyond the end of its chain.
    """
    entry = transaction.context.next_entry(item, fact)
    if not update(entry):
        raise SetBrokenError
    new = NewEntry(entry=entry, item_id=item.id, command_digest=digest)
    history.append_entries(transaction.connection, [new])
    return entry


def redate(transaction: Transaction, cause: Cause, item: Item, due_at: datetime) -> None:
    """Set anew until when a step is due, as part of what ``cause`` does besides."""
    own = replace(cause, command_id=f"{cause.command_id}:{item.code}")
    person = transaction.directory.active(cause.actor)
    fact = fact_in_place(transaction, own, item, person, payloads.DueChanged(due_at=due_at))

    def moved(entry: Entry) -> bool:
        connection = transaction.connection
        return items.redate_item(connection, item, due_at, seq=entry.seq, head=entry.hash)

    append_to_item(transaction, item, fact, moved)


def append_in_place(transaction: Transaction, item: Item, fact: Fact, *, digest: str = "") -> Entry:
    """Append ``fact`` to an item whose row keeps all else.

    Raises SetBrokenError where somebody else appended since ``item`` was read.
    """

    def end_with(entry: Entry) -> bool:
        connection = transaction.connection
        return items.append_to_item(connection, item, seq=entry.seq, head=entry.hash)

    return append_to_item(transaction, item, fact, end_with, digest=digest)


def touch_directory(transaction: Transaction) -> None:
    """Tell every process that people, departments or delegations have changed."""
    version = transaction.context.entropy(8).hex()
    definitions.put_setting(transaction.connection, DIRECTORY_VERSION, version)


def require_manager(transaction: Transaction, cause: Cause) -> None:
    """Let pass whoever manages people, and the command line. Raises NotPermittedRefusal."""
    if not cause.is_operator:
        require_people_manager(transaction.directory.active(cause.asker))
