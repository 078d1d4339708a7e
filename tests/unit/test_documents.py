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
from workflow.documents import FONTS, data_of, typeset_official
from workflow.documents.abstracts import RegisteredFacts, abstract
from workflow.documents.award_decision import (
    DecisionFacts,
    RewardFacts,
    award_decision,
    certificates,
)
from workflow.documents.council_minutes import (
    RoundFacts,
    SeatedMember,
    VotedCase,
    council_minutes,
    tally_sheet,
)
from workflow.documents.facts import Issue, IssuingAgency, ListedNominee, MovementFacts, Signer
from workflow.documents.letters import LetterFacts, letter
from workflow.documents.merit_report import MeritReportFacts, merit_report
from workflow.documents.movement_report import (
    GatheredFigures,
    MovementReportFacts,
    movement_report,
)
from workflow.documents.samples import SAMPLES, sample_agency
from workflow.documents.sections import FieldWords, FormPart, sections
from workflow.documents.submission import SubmissionFacts, submission
from workflow.errors import InvalidInputError
from workflow.model import Position, SignedFor

FOLDER = ROOT / "definitions" / "documents"
MM = 72 / 25.4
AT = datetime(2022, 12, 15, tzinfo=UTC)
WORDS = load_document_words((FOLDER / "wording.yaml").read_text("utf-8"), "wording.yaml")
AGENCY = IssuingAgency(
    agency="Sở Ngoại vụ",
    superior="Ủy ban nhân dân tỉnh",
    symbol="SNgV",
    place="Tỉnh",
    office="Văn phòng Sở",
    office_unit="VP",
    board="Ban Thi đua - Khen thưởng tỉnh",
    words=WORDS,
)
REPORTED = Issue(year=2022, notation="07/BC-SNgV", day=date(2022, 6, 16))
NOMINATES = {"nominates": True}
REPORTED_WORDS = "số 07/BC-SNgV ngày 16 tháng 6 năm 2022"
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
    data = {"title": documents[0].title, "author": AGENCY.agency}
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
    return typeset("submission", submission(AGENCY, SUBMISSION))


def test_a_submission_names_whom_it_is_to_and_rests_on_law_then_plans_then_minutes():
    found = submission(AGENCY, SUBMISSION)
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
    found = submission(AGENCY, SUBMISSION)
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
    assert submission(AGENCY, facts).signatures[0].lines == lines


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
    found = submission(AGENCY, replace(SUBMISSION, issue=issue))
    assert found.head.place_day == f"Tỉnh, {words}"
    assert found.head.number == "Số: 07/TTr-SNgV"
    assert found.lists[0].reference == f"(Kèm theo Tờ trình số 07/TTr-SNgV {words} của Sở Ngoại vụ)"


def test_number_and_day_that_are_not_given_yet_leave_room_to_write():
    found = submission(AGENCY, SUBMISSION)
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
    assert typeset("submission", submission(AGENCY, SUBMISSION)) == made


def test_margins_are_those_of_the_decree_and_nothing_stands_in_them(made):
    pieces = [each for each in pieces_of(made) if not each.text.strip().isdigit()]
    assert 30 <= round(min(each.left for each in pieces), 3) <= 35
    assert 20 <= min(each.top for each in pieces) <= 25
    assert max(each.top for each in pieces) <= 297 - 20


def test_number_and_day_stand_on_one_line_below_both_heads(made):
    found = pieces_of(made)
    number, day, motto, issuer = (
        next(each for each in found if each.text.strip().startswith(words))
        for words in ("Số:", "Tỉnh, ngày", "Độc lập", "SỞ NGOẠI VỤ")
    )
    assert abs(number.top - day.top) < 0.1
    assert number.top > max(motto.top, issuer.top)
    assert number.left < 85 < day.left


def test_pages_are_numbered_from_the_second_in_the_middle_of_the_top_margin(made):
    numbers = [each for each in pieces_of(made) if each.top < 20]
    assert [(each.text.strip(), each.page) for each in numbers] == [("2", 2)] or len(numbers) > 1
    for each in numbers:
        assert each.page > 1
        assert abs(each.left - (30 + 160 / 2)) < 3
        assert 13 <= round(each.size, 2) <= 14


