"""Several files in one run of bytes, as the child process is given them.

A line of JSON, ``{"about": …, "sizes": [[…], …]}``, then the files of each group, end to end.
"""

from collections.abc import Sequence

import orjson

from workflow.model import Json


def pack(about: Json, groups: Sequence[Sequence[bytes]]) -> bytes:
    """Return ``about`` and groups of files as one run of bytes."""
    head = {"about": about, "sizes": [[len(each) for each in group] for group in groups]}
    return b"".join((orjson.dumps(head), b"\n", *(each for group in groups for each in group)))


def unpack(parcel: bytes) -> tuple[Json, list[list[bytes]]]:
    """Return what ``pack`` was given."""
    line, _, rest = parcel.partition(b"\n")
    head, at = orjson.loads(line), 0
    groups: list[list[bytes]] = []
    for sizes in head["sizes"]:
        groups.append([])
        for size in sizes:
            groups[-1].append(rest[at : at + size])
            at += size
    return head["about"], groups
