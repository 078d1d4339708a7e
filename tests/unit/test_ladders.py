"""Ladders and snoozes: which rung reaches whom when, what a snooze holds back, and what ends it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_calendar import CALENDAR, DIRECTORY, ZONE, deadline
from workflow.deadlines import Audience, Obligations, Roll, Rung, WorkingCalendar, plan, split_due
from workflow.deadlines.ladder import called, recipients_of
from workflow.definition import load_corrections
from workflow.messages import verbatim
from workflow.model import Department, Person, Position
from workflow.people import build_directory

NOTHING_MET = Obligations(met=frozenset(), drafters={})
OWED = ("c", "interim", "a")


def local(text):
    return datetime.fromisoformat(f"{text}+07:00").astimezone(UTC)


def by_person(planned, person=1):
    """Return what one person is sent: rung, local day, and until when it was put off."""
    return [
        (each.rung, each.at.astimezone(ZONE).date().isoformat(), each.snoozed_until)
        for each in planned
        if each.person == person
    ]


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (
            "2022-06-13",
            [
                (-10, "2022-06-03", "2022-06-13"),
                (-5, "2022-06-10", "2022-06-13"),
                (-4, "2022-06-13", None),
                (-1, "2022-06-16", None),
                (1, "2022-06-20", None),
                (3, "2022-06-22", None),
            ],
        ),
        (
            "2022-06-16",
            [
                (-10, "2022-06-03", "2022-06-16"),
                (-5, "2022-06-10", "2022-06-16"),
                (-1, "2022-06-16", None),
                (1, "2022-06-20", None),
                (3, "2022-06-22", None),
            ],
        ),
        (
            "2022-06-17",
            [
                (-10, "2022-06-03", None),
                (-5, "2022-06-10", None),
                (-1, "2022-06-16", None),
                (1, "2022-06-20", None),
                (3, "2022-06-22", None),
            ],
        ),
        (
            "2022-06-02",
            [
                (-10, "2022-06-03", None),
                (-5, "2022-06-10", None),
                (-1, "2022-06-16", None),
                (1, "2022-06-20", None),
                (3, "2022-06-22", None),
            ],
        ),
    ],
    ids=["between rungs", "to a rung", "to the due day", "before every rung"],
)
def test_a_snooze_holds_back_and_ends_with_one_reminder(until, expected):
    snoozes = {(1, 1): date.fromisoformat(until)}
    planned = plan([deadline()], NOTHING_MET, DIRECTORY, CALENDAR, snoozes)
    assert [
        (rung, day, until and until.isoformat()) for rung, day, until in by_person(planned)
    ] == expected


def test_a_snooze_of_one_person_leaves_the_others_as_they_were():
    without = plan([deadline()], NOTHING_MET, DIRECTORY, CALENDAR)
    snoozed = plan([deadline()], NOTHING_MET, DIRECTORY, CALENDAR, {(1, 1): date(2022, 6, 13)})
    for person in (2, 3, 4):
        assert by_person(snoozed, person) == by_person(without, person)
        assert by_person(without, person)


def test_what_was_put_off_does_not_go_and_what_ends_the_snooze_does():
    planned = plan([deadline()], NOTHING_MET, DIRECTORY, CALENDAR, {(1, 1): date(2022, 6, 13)})
    due, overtaken = split_due(planned, local("2022-06-12T09:00:00"))
    assert {each.person for each in due} == {2, 3}
    due, overtaken = split_due(planned, local("2022-06-13T09:00:00"))
    assert {(each.person, each.rung) for each in due} == {(1, -4), (2, -5), (3, -5)}
    assert {(each.person, each.rung) for each in overtaken} == {(3, -10)}


def test_a_rung_of_an_obligation_that_is_met_stays_in_the_plan_and_does_not_go():
    planned = plan(
        [deadline()], Obligations(met=frozenset({OWED}), drafters={}), DIRECTORY, CALENDAR
    )
    assert planned
    assert all(each.is_met and not each.goes for each in planned)


def test_the_key_of_a_reminder_is_deadline_rung_person_and_due_day():
    first = plan([deadline()], NOTHING_MET, DIRECTORY, CALENDAR)[0]
    assert first.key == (1, -10, first.person, "2022-06-17")


PEOPLE = [
    Person(id=1, email="s@x.vn", name="s", position=Position.STAFF, department="a"),
    Person(id=2, email="h@x.vn", name="h", position=Position.HEAD, department="a"),
    Person(id=3, email="o@x.vn", name="o", position=Position.OFFICER, department="vp"),
    Person(id=4, email="c@x.vn", name="c", position=Position.CHIEF, department="vp"),
    Person(id=5, email="d@x.vn", name="d", position=Position.DIRECTOR, department=None),
    Person(id=6, email="p@x.vn", name="p", position=Position.DEPUTY_DIRECTOR, department=None),
    Person(id=7, email="b@x.vn", name="b", position=Position.STAFF, department="b"),
    Person(
        id=8, email="l@x.vn", name="l", position=Position.STAFF, department="a", is_active=False
    ),
]
AGENCY = build_directory(
    PEOPLE, [Department(id=each, name=each) for each in ("a", "b", "vp")], [], "2022-06-01"
)


@pytest.mark.parametrize(
    ("audience", "department", "drafters", "reached"),
    [
        ([Audience.DRAFTER], "a", (), {1}),
        ([Audience.DRAFTER], "a", (2,), {2}),
        ([Audience.DRAFTER], "a", (8,), {1}),
        ([Audience.DRAFTER], "vp", (), {3}),
        ([Audience.HEAD], "a", (), {2}),
        ([Audience.HEAD], "vp", (), {4}),
        ([Audience.HEAD], "b", (), set()),
        ([Audience.OFFICE], "a", (), {3, 4}),
        ([Audience.DIRECTORATE], "a", (), {5, 6}),
        ([Audience.DRAFTER, Audience.HEAD], "a", (2,), {2}),
        ([], "a", (), set()),
    ],
)
def test_whom_a_rung_reaches(audience, department, drafters, reached):
    owed = ("c", "interim", department)
    obligations = Obligations(met=frozenset(), drafters={owed: drafters})
    assert set(recipients_of(audience, owed, obligations, AGENCY)) == reached


@pytest.mark.parametrize(
    ("department", "drafters", "holders", "reached"),
    [
        ("a", (), (2, 6), {2}),
        ("a", (), (6,), {6}),
        ("vp", (), (2,), {2}),
        ("a", (), (8,), set()),
        ("a", (), (), set()),
        ("a", (1,), (6,), {1, 2}),
    ],
)
def test_what_waits_to_be_approved_is_asked_of_those_alone_who_may(
    department, drafters, holders, reached
):
    """Not of a head who wrote it: the deputy director holds it then."""
    owed = ("c", "interim", department)
    obligations = Obligations(
        met=frozenset(),
        drafters={owed: drafters} if drafters else {},
        awaiting={owed: holders},
    )
    for audience in ([Audience.DRAFTER, Audience.HEAD], [Audience.HEAD, Audience.DRAFTER]):
        assert set(recipients_of(audience, owed, obligations, AGENCY)) == reached


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        ("interim", "", "interim"),
        ("quarterly", "", "quarterly"),
        ("quarterly", "báo cáo quý", "báo cáo quý"),
        ("final", "tổng kết", "tổng kết"),
    ],
)
def test_what_a_kind_of_deadline_is_called(kind, name, words):
    assert str(called(kind, name)) == words
    assert isinstance(called(kind, name), type(verbatim("")))


@pytest.mark.parametrize(
    ("kind", "name", "series", "words"),
    [
        ("interim-2022-12", "", 1, "interim (period 12/2022)"),
        ("dinh-ky-2023-06", "định kỳ", 1, "định kỳ (period 06/2023)"),
        ("dinh-ky-2023-06", "định kỳ (kỳ 06/2023)", 1, "định kỳ (kỳ 06/2023)"),
        ("dinh-ky-2023-06", "định kỳ", None, "định kỳ"),
        ("interim", "", 1, "interim"),
    ],
)
def test_a_later_deadline_of_a_series_is_called_by_its_month(kind, name, series, words):
    assert str(called(kind, name, series)) == words


CORRECTED = """\
opens_at: '07:30'
closes_at: '17:00'
corrections:
  - {day: 2022-06-18, working: true, notice: Làm bù}
  - {day: 2022-06-20, working: false, notice: Nghỉ bù}
