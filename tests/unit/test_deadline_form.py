"""What a form says of a deadline, and what of it is refused."""

from zoneinfo import ZoneInfo

import pytest
from starlette.datastructures import FormData

from api.web.pages.deadline_form import FIELDS, as_typed, read_terms, rung_lines
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
    terms, _ = read_terms(form(), ZONE, None)
    assert terms.due_at.isoformat() == "2022-06-15T17:00:00+07:00"
    assert (terms.kind, terms.name, terms.ladder) == ("interim", "", DEFAULT_LADDER)


def test_day_and_hour_are_typed_as_people_write_them():
    terms, _ = read_terms(form(due_day="15/6/2022", due_time="9h30"), ZONE, None)
    assert terms.due_at.isoformat() == "2022-06-15T09:30:00+07:00"


def test_all_that_is_wrong_is_said_at_once():
    wrong = form(kind="", due_day="", due_time="", departments="", data_until="x", every="month")
    without = FormData([pair for pair in wrong.multi_items() if pair[0] != "departments"])
    with pytest.raises(InvalidRefusal) as refused:
        read_terms(without, ZONE, None)
    rules = [each.rule for each in refused.value.reasons]
    assert rules == ["kind", "departments", "due_at", "due_time", "data_until", "repeats"]
    assert set(rules) <= set(FIELDS)


def test_another_kind_is_named_by_the_office():
    terms, _ = read_terms(form(kind="other", name=" Sáu tháng đầu năm "), ZONE, None)
    assert (terms.kind, terms.name) == ("sau-thang-dau-nam", "Sáu tháng đầu năm")


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"due_day": ""}, "due_at"),
        ({"due_time": "25:00"}, "due_time"),
        ({"roll": "sideways"}, "roll"),
        ({"due_day": "31/02/2022"}, "due_at"),
        ({"data_until": "31/6"}, "data_until"),
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
    assert read_terms(given, ZONE, None)[0].ladder == (
        Rung(days=-5, to=(Audience.DRAFTER,)),
        Rung(days=3, to=(Audience.HEAD,)),
    )


@pytest.mark.parametrize(
    ("fields", "series"),
    [({}, None), ({"every": "month", "times": " 3 "}, Repeats(every=Every.MONTH, times=3))],
)
def test_a_form_says_its_series(fields, series):
    assert read_terms(form(**fields), ZONE, None)[1] == series


@pytest.mark.parametrize("wrong", [{"every": "day", "times": "3"}, {"every": "month"}])
def test_a_series_that_is_none_is_refused(wrong):
    with pytest.raises(InvalidRefusal):
        read_terms(form(**wrong), ZONE, None)


def test_a_refused_form_comes_back_as_it_was_typed():
    given = form(rung_0="soon", rung_0_to="head")
    assert as_typed(given)["departments"] == ["lanh-su"]
    lines = rung_lines(given, None)
    assert [(each.days, each.to) for each in lines] == [("soon", ["head"])], "its lines, no others"
