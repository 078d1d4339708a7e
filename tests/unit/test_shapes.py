"""What is wrong with a body's shape is said in the reader's language, one sentence a field."""

import pytest
from pydantic import ValidationError

from api.v1.schemas.deadlines import NewDeadline
from api.v1.schemas.items import Body, NewItem, TransitionRequest
from api.v1.schemas.merits import NewMerit
from api.v1.schemas.people import NewAbsence
from notifications.translation import speaking, translate
from workflow.shapes import SENTENCES, misshapen


def sentences(model: type[Body], body: str) -> list[str]:
    with pytest.raises(ValidationError) as raised:
        model.model_validate_json(body)
    return [translate(each) for each in misshapen(raised.value.errors())]


@pytest.mark.parametrize(
    "model, body, vietnamese, english",
    [
        (
            TransitionRequest,
            "{}",
            "transition: còn thiếu, hãy bổ sung.",
            "transition: is missing, please add it.",
        ),
        (
            TransitionRequest,
            '{"transition": 5}',
            "transition: cần là chữ.",
            "transition: must be text.",
        ),
        (
            TransitionRequest,
            '{"transition": "submit", "version": "x"}',
            "version: cần là số nguyên.",
            "version: must be a whole number.",
        ),
        (
            TransitionRequest,
            '{"transition": "submit", "version": 0}',
            "version: phải từ 1 trở lên.",
            "version: must be 1 or more.",
        ),
        (
            TransitionRequest,
            '{"transition": "submit", "state": "awarded"}',
            "state: không có trong giao diện này, hãy bỏ đi hoặc sửa tên.",
            "state: is not taken here, remove it or correct its name.",
        ),
        (
            TransitionRequest,
            "{",
            "nội dung: không phải JSON đọc được.",
            "content: is no readable JSON.",
        ),
        (
            TransitionRequest,
            "[]",
            "nội dung: cần là nhóm khóa và giá trị.",
            "content: must be an object of keys and values.",
        ),
        (
            NewAbsence,
            '{"starts_on": "mai", "ends_on": "2022-05-10"}',
            "starts_on: cần là một ngày có thật từ năm 2000 đến 2199, dạng YYYY-MM-DD.",
            "starts_on: must be a day that exists, from 2000 to 2199, written as YYYY-MM-DD.",
        ),
    ],
)
def test_a_fault_is_said_in_the_readers_language(model, body, vietnamese, english):
    assert sentences(model, body) == [vietnamese]
    with speaking("en"):
        assert [each.casefold() for each in sentences(model, body)] == [english.casefold()]


def test_each_field_gets_one_sentence_and_no_library_speaks():
    body = (
        '{"campaign": 1, "kind": "Sai Dạng", "departments": [], "due_at": "mai", '
        '"roll": "sideways", "ladder": [{"days": 500, "to": ["x"]}]}'
    )
    found = sentences(NewDeadline, body)
    fields = [each.partition(":")[0] for each in found]
    assert fields == [
        "campaign",
        "kind",
        "departments",
        "due_at",
        "roll",
        "ladder.0.days",
        "ladder.0.to.0",
    ]
    for each in found:
        assert not any(word in each for word in ("should", "Input", "valid ", " or ")), each
        assert "{max" not in each, each


def test_a_day_that_is_none_and_a_word_that_is_no_choice_say_what_is_taken():
    found = sentences(
        NewMerit,
        (
            '{"campaign": "c", "recognition": "r", "whose_kind": "nobody", "whose": "a", '
            '"what": "b", "happened_on": "2022-02-30"}'
        ),
    )
    assert found == [
        "whose_kind: chỉ nhận một trong các giá trị: 'individual', 'collective'.",
        "happened_on: cần là một ngày có thật từ năm 2000 đến 2199, dạng YYYY-MM-DD.",
    ]


def test_a_value_that_no_sentence_knows_is_still_said_in_our_words():
    assert [
        translate(each)
        for each in misshapen([{"type": "something_new", "loc": ("x",), "msg": "English"}])
    ] == ["x: có giá trị không đúng dạng."]


def test_every_kind_that_the_bodies_can_meet_has_a_sentence():
    assert {
        "missing",
        "extra_forbidden",
        "json_invalid",
        "enum",
        "literal_error",
        "timezone_aware",
    } <= set(SENTENCES)
    assert sentences(NewItem, '{"type": "nomination", "campaign": "c", "title": null}') == [
        "title: cần là chữ."
    ]
