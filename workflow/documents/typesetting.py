"""Typesetting: a Typst template and its data make a PDF/A, the same bytes each time.

Owns the use of Typst. Templates read their data as JSON and, beside it, files of their own folder
alone; fonts are those beside them and no others, so that a document looks the same on every
machine. Slow work: whoever calls from an event loop does so in a thread (Typst lets go of the
interpreter while it works).
"""

import ctypes
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import orjson
import typst

from workflow.model import Json

FONTS = "fonts"
MOST_BYTES = 4_000_000
"""Of the data of a document: some thousand pages; more is no document that anybody signs."""
_LARGE_BYTES = 50_000
"""Of the data of a document whose layout takes tens of megabytes."""
_REMEMBERED = 10
"""Through so many documents Typst remembers what it has laid out and not used again."""
_NO_PICTURE = "could not be displayed"
"""What Typst says of a text that the fonts have no picture for."""
_BEYOND_FONTS = re.compile(
    r"[^\n\x20-\x7e\xa0-\u017f\u01a0-\u01b0\u1ea0-\u1ef9\u2013\u2014\u2018-\u201e\u2026\u20ab]"
)
_ARCHIVED: "Sequence[typst.PDFStandard]" = ("a-2b",)
_ACCESSIBLE: "Sequence[typst.PDFStandard]" = ("a-2a", "ua-1")
"""For documents that leave the agency: archived for long (PDF/A-2a), read aloud (PDF/UA-1)."""


def typeset(template: Path, data: Mapping[str, Json], *, fonts: Path, at: datetime) -> bytes:
    """Return the PDF/A-2b that ``template`` makes of ``data``.

    ``fonts``: the folder of font files; ``at``: the document's date.

    A PDF/A has a picture of every letter, so one that the fonts do not have is printed as ``?``.
    Raises ValueError where the template does not compile.
    """
    sheet = Typesetter(folder=template.parent, fonts=fonts, standards=_ARCHIVED)
    return sheet.pdf_of(template, data, at)


def typeset_official(
    template: Path, data: Mapping[str, Json], *, layout: Path, fonts: Path, at: datetime
) -> bytes:
    """Return the PDF/A-2a and PDF/UA-1 that ``template`` makes of official documents.

    ``layout``: the file that it imports; files of its folder alone can be read. Otherwise as
    ``typeset``. Raises ValueError.
    """
    sheet = Typesetter(folder=layout.parent, fonts=fonts, standards=_ACCESSIBLE)
    return sheet.pdf_of(template, data, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typesetter:
    """How templates are typeset: which folder they may read, with which fonts, for what."""

    folder: Path
    fonts: Path
    standards: "Sequence[typst.PDFStandard]"

    def pdf_of(self, template: Path, data: Mapping[str, Json], at: datetime) -> bytes:
        """Return the PDF of ``data``. Raises ValueError where the template does not compile."""
        fonts = _fonts_in(self.fonts)

        def compiled(content: Json) -> bytes:
            compiler = typst.Compiler(
                template.read_bytes(),
                root=str(self.folder),
                font_paths=fonts,
                sys_inputs={"data": orjson.dumps(content).decode()},
            )
            standards, second = list(self.standards), int(at.timestamp())
            made = compiler.compile(format="pdf", pdf_standards=standards, timestamp=second)
            return made if isinstance(made, bytes) else b""

        size = len(orjson.dumps(data))
        if size > MOST_BYTES:
            raise ValueError(f"the data of {template.name} is larger than {MOST_BYTES} bytes")
        try:
            return compiled(dict(data))
        except typst.TypstError as exc:
            if _NO_PICTURE not in str(exc):
                raise ValueError(f"the template {template.name} does not compile: {exc}") from exc
            return compiled(_printable(dict(data)))
        finally:
            if size > _LARGE_BYTES:
                _forget_layouts(fonts)


def _forget_layouts(fonts: typst.Fonts) -> None:
    """Let Typst forget what it remembers, by so many empty documents: some milliseconds.

    The C library gives the memory back to the machine, where it is one that can be asked to.
    """
    compiler = typst.Compiler(b"", font_paths=fonts)
    for _ in range(_REMEMBERED + 1):
        compiler.compile(input=b"", format="pdf")
    if sys.platform == "linux":
        with suppress(AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


@lru_cache(maxsize=4)
def _fonts_in(folder: Path) -> typst.Fonts:
    """Return the fonts of a folder, read once: reading them takes longer than a page does."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)]
    )


def _printable(node: Json) -> Json:
    """Return data with a question mark for every letter that is neither European nor Vietnamese."""
    match node:
        case dict():
            return {name: _printable(value) for name, value in node.items()}
        case list():
            return [_printable(value) for value in node]
        case str():
            return _BEYOND_FONTS.sub("?", node)
        case _:
            return node
