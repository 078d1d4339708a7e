"""What differs between two contents, in words a person can check."""

import pytest

from tests.unit.test_definitions import FOLDER, load
from workflow.awards import load_awards, with_awards
from workflow.definition import Label
from workflow.model import Content, StoredFile
from workflow.rules import diff

PLAN = StoredFile(sha256="a" * 64, name="plan.pdf", size=1, media_type="application/pdf")
PROOF = StoredFile(sha256="b" * 64, name="proof.pdf", size=1, media_type="application/pdf")


@pytest.fixture(scope="module")
def definition():
    awards = load_awards((FOLDER / "awards.yaml").read_text("utf-8"), "awards.yaml")
    return with_awards(load("nomination").definition, awards)


def content(title="Đề nghị", files=(), **fields):
    return Content(title=title, fields=fields, files=files, salt="")


def english(word):
    """Return a label or a message as an English reader reads it."""
    return word.en if isinstance(word, Label) else str(word)


def told(definition, before, after):
    """Return each difference as label and pieces: ``-`` removed, ``+`` added, ``=`` the same."""
    sign = {"same": "=", "added": "+", "removed": "-"}
    return {
        english(each.label): [f"{sign[piece.what]}{piece.text}" for piece in each.pieces]
        for each in diff.differences(definition, before, after, {}, english)
    }


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (content(), content(), {}),
        (content("A b"), content("A c"), {"Title": ["=A ", "-b", "+c"]}),
        (content("A b", achievements="Ba\nđoàn"), content("A  b ", achievements="Ba đoàn\n"), {}),
        (content("A"), content("A b"), {"Title": ["=A", "+ b"]}),
        (content("A b c"), content("A c"), {"Title": ["=A ", "-b ", "=c"]}),
        (
            content(achievements="Ba đoàn ra"),
            content(achievements="Bốn đoàn ra"),
            {"Summary of achievements": ["-Ba", "+Bốn", "= đoàn ra"]},
        ),
        (
            content(award="giay_khen"),
            content(award="bang_khen_tinh"),
            {
                "Award": [
                    "-Certificate of commendation of the Director",
                    "+Certificate of merit of the provincial chairman",
                ]
            },
        ),
        (
            content(period_from="2022-04-28"),
            content(period_from="2022-05-01"),
            {"Time of merit": ["-28/04/2022", "+01/05/2022"]},
        ),
        (
            content(),
            content(period_from="2022-05-01"),
            {"Time of merit": ["+01/05/2022"]},
        ),
        (
            content(is_new_factor=True),
            content(is_new_factor=False),
            {"A new factor that sets an example": ["-Yes", "+No"]},
        ),
        (
            content(standards=["ethics"]),
            content(standards=["ethics", "firmness"]),
            {"Standards met": ["-Good ethics", "+Good ethics; Politically firm"]},
        ),
        (
            content(earlier_awards=[{"year": "2021", "award": "A"}]),
            content(earlier_awards=[]),
            {"Earlier awards": ["-2021 | A | "]},
        ),
        (
            content(files=(PLAN,)),
            content(files=(PLAN, PROOF)),
            {
                "Attachments": [
                    "-plan.pdf (aaaaaaaaaaaa)",
                    "+plan.pdf (aaaaaaaaaaaa)\nproof.pdf (bbbbbbbbbbbb)",
                ]
            },
        ),
    ],
)
def test_what_differs_is_told_by_the_label_of_its_field(definition, before, after, expected):
    assert told(definition, before, after) == expected


def test_differences_stand_in_the_order_of_the_form(definition):
    before = content("A", achievements="a", nominee="b", files=(PLAN,))
    assert list(told(definition, before, content("B"))) == [
        "Title",
        "Name of the collective",
        "Summary of achievements",
        "Attachments",
    ]


def test_a_text_too_long_to_compare_is_shown_whole(definition):
    before, after = ("a " * 2500).strip(), ("b " * 2500).strip()
    found = told(definition, content(achievements=before), content(achievements=after))
    assert found == {"Summary of achievements": [f"-{before}", f"+{after}"]}


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("nominee", None, ""),
        ("nominee", "", ""),
        ("standards", [], ""),
        ("standards", ["ethics", "gone"], "Good ethics; gone"),
        ("nominee", "ai@so.example", "Nguyễn Văn A"),
        ("nominee", "ai khác", "ai khác"),
        ("is_new_factor", False, "No"),
        ("unit_vote", 1500000, "1.500.000"),
        ("award", "giay_khen", "Certificate of commendation of the Director"),
        ("period_to", "2022-11-30", "30/11/2022"),
        ("earlier_awards", [{"year": "2021"}, "lost"], "2021 |  | "),
    ],
)
def test_a_value_in_words(definition, field, value, expected):
    one = next(each for each in definition.fields if each.id == field)
    assert diff.in_words(one, value, {"ai@so.example": "Nguyễn Văn A"}, english) == expected