def test_the_name_of_the_signer_leaves_room_to_sign(made):
    found = pieces_of(made)
    title = next(each for each in found if each.text.strip() == "PHÓ GIÁM ĐỐC")
    name = next(each for each in found if each.text.strip() == "Trần Văn Đức")
    assert 25 <= name.top - title.top <= 45


@pytest.mark.parametrize("lines", range(0, 30, 3))
def test_a_signature_never_stands_alone_on_a_page(lines):
    """However long the text is, two of its paragraphs stand above the signature on its page."""
    words = "Nội dung của đoạn văn này dài hơn một dòng để có thể sang trang bất cứ lúc nào. " * 2
    document = submission(AGENCY, SUBMISSION)
    body = (*(replace(document.body[0], text=words) for _ in range(lines)), *document.body)
    found = pieces_of(typeset("submission", replace(document, body=body)))
    name = next(each for each in found if each.text.strip() == "Trần Văn Đức")
    before = [
        each
        for each in found
        if each.page == name.page and each.top < name.top and each.left < 105 and each.size > 13.5
    ]
    assert len(before) >= 2


def test_two_hundred_rows_go_over_pages_with_the_head_on_each():
    long = "Nguyễn Phước Hoàng Tôn Nữ Thị Minh Khai Phương Thảo"
    people = tuple(replace(PERSON, name=f"{long} {number}") for number in range(200))
    found = pieces_of(
        typeset("submission", submission(AGENCY, replace(SUBMISSION, nominees=people)))
    )
    pages = {each.page for each in found if "Khai" in each.text or "Nguyễn" in each.text}
    heads = {each.page for each in found if each.text.strip() == "STT"}
    assert len(pages) > 5
    assert pages <= heads


def test_words_of_people_are_no_code_and_leave_no_line():
    evil = '#read("/etc/passwd") *đậm* _nghiêng_ <R&D> {movement} $x$ // \\'
    facts = replace(SUBMISSION, nominees=(replace(COLLECTIVE, name=evil, merit=evil),))
    read = text_of(typeset("submission", submission(AGENCY, facts)))
    assert '#read("/etc/passwd")' in read
    assert "{movement}" in read


ROUND = RoundFacts(
    title="Xét khen thưởng tổng kết phong trào năm 2022",
    held_on=date(2022, 12, 1),
    place="Phòng họp Sở",
    meeting="Họp trực tiếp",
    voting="Bỏ phiếu kín",
    agenda="",
    chair="Lê Văn An",
    secretary="Phạm Thị Bình",
    members=(
        SeatedMember(name="Lê Văn An", role="Chủ tịch Hội đồng", attendance="Có mặt"),
        SeatedMember(name="Phạm Thị Bình", role="Thư ký Hội đồng", attendance="Có mặt"),
        SeatedMember(name="Hồ Văn Cư", role="Ủy viên Hội đồng", attendance="Vắng mặt"),
    ),
    present=2,
    cases=(
        VotedCase(title="Phòng Lãnh sự", share="60%", agree=2, base=3, needed=2, passed=True),
        VotedCase(title="Nguyễn Thị Minh Khai", share="90%", agree=2, base=3, needed=3),
        VotedCase(title="Trần Văn Đức", share="90%", is_left_out=True),
    ),
    papers=2,
    receipts=("ABCD-1234", "EFGH-5678"),
)


def test_the_points_of_an_agenda_bear_no_numbers_beside_those_of_the_minutes():
    agenda = "1. Thông qua danh sách.\n\n2) Thảo luận.\n- Bỏ phiếu kín."
    body = council_minutes(AGENCY, replace(ROUND, agenda=agenda)).body
    told = [each.text for each in body if each.block == "paragraph"]
    place = told.index("- Thông qua danh sách.")
    assert told[place : place + 3] == [
        "- Thông qua danh sách.",
        "- Thảo luận.",
        "- Bỏ phiếu kín.",
    ]
    assert told[place + 3].startswith("1. ")


