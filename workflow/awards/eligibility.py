"""May this nominee have this award on this day: every finding, with the rule's text and source.

Owns the judgement. It takes what is known as values and looks nothing up; what is not known is
never held against a nominee, but said. Exact fractions, no floating point. Pure.
"""

from workflow.awards.cases import AwardJudgement, Case
from workflow.awards.catalogue import Awards
from workflow.awards.checks import finding_of


def judge(awards: Awards, case: Case) -> AwardJudgement:
    """Return what the rules of the case's own day say of it."""
    rules = awards.rules_of(case.award, case.day)
    found = (finding_of(awards, rule, rules, case) for rule in rules)
    return AwardJudgement(
        regime=awards.regime(case.day).id,
        findings=tuple(each for each in found if each is not None),
        required=awards.threshold(case.award, case.day),
    )
