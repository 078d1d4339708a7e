"""Awards as dated data: what there is on a day, who is competent, which rules count, who may."""

from workflow.awards.cases import (
    COMMENDATIONS,
    AwardJudgement,
    Case,
    Elsewhere,
    PastAward,
    RuleFinding,
    worst,
)
from workflow.awards.catalogue import Awards
from workflow.awards.choices import with_awards
from workflow.awards.eligibility import judge
from workflow.awards.language import Authority, Award, AwardRule, Competence, Paper, Regime, Reward
from workflow.awards.loading import awards_schema, load_awards
from workflow.awards.months import months_after
from workflow.awards.proceedings import KINDS, OUTCOMES, Pending, ProceedingKind, ProceedingOutcome
from workflow.awards.statistics import (
    CountedAward,
    CountedMovement,
    CountLine,
    CountTable,
    SplitBy,
    count_tables,
)

__all__ = [
    "COMMENDATIONS",
    "KINDS",
    "OUTCOMES",
    "Authority",
    "Award",
    "AwardJudgement",
    "AwardRule",
    "Awards",
    "Case",
    "Competence",
    "CountLine",
    "CountTable",
    "CountedAward",
    "CountedMovement",
    "Elsewhere",
    "Paper",
    "PastAward",
    "Pending",
    "ProceedingKind",
    "ProceedingOutcome",
    "Regime",
    "Reward",
    "RuleFinding",
    "SplitBy",
    "awards_schema",
    "count_tables",
    "judge",
    "load_awards",
    "months_after",
    "with_awards",
    "worst",
]
