"""What a Word file says."""

import io
from collections.abc import Iterator

import docx
from docx.table import Table


def paragraphs_of(made: bytes) -> Iterator[str]:
    """Yield every paragraph of a file in order, those in tables too."""
    for each in docx.Document(io.BytesIO(made)).iter_inner_content():
        if isinstance(each, Table):
            for row in each.rows:
                yield from (part.text for cell in row.cells for part in cell.paragraphs)
        else:
            yield each.text