"""


@pytest.fixture(scope="module")
def corrected():
    return WorkingCalendar(load_corrections(CORRECTED, "c.yaml"), ZONE)


@pytest.mark.parametrize(
    ("day", "is_working", "why"),
    [
        ("2022-06-17", True, ""),
        ("2022-06-18", True, "Làm bù"),
        ("2022-06-19", False, ""),
        ("2022-06-20", False, "Nghỉ bù"),
        ("2022-09-02", False, "Quốc khánh"),
    ],
)
def test_a_day_says_why_it_is_no_ordinary_one(corrected, day, is_working, why):
    found = corrected.day(date.fromisoformat(day))
    assert (found.is_working, found.why) == (is_working, why)


@pytest.mark.parametrize(("year", "has"), [(2022, True), (2023, False)])
def test_whether_a_year_has_its_notice(corrected, year, has):
    assert corrected.has_notice(year) is has


@pytest.mark.parametrize(
    ("day", "days", "expected"),
    [
        ("2022-06-17", 0, "2022-06-17"),
        ("2022-06-17", 1, "2022-06-18"),
        ("2022-06-17", 2, "2022-06-21"),
        ("2022-06-19", 0, "2022-06-19"),
        ("2022-06-21", -1, "2022-06-18"),
        ("2022-06-21", -2, "2022-06-17"),
        ("2022-06-19", -1, "2022-06-18"),
    ],
)
def test_working_days_are_counted_without_the_first(corrected, day, days, expected):
    assert corrected.shift(date.fromisoformat(day), days).isoformat() == expected


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        ("2022-06-17", "2022-06-17", 0),
        ("2022-06-17", "2022-06-18", 1),
        ("2022-06-17", "2022-06-20", 1),
        ("2022-06-17", "2022-06-21", 2),
        ("2022-06-21", "2022-06-17", -2),
    ],
)
def test_working_days_between_two_days(corrected, first, last, count):
    assert corrected.between(date.fromisoformat(first), date.fromisoformat(last)) == count


@given(
    first=st.dates(date(2020, 1, 1), date(2026, 12, 31)),
    days=st.integers(min_value=0, max_value=900),
)
def test_working_days_between_two_days_are_those_that_are_worked(corrected, first, days):
    last = first + timedelta(days=days)
    worked = sum(corrected.is_working(first + timedelta(days=each)) for each in range(1, days + 1))
    assert corrected.between(first, last) == worked
    assert corrected.between(last, first) == -worked


@pytest.mark.parametrize(
    ("moment", "mode", "expected"),
    [
        ("2022-06-17T10:00:00", Roll.PREVIOUS, "2022-06-17T10:00:00"),
        ("2022-06-18T10:00:00", Roll.NEXT, "2022-06-18T10:00:00"),
        ("2022-06-19T10:00:00", Roll.PREVIOUS, "2022-06-18T10:00:00"),
        ("2022-06-19T10:00:00", Roll.NEXT, "2022-06-21T10:00:00"),
        ("2022-06-19T10:00:00", Roll.NONE, "2022-06-19T10:00:00"),
    ],
)
def test_a_due_day_on_a_rest_day_goes_where_it_is_told(corrected, moment, mode, expected):
    assert corrected.roll(local(moment), mode) == local(expected)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2022-06-17T07:29:59", "2022-06-17T07:30:00"),
        ("2022-06-17T07:30:00", "2022-06-17T07:30:00"),
        ("2022-06-17T16:59:59", "2022-06-17T16:59:59"),
        ("2022-06-17T17:00:00", "2022-06-18T07:30:00"),
        ("2022-06-18T17:00:00", "2022-06-21T07:30:00"),
        ("2022-06-19T10:00:00", "2022-06-21T07:30:00"),
        ("2022-06-20T00:00:00", "2022-06-21T07:30:00"),
    ],
)
def test_the_next_opening(corrected, moment, opening):
    assert corrected.next_opening(local(moment)) == local(opening)


@pytest.mark.parametrize(
    ("entered", "days", "due"),
    [
        ("2022-06-17T09:00:00", 0, "2022-06-17T17:00:00"),
        ("2022-06-17T23:59:00", 1, "2022-06-18T17:00:00"),
        ("2022-06-17T09:00:00", 2, "2022-06-21T17:00:00"),
        ("2022-06-19T09:00:00", 1, "2022-06-21T17:00:00"),
        ("2022-06-17T09:00:00", None, None),
    ],
)
def test_a_step_is_due_at_closing_time_of_its_last_working_day(corrected, entered, days, due):
    found = corrected.step_due(local(entered), days)
    assert found == (local(due) if due else None)
    assert found == corrected.step_due(local(entered), days)


def test_a_calendar_on_which_nobody_works_is_an_error_and_no_endless_search():
    never = WorkingCalendar(load_corrections(CORRECTED, "c.yaml"), ZONE)
    never.is_working = lambda _day: False
    with pytest.raises(ValueError, match="no working day"):
        never.shift(date(2022, 6, 17), 1)


def test_a_ladder_may_reach_the_office_and_speak_on_the_due_day_itself():
    rungs = (Rung(days=0, to=(Audience.OFFICE,)),)
    planned = plan([replace(deadline(), ladder=rungs)], NOTHING_MET, AGENCY, CALENDAR)
    assert {each.person for each in planned} == {3, 4}
    assert {each.at for each in planned} == {CALENDAR.at(date(2022, 6, 17), time(8))}
