"""Awards of earlier years, row by row: whom each means, what follows, and what is refused."""

from dataclasses import replace
from datetime import date

import pytest

from notifications.translation import translate
from tests.unit.test_awards import shipped
from workflow.model import Department, Person, Position, erased_address
from workflow.people import build_directory, with_addresses
from workflow.rules import KnownHere, PastAwardRow, read_awards

PEOPLE = [
    Person(
        id=number,
        email=email,
        name=name,
        position=Position.STAFF,
        department="a",
        is_active=number < 3,
    )
    for number, email, name in (
        (1, "an@so.example", "Nguyễn Văn Án"),
        (2, "binh@so.example", "Trần Bình"),
        (3, "binh.cu@so.example", "TRAN BINH"),
        (4, erased_address(4), "#4"),
    )
]
KNOWN = KnownHere(
    awards=shipped(),
    directory=with_addresses(
        build_directory(PEOPLE, [Department(id="a", name="A")], [], "2025-06-15", []),
        [(each.email, each.id) for each in PEOPLE] + [("an.cu@so.example", 1)],
    ),
    departments={"a": "a", "phong a": "a"},
    today=date(2025, 6, 15),
)
COLLECTIVE = PastAwardRow(
    row=2,
    nominee="Phòng Lãnh sự",
    kind="collective",
    award="giay_khen",
    number="12/QĐ-SNgV",
    decided_on="2019-12-20",
)
PERSON = replace(COLLECTIVE, kind="individual", nominee="nguyen van an", award="ldtt")


def read(row, **said):
    return read_awards([replace(row, **said)], KNOWN)


@pytest.mark.parametrize(
    ("row", "said", "found"),
    [
        (COLLECTIVE, {}, "=phong lanh su"),
        (COLLECTIVE, {"nominee": "#1"}, "=#1"),
        (PERSON, {}, "#1"),
        (PERSON, {"nominee": "Ai đó", "email": "AN.CU@so.example"}, "#1"),
        (PERSON, {"nominee": "Trần Bình", "email": "binh.cu@so.example"}, "#3"),
        (PERSON, {"nominee": "Đã Nghỉ Hưu"}, "=da nghi huu"),
    ],
)
def test_a_row_means_a_person_of_the_agency_or_whoever_is_called_so(row, said, found):
    ((award,), problems) = read(row, **said)
    assert (award.known_as, problems) == (found, [])


def test_what_a_row_leaves_out_follows_from_the_law_of_its_day():
    (((form,), _), ((title,), _)) = read(COLLECTIVE, department="Phòng A"), read(PERSON)
    assert (form.said.authority, form.said.department) == ("director", "a")
    assert (form.said.commendation, title.said.commendation) == ("themed", "regular")
    assert title.said.email == "an@so.example", (
        "whoever is called otherwise tomorrow is still meant"
    )


@pytest.mark.parametrize(
    ("row", "said", "words"),
    [
        (COLLECTIVE, {"award": "ldtt"}, "“Lao động tiên tiến” không dành cho"),
        (PERSON, {"award": "huy_hieu_tinh", "decided_on": "2019-12-20"}, ""),
        (
            PERSON,
            {"award": "huy_hieu_tinh", "decided_on": "2024-12-20"},
            "ngày 20/12/2024 không có",
        ),
        (COLLECTIVE, {"award": "co_thi_dua"}, "không có danh hiệu, hình thức “co_thi_dua”"),
        (COLLECTIVE, {"decided_on": "20/12/19"}, "“20/12/19”"),
        (COLLECTIVE, {"decided_on": "2025-06-16"}, "2025-06-16"),
        (COLLECTIVE, {"number": ""}, "số quyết định"),
        (COLLECTIVE, {"nominee": " "}, "tên"),
        (COLLECTIVE, {"kind": "công ty"}, "cá nhân hoặc tập thể"),
        (COLLECTIVE, {"department": "b"}, "không có phòng “b”"),
        (COLLECTIVE, {"authority": "ubnd"}, "không có người quyết định “ubnd”"),
        (COLLECTIVE, {"commendation": "khác"}, "không có loại hình khen thưởng “khác”"),
        (COLLECTIVE, {"email": "an@so.example"}, "chỉ cá nhân"),
        (PERSON, {"email": "ai@so.example"}, "ai@so.example"),
        (PERSON, {"email": erased_address(4)}, "erased"),
        (PERSON, {"nominee": "Tran Binh"}, "nhiều người"),
        (COLLECTIVE, {"first_day": "2019-01-01"}, "thời gian lập thành tích"),
        (COLLECTIVE, {"first_day": "2019-01-01", "last_day": "2020-01-01"}, "thời gian"),
    ],
)
def test_a_fault_is_told_with_its_row(row, said, words):
    _, problems = read(row, **said)
    told = [translate(each) for each in problems]
    assert [each.startswith("Dòng 2: ") and words in each for each in told] == [True] * bool(words)


def test_rows_that_tell_of_one_award_are_one():
    again = replace(COLLECTIVE, row=3, nominee="PHONG LANH SU", reason="Khác")
    found, problems = read_awards([COLLECTIVE, again, replace(again, number="13/QĐ")], KNOWN)
    assert ([each.said.row for each in found], problems) == ([2, 3], [])
