"""What follows for an account when its person changes: in the transaction of the change.

Owns that capabilities follow the person: what was mailed to an address that is theirs no more opens
nothing, and who has left keeps nothing open. Must never mail anything itself; it writes the intent
beside the others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from api.auth.credentials import put_secret, with_password
from api.auth.tokens import end_access, end_tokens
from notifications.code_issuer import CodeIssuer
from notifications.outbox import Outbox
from workflow.events import (
    AccountChange,
    AccountChanged,
    AddressChanged,
    Event,
    PersonInvited,
    PersonLeft,
)
from workflow.model import PersonId
from workflow.people import has_wide_power
from workflow.store import people


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEvents:
    """Listens for the outbox, and for the accounts."""

    outbox: Outbox
    codes: CodeIssuer
    clock: Callable[[], datetime]

    def publish(self, connection: Connection, events: Sequence[Event]) -> None:
        """Let accounts follow, then write the mails that ``events`` cause."""
        for event in events:
            match event:
                case AddressChanged():
                    self._moved(connection, event.person)
                case PersonLeft():
                    self._end(connection, event.person)
                    end_access(connection, event.person, self.clock())
                case AccountChanged(what=AccountChange.POSITION, owner=None):
                    self._risen(connection, event.person)
                case _:
                    pass
        self.outbox.publish(connection, events)

    def _end(self, connection: Connection, person: PersonId) -> None:
        self.codes.end_all(connection, person)
        put_secret(connection, person, "enrol_hash", None)

    def _risen(self, connection: Connection, person: PersonId) -> None:
        """End tokens of before wide power: no factor stands behind them.

        Sessions are asked for one when they are used next.
        """
        if has_wide_power(people.people_by_id(connection)[person]):
            end_tokens(connection, person, self.clock())

    def _moved(self, connection: Connection, person: PersonId) -> None:
        """End what the old address was sent; invite at the new one whoever has not come in yet."""
        self._end(connection, person)
        is_active = any(
            each.id == person and each.is_active for each in people.all_people(connection)
        )
        if is_active and person not in with_password(connection):
            self.outbox.add(connection, [PersonInvited(person=person, at=self.clock())])
