"""Typesetting: a Typst template and its data make a PDF/A-2b, the same bytes each time.

Owns the use of Typst. Templates read their data as JSON and no file; fonts are those beside them and no others, so that a
document looks the same on every machine.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import orjson

from workflow.model import Json

FONTS = "fonts"


def typeset(template: Path, data: Mapping[str, Json], *, fonts: Path, at: datetime) -> bytes:
    """Return the PDF that ``template`` makes of ``data``. ``fonts``: the folder of font files; ``at``: the document's date.

    Raises ValueError where the template does not compile.
    """
    import typst  # noqa: PLC0415 - a compiler of some size, for whoever asks for a document

    only_ours = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)])
    try:
        return bytes(
            typst.compile(
                template.read_bytes(),
                font_paths=only_ours,
                format="pdf",
                sys_inputs={"data": orjson.dumps(data).decode()},
                pdf_standards=["a-2b"],
                timestamp=int(at.timestamp()),
            )
        )
    except typst.TypstError as exc:
        raise ValueError(f"the template {template.name} does not compile: {exc}") from exc
