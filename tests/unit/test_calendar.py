from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lunardate import LunarDate

from workflow.deadlines import (
    DEFAULT_LADDER,
    Audience,
    Deadline,
    Obligations,
    Roll,
    WorkingCalendar,
    plan,
    rung_instant,
    split_due,
)
from workflow.definition import load_corrections
from workflow.model import Department, Person, Position
from workflow.people import build_directory

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CALENDAR = WorkingCalendar(
    load_corrections(
        (Path(__file__).parents[2] / "definitions/calendars/vn.yaml").read_text("utf-8"), "vn"
    ),
    ZONE,
)
SATURDAY = 5
PEOPLE = [
    Person(id=1, email="s@x.vn", name="s", position=Position.STAFF, department="a"),
    Person(id=2, email="h@x.vn", name="h", position=Position.HEAD, department="a"),
    Person(id=3, email="t@x.vn", name="t", position=Position.STAFF, department="a"),
    Person(id=4, email="d@x.vn", name="d", position=Position.DIRECTOR, department=None),
]
DIRECTORY = build_directory(PEOPLE, [Department(id="a", name="A")], [], "2022-06-01")


def deadline(due="2022-06-17T17:00:00+07:00", since="2022-05-04T08:00:00+07:00"):
    return Deadline(
        id=1,
        campaign="c",
        kind="interim",
        due_at=datetime.fromisoformat(due),
        departments=("a",),
        ladder=DEFAULT_LADDER,
        planned_from=datetime.fromisoformat(since),
        version=1,
    )


