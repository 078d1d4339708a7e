"""The awards of a day: what there is, who is competent, which papers and rules count.

Owns the choice of what is in force. Every question names the day of the item: what was in force
then answers, for ever, whatever has come since. Pure.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property

from workflow.awards.language import (
    Authority,
    Award,
    AwardsFile,
    Competence,
    GroundRule,
    Paper,
    Regime,
    Reward,
    Rule,
    VoteRule,
)
from workflow.definition.parts import Label


class Awards:
    """What the file of awards says, ready to be asked."""

    def __init__(self, read: AwardsFile) -> None:
        self.regimes = read.regimes
        self.titles = read.titles
        self.forms = read.forms
        self.papers = read.papers
        self.facts: Mapping[str, Label] = read.facts
        self.rules: tuple[Rule, ...] = read.rules
        self.rewards = read.rewards
        self.movement_lengths = read.movement_lengths
        self.statistics = read.statistics
        self.authorities: Mapping[str, Authority] = {each.id: each for each in read.authorities}

    @cached_property
    def all(self) -> Mapping[str, Award]:
        """Return every title and form by its id, titles first, of whatever day."""
        return {each.id: each for each in (*self.titles, *self.forms)}

    def find(self, award_id: str) -> Award | None:
        """Return the award of that id, or None."""
        return self.all.get(award_id)

    def is_title(self, award_id: str) -> bool:
        """Return whether it is a title (danh hiệu), not a form (hình thức)."""
        return any(each.id == award_id for each in self.titles)

    def regime(self, day: date) -> Regime:
        """Return the body of law that an item of ``day`` is judged by."""
        return next(each for each in self.regimes if each.is_in_force(day))

    def offered(self, day: date, kind: str | None = None) -> tuple[Award, ...]:
        """Return what may be asked for on ``day``, for such a nominee or for any."""
        return tuple(
            each
            for each in self.all.values()
            if each.is_in_force(day) and (kind is None or kind in each.kinds)
        )

    @property
    def ground_rules(self) -> frozenset[str]:
        """Return the ids of the rules on the ground of a simplified procedure."""
        return frozenset(each.id for each in self.rules if isinstance(each, GroundRule))

    def competence(self, award_id: str, day: date) -> Competence | None:
        """Return who awards it on ``day`` and by which text; None: the award is not of that day."""
        award = self.find(award_id)
        if award is None:
            return None
        return next((each for each in award.competent if each.is_in_force(day)), None)

    def authority(self, award_id: str, day: date) -> Authority | None:
        """Return who awards it on ``day``, or None."""
        found = self.competence(award_id, day)
        return self.authorities[found.authority] if found else None

    def is_decided_here(self, award_id: str, day: date) -> bool:
        """Return whether the agency's own head awards it on ``day``."""
        found = self.authority(award_id, day)
        return found is not None and found.decides_here

    def papers_of(self, award_id: str, day: date, procedure: str = "council") -> tuple[Paper, ...]:
        """Return the papers that a dossier for it holds on ``day``, with the form's code."""
        return tuple(
            each
            for each in self.papers
            if each.is_in_force(day) and each.is_for(award_id) and procedure in each.procedures
        )

    def reward(self, award_id: str, kind: str, day: date) -> Reward | None:
        """Return which money goes with it for such a nominee on ``day``, or None."""
        return next(
            (
                each
                for each in self.rewards
                if award_id in each.awards and each.kind == kind and each.is_in_force(day)
            ),
            None,
        )

    def rules_of(self, award_id: str, day: date) -> tuple[Rule, ...]:
        """Return the rules for it on ``day``, in the file's order, without those replaced."""
        in_force = [each for each in self.rules if each.is_for(award_id) and each.is_in_force(day)]
        replaced = {name for each in in_force for name in each.replaces}
        return tuple(each for each in in_force if each.id not in replaced)

    def vote(self, award_id: str, day: date) -> VoteRule | None:
        """Return the rule of the vote: one that names the award before one for all."""
        votes = [each for each in self.rules_of(award_id, day) if isinstance(each, VoteRule)]
        return next(iter(sorted(votes, key=lambda each: not each.awards)), None)

    def threshold(self, award_id: str, day: date) -> Fraction:
        """Return which share of ALL members of the council must agree to it on ``day``.

        Exact. Where no rule speaks of the award, all must agree: nothing is awarded by an omission.
        """
        found = self.vote(award_id, day)
        return found.share if found else Fraction(1)

    def unverified(self) -> Iterator[Rule | Paper]:
        """Yield what was not checked against its legal text: the agency's own to confirm."""
        yield from (each for each in (*self.papers, *self.rules) if not each.verified)
