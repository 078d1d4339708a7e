"""What a search is for, and where a text says it."""

import pytest

from workflow.search_words import Fit, Sought, words_of


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("khong co gi", [("khong", False), ("co", True), ("gi", True)]),
        ("gi", [("gi", False)]),
        ("“bien gioi”,", [("bien", False), ("gioi", False)]),
        ("nd-cp 30/2020", [("nd-cp", False), ("30/2020", False)]),
        ("la la %", [("la", False)]),
        ("% –", [("%", True), ("–", True)]),
        ("", []),
    ],
)
def test_short_words_beside_others_are_whole_and_signs_around_words_are_no_part_of_them(
    query, words
):
    assert [(each.letters, each.is_whole) for each in words_of(query)] == words


@pytest.mark.parametrize(
    ("query", "text", "fit"),
    [
        ("bien gioi", "phong quan ly bien gioi", Fit.PHRASE),
        ("Biên Giới", "quan ly bien – gioi", Fit.PHRASE),
        ("bien gio", "bien gioi", Fit.PHRASE),
        ("gioi bien", "bien gioi", Fit.WORDS),
        ("ien gioi", "bien gioi", Fit.NOT),
        ("quan gi", "quan ly bien gioi", Fit.NOT),
        ("khong co gi", "khong quan, cong tac bien gioi", Fit.NOT),
        ("", "bien gioi", Fit.WORDS),
    ],
)
def test_a_phrase_fits_better_than_its_words(query, text, fit):
    assert Sought(query).fit(text) is fit


def test_diacritics_that_were_typed_are_asked_for_and_others_are_not():
    text = "Phòng Quản lý biên giới"
    assert not Sought("bien gioi").has_diacritics
    assert Sought("biên gioi").is_exact(text)
    assert not Sought("biển gioi").is_exact(text)


def test_places_are_those_of_the_phrase_or_of_its_words():
    text = "Biên phòng và biên giới, ½ giới"
    assert [text[a:b] for a, b in Sought("bien gioi").places(text)] == ["biên giới"]
    assert [text[a:b] for a, b in Sought("gioi va").places(text)] == ["và", "giới", "giới"]
    assert Sought("").places(text) == []
