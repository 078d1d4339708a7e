"""Official documents as a DOCX, which the Office edits before anybody signs.

Owns the use of docxtpl and python-docx. The template is a Word file of the agency: its styles say
fonts, sizes and places, its fields where each element of a document stands. Words come in as text
alone, whatever they hold. The same documents give the same bytes. Slow work: call it from a thread;
and 90 ms to import, so that only who needs it does.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from docx.document import Document
from docx.enum.section import WD_ORIENTATION
from docx.enum.text import WD_PARAGRAPH_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.section import CT_SectPr
from docx.shared import Length
from docx.table import Table
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from workflow.documents.elements import (
    Align,
    AttachedList,
    AwardCertificate,
    Block,
    OfficialDocument,
    TableBlock,
)
from workflow.documents.stable_zip import undated_entry

_TEXT_TABLE, _SIGNATURES, _SECTION_END = "Official table", "Signature table", "Section end"
"""Styles of the template by which the pieces are told that no template can shape."""
_KEPT_TOGETHER = 3
"""Paragraphs, one of them the gap, that go along where a signature goes to the next page."""
_AFTER_COUNT = ("w:cols", "w:formProt", "w:vAlign", "w:noEndnote", "w:titlePg", "w:docGrid")
"""Elements of a section that stand after the one of its page numbers (ECMA-376, CT_SectPr)."""
_PLACES = {
    Align.LEFT: WD_PARAGRAPH_ALIGNMENT.LEFT,
    Align.CENTER: WD_PARAGRAPH_ALIGNMENT.CENTER,
    Align.RIGHT: WD_PARAGRAPH_ALIGNMENT.RIGHT,
}


@dataclass(slots=True)
class _Part:
    """The text of a document, or one of its lists, as the template reads it.

    ``ends_section``: whether what follows begins anew, or lies the other way.
    """

    list: AttachedList | None
    blocks: Sequence[Block]
    ends_section: bool = False

    @property
    def is_wide(self) -> bool:
        return self.list is not None and self.list.is_wide


def docx_file(template: Path, documents: Sequence[OfficialDocument | AwardCertificate]) -> bytes:
    """Return the DOCX that ``template`` makes of documents, each beginning on a page of its own.

    Raises ValueError where it is no template, asks for what no document has, leaves out a table or
    takes something from elsewhere.
    """
    with_parts = [(each, _parts_of(each)) for each in documents]
    parts = [part for _, own in with_parts for part in own]
    for part, following in pairwise(parts):
        part.ends_section = following.list is None or following.is_wide != part.is_wide
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    try:
        sheet = DocxTemplate(template)
        sheet.render({"documents": with_parts}, environment)
        _refuse_external_parts(sheet.docx)
        _lay_out_tables(sheet.docx, parts)
        _set_sections(sheet.docx, parts)
    except (TemplateError, KeyError, ValueError, zipfile.BadZipFile) as exc:
        raise ValueError(f"the template {template.name} makes no document: {exc}") from exc
    _keep_with_signatures(sheet.docx)
    file = io.BytesIO()
    sheet.docx.save(file)
    return _undated(file.getvalue())


def _parts_of(document: OfficialDocument | AwardCertificate) -> list[_Part]:
    if isinstance(document, AwardCertificate):
        return []
    return [_Part(None, document.body), *(_Part(each, each.blocks) for each in document.lists)]


def _refuse_external_parts(made: Document) -> None:
    """Raise ValueError where opening the document would fetch something."""
    for part in made.part.package.iter_parts():
        if any(each.is_external for each in part.rels.values()):
            raise ValueError("it takes something from elsewhere")


def _lay_out_tables(made: Document, parts: Sequence[_Part]) -> None:
    """Give each table of the text the widths and places of its columns, which no template knows."""
    page = made.sections[-1]
    height, width = page.page_height or 0, page.page_width or 0
    margins = (page.left_margin or 0) + (page.right_margin or 0)
    wanted = [
        (block, (height if part.is_wide else width) - margins)
        for part in parts
        for block in part.blocks
        if isinstance(block, TableBlock)
    ]
    for table, (block, room) in zip(_tables(made, _TEXT_TABLE), wanted, strict=True):
        _set_widths(table, block, room)


def _tables(made: Document, style: str) -> Iterator[Table]:
    return (each for each in made.tables if each.style is not None and each.style.name == style)


def _set_widths(table: Table, block: TableBlock, room: int) -> None:
    shares = sum(each.share for each in block.columns)
    widths = [Length(room * each.share // shares) for each in block.columns]
    table.autofit = False
    for column, each in zip(table.columns, widths, strict=True):
        column.width = each
    # Cell by cell through the table's own way costs the square of its rows.
    for place, row in enumerate(table._tbl.tr_lst):  # noqa: SLF001
        is_text = place > 0 and not block.rows[place - 1].is_group
        for cell, each, column in zip(row.tc_lst, widths, block.columns, strict=False):
            cell.width = Length(room) if place and not is_text else each
            for paragraph in cell.p_lst if is_text else ():
                paragraph.get_or_add_pPr().jc_val = _PLACES[column.align]


def _set_sections(made: Document, parts: Sequence[_Part]) -> None:
    """Let pages lie as each part wants, and be counted anew in each document."""
    if not parts:
        return
    own = made.sections[-1]._sectPr  # noqa: SLF001
    first = [parts[0], *(after for before, after in pairwise(parts) if before.ends_section)]
    ends = [each._p for each in made.paragraphs if _style_of(each) == _SECTION_END]  # noqa: SLF001
    pages = [deepcopy(own) for _ in ends]
    for end, each in zip(ends, pages, strict=True):
        end.get_or_add_pPr().append(each)
    for part, each in zip(first, [*pages, own], strict=True):
        _orient(each, is_wide=part.is_wide, begins=part.list is None)


def _orient(pages: CT_SectPr, *, is_wide: bool, begins: bool) -> None:
    """Turn pages; where a document begins, its first page is 1 and bears no number."""
    if is_wide:
        pages.page_width, pages.page_height = pages.page_height, pages.page_width
        pages.orientation = WD_ORIENTATION.LANDSCAPE
    pages.titlePg_val = begins
    if begins:
        counted = OxmlElement("w:pgNumType")
        counted.set(qn("w:start"), "1")
        pages.insert_element_before(counted, *_AFTER_COUNT)


def _keep_with_signatures(made: Document) -> None:
    """Let the last words stay on the page of the signatures below them."""
    before: list[Paragraph] = []
    for each in made.iter_inner_content():
        if isinstance(each, Paragraph):
            before.append(each)
            continue
        if each.style is not None and each.style.name == _SIGNATURES:
            for paragraph in before[-_KEPT_TOGETHER:]:
                paragraph.paragraph_format.keep_with_next = True
        before.clear()


def _style_of(paragraph: Paragraph) -> str:
    return paragraph.style.name or "" if paragraph.style is not None else ""


def _undated(made: bytes) -> bytes:
    """Return a DOCX whose parts bear no time of their making."""
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(made)) as parts,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as file,
    ):
        for name in sorted(parts.namelist()):
            file.writestr(undated_entry(name), parts.read(name), zipfile.ZIP_DEFLATED)
    return kept.getvalue()
