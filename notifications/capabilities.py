"""What a mail lets its reader do: the link of a task, the code of an invitation or a reset.

Owns until when a link lives, and that a try again carries the link of the first try while that one
still opens. It must never keep a usable link: what is stored is the row that a token derives from.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from notifications.batch import Batch
from notifications.code_issuer import CodeIssuer
from notifications.messages import AnyMessage, Carried, required_person
from workflow.context import Context
from workflow.deadlines import WorkingCalendar
from workflow.links import ID_BYTES, Keys, Link
from workflow.model import ContentHash
from workflow.store import links

_BEYOND_DUE = 5
"""Working days that a link outlives its step's due day: who is late still decides by it."""


def link_ends_at(
    calendar: WorkingCalendar, now: datetime, days: int, due_at: datetime | None
) -> datetime:
    """Return until when a link made ``now`` lives.

    That is ``days``, and never less than to the end of the fifth working day after its due day.
    """
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
        self, message: AnyMessage, batch: Batch, earlier: Link | None, carries: Carried
    ) -> AnyMessage:
        """Return the message with what it carries; ``earlier``: the link of its first try."""
        match carries:
            case Carried.NOTHING | Carried.GATHERED:
                return message
            case Carried.LINK:
                is_open = earlier is not None and self._opens(earlier, batch.at)
                return replace(message, link=earlier if is_open else self._new(message, batch))
            case Carried.SETUP_CODE:
                token = self.codes.issue(
                    batch.connection,
                    required_person(message),
                    message.kind.value,
                    seed=message.dedupe_key,
                )
                return replace(message, code_token=token)

    def _opens(self, link: Link, now: datetime) -> bool:
        return (
            link.used_at is None
            and link.revoked_at is None
            and link.kid in self.keys.by_kid
            and now < link.expires_at
        )

    def _new(self, message: AnyMessage, batch: Batch) -> Link:
        item = batch.item(message)
        rulebook = self.context.rulebooks.of(batch.connection, item.definition_hash)
        days = rulebook.states[item.state].link_days
        link = Link(
            id=self.context.entropy(ID_BYTES),
            kid=self.keys.newest,
            person=required_person(message),
            item=item.id,
            step=item.step,
            content_hash=ContentHash(item.content_hash),
            expires_at=link_ends_at(self.context.calendar, batch.at, days, item.due_at),
        )
        links.insert_links(batch.connection, [link], batch.at)
        return link