def test_minutes_tell_counts_and_no_vote_of_anybody():
    found = council_minutes(AGENCY, ROUND)
    tables = [each for each in found.body if each.block == "table"]
    assert [each.cells[-1] for each in tables[1].rows] == [
        "Đạt",
        "Không đạt (cần 3)",
        "Không biểu quyết, hồ sơ đã thay đổi sau khi mở bỏ phiếu",
    ]
    assert found.head.issuer == "HỘI ĐỒNG THI ĐUA - KHEN THƯỞNG"
    assert [each.lines for each in found.signatures] == [("THƯ KÝ",), ("CHỦ TRÌ",)]
    assert found.body[-1].text.endswith("ngày 01 tháng 12 năm 2022./.")


def test_a_tally_sheet_counts_papers_and_names_no_voter():
    made = typeset("tally", tally_sheet(AGENCY, ROUND))
    read = text_of(made)
    assert "Số phiếu phát ra: 02 phiếu; - Số phiếu thu về: 02 phiếu" in read
    assert "66,6" in read, "never rounded up"
    assert "ABCD-1234, EFGH-5678" in read
    assert "Hồ Văn Cư" not in read


def test_a_share_is_cut_and_never_rounded_up_to_what_was_not_reached():
    case = replace(ROUND.cases[0], agree=8999, base=10000)
    rows = tally_sheet(AGENCY, replace(ROUND, cases=(case,))).body
    table = next(each for each in rows if each.block == "table")
    assert table.rows[0].cells[3] == "89,9"


DECISION = DecisionFacts(
    issue=Issue(year=2022, notation="02/QĐ-SNgV", day=date(2022, 12, 2)),
    movement=MOVEMENT,
    bases=SUBMISSION.bases,
    nominees=(
        replace(
            COLLECTIVE,
            award="Giấy khen của Giám đốc Sở",
            authority="",
            certificate_text="Có thành tích xuất sắc trong phong trào",
        ),
        replace(PERSON, award="Giấy khen của Giám đốc Sở", authority=""),
    ),
    signer=Signer(position=Position.DIRECTOR, name="Lê Văn An"),
    council_day=date(2022, 12, 1),
    rewards=(RewardFacts(award="Giấy khen", is_collective=True, multiple="0.6"),),
    units=("Văn phòng Sở", "Phòng Lãnh sự"),
)


def test_a_decision_rests_on_law_and_minutes_and_ends_with_its_last_article():
    found = award_decision(AGENCY, DECISION)
    assert found.authority == "GIÁM ĐỐC SỞ NGOẠI VỤ"
    assert found.bases[-1] == "Theo đề nghị của Chánh Văn phòng."
    leads = [each.lead for each in found.body if each.block == "paragraph" and each.lead]
    assert leads == ["Điều 1.", "Điều 2.", "Điều 3."]
    assert "0,6 lần mức lương cơ sở" in found.body[2].text
    assert found.body[-1].text.endswith("thi hành Quyết định này./.")
    assert found.recipients[0] == "- Như Điều 3;"
    assert "số 02/QĐ-SNgV ngày 02 tháng 12 năm 2022" in found.lists[0].reference


def test_a_decision_on_one_names_this_one_and_has_no_list():
    found = award_decision(AGENCY, replace(DECISION, nominees=DECISION.nominees[:1]))
    assert "Tặng Giấy khen của Giám đốc Sở cho Phòng Hợp tác quốc tế" in found.body[1].text
    assert found.lists == ()


def test_a_certificate_stands_on_a_page_of_its_own_that_lies_across():
    made = typeset("certificates", *certificates(AGENCY, DECISION))
    pages = pypdf.PdfReader(io.BytesIO(made)).pages
    assert [
        (round(each.mediabox.width / MM), round(each.mediabox.height / MM)) for each in pages
    ] == [
        (297, 210),
        (297, 210),
    ]
    assert "GIẤY KHEN" in pages[0].extract_text()
    assert "Có thành tích xuất sắc trong phong trào" in text_of(made)


