"""What the file of awards may say: titles, forms, who is competent, papers, rules, with their days.

Owns its pydantic models. They describe; they never judge. Law is data here: each rule names the
text it comes from and the days on which that text is in force, and says whether that was checked
against the text itself. Anything not named here is refused (``extra="forbid"``).
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from workflow.definition.parts import Dated, Identifier, Label, Part, Words
from workflow.messages import lazy

NomineeKind = Literal["individual", "collective"]
Effect = Literal["refuse", "warn", "show"]
"""What a finding does: stop the nomination, warn whoever decides, or show it to the Office."""


_SHARE = re.compile(r"\d{1,6}(/[1-9]\d{0,5}|(\.\d{1,6})?%)?")


def _exact(given: object) -> object:
    """Return a share as an exact fraction: ``9/10``, ``90%`` or ``1``."""
    text = str(given).replace(" ", "")
    if _SHARE.fullmatch(text) is None:
        raise ValueError(lazy("write a share as a fraction or in per cent, like 9/10 or 90%"))
    return Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)


def _is_part(share: Fraction) -> Fraction:
    if not 0 < share <= 1:
        raise ValueError(lazy("a share lies above 0 and is at most 1"))
    return share


Share = Annotated[
    Fraction,
    BeforeValidator(_exact, json_schema_input_type=str | int),
    AfterValidator(_is_part),
    PlainSerializer(str, return_type=str),
]
"""A share of a whole, exact: no floating point anywhere."""
Count = Annotated[int, Field(ge=0, le=10_000)]


class Sourced(Dated):
    """Something that a legal text says. ``verified`` false: not checked against that text.

    What is not verified is a setting of the agency's, with a ``note`` that says what is known.
    """

    source: Words
    verified: bool = True
    note: Words | None = None


class Regime(Dated):
    """A body of law, and what a document of its days cites."""

    id: Identifier
    label: Label
    bases: Annotated[tuple[Words, ...], Field(min_length=1)]
    note: Words | None = None


class Authority(Part):
    """Who may award. ``decides_here``: the agency's own head, in the agency's own decision."""

    id: Identifier
    label: Label
    decides_here: bool = False


class Competence(Sourced):
    """Who awards something on which days."""

    authority: Identifier


class Award(Dated):
    """A title or a form: for whom, and by whom it is awarded."""

    id: Identifier
    label: Label
    kinds: Annotated[tuple[NomineeKind, ...], Field(alias="for", min_length=1)]
    competent: Annotated[tuple[Competence, ...], Field(min_length=1)]
    note: Words | None = None


class Paper(Sourced):
    """A paper that a dossier for these awards holds; ``form``: the code of the form of its days."""

    id: Identifier
    label: Label
    form: str | None = None
    met_by: Literal["item", "council", "file"] = "file"
    """What it comes with: the nomination itself, the round of the council, or an attached file."""
    awards: tuple[Identifier, ...] = ()
    procedures: tuple[Literal["council", "simplified"], ...] = ("council", "simplified")

    def is_for(self, award: str) -> bool:
        """Return whether ``award`` needs it; without a list every award does."""
        return not self.awards or award in self.awards


class AwardRule(Sourced):
    """One rule: for which awards (none named: for all), what a breach does, and its text.

    ``replaces`` names rules that do not count while this one is in force: a province's own rule.
    """

    id: Identifier
    label: Label
    awards: tuple[Identifier, ...] = ()
    effect: Effect = "refuse"
    replaces: tuple[Identifier, ...] = ()

    def is_for(self, award: str) -> bool:
        """Return whether it is a rule for ``award``."""
        return not self.awards or award in self.awards


class VoteRule(AwardRule):
    """The share of ALL members of the council, present or not, that must agree."""

    kind: Literal["vote"]
    share: Share


class ConsecutiveRule(AwardRule):
    """``award`` was given ``years`` years running, the last this year or the year before."""

    kind: Literal["consecutive"]
    award: Identifier
    years: Annotated[int, Field(ge=1, le=20)]


class HeldBeforeRule(AwardRule):
    """``award`` was given before, so many ``times``."""

    kind: Literal["held_before"]
    award: Identifier
    times: Annotated[int, Field(ge=1, le=20)] = 1


class NotCountedRule(AwardRule):
    """Awards of these kinds of commendation are no basis: they do not count as held before."""

    kind: Literal["not_counted"]
    classes: Annotated[tuple[Literal["themed", "ad_hoc", "regular"], ...], Field(min_length=1)]


class CapRule(AwardRule):
    """At most this share of those put forward for ``of`` in the movement, rounded as it says."""

    kind: Literal["cap"]
    share: Share
    of: Identifier
    rounding: Literal["down", "nearest", "up"] = "down"


class QuotaRule(AwardRule):
    """At most so many are put forward for the award in one movement."""

    kind: Literal["quota"]
    most: Count


class FactRule(AwardRule):
    """A fact that the Office knows of the nominee must be so."""

    kind: Literal["fact"]
    fact: Identifier
    is_: Annotated[bool, Field(alias="is")] = True


class NumberRule(AwardRule):
    """A number that the Office knows of the nominee lies within these bounds.

    ``unless``: a fact that takes the nominee out of the rule, as a birth does of absence.
    """

    kind: Literal["number"]
    fact: Identifier
    at_least: Count | None = None
    below: Count | None = None
    unless: Identifier | None = None

    @model_validator(mode="after")
    def _bounds_something(self) -> Self:
        if self.at_least is None and self.below is None:
            raise ValueError(lazy("give 'at_least', 'below' or both"))
        return self


class PartRule(AwardRule):
    """Of a collective's members so many: ``part`` of ``whole``, above or at least this share."""

    kind: Literal["part"]
    part: Identifier
    whole: Identifier
    above: Share | None = None
    at_least: Share | None = None

    @model_validator(mode="after")
    def _says_one_bound(self) -> Self:
        if (self.above is None) == (self.at_least is None):
            raise ValueError(lazy("give exactly one of 'above' and 'at_least'"))
        return self


