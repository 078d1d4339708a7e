"""What people typed stands in an official mail as theirs, on one line, and makes no link."""

import re

import pytest

from notifications.quoting import Own, quoted, unlinked

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


def test_words_stand_on_one_line_with_whose_they_are():
    said = quoted("Trưởng phòng", "KHẨN\n\nhttps://evil.example\r\n ký ")
    assert said == "Trưởng phòng viết: “KHẨN https://evil.example ký”"
    assert quoted("Trưởng phòng", " \n") == ""
