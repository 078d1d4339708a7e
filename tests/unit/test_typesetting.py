"""A document is made of whatever people wrote, also of letters that its fonts do not have."""

from datetime import UTC, datetime

import pytest

from api.bootstrap import ROOT
from workflow.documents.typesetting import FONTS, typeset

TEMPLATE = '#set text(font: "Tinos")\n#json(bytes(sys.inputs.data)).at("text")'


@pytest.mark.parametrize(
    "text", ["Đề nghị khen thưởng", "٣", "👍🏽", "漢字 và chữ Việt", "x\u0301\u0302\u0303"]
)
def test_letters_that_no_font_has_do_not_stop_a_document(tmp_path, text):
    template = tmp_path / "t.typ"
    template.write_text(TEMPLATE, "utf-8")
    made = typeset(
        template,
        {"text": text},
        fonts=ROOT / "definitions" / "documents" / FONTS,
        at=datetime(2022, 5, 4, tzinfo=UTC),
    )
    assert made.startswith(b"%PDF-")


def test_a_template_that_is_wrong_says_so(tmp_path):
    template = tmp_path / "t.typ"
    template.write_text("#nothing", "utf-8")
    with pytest.raises(ValueError, match=r"t\.typ"):
        typeset(
            template,
            {},
            fonts=ROOT / "definitions" / "documents" / FONTS,
            at=datetime(2022, 5, 4, tzinfo=UTC),
        )
