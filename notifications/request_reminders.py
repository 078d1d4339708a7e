"""Reminders of data subjects' requests to the Office, as of deadlines: once each, on working days.

What is due is told from the register each time, and the key of its mail keeps it from going twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from sqlalchemy import Connection

from notifications.outbox import Outbox
from workflow.command import Upkeep
from workflow.commands.execute import Transaction, UseCases, one_by_one
from workflow.context import Context
from workflow.deadlines import REMINDS_AT
from workflow.definition import Term
from workflow.events import RequestMoment, RequestMoved
from workflow.lookups.privacy import due_day, is_due_soon, privacy_rules
from workflow.model import OFFICE, RequestState
from workflow.store import privacy
from workflow.store.privacy import PrivacyRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindOfRequests(Upkeep[None]):
    """Write the mails about requests that are due; those that are there stay as they are."""

    due: tuple[RequestMoved, ...]
    contends_for: ClassVar[str] = "reminders"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReminders:
    """Tells the Office of one agency which requests are due."""

    context: Context
    outbox: Outbox

    def use_cases(self) -> UseCases:
        """Return how the command of the tick is run."""
        return {RemindOfRequests: one_by_one(RemindOfRequests, self._remind)}

    def _remind(self, transaction: Transaction, command: RemindOfRequests) -> None:
        self.outbox.add(transaction.connection, command.due)

    def due(self, connection: Connection) -> tuple[RequestMoved, ...]:
        """Return what the Office is to hear and has not heard; nothing outside working mornings."""
        now, calendar = self.context.clock(), self.context.calendar
        today = calendar.local_day(now)
        if now < calendar.at(today, REMINDS_AT) or not calendar.is_working(today):
            return ()
        office = self.context.directory(connection, now).in_positions(OFFICE)
        acknowledgement = privacy_rules(connection).acknowledgement
        told = [
            RequestMoved(request=each.id, moment=moment, person=person.id)
            for each in privacy.open_requests(connection)
            for moment in self._moments(each, today, acknowledgement)
            for person in office
        ]
        return tuple(self.outbox.unwritten(connection, told))

    def _moments(
        self, request: PrivacyRequest, today: date, acknowledgement: Term
    ) -> Iterator[RequestMoment]:
        calendar, due_on = self.context.calendar, date.fromisoformat(request.due_on)
        received = date.fromisoformat(request.received_on)
        first = due_day(calendar, acknowledgement, received)
        if request.state is RequestState.RECEIVED and today >= first:
            yield RequestMoment.UNACKNOWLEDGED
        if today > due_on:
            yield RequestMoment.OVERDUE
        elif is_due_soon(calendar, due_on, today):
            yield RequestMoment.DUE_SOON