@pytest.mark.parametrize(
    "day",
    [
        "2022-01-31",
        "2022-02-04",
        "2022-04-11",
        "2022-05-02",
        "2022-05-03",
        "2022-09-01",
        "2022-09-02",
        "2022-12-31",
        "2023-01-02",
        "2026-01-02",
    ],
)
def test_a_holiday_or_rest_day_is_not_worked(day):
    assert not CALENDAR.is_working(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2022-04-28", "2022-05-04", "2022-12-30", "2026-01-10"])
def test_a_working_day_is_worked_also_the_saturday_worked_in_exchange(day):
    assert CALENDAR.is_working(date.fromisoformat(day))


def test_the_end_of_the_campaign_is_rolled_to_the_last_working_day():
    end = datetime.fromisoformat("2022-12-31T17:00:00+07:00")
    assert CALENDAR.roll(end, Roll.PREVIOUS) == datetime.fromisoformat("2022-12-30T17:00:00+07:00")
    assert CALENDAR.roll(end, Roll.NEXT) == datetime.fromisoformat("2023-01-03T17:00:00+07:00")
    assert CALENDAR.roll(end, Roll.NONE) == end


def test_rungs_are_counted_in_working_days_without_the_due_day_at_eight_local():
    local = [
        rung_instant(deadline(), rung, CALENDAR).astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
        for rung in DEFAULT_LADDER
    ]
    assert local == [
        "2022-06-03 08:00",
        "2022-06-10 08:00",
        "2022-06-16 08:00",
        "2022-06-20 08:00",
        "2022-06-22 08:00",
    ]


def test_a_rung_goes_to_staff_then_also_to_the_head_then_also_to_the_directorate():
    planned = plan([deadline()], Obligations(met=frozenset(), drafters={}), DIRECTORY, CALENDAR)
    by_rung = {
        rung.days: {each.person for each in planned if each.rung == rung.days}
        for rung in DEFAULT_LADDER
    }
    assert by_rung == {
        -10: {1, 3},
        -5: {1, 2, 3},
        -1: {1, 2, 3},
        1: {1, 2, 3},
        3: {1, 2, 3, 4},
    }


def test_a_drafter_is_reminded_instead_of_the_staff():
    owed = Obligations(met=frozenset(), drafters={("c", "interim", "a"): (3,)})
    planned = plan([deadline()], owed, DIRECTORY, CALENDAR)
    assert {each.person for each in planned if each.rung == -10} == {3}
    assert {each.person for each in planned if each.rung == -5} == {2, 3}


def test_what_waits_to_be_approved_reminds_the_head_instead_of_the_drafter():
    owed = Obligations(met=frozenset(), drafters={}, awaiting={("c", "interim", "a"): (2,)})
    planned = plan([deadline()], owed, DIRECTORY, CALENDAR)
    assert {each.rung: each.person for each in planned if each.rung <= 1} == {
        -10: 2,
        -5: 2,
        -1: 2,
        1: 2,
    }


def test_nobody_is_due_a_reminder_once_the_report_is_in():
    owed = Obligations(met=frozenset({("c", "interim", "a")}), drafters={})
    due, overtaken = split_due(
        plan([deadline()], owed, DIRECTORY, CALENDAR), datetime(2023, 1, 1, tzinfo=UTC)
    )
    assert (due, overtaken) == ([], [])


def test_after_downtime_only_the_latest_rung_goes_and_the_others_are_overtaken():
    planned = plan([deadline()], Obligations(met=frozenset(), drafters={}), DIRECTORY, CALENDAR)
    due, overtaken = split_due(planned, datetime.fromisoformat("2022-06-21T09:00:00+07:00"))
    assert {(each.rung, each.person) for each in due} == {(1, 1), (1, 2), (1, 3)}
    assert {each.rung for each in overtaken} == {-10, -5, -1}


def test_rungs_that_had_passed_when_the_deadline_was_made_are_not_planned():
    planned = plan(
        [deadline(since="2022-06-11T08:00:00+07:00")],
        Obligations(met=frozenset(), drafters={}),
        DIRECTORY,
        CALENDAR,
    )
    assert {each.rung for each in planned} == {-1, 1, 3}


def test_mail_that_is_caught_up_with_waits_for_working_hours():
    night = datetime.fromisoformat("2022-06-17T22:00:00+07:00")
    assert CALENDAR.next_opening(night) == datetime.fromisoformat("2022-06-20T08:00:00+07:00")
    assert Audience("drafter") is Audience.DRAFTER


@pytest.mark.parametrize(
    "zone",
    [
        "America/New_York",
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Asia/Tehran",
        "Asia/Ho_Chi_Minh",
    ],
)
def test_no_rung_is_doubled_or_skipped_over_any_change_of_the_zone(zone):
    """Eight o'clock comes once each local day from 2000 to 2037, whatever the clocks do."""
    calendar = WorkingCalendar(
        load_corrections("opens_at: '08:00'\ncloses_at: '17:00'\ncorrections: []\n", "c"),
        ZoneInfo(zone),
    )
    days = [
        date(2000, 1, 1) + timedelta(days=each)
        for each in range((date(2038, 1, 1) - date(2000, 1, 1)).days)
    ]
    instants = [calendar.at(day, time(8)).astimezone(UTC) for day in days]
    assert all(
        timedelta(hours=22) <= after - before <= timedelta(hours=26)
        for before, after in pairwise(instants)
    )
    assert [calendar.local_day(each) for each in instants] == days
    assert {each.astimezone(ZoneInfo(zone)).hour for each in instants} == {8}


REST = {
    2020: "01-01 01-23 01-24 01-27 01-28 01-29 04-02 04-30 05-01 09-02",
    2021: "01-01 02-10 02-11 02-12 02-15 02-16 04-21 04-30 05-03 09-02 09-03",
    2022: "01-03 01-31 02-01 02-02 02-03 02-04 04-11 05-02 05-03 09-01 09-02",
    2023: "01-02 01-20 01-23 01-24 01-25 01-26 05-01 05-02 05-03 09-01 09-04",
    2024: "01-01 02-08 02-09 02-12 02-13 02-14 04-18 04-29 04-30 05-01 09-02 09-03",
    2025: "01-01 01-27 01-28 01-29 01-30 01-31 04-07 04-30 05-01 05-02 09-01 09-02",
    2026: "01-01 01-02 02-16 02-17 02-18 02-19 02-20 04-27 04-30 05-01 08-31 09-01 09-02 11-24",
    2027: "01-01 02-04 02-05 02-08 02-09 02-10 04-16 04-30 05-03 09-02 09-03 11-24",
}
"""Rest days from Monday to Friday by each year's notice; 2027, whose notice was not out, by law."""
WORKED_SATURDAYS = {2024: ["05-04"], 2025: ["04-26"], 2026: ["01-10", "08-22"]}


@pytest.mark.parametrize("year", REST)
def test_a_year_rests_and_works_as_its_notice_said(year):
    days = [
        date(year, 1, 1) + timedelta(days=each)
        for each in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    ]
    assert [
        f"{day:%m-%d}" for day in days if day.weekday() < SATURDAY and not CALENDAR.is_working(day)
    ] == REST[year].split()
    assert [
        f"{day:%m-%d}" for day in days if day.weekday() >= SATURDAY and CALENDAR.is_working(day)
    ] == WORKED_SATURDAYS.get(year, [])


@pytest.mark.parametrize("year", REST)
def test_no_day_that_another_moon_calls_a_holiday_is_worked(year):
    """The Labour Code, article 112, by another library's lunar calendar, without days in lieu."""
    first = LunarDate(year, 1, 1).to_solar_date()
    by_moon = [first + timedelta(days=each) for each in range(-1, 4)]
    others = [
        date(year, 1, 1),
        *by_moon,
        LunarDate(year, 3, 10).to_solar_date(),
        date(year, 4, 30),
        date(year, 5, 1),
        date(year, 9, 2),
    ]
    assert [day for day in others if CALENDAR.is_working(day)] == []
