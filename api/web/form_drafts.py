"""What people are typing into forms: kept while they type, and offered back.

It is not yet an item's content, so it is its writer's alone; whoever opens the same form learns
only that somebody is typing. It goes when the form is saved, and when its time is over
(``retention``).
"""

from dataclasses import dataclass

import orjson

from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.errors import InvalidRefusal, reason
from workflow.model import PersonId
from workflow.store import form_drafts
from workflow.store.form_drafts import Typed

BODY_LIMIT = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepTyping(Upkeep[None]):
    """Keep what a person has typed into a form so far; None: it was saved, or given up."""

    form: str
    person: PersonId
    typed: Typed | None

    @property
    def contends_for(self) -> str:
        """Return what this command contends for."""
        return f"typing:{self.form}:{self.person}"


def _keep(transaction: Transaction, command: KeepTyping) -> None:
    connection, now = transaction.connection, transaction.now
    body = "" if command.typed is None else orjson.dumps(command.typed).decode()
    if len(body) > BODY_LIMIT:
        raise InvalidRefusal(
            reason("typed", "What you are typing is too long to be kept. Save the draft.")
        )
    form_drafts.drop_typing(connection, command.form, command.person)
    if command.typed is not None:
        form_drafts.insert_typing(connection, command.form, command.person, body, now)


USE_CASES: UseCases = {KeepTyping: one_by_one(KeepTyping, _keep)}
