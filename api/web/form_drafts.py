"""What people are typing into forms: kept while they type, and offered back.

It is not yet an item's content, so it is its writer's alone; whoever opens the same form learns
only that somebody is typing. It goes when the form is saved, and when its time is over
(``retention``).
"""

import re
from dataclasses import dataclass

import orjson

from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.errors import InvalidRefusal, NotFoundRefusal, reason
from workflow.lookups.items import visible_item
from workflow.messages import lazy
from workflow.model import PersonId
from workflow.store import form_drafts
from workflow.store.form_drafts import Typed

BODY_LIMIT = 300_000
_FORM = re.compile(r"new/[a-z0-9_]{1,60}|item/[A-Z]{2,4}-\d{4}-\d{4,9}")


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
    _require_form(transaction, command)
    connection, now = transaction.connection, transaction.now
    body = "" if command.typed is None else orjson.dumps(command.typed).decode()
    if len(body) > BODY_LIMIT:
        raise InvalidRefusal(
            reason("typed", "What you are typing is too long to be kept. Save the draft.")
        )
    form_drafts.drop_typing(connection, command.form, command.person)
    if command.typed is not None:
        form_drafts.insert_typing(connection, command.form, command.person, body, now)


def _require_form(transaction: Transaction, command: KeepTyping) -> None:
    """Refuse a form that is none, or of what the person may not see.

    Nobody shall seem to type there. Raises InvalidRefusal, NotFoundRefusal.
    """
    if not _FORM.fullmatch(command.form):
        raise InvalidRefusal(reason("form", "What this form holds could not be kept."))
    if command.typed is None:
        return  # What was saved, or given up, goes wherever its writer may look by now.
    of, name = command.form.split("/")
    person = transaction.directory.active(command.person)
    kinds = transaction.context.rulebooks.newest(transaction.connection)
    if person is None or (of == "new" and name not in kinds):
        raise NotFoundRefusal(lazy("this kind of item"))
    if of == "item":
        visible_item(transaction.connection, name, person)


USE_CASES: UseCases = {KeepTyping: one_by_one(KeepTyping, _keep)}
