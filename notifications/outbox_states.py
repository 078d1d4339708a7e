"""The states of an outbox message, and the conditions that the outbox's partial indexes are over.

Owns their names. A partial index serves only a query that says its condition in the very words of
the index, so these are literals and never parameters.
"""

from enum import StrEnum

from sqlalchemy import ColumnElement, literal_column

from workflow.store import schema


class OutboxState(StrEnum):
    """What became of a message so far."""

    NEW = "new"
    LEASED = "leased"
    SENT = "sent"
    DEAD = "dead"
    SUPERSEDED = "superseded"


def _literal(state: OutboxState) -> ColumnElement[str]:
    return literal_column(f"'{state.value}'")


HELD_BACK = "9999-01-01T00:00:00.000000Z"
"""The ``next_at`` of a message that does not leave by itself: a digest gathers it."""
UNSENT = schema.outbox.c.state.in_([_literal(OutboxState.NEW), _literal(OutboxState.LEASED)])
IS_DEAD = schema.outbox.c.state == _literal(OutboxState.DEAD)
IS_ANCHOR = schema.outbox.c.kind == literal_column("'anchor'")
