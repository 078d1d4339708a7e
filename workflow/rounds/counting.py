"""What was voted: the count of a case, and whether it passed. Whole numbers and fractions alone."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from workflow.voting import BallotChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many papers say what of one case; who is concerned is on none of them."""

    agree: int = 0
    disagree: int = 0
    blank: int = 0

    @property
    def papers(self) -> int:
        """Return how many papers were counted."""
        return self.agree + self.disagree + self.blank


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseVerdict:
    """Whether a case passed; ``needed`` of ``base`` members had to agree."""

    passed: bool
    needed: int
    base: int


def tally_of(choices: Iterable[BallotChoice]) -> Tally:
    """Return the count of one case."""
    counted = Counter(choices)
    return Tally(
        agree=counted[BallotChoice.AGREE],
        disagree=counted[BallotChoice.DISAGREE],
        blank=counted[BallotChoice.BLANK],
    )


def votes_needed(base: int, threshold: Fraction) -> int:
    """Return the least number of votes that is ``threshold`` of ``base`` or more."""
    return -(-base * threshold.numerator // threshold.denominator)


def verdict_on(tally: Tally, base: int, threshold: Fraction) -> CaseVerdict:
    """Return whether enough of ``base`` members agreed; where nobody could, nothing passes."""
    needed = votes_needed(base, threshold)
    return CaseVerdict(passed=0 < needed <= tally.agree, needed=needed, base=base)
