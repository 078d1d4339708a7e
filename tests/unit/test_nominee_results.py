"""What became of the nominees of a list: by whose decision, where the law changed in between."""

from datetime import date

import pytest

from tests.unit.test_awards import changed
from workflow.awards import load_awards
from workflow.commands.nominee_results import (
    AuthorityDecision,
    ListJudged,
    ListRequest,
    NomineeOutcome,
    results_of,
)
from workflow.model import Content
from workflow.rules import NomineeRow

BY_THE_DIRECTOR = "{authority: director, in_force_from: 2024-01-01"
BY_THE_PROVINCE = "{authority: province, in_force_from: 2024-01-01"
OLD, NEW = "2023-12-29", "2024-01-05"


def recorded(outcome=None, **asked):
    """Return what is recorded on 8 January 2024; who awards the title changed at New Year."""
    awards = load_awards(changed((BY_THE_DIRECTOR, BY_THE_PROVINCE)), "awards.yaml")
    content = Content(title="", fields={"award": "ldtt"}, files=(), salt="")
    judged = ListJudged(
        awards=awards,
        award_field="award",
        nominees=[NomineeRow(row=1, content=content, name="A", kind="individual")],
        verdicts={},
        today=date(2024, 1, 8),
        earliest=date(2023, 12, 1),
        needs_number=True,
    )
    outcomes = (NomineeOutcome(row=1, **outcome),) if outcome else ()
    given = results_of(judged, ListRequest(outcomes=outcomes, **asked)).results[0].award
    return given.authority, given.number, given.decided_on


@pytest.mark.parametrize(
    ("day", "authority"), [(OLD, "director"), (NEW, "province"), (None, "province")]
)
def test_whoever_was_competent_on_the_day_of_the_decision_awarded_it(day, authority):
    said = AuthorityDecision(number="12/QĐ", decided_on=day)
    wanted = (authority, "12/QĐ", day or "2024-01-08")
    assert recorded(usual=said) == wanted
    assert recorded({"number": "12/QĐ", "decided_on": day}) == wanted
    assert recorded(decisions={authority: said}) == wanted


def test_of_several_decisions_each_nominee_has_that_of_who_was_competent_on_its_day():
    director = AuthorityDecision(number="12/QĐ", decided_on=OLD)
    police = AuthorityDecision(number="7/QĐ", decided_on=NEW)
    decisions = {"provincial_police": police, "director": director}
    assert recorded(decisions=decisions) == ("director", "12/QĐ", OLD)
