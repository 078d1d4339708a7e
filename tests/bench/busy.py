"""Processor time of a run: what something costs however much else the machine does meanwhile."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import make_url

from tests.bench.product import Product

_TICK = os.sysconf("SC_CLK_TCK")
_PARENT, _USED, _USED_BY_ENDED = 1, slice(11, 13), slice(13, 15)
"""Fields of ``/proc/…/stat`` after the command's name: of the process, and of its ended children."""


def busy(product: Product) -> float:
    """Return the seconds that this process and its PostgreSQL have kept processors busy."""
    own = time.process_time()
    if product.parts.engines.is_sqlite:
        return own
    folder = make_url(product.parts.settings.url).query["host"]
    server = int((Path(str(folder)) / "postmaster.pid").read_text("ascii").split()[0])
    every = {each: _fields(each) for each in _processes()}
    ticks = sum(map(int, every[server][_USED])) + sum(map(int, every[server][_USED_BY_ENDED]))
    ticks += sum(
        sum(map(int, fields[_USED]))
        for fields in every.values()
        if fields and int(fields[_PARENT]) == server
    )
    return own + ticks / _TICK


def cost(product: Product, act: Callable[[], object], times: int) -> float:
    """Return the milliseconds of processors that something takes, done before once."""
    act()
    began = busy(product)
    for _ in range(times):
        act()
    return (busy(product) - began) * 1000 / times


def _processes() -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]


def _fields(process: int) -> list[str]:
    """Return the fields of a process after its name; none of one that has ended."""
    try:
        return re.split(r"\) ", Path(f"/proc/{process}/stat").read_text("utf-8"))[-1].split()
    except OSError:
        return []
