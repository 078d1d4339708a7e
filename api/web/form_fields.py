"""What single fields of a form say, as they were typed: texts, days, numbers."""

from datetime import date
from typing import Final

from starlette.datastructures import FormData

from api.web.dates import iso_day
from workflow import values
from workflow.errors import InvalidRefusal, reason
from workflow.messages import Message, lazy

_LARGEST_NUMBER: Final = 999_999
DOCUMENT_NUMBER: Final = lazy("The document number")


def text_in(form: FormData, name: str) -> str:
    """Return what was typed into a field; "" where nothing was, or a file came in its place."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def day_in(form: FormData, name: str) -> str:
    """Return a typed day in ISO 8601; what is none as it was typed."""
    return iso_day(text_in(form, name))


def date_in(form: FormData, name: str) -> date | None:
    """Return a typed day, or None where it is none."""
    return values.day(day_in(form, name))


def number_in(form: FormData, name: str, label: Message) -> int | None:
    """Return a typed number, None where nothing was. Raises InvalidRefusal for what is none."""
    typed = text_in(form, name).strip()
    number = values.counter(typed, most=_LARGEST_NUMBER) or None
    if typed and number is None:
        raise InvalidRefusal(
            reason(name, "{label} must be a positive whole number. Mend it.", label=label)
        )
    return number
