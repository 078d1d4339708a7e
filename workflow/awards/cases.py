"""What a nomination is judged by, and what the judgement says: frozen values.

Owns no rule. What is not known is None or missing, and never a guess. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from workflow.awards.language import Effect
from workflow.awards.proceedings import Pending
from workflow.definition.parts import Label
from workflow.messages import Message, lazy

COMMENDATIONS: Mapping[str, Message] = {
    "regular": lazy("Regular"),
    "themed": lazy("Themed"),
    "ad_hoc": lazy("Ad hoc"),
}
"""The ways to commend (Law on Emulation and Commendation): of a year, of a movement, at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAward:
    """An award that the nominee has: which, of which year, for which movement and time."""

    award: str
    year: int
    commendation: str = "regular"
    """One of ``COMMENDATIONS``."""
    campaign: str = ""
    first_day: date | None = None
    last_day: date | None = None
    is_withdrawn: bool = False
    is_proven: bool = True
    """Whether the decision's number is known: without it, it stops no other nomination."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Another nomination of the same nominee, or of the same deed: its code and its movement."""

    code: str
    campaign: str
    is_same_deed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that is known of a nomination; what is None or missing is not known."""

    award: str
    day: date
    kind: str
    """``individual`` or ``collective``."""
    procedure: str = "council"
    ground: str = ""
    """Why the procedure is simplified, in the author's words."""
    campaign: str = ""
    movement: tuple[date, date] | None = None
    """First and last day of the movement."""
    first_day: date | None = None
    last_day: date | None = None
    """Of the merit."""
    past: tuple[PastAward, ...] = ()
    is_past_whole: bool = True
    """Whether ``past`` is all that the nominee was ever given."""
    elsewhere: tuple[Elsewhere, ...] = ()
    hold: str = ""
    """What the nomination itself says is pending; empty: nothing."""
    proceedings: tuple[Pending, ...] = ()
    """What the Office has recorded of the nominee, ended or not."""
    considered_on: date | None = None
    """The day on which something must not be pending; None: the day of the item."""
    discipline_served_on: date | None = None
    facts: Mapping[str, bool | int] = field(default_factory=dict)
    papers: frozenset[str] | None = None
    votes: tuple[int, int] | None = None
    """How many agreed, and how many members the council has."""
    put_forward: int | None = None
    """How many the movement puts forward for the award, this one too."""
    bases: Mapping[str, int] = field(default_factory=dict)
    """How many it puts forward for each award that a cap may be counted of."""
    leaders: tuple[int, int] | None = None
    """How many of the individuals put forward are leaders, and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFinding:
    """What a rule has to say: its text, the source of it, and what was found."""

    rule: str
    effect: Effect
    label: Label | Message
    source: str
    is_verified: bool
    found: Message | None = None
    codes: tuple[str, ...] = ()
    """The items that ``found`` names, where it names only those."""
    is_unknown: bool = False
    """Whether nobody knows yet, so that somebody has to look."""
    is_confidential: bool = False
    """Whether it tells of discipline or of a complaint, which few may read."""
    is_passing: bool = False
    """Whether it is forbidden only as long as something is pending: the nominee waits."""
    found_openly: Message | None = None
    """What everybody may read of a confidential finding: what the nomination says itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardJudgement:
    """Every finding, in the order of the rules."""

    regime: str
    findings: tuple[RuleFinding, ...]
    required: Fraction
    """The share of all members that must agree."""

    def of(self, effect: Effect) -> tuple[RuleFinding, ...]:
        """Return the findings that do this."""
        return tuple(
            each for each in self.findings if each.effect == effect and not each.is_unknown
        )

    @property
    def waits(self) -> bool:
        """Return whether the nominee is held until what is pending has ended."""
        return any(each.is_passing for each in self.of("refuse"))

    @property
    def unknown(self) -> tuple[RuleFinding, ...]:
        """Return what somebody has to look up."""
        return tuple(each for each in self.findings if each.is_unknown)

    @property
    def outcome(self) -> str:
        """Return ``refused``, ``warned`` or ``eligible``."""
        if self.of("refuse"):
            return "refused"
        return "warned" if self.of("warn") else "eligible"


def worst(findings: Iterable[RuleFinding]) -> str:
    """Return the strongest effect among ``findings``; empty where there is none."""
    given = {each.effect for each in findings if not each.is_unknown}
    return next((each for each in ("refuse", "warn", "show") if each in given), "")
