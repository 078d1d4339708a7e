"""Shares of a whole as people write them: "80", "80 %", "2/3". Never a float."""

import re
from fractions import Fraction

_PERCENT = re.compile(r"(\d{1,3})(?:[.,](\d{1,4}))? ?%?")
_RATIO = re.compile(r"(\d{1,7}) ?/ ?(\d{1,7})")
"""As long as a per cent with four decimals is written: what was accepted is read back."""


def parse_share(text: str) -> Fraction | None:
    """Return the share above 0 and up to 1 that ``text`` says, or None where it says none."""
    text = text.strip()
    if ratio := _RATIO.fullmatch(text):
        upper, lower = int(ratio[1]), int(ratio[2])
        share = Fraction(upper, lower) if lower else Fraction(0)
    elif percent := _PERCENT.fullmatch(text):
        decimals = percent[2] or ""
        share = Fraction(int(percent[1] + decimals), 100 * 10 ** len(decimals))
    else:
        return None
    return share if 0 < share <= 1 else None


def written_share(share: Fraction) -> str:
    """Return a share as it is read: whole per cents as such, any other as a ratio."""
    percent = share * 100
    if percent.denominator == 1:
        return f"{percent.numerator}%"
    return f"{share.numerator}/{share.denominator}"
