"""Whether a password may be set: how long a guesser who knows the person and the agency would take.

Owns the one judgement of new passwords. Length is bounded before anything is estimated, for
estimating is slow on long input. Composition is never asked for (NIST SP 800-63B, ASVS 6.2).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from api.auth.passwords import SECRET_MOST, in_one_form
from workflow.errors import Reason, reason

PASSWORD_LEAST = 10
PASSWORD_MOST = 256
_ESTIMATED = 64
"""Characters that are estimated; whatever follows can only add."""
_LEAST_SCORE = 3
"""Of zxcvbn: more than 10^8 guesses."""
_SHORTEST_WORD = 3
_OWN_WORDS = ("thidua", "khenthuong", "songoaivu", "matkhau", "vietnam")
"""Without marks, as every password is read too."""
_BARRED = {0x111: "d"}
"""The d with a stroke, which no normal form takes apart."""


def password_problem(password: str, *known: str) -> Reason | None:
    """Return why a password is not accepted, or None; ``known``: names and address of its owner."""
    if (
        len(password) > SECRET_MOST
        or not PASSWORD_LEAST <= len(in_one_form(password)) <= PASSWORD_MOST
    ):
        return reason(
            "password",
            "A password needs {least} to {most} characters.",
            least=PASSWORD_LEAST,
            most=PASSWORD_MOST,
        )
    if _score(in_one_form(password)[:_ESTIMATED], [*known, *_OWN_WORDS]) >= _LEAST_SCORE:
        return None
    return reason(
        "password",
        "This password is easily guessed. Use a long sentence that only you know, "
        "without your name, your address or the agency's name.",
    )


def _score(password: str, known: Iterable[str]) -> int:
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # no types  # noqa: PLC0415 - 21 ms

    words = sorted(set(_words(known)))
    # Vietnamese is typed with and without marks and spaces: the weakest reading counts.
    readings = {password, _without_marks(password), re.sub(r"[\W_]+", "", _without_marks(password))}
    return min(int(zxcvbn(each, user_inputs=words)["score"]) for each in readings if each)


def _without_marks(text: str) -> str:
    """Return Vietnamese as it is typed without marks."""
    apart = unicodedata.normalize("NFD", in_one_form(text).casefold().translate(_BARRED))
    return "".join(each for each in apart if not unicodedata.combining(each))


def _words(known: Iterable[str]) -> Iterator[str]:
    """Yield what who knows the person would try: names, whole and in parts, without marks."""
    for each in known:
        for form in (in_one_form(each).casefold(), _without_marks(each)):
            parts = [part for part in re.split(r"[\W_]+", form) if len(part) >= _SHORTEST_WORD]
            yield from (form, "".join(parts), *parts)
