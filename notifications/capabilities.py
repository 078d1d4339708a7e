"""What a mail lets its reader do: the link of a task, the code of an invitation or a reset.

Owns until when a link lives, and that a try again carries the link of the first try while that one still opens. It must never
keep a usable link: what is stored is the row that a token derives from.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from notifications.letters.setup_tokens import CodeIssuer
from notifications.messages import Kind, Message
from workflow.context import Context
from workflow.deadlines import WorkingCalendar
from workflow.links import ID_BYTES, Keys, Link
from workflow.model import ContentHash, Item, PersonId
from workflow.store import links

_BEYOND_DUE = 5
"""Working days that a link outlives its step's due day: whoever is late still decides by it, and the decision is marked late."""


def link_ends_at(
    calendar: WorkingCalendar, now: datetime, days: int, due_at: datetime | None
) -> datetime:
    """Return until when a link made ``now`` lives: ``days``, and never less than to the end of the fifth working day after its due day."""
    ends_at = now + timedelta(days=days)
    if due_at is None:
        return ends_at
    last = calendar.shift(calendar.local_day(due_at), _BEYOND_DUE)
    return max(ends_at, calendar.at(last + timedelta(days=1), time(0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """Makes the links and codes of one deployment."""

    context: Context
    keys: Keys
    codes: CodeIssuer

    def given(
        self,
        connection: Connection,
        message: Message,
        item: Item | None,
        link: Link | None,
        now: datetime,
    ) -> Message:
        """Return the message with what it carries; ``link``: the one of its first try."""
        match message.kind:
            case Kind.TASK:
                if item is None:
                    raise ValueError("a task without its item")
                return replace(
                    message,
                    link=link
                    if link is not None and self._opens(link, now)
                    else self._new(connection, message, item, now),
                )
            case Kind.INVITATION | Kind.RESET:
                token = self.codes.issue(
                    connection,
                    PersonId(message.person or 0),
                    message.kind.value,
                    seed=message.dedupe_key,
                )
                return replace(message, code_token=token)
            case _:
                return message

    def _opens(self, link: Link, now: datetime) -> bool:
        return (
            link.used_at is None
            and link.revoked_at is None
            and link.kid in self.keys.by_kid
            and now < link.expires_at
        )

    def _new(self, connection: Connection, message: Message, item: Item, now: datetime) -> Link:
        state = self.context.rulebooks.of(connection, item.definition_hash).states[item.state]
        link = Link(
            id=self.context.entropy(ID_BYTES),
            kid=self.keys.newest,
            person=PersonId(message.person or 0),
            item=item.id,
            step=item.step,
            content_hash=ContentHash(item.content_hash),
            expires_at=link_ends_at(self.context.calendar, now, state.link_days, item.due_at),
        )
        links.insert_links(connection, [link], now)
        return link
