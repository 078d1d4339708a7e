"""Which passwords may be set, and in which form secrets are compared."""

import re
import unicodedata

import pytest

from api.auth.password_strength import password_problem
from api.auth.passwords import _matches, hash_secret_blocking
from notifications.translation import translate
from tests.spared import REAL_HASHER

KNOWN = ("tran.thi.binh@so.example", "Trần Thị Bình", "Sở Ngoại vụ tỉnh")


@pytest.mark.parametrize(
    "weak",
    [
        "",
        "ngan",
        "1234567890",
        "qwertyuiop",
        "Password123!",
        "P@ssw0rd2022",
        "matkhau12345",
        "Mật khẩu 123",
        "aaaaaaaaaaaa",
        "abababababab",
        "TranThiBinh1",
        "Trần Thị Bình",
        "tran.thi.binh",
        "SoNgoaiVu2022",
        "sở ngoại vụ 1",
        "thidua2022",
        "Thi đua 2022",
        "khenthuong1",
        "iloveyou2022",
        "01/01/1990",
        "1111111111111111111111111111111111111111",
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_with_what_to_do(weak):
    problem = password_problem(weak, *KNOWN)
    assert problem is not None
    assert re.search("Hãy|cần từ", translate(problem))


@pytest.mark.parametrize(
    "good",
    [
        "nắng chiều trên sông lạ",
        "đường về nhà qua cánh đồng",
        "mưa rơi lá bàng đỏ 88",
        "vK8#pq2Lw9zT",
        "correct horse battery staple",
    ],
)
def test_a_long_sentence_is_accepted_in_whatever_form_it_is_typed(good):
    for form in ("NFC", "NFD"):
        assert password_problem(unicodedata.normalize(form, good), *KNOWN) is None


@pytest.mark.parametrize("length", [257, 1025, 1_000_000])
def test_what_is_too_long_is_refused_before_it_is_estimated(length):
    assert password_problem("đ" * length, *KNOWN) is not None
    assert password_problem("\ufdfa" * 20, *KNOWN) is not None, (
        "twenty letters that stand for eighteen each"
    )


def test_a_very_long_password_is_accepted_and_a_longer_one_refused_not_cut():
    assert password_problem("đi chợ mua cá rô phi " * 12, *KNOWN) is None
    assert password_problem("đi chợ mua cá rô phi " * 13, *KNOWN) is not None


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_secrets_are_compared_in_one_form(form):
    for kept in ("NFC", "NFD"):
        hashed = hash_secret_blocking(unicodedata.normalize(kept, "mật khẩu của tế bào"))
        assert _matches(hashed, unicodedata.normalize(form, "mật khẩu của tế bào"))
    assert _matches(hash_secret_blocking("246810"), "２４６８１０")


def test_a_secret_hashed_as_it_was_typed_before_still_opens():
    from argon2 import PasswordHasher

    typed = unicodedata.normalize("NFD", "mật khẩu của tế bào")
    assert _matches(PasswordHasher(memory_cost=64, time_cost=1).hash(typed), typed)


def test_what_is_longer_than_any_secret_or_no_text_matches_nothing():
    kept = hash_secret_blocking("a" * 1024)
    assert not _matches(kept, "a" * 1025)
    assert not _matches(kept, "\ud800")
    assert not _matches(None, "nobody has this password")


def test_a_hash_costs_who_guesses_what_owasp_asks_for_at_least():
    assert REAL_HASHER().hash("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
