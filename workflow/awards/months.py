"""Full months, as rules and statistics of awards count how long something lasts. Pure."""

from datetime import date


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the first of the month after a shorter one."""
    years, month = divmod(day.month - 1 + months, 12)
    try:
        return day.replace(year=day.year + years, month=month + 1)
    except ValueError:
        years, month = divmod(day.month + months, 12)
        return date(day.year + years, month + 1, 1)
