"""Editable documents: an official document as a DOCX that the Office edits before anybody signs.

Owns the use of docxtpl and python-docx. The template is a Word file of the agency: its styles say
fonts, sizes and places, its fields where each element of ``OfficialDocument`` stands. Words come in
as text alone, whatever they hold. The same document gives the same bytes. Slow work: call it from a
thread; and 90 ms to import, so that only who needs it does.
"""

import io
import zipfile
from pathlib import Path

from docx.document import Document
from docx.enum.text import WD_PARAGRAPH_ALIGNMENT
from docx.shared import Length
from docx.table import Table
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from workflow.dossier.documents import Align, OfficialDocument, TableBlock, data_of

_TABLE_STYLE = "Official table"
"""The style of the template by which tables of a document are told from those of its layout."""
_KEPT_TOGETHER = 3
"""Paragraphs, one of them the gap, that go along where the signature goes to the next page."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PLACES = {
    Align.LEFT: WD_PARAGRAPH_ALIGNMENT.LEFT,
    Align.CENTER: WD_PARAGRAPH_ALIGNMENT.CENTER,
    Align.RIGHT: WD_PARAGRAPH_ALIGNMENT.RIGHT,
}


def editable(template: Path, document: OfficialDocument) -> bytes:
    """Return the DOCX that ``template`` makes of a document.

    Raises ValueError where it is no template, asks for what no document has, or takes something
    from elsewhere.
    """
    words = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    parts = [(None, document.body), *((each, each.blocks) for each in document.lists)]
    try:
        sheet = DocxTemplate(template)
        sheet.render(
            {
                "document": data_of(document),
                "parts": [{"list": one, "blocks": blocks} for one, blocks in parts],
            },
            words,
        )
    except (TemplateError, KeyError, ValueError, zipfile.BadZipFile) as exc:
        raise ValueError(f"the template {template.name} makes no document: {exc}") from exc
    made = sheet.docx
    _refuse_what_is_elsewhere(made, template)
    _shape_tables(made, document)
    _keep_with_signature(made)
    file = io.BytesIO()
    made.save(file)
    return _stable(file.getvalue())


def _refuse_what_is_elsewhere(made: Document, template: Path) -> None:
    """Raise ValueError where opening the document would fetch something."""
    for part in made.part.package.iter_parts():
        if any(each.is_external for each in part.rels.values()):
            raise ValueError(f"the template {template.name} takes something from elsewhere")


def _shape_tables(made: Document, document: OfficialDocument) -> None:
    """Give each table of the text the widths and places of its columns, which no template knows."""
    tables = [each for each in made.tables if _is_of_text(each)]
    blocks = (document.body, *(each.blocks for each in document.lists))
    wanted = [each for some in blocks for each in some if isinstance(each, TableBlock)]
    section = made.sections[0]
    width = (section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)
    for table, block in zip(tables, wanted, strict=True):
        _shape(table, block, width)


def _shape(table: Table, block: TableBlock, width: int) -> None:
    shares = sum(each.share for each in block.columns)
    widths = [Length(width * each.share // shares) for each in block.columns]
    table.autofit = False
    for column, each in zip(table.columns, widths, strict=True):
        column.width = each
    # Cell by cell through the table's own way costs the square of its rows.
    for place, row in enumerate(table._tbl.tr_lst):  # noqa: SLF001
        is_text = place > 0 and not block.rows[place - 1].is_group
        for cell, each, column in zip(row.tc_lst, widths, block.columns, strict=False):
            cell.width = Length(width) if place and not is_text else each
            for paragraph in cell.p_lst if is_text else ():
                paragraph.get_or_add_pPr().jc_val = _PLACES[column.align]


def _keep_with_signature(made: Document) -> None:
    """Let the last words stay on the page of the signature, which is the last table of layout."""
    blocks = list(made.iter_inner_content())
    signature = max(
        place
        for place, each in enumerate(blocks)
        if isinstance(each, Table) and not _is_of_text(each)
    )
    for each in blocks[max(signature - _KEPT_TOGETHER, 0) : signature]:
        if not isinstance(each, Table):
            each.paragraph_format.keep_with_next = True


def _is_of_text(table: Table) -> bool:
    return table.style is not None and table.style.name == _TABLE_STYLE


def _stable(made: bytes) -> bytes:
    """Return a DOCX whose parts bear no time of their making."""
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(made)) as parts,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as file,
    ):
        for name in sorted(parts.namelist()):
            file.writestr(zipfile.ZipInfo(name, _EPOCH), parts.read(name), zipfile.ZIP_DEFLATED)
    return kept.getvalue()
