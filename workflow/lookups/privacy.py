"""The agency's rules on personal data, and whether something is under a hold."""

from datetime import date, timedelta

from sqlalchemy import Connection

from workflow import values
from workflow.deadlines import WorkingCalendar
from workflow.definition import PrivacyRules, Term
from workflow.errors import InvalidRefusal, reason
from workflow.model import PersonId
from workflow.store import definitions, past_awards, privacy, proceedings
from workflow.store.privacy import Hold

PRIVACY_RULES = "privacy_rules"
"""Setting: due days and retention periods, as JSON; without it, as the program says."""
_SOON_DAYS = 3
"""Working days before the due day of a request from which it is of concern."""


def privacy_rules(connection: Connection) -> PrivacyRules:
    """Return the agency's rules on personal data."""
    stored = definitions.setting(connection, PRIVACY_RULES)
    return PrivacyRules() if stored is None else PrivacyRules.model_validate_json(stored)


def due_day(calendar: WorkingCalendar, term: Term, start: date) -> date:
    """Return the last day of a term that begins the day after ``start``: a working day in it.

    A term that ends on a rest day is due before it: what is answered then is never late.
    """
    if term.working:
        return calendar.shift(start, term.days)
    day = start + timedelta(days=term.days)
    while not calendar.is_working(day) and day > start:
        day -= timedelta(days=1)
    return day


def number_in(subject: str) -> int | None:
    """Return the number of a subject like ``merit:7``; None where it is not written just so.

    Each has one name: a hold on another spelling would keep nothing.
    """
    name = subject.partition(":")[2]
    number = values.counter(name, most=values.LARGEST_ID)
    return number if name == str(number) else None


def is_due_soon(calendar: WorkingCalendar, due_on: date, today: date) -> bool:
    """Return whether the due day of a request is near, and not past."""
    return today <= due_on and calendar.between(today, due_on) <= _SOON_DAYS


def present_hold(connection: Connection, subject: str) -> Hold | None:
    """Return the hold that a subject is under, or None."""
    found = privacy.holds_about(connection, subject)
    return next((each for each in found if each.lifted_at is None), None)


def require_no_hold(connection: Connection, subject: str) -> None:
    """Raise InvalidRefusal where a hold keeps what is to be erased."""
    hold = present_hold(connection, subject)
    if hold is not None:
        raise InvalidRefusal(
            reason(
                "hold",
                "This is under hold {number}: “{why}”. Nothing of it is erased until the hold is "
                "lifted.",
                number=hold.id,
                why=hold.reason,
            )
        )


def notes_about(connection: Connection, person: PersonId) -> list[str]:
    """Return the subjects that say something of a person alone, and go when they are erased.

    What was pending against them, and imported awards that were given to them.
    """
    against = proceedings.proceedings_against(connection, [person], ())
    awards = past_awards.past_awards_of(connection, person)
    return [*(each.subject for each in against), *(each.subject for each in awards)]
