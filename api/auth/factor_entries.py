"""What history tells of passwords, second factors and tokens: set, removed, sealed anew, ended.

Owns the causes of such entries. The factor itself is in none: an entry commits to the fingerprints
of all that its person has, as of every row of theirs.
"""

from dataclasses import replace

from workflow.command import Cause
from workflow.commands.execute import Transaction
from workflow.commands.recording import record_by
from workflow.history import Entry
from workflow.history.payloads import Payload
from workflow.model import Method, PersonId, Via

BY_COMMAND_LINE = Cause(actor=None, via=Via.CLI, method=Method.NONE, command_id="")


def by_themselves(person: PersonId, method: Method, via: Via = Via.PAGE) -> Cause:
    """Return the cause of what a person does to their own account."""
    return Cause(actor=person, via=via, method=method, command_id="")


def record_factor(
    transaction: Transaction, cause: Cause, person: PersonId, payload: Payload
) -> Entry:
    """Record what became of a person's factor or token, and return the entry; the row came first.

    Each has an id of its own: the commands find out by the rows whether they ran before.
    """
    identified = replace(cause, command_id=f"factor:{transaction.context.entropy(8).hex()}")
    return record_by(transaction, identified, f"person:{person}", payload)
