"""Cursors of lists: where the next page begins, as text that only this product makes and reads."""

import base64
import binascii
from collections.abc import Sequence

from workflow import values
from workflow.errors import InvalidRefusal, reason


def next_cursor(found: Sequence[int], limit: int) -> str | None:
    """Return the cursor of the next page of ``limit``, or None; ``found`` holds one id more."""
    return write_cursor(found[limit - 1]) if len(found) > limit else None


def cursor_after(ids: Sequence[int], full: int) -> str | None:
    """Return the cursor after a page that holds as many as it may, or None after any other."""
    return write_cursor(ids[-1]) if len(ids) == full else None


def write_cursor(last: int) -> str:
    """Return the opaque cursor after ``last``."""
    return base64.urlsafe_b64encode(f"i{last}".encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> int | None:
    """Return the id in a cursor. Raises InvalidRefusal for one that was not ours."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(
            cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True
        ).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    last = (
        values.counter(text.removeprefix("i"), most=values.LARGEST_ID)
        if text.startswith("i")
        else None
    )
    if last is None or cursor != write_cursor(last):
        raise InvalidRefusal(
            reason(
                "cursor", "The page cursor is not valid. Use the value 'next' of the page before."
            )
        )
    return last
