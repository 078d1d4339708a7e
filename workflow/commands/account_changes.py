"""Tell a person what became other for their account, and keep what would take it back.

For two days they take it back by a link in that mail (``undo_change``). Whoever was written to
until a moment ago hears of what follows, too; what the command line does is told to auditors.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from workflow.command import Cause
from workflow.commands.execute import Transaction
from workflow.events import AccountChange, AccountChanged
from workflow.links import ID_BYTES
from workflow.model import PersonId, Position
from workflow.store import account_changes
from workflow.store.account_changes import Before, UndoableChange, as_json

UNDONE_WITHIN = timedelta(hours=48)


def keep_undoable(
    transaction: Transaction, person: PersonId, what: AccountChange, seq: int, before: Before
) -> str:
    """Keep what the change told by the entry ``seq`` of ``person`` goes back to; return its id."""
    change = UndoableChange(
        id=transaction.context.entropy(ID_BYTES),
        person=person,
        what=what,
        seq=seq,
        before=as_json(before),
        until=transaction.now + UNDONE_WITHIN,
    )
    account_changes.insert_change(transaction.connection, change)
    return change.id.hex()


def told_of(
    transaction: Transaction, cause: Cause, told: AccountChanged, seq: int, before: Before | None
) -> list[AccountChanged]:
    """Return all who hear of a change, its person first; ``before`` None: no link takes it back."""
    others = [*told_elsewhere(transaction, told), *_auditor_events(transaction, cause, told)]
    if before is not None:
        undo = keep_undoable(transaction, told.person, told.what, seq, before)
        told = replace(told, undo=undo)
    return [told, *others]


def told_elsewhere(transaction: Transaction, told: AccountChanged) -> Iterator[AccountChanged]:
    """Yield ``told`` for each address that was its person's until a moment ago.

    Who reads the present one may be the very person against whom the mail is to warn.
    """
    live = account_changes.live_changes(transaction.connection, told.person, transaction.now)
    known = {told.address}
    for each in live:
        address = each.goes_back_to.get("email")
        if each.what is AccountChange.ADDRESS and address and address not in known:
            known.add(address)
            place = sha256(address.encode()).hexdigest()[:16]
            yield replace(told, address=address, place=place, undo="")


def _auditor_events(
    transaction: Transaction, cause: Cause, told: AccountChanged
) -> Iterator[AccountChanged]:
    if cause.is_operator:
        for auditor in transaction.directory.in_positions({Position.AUDITOR}):
            if auditor.id != told.person:
                yield replace(told, person=auditor.id, owner=told.person, address=None)
