"""Typesetting: a Typst template and its data make a PDF/A-2b, the same bytes each time.

Owns the use of Typst. Templates read their data as JSON and no file; fonts are those beside them
and no others, so that a document looks the same on every machine.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import orjson

from workflow.model import Json

FONTS = "fonts"
_NO_PICTURE = "could not be displayed"
"""What Typst says of a text that the fonts have no picture for."""
_BEYOND_FONTS = re.compile(
    r"[^\n\x20-\x7e\xa0-\u017f\u01a0-\u01b0\u1ea0-\u1ef9\u2013\u2014\u2018-\u201e\u2026\u20ab]"
)


def typeset(template: Path, data: Mapping[str, Json], *, fonts: Path, at: datetime) -> bytes:
    """Return the PDF that ``template`` makes of ``data``.

    ``fonts``: the folder of font files; ``at``: the document's date.

    A PDF/A has a picture of every letter, so one that the fonts do not have is printed as ``?``.
    Raises ValueError where the template does not compile.
    """
    import typst  # noqa: PLC0415 - 3 ms, and 84 MB of compiler for whoever asks for a document

    only_ours = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)]
    )

    def made(of: Json) -> bytes:
        return bytes(
            typst.compile(
                template.read_bytes(),
                font_paths=only_ours,
                format="pdf",
                sys_inputs={"data": orjson.dumps(of).decode()},
                pdf_standards=["a-2b"],
                timestamp=int(at.timestamp()),
            )
        )

    try:
        return made(dict(data))
    except typst.TypstError as exc:
        if _NO_PICTURE not in str(exc):
            raise ValueError(f"the template {template.name} does not compile: {exc}") from exc
        return made(_printable(dict(data)))


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
