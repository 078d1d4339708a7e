"""A list as a file: what its page shows, all of it, under the agency's name and the moment."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection
from starlette.responses import Response

from api.composition import Application
from api.downloads import private_file
from api.spreadsheets import SHEET, sheet
from api.web.dates import hour_and_day
from notifications.translation import translate
from workflow.messages import Message

_T = TypeVar("_T")
_Page = tuple[list[_T], int | None]


async def whole_list(
    parts: Application, page_below: Callable[[Connection, int | None], _Page[_T]]
) -> list[_T]:
    """Return a whole list; ``page_below``: a page below an id, and the id below which more is.

    A page at a time: no transaction lasts as long as the list is.
    """
    rows: list[_T] = []
    before: int | None = None
    while True:
        page, before = await parts.database.report(partial(_read, page_below, before))
        rows += page
        if before is None:
            return rows


def _read(
    page_below: Callable[[Connection, int | None], _Page[_T]],
    before: int | None,
    connection: Connection,
) -> _Page[_T]:
    return page_below(connection, before)


async def list_file(
    parts: Application,
    name: Message,
    columns: Sequence[object],
    rows: Iterable[Sequence[object]],
    *,
    file: str,
) -> Response:
    """Return a list as a sheet called ``name``; ``file``: the start of the file's name."""
    now = parts.clock.now()
    title = translate(
        "{agency}: {list}, {hour_and_day}",
        agency=parts.agency.name,
        list=translate(name).lower(),
        hour_and_day=hour_and_day(parts, now),
    )
    content = await asyncio.to_thread(sheet, translate(name), title, columns, rows)
    day = parts.context.calendar.local_day(now).isoformat()
    return private_file(content, SHEET, f"{file}-{day}.xlsx")
