"""How the last day of a right to act for another is said; of one that stands, that it does."""

from datetime import date

from notifications.translation import translate
from workflow.people import OPEN_END


def last_day_words(day: date) -> str:
    """Return the last day of a delegation, or that it stands until somebody ends it."""
    if day.isoformat() == OPEN_END:
        return translate("further notice")
    return day.strftime("%d/%m/%Y")
