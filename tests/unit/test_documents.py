"""Official documents: what each says, and where and how large it stands on the produced page.

Rules: Decree 30/2020/NĐ-CP, Phụ lục I and III. Each document is typeset once.
"""

import io
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pypdf
import pytest

from api.bootstrap import ROOT
from workflow.definition import load_document_words
from workflow.dossier import FONTS, data_of, typeset_official
from workflow.dossier.facts import Issue, IssuingAgency, ListedNominee, MovementFacts, Signer
from workflow.dossier.submission import SubmissionFacts, submission
from workflow.model import Position, SignedFor

FOLDER = ROOT / "definitions" / "documents"
MM = 72 / 25.4
AT = datetime(2022, 12, 15, tzinfo=UTC)
WORDS = load_document_words((FOLDER / "wording.yaml").read_text("utf-8"), "wording.yaml")
DESK = IssuingAgency(
    agency="Sở Ngoại vụ",
    superior="Ủy ban nhân dân tỉnh",
    symbol="SNgV",
    place="Tỉnh",
    office="Văn phòng Sở",
    office_unit="VP",
    board="Ban Thi đua - Khen thưởng tỉnh",
    words=WORDS,
)
MOVEMENT = MovementFacts(
    name="Phong trào thi đua “Toàn dân bảo vệ an ninh Tổ quốc” năm 2022",
    plans=("Kế hoạch số 119/KH-UBND ngày 27 tháng 4 năm 2022 của Ủy ban nhân dân tỉnh",),
)
PROVINCE = "Chủ tịch Ủy ban nhân dân tỉnh"
COLLECTIVE = ListedNominee(
    name="Phòng Hợp tác quốc tế",
    is_collective=True,
    beside=("Sở Ngoại vụ",),
    award="Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh",
    authority=PROVINCE,
    merit="Đón 09 đoàn khách.",
)
PERSON = replace(COLLECTIVE, name="Nguyễn Thị Minh Khai", is_collective=False)
SUBMISSION = SubmissionFacts(
    issue=Issue(year=2022),
    movement=MOVEMENT,
    bases=(
        "Luật Thi đua, khen thưởng ngày 26 tháng 11 năm 2003",
        "Nghị định số 91/2017/NĐ-CP ngày 31 tháng 7 năm 2017 của Chính phủ quy định chi tiết",
    ),
    nominees=(PERSON, COLLECTIVE),
    signer=Signer(position=Position.DEPUTY_DIRECTOR, name="Trần Văn Đức", form=SignedFor.KT),
    council_day=date(2022, 11, 28),
    papers=("Báo cáo thành tích", "Biên bản họp Hội đồng"),
)


@dataclass(frozen=True)
class Piece:
    """Some text of a page: its font, its size, and where it begins, in mm from the top left."""

    text: str
    font: str
    size: float
    left: float
    top: float
    page: int


def typeset(name, *documents):
    data = {"title": documents[0].title, "author": DESK.agency}
    return typeset_official(
        FOLDER / f"{name}.typ",
        {**data, "documents": [data_of(each) for each in documents]},
        layout=FOLDER / "layout.typ",
        fonts=FOLDER / FONTS,
        at=AT,
    )


def pieces_of(made):
    found = []
    for number, page in enumerate(pypdf.PdfReader(io.BytesIO(made)).pages, 1):
        height = float(page.mediabox.height)

        def see(text, current, at, font, size, number=number, height=height):
            if text.strip():
                scale = abs(current[3] * at[3])
                left, up = (
                    at[4] * current[0] + current[4],
                    at[5] * current[3] + current[5],
                )
                name = font["/BaseFont"].partition("+")[2] if font else ""
                found.append(Piece(text, name, size * scale, left / MM, (height - up) / MM, number))

        page.extract_text(visitor_text=see)
    return found


def text_of(made):
    pages = pypdf.PdfReader(io.BytesIO(made)).pages
    return " ".join("\n".join(each.extract_text() for each in pages).split())


@pytest.fixture(scope="module")
def made():
    return typeset("submission", submission(DESK, SUBMISSION))


def test_a_submission_names_whom_it_is_to_and_rests_on_law_then_plans_then_minutes():
    found = submission(DESK, SUBMISSION)
    assert found.addressees == (f"- {PROVINCE};", "- Ban Thi đua - Khen thưởng tỉnh.")
    assert [each.split(" ", 2)[:2] for each in found.bases] == [
        ["Căn", "cứ"],
        ["Căn", "cứ"],
        ["Thực", "hiện"],
        ["Căn", "cứ"],
    ]
    assert [each[-1] for each in found.bases] == [";", ";", ";", "."]
    assert found.recipients == ("- Như trên;", "- Lưu: VT, VP.")
    assert found.body[-1].text.endswith("xem xét, quyết định./.")


