"""What a form says of a deadline, and what of it is refused."""

from zoneinfo import ZoneInfo

import pytest
from starlette.datastructures import FormData

from api.web.pages.deadline_form import as_typed, read_series, read_terms, rung_lines
from workflow.deadlines import DEFAULT_LADDER, Audience, Every, Repeats, Rung
from workflow.errors import InvalidRefusal

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WHOLE = {
    "campaign": "phong-trao",
    "kind": "interim",
    "departments": "lanh-su",
    "due_day": "2022-06-15",
    "due_time": "17:00",
}


def form(**fields):
    pairs = {**WHOLE, **{name.replace("_to", "-to"): value for name, value in fields.items()}}
    return FormData([(name.replace("rung_", "rung-"), value) for name, value in pairs.items()])


def test_a_form_says_its_terms():
    terms = read_terms(form(), ZONE, None)
    assert terms.due_at.isoformat() == "2022-06-15T17:00:00+07:00"
    assert (terms.kind, terms.name, terms.ladder) == ("interim", "", DEFAULT_LADDER)


def test_another_kind_is_named_by_the_office():
    terms = read_terms(form(kind="other", name=" Sáu tháng đầu năm "), ZONE, None)
    assert (terms.kind, terms.name) == ("sau-thang-dau-nam", "Sáu tháng đầu năm")


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"due_day": ""}, "due_at"),
        ({"due_time": "25:00"}, "due_at"),
        ({"roll": "sideways"}, "due_at"),
        ({"kind": ""}, "kind"),
        ({"kind": "other", "name": "2022"}, "kind"),
        ({"rung_0": "-5"}, "ladder"),
        ({"rung_0_to": "drafter"}, "ladder"),
        ({"rung_0": "soon", "rung_0_to": "drafter"}, "ladder"),
        ({"rung_0": "-5", "rung_0_to": "everybody"}, "ladder"),
    ],
)
def test_a_form_is_refused_by_the_rule_that_it_breaks(wrong, rule):
    with pytest.raises(InvalidRefusal) as refused:
        read_terms(form(**wrong), ZONE, None)
    assert [each.rule for each in refused.value.reasons] == [rule]


def test_rungs_are_read_in_the_order_of_their_days():
    given = form(rung_0="3", rung_0_to="head", rung_2="-5", rung_2_to="drafter")
    assert read_terms(given, ZONE, None).ladder == (
        Rung(days=-5, to=(Audience.DRAFTER,)),
        Rung(days=3, to=(Audience.HEAD,)),
    )


@pytest.mark.parametrize(
    ("fields", "series"),
    [({}, None), ({"every": "month", "times": " 3 "}, Repeats(every=Every.MONTH, times=3))],
)
def test_a_form_says_its_series(fields, series):
    assert read_series(form(**fields)) == series


@pytest.mark.parametrize("wrong", [{"every": "day", "times": "3"}, {"every": "month"}])
def test_a_series_that_is_none_is_refused(wrong):
    with pytest.raises(InvalidRefusal):
        read_series(form(**wrong))


def test_a_refused_form_comes_back_as_it_was_typed():
    given = form(rung_0="soon", rung_0_to="head")
    assert as_typed(given)["departments"] == ["lanh-su"]
    lines = rung_lines(given, None)
    assert (lines[0].days, lines[0].to, lines[1].days) == ("soon", ["head"], "")
    assert len(lines) == len(rung_lines(None, None)), "with as many lines as an empty one"