class MovementRule(AwardRule):
    """The movement lasts at least so many months, first and last day included."""

    kind: Literal["movement"]
    months: Annotated[int, Field(ge=1, le=240)]


class OneAwardRule(AwardRule):
    """One achievement is awarded once, in one form."""

    kind: Literal["one_award"]


class RepeatedRule(AwardRule):
    """The same person, collective or deed is nominated elsewhere too, written so or otherwise."""

    kind: Literal["repeated"]


class HoldRule(AwardRule):
    """Nothing is considered while discipline, an inspection or a complaint is pending."""

    kind: Literal["hold"]


class AfterDisciplineRule(AwardRule):
    """Merit counts from the day on which discipline was served."""

    kind: Literal["after_discipline"]


class LeadersRule(AwardRule):
    """At most this share of the individuals put forward are leaders; direct workers come first."""

    kind: Literal["leaders"]
    share: Share


class PaperRule(AwardRule):
    """Every paper that the award needs on its day is there."""

    kind: Literal["papers"]


class GroundRule(AwardRule):
    """The ground of a simplified procedure names no other authority than the one that decides."""

    kind: Literal["ground"]


class OfferedRule(AwardRule):
    """The award exists on the day, and for such a nominee."""

    kind: Literal["offered"]


Rule = Annotated[
    VoteRule
    | ConsecutiveRule
    | HeldBeforeRule
    | NotCountedRule
    | CapRule
    | QuotaRule
    | FactRule
    | NumberRule
    | PartRule
    | MovementRule
    | OneAwardRule
    | RepeatedRule
    | HoldRule
    | AfterDisciplineRule
    | LeadersRule
    | PaperRule
    | GroundRule
    | OfferedRule,
    Field(discriminator="kind"),
]


class Reward(Sourced):
    """The money that goes with an award, as a multiple of the base salary of its day."""

    awards: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    kind: NomineeKind
    multiple: Annotated[str, Field(pattern=r"^[0-9]{1,2}([.][0-9]{1,2})?$")]


class MovementLength(Part):
    """A class of movements by how long they last: the first whose bound holds counts.

    Months are full ones; without a bound it is all that is longer.
    """

    label: Label
    below_months: Count | None = None
    up_to_months: Count | None = None


class StatisticsForm(Sourced):
    """A form of the statistics: it counts what ``authorities`` award; without them, movements."""

    id: Identifier
    form: str = ""
    """The code of the form, as the circular gives it; empty where the agency counts for itself."""
    label: Label
    authorities: tuple[Identifier, ...] = ()


class AwardsFile(Part):
    """All that the file says."""

    regimes: Annotated[tuple[Regime, ...], Field(min_length=1)]
    authorities: Annotated[tuple[Authority, ...], Field(min_length=1)]
    titles: tuple[Award, ...] = ()
    forms: tuple[Award, ...] = ()
    papers: tuple[Paper, ...] = ()
    facts: Mapping[Identifier, Label] = {}
    rules: tuple[Rule, ...] = ()
    movement_lengths: tuple[MovementLength, ...] = ()
    statistics: tuple[StatisticsForm, ...] = ()
    rewards: tuple[Reward, ...] = ()
