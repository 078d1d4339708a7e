"""Days as mails and pages write them."""

from datetime import date

from notifications.translation import translate
from workflow.people import OPEN_END


def day_text(day: date | str) -> str:
    """Return a day, or what ISO 8601 says of it, as dd/MM/yyyy."""
    return (date.fromisoformat(day) if isinstance(day, str) else day).strftime("%d/%m/%Y")


def last_day_words(day: date) -> str:
    """Return the last day of a delegation, or that it stands until somebody ends it."""
    if day.isoformat() == OPEN_END:
        return translate("further notice")
    return day_text(day)