REPORT = MovementReportFacts(
    issue=Issue(year=2022),
    kind="BC",
    subject="",
    movement=MOVEMENT,
    bases=(),
    period="Sơ kết",
    until=date(2022, 6, 10),
    parts=(
        FormPart(title="Kỳ báo cáo", entries=()),
        FormPart(
            title="II. Kết quả thực hiện",
            entries=(
                FieldWords(label="1. Công tác chuyên môn", text="Đúng quy định.", is_long=True),
                FieldWords(label="Đoàn ra (đoàn)", text="02", is_figure=True),
                FieldWords(label="Đoàn ra (lượt người)", text="09", is_figure=True),
                FieldWords(label="2. Đoàn thể", text="Vững mạnh.\n\nĐã góp xây nhà.", is_long=True),
            ),
        ),
        FormPart(
            title="IV. Phương hướng",
            entries=(FieldWords(label="Phương hướng", text="Duy trì.", is_long=True),),
        ),
    ),
    signer=Signer(position=Position.HEAD, name="Hồ Văn Cư"),
    unit="Phòng Lãnh sự",
    unit_code="LS",
    head=Position.HEAD,
)


def test_a_form_becomes_running_text_without_gaps_in_its_numbers_and_no_heading_twice():
    said = [each.text for each in sections(REPORT.parts, "Kết quả cụ thể:")]
    assert said == [
        "I. Kết quả thực hiện",
        "1. Công tác chuyên môn",
        "Đúng quy định.",
        "Kết quả cụ thể:",
        "- Đoàn ra: 02 đoàn, 09 lượt người.",
        "2. Đoàn thể",
        "Vững mạnh.",
        "Đã góp xây nhà.",
        "II. Phương hướng",
        "Duy trì.",
    ]


def test_a_department_reports_to_the_office_under_its_own_head():
    found = movement_report(AGENCY, REPORT)
    assert (found.head.superior, found.head.issuer) == ("SỞ NGOẠI VỤ", "PHÒNG LÃNH SỰ")
    assert found.head.number.endswith("/BC-LS")
    assert found.addressees == ("Văn phòng Sở",)
    assert found.signatures[0].lines == ("TRƯỞNG PHÒNG",)
    assert found.recipients[-1] == "- Lưu: VT, LS."


def test_the_agency_reports_to_the_board_with_the_figures_of_the_departments():
    gathered = GatheredFigures(
        departments=("Văn phòng Sở", "Phòng Lãnh sự"),
        rows=(("Đoàn ra (đoàn)", "–", "02", "02"),),
        attached=("Văn phòng Sở", "Phòng Lãnh sự"),
        missing=("Phòng Quản lý biên giới",),
    )
    facts = replace(
        REPORT,
        unit=None,
        head=Position.DIRECTOR,
        signer=Signer(position=Position.DIRECTOR, name="Lê Văn An"),
        gathered=gathered,
    )
    found = movement_report(AGENCY, facts)
    assert found.addressees == (AGENCY.board,)
    assert found.lists[0].blocks[0].columns[-1].head == "Tổng cộng"
    assert not found.lists[0].is_wide
    read = text_of(typeset("report", found))
    assert "Chưa có báo cáo của: Phòng Quản lý biên giới." in read
    wide = replace(gathered, departments=("Phòng",) * 7, rows=(("Đoàn ra", *("01",) * 8),))
    made = typeset("report", movement_report(AGENCY, replace(facts, gathered=wide)))
    sizes = [
        each.mediabox.width > each.mediabox.height
        for each in pypdf.PdfReader(io.BytesIO(made)).pages
    ]
    assert sizes[-1]
    assert not sizes[0]


MERIT = MeritReportFacts(
    issue=Issue(year=2022),
    movement=MOVEMENT,
    unit="Phòng Lãnh sự",
    nominee=PERSON,
    first_day=date(2022, 4, 28),
    last_day=date(2022, 11, 15),
    about=("Chức vụ: Chuyên viên",),
    deed="Giải quyết 640 hồ sơ hộ chiếu.\nKhông hồ sơ nào quá hạn.",
    form="Mẫu số 07",
)


