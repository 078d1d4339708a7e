"""Where the administrator lands: how processes, accounts, mail and history fare.

Owns no address: it stands where others have their work, since an administrator decides on no item.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Connection

from api.auth.credentials import with_password
from api.composition import Application
from api.web.pages.attention import PHASES
from api.web.pages.definition_drafts import has_draft
from api.web.pending_answers import AskedOf, asked_of
from api.web.rendering import Page
from notifications.anchors import SealingHealth
from notifications.mail_health import Troubles, troubles
from notifications.position_names import POSITIONS
from workflow.definition import Definition
from workflow.messages import Message
from workflow.model import Person, Position
from workflow.people import by_given_name
from workflow.queries import people

_MOST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemStatePage(Page):
    """What an administrator sees to. Of mails that did not arrive only the number is told."""

    template: ClassVar[str] = "system_state.html"
    books: Sequence[Definition]
    """The newest version of every process."""
    drafts: Sequence[str]
    """The processes that have a draft."""
    without_password: Sequence[Person]
    """Who works here and cannot sign in by a password yet."""
    wrong: Troubles
    sealing: SealingHealth
    unstamped_since: datetime | None
    asked: AskedOf
    phases: Mapping[str, Message]
    positions: Mapping[Position, Message]
    most: int = _MOST


def system_state(parts: Application, connection: Connection, reader: Person) -> SystemStatePage:
    """Return the state of the system."""
    books = [each.definition for each in parts.context.rulebooks.newest(connection).values()]
    known = with_password(connection)
    return SystemStatePage(
        books=books,
        drafts=[each.id for each in books if has_draft(parts, each.id)],
        without_password=sorted(
            (
                each
                for each in people.all_people(connection)
                if each.is_active and each.id not in known
            ),
            key=lambda each: by_given_name(each.name),
        ),
        wrong=troubles(parts.context, connection),
        sealing=parts.anchors.health(connection),
        unstamped_since=parts.timestamps.missing_since(connection) if parts.timestamps else None,
        asked=asked_of(parts.context, connection, reader),
        phases=PHASES,
        positions=POSITIONS,
    )
