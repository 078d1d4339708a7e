"""The same official document as a Word file: its words, its tables, its bytes."""

import io
import shutil
import unicodedata
from dataclasses import replace

import docx
import pytest

from tests.unit.test_documents import AGENCY, COLLECTIVE, FOLDER, PERSON, SUBMISSION, WORDS
from tests.word_files import paragraphs_of
from workflow.documents.docx_files import docx_file
from workflow.documents.elements import AwardCertificate, Paragraph, TableBlock
from workflow.documents.samples import SAMPLES, sample_agency
from workflow.documents.submission import submission

TEMPLATE = FOLDER / "official.docx"
HOSTILE = "{{ document }} {% for %} <R&D> “Ánh” ./."
DOCUMENT = submission(
    AGENCY,
    replace(
        SUBMISSION,
        nominees=(replace(PERSON, name=HOSTILE, merit="một\nhai"), *(COLLECTIVE,) * 70),
    ),
)


@pytest.fixture(scope="module")
def made():
    return docx_file(TEMPLATE, [DOCUMENT])


def test_every_word_of_the_document_is_in_the_file_as_text(made):
    said = list(paragraphs_of(made))
    head, listed = DOCUMENT.head, DOCUMENT.lists[0]
    expected = [
        *(head.superior, head.issuer, head.number, head.place_day, DOCUMENT.kind, DOCUMENT.subject),
        *(*DOCUMENT.addressees, *DOCUMENT.bases, *DOCUMENT.recipients, "Nơi nhận:"),
        *(each.text for each in DOCUMENT.body if isinstance(each, Paragraph)),
        *(*DOCUMENT.signatures[0].lines, DOCUMENT.signatures[0].name),
        *(listed.title, listed.about, listed.reference),
        *(cell for row in listed.blocks[0].rows for cell in row.cells),
    ]
    assert set(expected) - set(said) == set()
    assert HOSTILE in said
    assert all(unicodedata.is_normalized("NFC", each) for each in said)


def test_a_table_has_its_columns_and_repeats_its_head(made):
    block = DOCUMENT.lists[0].blocks[0]
    assert isinstance(block, TableBlock)
    table = next(
        each
        for each in docx.Document(io.BytesIO(made)).tables
        if each.style.name == "Official table"
    )
    shares = [each.width.mm for each in table.columns]
    assert sum(shares) == pytest.approx(160, abs=1)
    assert shares[0] / shares[1] == pytest.approx(
        block.columns[0].share / block.columns[1].share, abs=0.05
    )
    assert len(table.rows) == len(block.rows) + 1
    rows = table._tbl.tr_lst
    assert [bool(each.xpath("./w:trPr/w:tblHeader")) for each in rows[:2]] == [True, False]
    assert all(each.xpath("./w:trPr/w:cantSplit") for each in rows), "no row breaks over pages"


def test_the_page_is_that_of_the_decree(made):
    found = docx.Document(io.BytesIO(made))
    section = found.sections[0]
    margins = [section.top_margin, section.bottom_margin, section.left_margin, section.right_margin]
    assert [round(each.mm) for each in margins] == [20, 20, 30, 20]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert section.different_first_page_header_footer, "the first page bears no number"
    text = next(each for each in found.paragraphs if each.text == DOCUMENT.body[0].text)
    assert text.style.font.size.pt == 14
    assert text.style.paragraph_format.first_line_indent.mm == pytest.approx(12.7, abs=0.1)
    last = next(each for each in found.paragraphs if each.text == DOCUMENT.body[-1].text)
    assert last.paragraph_format.keep_with_next, "no signature stands alone on a page"


def test_each_document_counts_its_own_pages_and_a_wide_list_lies_across():
    wide = replace(DOCUMENT, lists=(replace(DOCUMENT.lists[0], is_wide=True),))
    found = docx.Document(io.BytesIO(docx_file(TEMPLATE, [wide, DOCUMENT, wide])))
    across = [each.page_width > each.page_height for each in found.sections]
    assert across == [False, True, False, False, True]
    begins = [each.different_first_page_header_footer for each in found.sections]
    assert begins == [True, False, True, True, False]
    starts = [each._sectPr.xpath("./w:pgNumType/@w:start") for each in found.sections]
    assert starts == [["1"], [], ["1"], ["1"], []]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_kind_of_document_is_made(name):
    made = SAMPLES[name](sample_agency(WORDS))
    certificates = isinstance(made[0], AwardCertificate)
    file = docx_file(FOLDER / "certificates.docx" if certificates else TEMPLATE, made)
    said = set(paragraphs_of(file))
    for each in made:
        names = [each.name] if certificates else [space.name for space in each.signatures]
        assert set(filter(None, names)) <= said


def test_the_same_document_gives_the_same_bytes(made):
    assert docx_file(TEMPLATE, [DOCUMENT]) == made


@pytest.mark.parametrize("wrong", ["{{ document.nothing }}", "{% for %}", "{{ 1 .__class__ }}"])
def test_a_template_that_asks_for_what_is_not_there_is_named(tmp_path, wrong):
    template = tmp_path / "own.docx"
    shutil.copy(TEMPLATE, template)
    own = docx.Document(template)
    own.add_paragraph(wrong)
    own.save(template)
    with pytest.raises(ValueError, match=r"own\.docx"):
        docx_file(template, [DOCUMENT])


def test_a_template_that_fetches_is_refused(tmp_path):
    template = tmp_path / "own.docx"
    own = docx.Document(TEMPLATE)
    own.part.relate_to(
        "https://example.invalid/t.dotm",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate",
        is_external=True,
    )
    own.save(template)
    with pytest.raises(ValueError, match="elsewhere"):
        docx_file(template, [DOCUMENT])


def test_what_is_no_word_file_is_refused(tmp_path):
    template = tmp_path / "own.docx"
    template.write_bytes(b"PK nothing")
    with pytest.raises(ValueError, match=r"own\.docx"):
        docx_file(template, [DOCUMENT])