@pytest.mark.parametrize(
    ("is_collective", "first", "author"),
    [
        (True, "I. Sơ lược đặc điểm, tình hình", "ĐẠI DIỆN TẬP THỂ"),
        (False, "I. Thông tin cá nhân", "NGƯỜI BÁO CÁO"),
    ],
)
def test_a_report_of_merit_follows_the_form_of_its_day(is_collective, first, author):
    nominee = replace(PERSON, is_collective=is_collective)
    found = merit_report(AGENCY, replace(MERIT, nominee=nominee))
    assert found.head.form == "Mẫu số 07"
    assert found.head.number == ""
    assert found.body[0].text == first
    assert [each.lines[0] for each in found.signatures] == ["THỦ TRƯỞNG ĐƠN VỊ XÁC NHẬN", author]
    text = " ".join(each.text for each in found.body)
    assert "từ ngày 28 tháng 4 năm 2022 đến ngày 15 tháng 11 năm 2022" in text


def test_reports_of_many_begin_each_at_a_page_one_of_its_own():
    made = typeset("merit-report", merit_report(AGENCY, MERIT), merit_report(AGENCY, MERIT))
    found = pieces_of(made)
    firsts = [each.page for each in found if each.text.strip().startswith("CỘNG HÒA")]
    assert len(firsts) == 2
    for page in firsts:
        assert not [each for each in found if each.page == page and each.text.strip().isdigit()]


def test_a_letter_has_no_name_of_its_kind_and_says_below_its_number_what_it_is_about():
    facts = LetterFacts(
        issue=Issue(year=2022),
        subject="Danh sách đề nghị khen thưởng",
        addressees=(AGENCY.board,),
        signer=Signer(position=Position.DIRECTOR, name="Lê Văn An"),
        papers=("Tờ trình", "Báo cáo thành tích"),
    )
    found = letter(AGENCY, facts)
    assert found.kind == ""
    assert found.head.number.endswith("/SNgV-VP")
    assert found.head.about == "V/v gửi danh sách đề nghị khen thưởng"
    assert [each.text for each in found.body[1:3]] == ["1. Tờ trình;", "2. Báo cáo thành tích."]
    issued = Issue(year=2022, notation="02/TTr-SNgV", day=date(2022, 12, 5))
    mended = letter(AGENCY, replace(facts, corrected=("Tờ trình", issued)))
    assert mended.head.about == "V/v đính chính Tờ trình số 02/TTr-SNgV ngày 05 tháng 12 năm 2022"
    assert mended.body[-1].text.endswith("./.")
    assert "V/v đính chính" in text_of(typeset("letter", mended))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_template_bears_long_names_and_many_rows(name):
    made = typeset(name, *SAMPLES[name](sample_agency(WORDS)))
    reader = pypdf.PdfReader(io.BytesIO(made))
    metadata = reader.xmp_metadata.stream.get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert {each.font for each in pieces_of(made)} <= {
        *("Tinos-Regular", "Tinos-Bold", "Tinos-Italic", "Tinos-BoldItalic")
    }


def test_a_sentence_that_names_an_unknown_place_is_refused_when_it_is_read():
    text = (FOLDER / "wording.yaml").read_text("utf-8")
    with pytest.raises(InvalidInputError):
        load_document_words(text.replace("{movement}", "{movment}", 1), "wording.yaml")
    with pytest.raises(InvalidInputError):
        load_document_words(text.replace("{movement}", "{movement.__class__}", 1), "wording.yaml")


@pytest.mark.parametrize(
    ("kind", "more", "about"),
    [
        ("TTr", NOMINATES, f"Về việc đề nghị khen thưởng thành tích trong {MOVEMENT.name}"),
        ("QĐ", NOMINATES, f"Về việc khen thưởng thành tích trong {MOVEMENT.name}"),
        ("BC", {"period": "Sơ kết"}, f"Kết quả sơ kết {MOVEMENT.name}"),
        ("BC", {}, "Báo cáo đột xuất"),
        ("CV", {"corrected": ("Báo cáo", REPORTED)}, f"V/v đính chính Báo cáo {REPORTED_WORDS}"),
        ("TB", NOMINATES, "Báo cáo đột xuất"),
    ],
)
def test_the_register_tells_what_a_document_says_that_it_is_about(kind, more, about):
    facts = RegisteredFacts(kind=kind, title="Báo cáo đột xuất", movement=MOVEMENT.name, **more)
    assert abstract(AGENCY, facts) == about
