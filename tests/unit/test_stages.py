"""How far along a state is, whom it waits for, and how far a due instant is, as people say it."""

from datetime import datetime

import pytest

from notifications.letters.items import asked_of
from notifications.mail_context import days_left
from notifications.translation import speaking, translate
from tests.unit.test_definitions import load
from workflow.definition import Stage, Weight, awaited_in, stages_of, weights_of
from workflow.model import Person, Position
from workflow.rules import Rulebook

ON_THE_WAY = {"submitted", "department_approved", "office_reviewed", "director_signed"}


@pytest.mark.parametrize(
    "name, through",
    [
        ("nomination", {"sent_to_ban_tdkt", "received", "awarded", "not_awarded"}),
        ("department_report", {"sent_to_ban_tdkt", "received"}),
    ],
)
def test_through_is_what_is_reached_by_sending_only(name, through):
    stages = stages_of(load(name).definition)
    assert {state for state, stage in stages.items() if stage is Stage.THROUGH} == through
    assert {state for state, stage in stages.items() if stage is Stage.ON_THE_WAY} == ON_THE_WAY
    assert {state for state, stage in stages.items() if stage is Stage.DRAFTING} == {"drafted"}
    assert {state for state, stage in stages.items() if stage is Stage.GIVEN_UP} == {
        "withdrawn",
        "rejected",
    }


def test_an_item_is_handed_in_once_the_head_has_approved_it_and_stays_so_when_the_board_answers():
    book = Rulebook(load("nomination").definition, "hash")
    assert {state for state in book.states if book.is_handed_in(state)} == {
        *(ON_THE_WAY - {"submitted"}),
        "sent_to_ban_tdkt",
        "received",
        "awarded",
        "not_awarded",
    }


@pytest.mark.parametrize(
    "state, words",
    [
        ("drafted", "Chờ người soạn"),
        ("submitted", "Chờ lãnh đạo phòng"),
        ("department_approved", "Chờ Văn phòng Sở"),
        ("office_reviewed", "Chờ Ban Giám đốc"),
        ("director_signed", "Chờ văn thư"),
        ("sent_to_ban_tdkt", "Chờ Ban TĐKT"),
        ("awarded", "Được khen thưởng"),
    ],
)
def test_time_in_a_state_is_told_under_the_name_of_whom_it_waits_for(state, words):
    definition = load("nomination").definition
    found = next(each for each in definition.states if each.id == state)
    assert translate(awaited_in(found)) == words


@pytest.mark.parametrize(
    "now, due, words",
    [
        ("2022-06-15T08:00:00+07:00", "2022-06-15T17:00:00+07:00", "hôm nay"),
        ("2022-06-15T17:30:00+07:00", "2022-06-15T17:00:00+07:00", "quá hạn từ hôm nay"),
        # 23:30 UTC is the next morning here, and half past midnight here is still yesterday in UTC.
        ("2022-06-14T23:30:00+00:00", "2022-06-15T17:00:00+07:00", "hôm nay"),
        ("2022-06-16T00:30:00+07:00", "2022-06-15T17:00:00+07:00", "quá hạn 1 ngày làm việc"),
        ("2022-06-14T23:59:00+07:00", "2022-06-15T00:01:00+07:00", "còn 1 ngày làm việc"),
        # Friday's due instant seen at the weekend: no working day lies between.
        ("2022-06-18T09:00:00+07:00", "2022-06-17T17:00:00+07:00", "quá hạn từ 17/06"),
        ("2022-06-19T09:00:00+07:00", "2022-06-17T17:00:00+07:00", "quá hạn từ 17/06"),
        ("2022-06-20T07:00:00+07:00", "2022-06-17T17:00:00+07:00", "quá hạn 1 ngày làm việc"),
        # A due day on a rest day, seen on the working day before.
        ("2022-06-17T09:00:00+07:00", "2022-06-18T17:00:00+07:00", "hạn 18/06, trong ngày nghỉ"),
        ("2022-06-13T09:00:00+07:00", "2022-06-15T17:00:00+07:00", "còn 2 ngày làm việc"),
    ],
)
def test_today_is_the_local_day_and_yesterday_is_not(calendar, now, due, words):
    assert days_left(calendar, datetime.fromisoformat(now), datetime.fromisoformat(due)) == words
    with speaking("en"):
        assert (
            days_left(calendar, datetime.fromisoformat(now), datetime.fromisoformat(due)) != words
        )


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2022-06-15T08:00:00+07:00", "chậm nhất 17 giờ ngày 15/6"),
        ("2022-06-15T17:30:00+07:00", "đã quá hạn từ hôm nay (hạn 17 giờ ngày 15/6)"),
        ("2022-06-17T08:00:00+07:00", "đã quá hạn 2 ngày làm việc (hạn 17 giờ ngày 15/6)"),
    ],
)
def test_what_is_asked_says_how_late_it_is(calendar, now, until):
    head = Person(id=2, email="h@x.vn", name="h", position=Position.HEAD, department="a")
    due, at = (datetime.fromisoformat(each) for each in ("2022-06-15T17:00:00+07:00", now))
    said = asked_of(head, "duyệt", due, calendar=calendar, now=at)
    assert said == f"Kính trình Trưởng phòng duyệt, {until}."


@pytest.mark.parametrize(
    ("state", "main", "given_up"),
    [
        ("drafted", "submit", {"withdraw"}),
        ("submitted", "approve_department", {"reject", "withdraw"}),
        ("department_approved", "review_office", {"reject"}),
        ("office_reviewed", "sign_director", {"reject"}),
        ("director_signed", "send_to_board", set()),
        ("sent_to_ban_tdkt", "acknowledge", set()),
        ("received", None, set()),
    ],
)
def test_the_way_forward_is_the_main_one_and_giving_up_never_is(state, main, given_up):
    definition = load("nomination").definition
    offered = [each for each in definition.transitions if state in each.from_states]
    weights = weights_of(definition, state, list(reversed(offered)))
    assert {each for each, weight in weights.items() if weight is Weight.MAIN} == {main} - {None}
    assert {each for each, weight in weights.items() if weight is Weight.GIVING_UP} == given_up


def test_where_only_giving_up_is_open_nothing_is_the_main_thing():
    definition = load("nomination").definition
    withdraw = [each for each in definition.transitions if each.id == "withdraw"][:1]
    assert weights_of(definition, "drafted", withdraw) == {"withdraw": Weight.GIVING_UP}


def test_a_state_is_named_by_what_is_awaited_there_and_by_what_was_done_afterwards():
    names = {
        each.id: (translate(each.label_now), translate(each.label))
        for each in load("nomination").definition.states
    }
    assert names["drafted"] == ("Đang soạn", "Dự thảo")
    assert names["submitted"] == ("Chờ lãnh đạo phòng duyệt", "Đã trình lãnh đạo phòng")
    assert names["department_approved"] == ("Chờ Văn phòng thẩm định", "Lãnh đạo phòng đã duyệt")
    assert names["awarded"] == ("Được khen thưởng", "Được khen thưởng")