def test_collectives_stand_before_individuals_and_are_counted_with_leading_zeros():
    found = submission(DESK, SUBMISSION)
    rows = found.lists[0].blocks[0].rows
    assert [each.cells[0] for each in rows] == ["I. Tập thể", "01", "II. Cá nhân", "01"]
    assert "01 tập thể, 01 cá nhân" in " ".join(each.text for each in found.body)


@pytest.mark.parametrize(
    ("form", "position", "lines"),
    [
        (None, Position.DIRECTOR, ("GIÁM ĐỐC",)),
        (SignedFor.KT, Position.DEPUTY_DIRECTOR, ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC")),
        (SignedFor.TL, Position.CHIEF, ("TL. GIÁM ĐỐC", "CHÁNH VĂN PHÒNG")),
        (SignedFor.TUQ, Position.CHIEF, ("TUQ. GIÁM ĐỐC", "CHÁNH VĂN PHÒNG")),
    ],
)
def test_for_whom_and_as_what_somebody_signs_stand_on_lines_of_their_own(form, position, lines):
    facts = replace(SUBMISSION, signer=Signer(position=position, form=form))
    assert submission(DESK, facts).signatures[0].lines == lines


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2020, 3, 5), "ngày 05 tháng 3 năm 2020"),
        (date(2022, 2, 14), "ngày 14 tháng 02 năm 2022"),
        (date(2022, 12, 1), "ngày 01 tháng 12 năm 2022"),
    ],
)
def test_days_below_ten_and_months_one_and_two_have_a_leading_zero(day, words):
    issue = Issue(year=day.year, notation="07/TTr-SNgV", day=day)
    found = submission(DESK, replace(SUBMISSION, issue=issue))
    assert found.head.place_day == f"Tỉnh, {words}"
    assert found.head.number == "Số: 07/TTr-SNgV"
    assert found.lists[0].reference == f"(Kèm theo Tờ trình số 07/TTr-SNgV {words} của Sở Ngoại vụ)"


def test_number_and_day_that_are_not_given_yet_leave_room_to_write():
    found = submission(DESK, SUBMISSION)
    assert found.head.number == "Số: " + "\N{NO-BREAK SPACE}" * 12 + "/TTr-SNgV"
    assert found.head.place_day.count("\N{NO-BREAK SPACE}") >= 12


@pytest.mark.parametrize(
    ("words", "font", "size"),
    [
        ("CỘNG HÒA XÃ HỘI", "Tinos-Bold", (12, 13)),
        ("Độc lập", "Tinos-Bold", (13, 14)),
        ("ỦY BAN NHÂN DÂN", "Tinos-Regular", (12, 13)),
        ("SỞ NGOẠI VỤ", "Tinos-Bold", (12, 13)),
        ("Số:", "Tinos-Regular", (13, 13)),
        ("Tỉnh, ngày", "Tinos-Italic", (13, 14)),
        ("TỜ TRÌNH", "Tinos-Bold", (13, 14)),
        ("Về việc", "Tinos-Bold", (13, 14)),
        ("Kính gửi", "Tinos-Regular", (13, 14)),
        ("Căn cứ Luật", "Tinos-Italic", (13, 14)),
        ("Sở Ngoại vụ đã tổ chức", "Tinos-Regular", (13, 14)),
        ("Nơi nhận", "Tinos-BoldItalic", (12, 12)),
        ("- Như trên", "Tinos-Regular", (11, 11)),
        ("KT. GIÁM ĐỐC", "Tinos-Bold", (13, 14)),
        ("Trần Văn Đức", "Tinos-Bold", (13, 14)),
        ("DANH SÁCH", "Tinos-Bold", (13, 14)),
    ],
)
def test_each_element_has_the_size_and_style_of_the_decree(made, words, font, size):
    found = next(each for each in pieces_of(made) if each.text.strip().startswith(words))
    assert (found.font, size[0] <= round(found.size, 2) <= size[1]) == (font, True)


def test_the_text_of_a_document_is_read_back_in_composed_letters(made):
    read = text_of(made)
    assert unicodedata.is_normalized("NFC", read)
    assert "Kính gửi: - Chủ tịch Ủy ban nhân dân tỉnh;" in read
    assert "xem xét, quyết định./." in read


def test_the_same_document_is_the_same_bytes(made):
    assert typeset("submission", submission(DESK, SUBMISSION)) == made
