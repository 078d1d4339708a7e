"""What people typed stands in an official mail as theirs, on one line, and makes no link."""

import re

import pytest

from notifications.quoting import Own, quoted, unlinked, unlinked_but

LINK = re.compile(
    r"(?i)\w+://|\bwww\.\w|[\w-]+[.\u3002\uff0e\uff61][^\W\d_]{2,}|\b(?:mailto|tel|sms|javascript|data):\S|\\\\"
)
"""What mail programs make a link of, roughly and rather more than less."""


@pytest.mark.parametrize(
    "typed",
    [
        "https://evil.example/a/xyz",
        "HTTP://EVIL.EXAMPLE",
        "ký tại evil.example/a/xyz nhé",
        "www.evil.example",
        "ai@evil.example",
        "mailto:ai@evil.example",
        "tel:0912345678",
        "javascript:alert(1)",
        "evil\uff0eexample",
        "evil\u3002example",
        "evil.\u200cexample",
        "evil.e\u200dxample",
        "xn--abc.xn--vn",
        "ngân-hàng.việt",
        "ftp://10.0.0.1/x",
        "http://2130706433/",
        "\\\\evil\\share",
        "a.b.evil.example.",
        "x:\\\\evil",
    ],
)
def test_nothing_typed_becomes_a_link(typed):
    shown = unlinked(typed)
    assert LINK.search(typed.replace("\u200c", "").replace("\u200d", ""))
    assert not LINK.search(shown.replace("\u200c", "").replace("\u200d", "")), shown
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", typed), "only spaces are added"


@pytest.mark.parametrize(
    "typed",
    [
        "12/QĐ-SNgV ngày 04.5.2022",
        "1.500.000 đồng, v.v.",
        "Lý do: đi công tác. Trở lại ngày 5/6.",
        "08:00, mục II.1",
        "TT. GIÁM ĐỐC",
        "",
    ],
)
def test_what_offices_write_stays_as_it_is(typed):
    assert unlinked(typed) == typed


def test_the_products_own_addresses_stay():
    assert unlinked(Own("https://so.example/reminders/1")) == "https://so.example/reminders/1"


def test_an_address_that_is_to_be_confirmed_is_read_as_it_is():
    known = {"head.ls@so.example", "moi@so.example"}
    said = "Ông A (head.ls@so.example): từ “head.ls@so.example” thành “moi@so.example”."
    assert unlinked_but(said, known) == said
    typed = "Lý do: hỏi evil.example hoặc ai@evil.example (moi@so.example)"
    assert unlinked_but(typed, known) == typed.replace("evil.", "evil. ")


@pytest.mark.parametrize(
    "known",
    [
        "www.evil.example@so.example",
        "evil.example/a@so.example",
        "so..example@so.example",
        "ai@so..example",
        "https://evil.example",
    ],
)
def test_what_a_mail_program_may_take_for_a_page_is_no_address(known):
    assert unlinked_but(f"({known})", {known}) == unlinked(f"({known})")
    assert not LINK.search(unlinked_but(f"({known})", {known}))


@pytest.mark.parametrize("around", ["evil.{}", "{}.evil.example", "https://{}/a", "x{}"])
def test_an_address_within_something_longer_stays_parted(around):
    typed = around.format("moi@so.example")
    assert unlinked_but(typed, {"moi@so.example"}) == unlinked(typed)


def test_words_stand_on_one_line_with_whose_they_are():
    said = quoted("Trưởng phòng", "KHẨN\n\nhttps://evil.example\r\n ký ")
    assert said == "Trưởng phòng viết: “KHẨN https://evil.example ký”"
    assert quoted("Trưởng phòng", " \n") == ""
