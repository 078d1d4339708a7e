"""The package of a dossier: a zip that is the same byte for byte each time it is made.

Owns names, order and form of what is in it, its manifest and its sums: whoever has it checks it
offline, by ``sha256sum -c`` or what their machine has instead. Parts are loaded one at a time, so
that a large dossier takes no more memory than its largest file. Pure but for the file written to.
"""

import hashlib
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

from workflow.documents.stable_zip import undated_entry
from workflow.model import Json

MANIFEST, SUMS = "manifest.json", "SHA256SUMS.txt"
FORMAT = "thidua-dossier/1"
_LONGEST_NAME = 80
_READABLE_FILE = 0o644 << 16
_BARRED = {0x110: "D", 0x111: "d"}
"""The letters whose bar is no mark that could be taken away."""


class PartKind(StrEnum):
    """What a part of a package is."""

    COVER = "cover"
    GUIDE = "guide"
    DOCUMENT = "document"
    SIGNED_COPY = "signed_copy"
    FILE = "file"
    ENTRY = "entry"
    PROOF = "proof"
    CHECKPOINT = "checkpoint"
    VERIFIER = "verifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePart:
    """A part: its name in the package, what it is, and how its bytes are had when they are needed.

    ``of``: the code of the item that it belongs to; ``called``: its name where it came from.
    """

    name: str
    kind: PartKind
    load: Callable[[], bytes]
    of: str = ""
    called: str = ""


def plain_name(text: str, otherwise: str = "tep") -> str:
    """Return a file's name in plain letters, without a folder, as every machine takes it."""
    stem, dot, ending = text.rpartition(".")
    stem, ending = _plain(stem if dot else text), _plain(ending if dot else "").lower()
    stem = stem[:_LONGEST_NAME].rstrip("-") or otherwise
    return f"{stem}.{ending[:10]}" if ending else stem


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.translate(_BARRED))
    bare = "".join(each for each in bare if not unicodedata.combining(each))
    return re.sub(r"[^A-Za-z0-9]+", "-", bare).strip("-")


def write_package(
    parts: Iterable[PackagePart],
    opening: Mapping[str, Json],
    target: IO[bytes],
    told: Callable[[int, int], None] = lambda _written, _parts: None,
) -> None:
    """Write the zip of ``parts`` in the order of their names; ``opening``: how its manifest begins.

    ``told``: after each part how many are written, of how many. Raises ValueError where two parts
    have one name.
    """
    ordered = sorted(parts, key=lambda each: each.name)
    if len({each.name.casefold() for each in ordered}) != len(ordered):
        raise ValueError("two parts of a package have one name")
    rows: list[Json] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for each in ordered:
            content = each.load()
            rows.append(_row(each, content))
            archive.writestr(_entry(each.name), content)
            told(len(rows), len(ordered))
        manifest = json.dumps(
            {"format": FORMAT, **opening, "files": rows}, ensure_ascii=False, indent=1
        ).encode()
        archive.writestr(_entry(MANIFEST), manifest)
        archive.writestr(_entry(SUMS), _sums(rows, manifest))


def _entry(name: str) -> zipfile.ZipInfo:
    entry = undated_entry(name)
    entry.external_attr = _READABLE_FILE
    return entry


def _row(part: PackagePart, content: bytes) -> dict[str, Json]:
    row: dict[str, Json] = {
        "path": part.name,
        "kind": part.kind.value,
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
    }
    return row | {name: each for name, each in (("of", part.of), ("name", part.called)) if each}


def _sums(rows: Sequence[Json], manifest: bytes) -> bytes:
    """Return the sums as ``sha256sum -c`` reads them; it can check all but this file itself."""
    sums = {str(each["path"]): str(each["sha256"]) for each in rows if isinstance(each, dict)}
    sums[MANIFEST] = hashlib.sha256(manifest).hexdigest()
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()
