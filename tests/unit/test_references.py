"""What a definition's parts name must be there: a wrong name is refused at load, with its place."""

from functools import cache

import pytest

from notifications.translation import translate
from tests.histories import judged
from tests.unit.test_checking import changed
from tests.unit.test_definitions import own_process
from workflow.checking import check_definition
from workflow.definition import load_definition
from workflow.errors import InvalidInputError
from workflow.history.verify_history import Subject, TamperedError
from workflow.rules import vocabulary

FIELDS = """  - {id: abroad, type: boolean, group: leave, label: {vi: Đi nước ngoài, en: Abroad}}
  - id: country
    type: text
    group: leave
    required: true
    shown_when: fields.abroad == true
    label: {vi: Nước đến, en: Country}
  - {id: illness, type: text, group: leave, seen_by: [head], label: {vi: Bệnh, en: Illness}}
  - {id: plan, type: rich_text, group: leave, label: {vi: Bàn giao việc, en: Handover}}
  - {id: proof, type: file, group: leave, seen_by: [head], label: {vi: Giấy khám, en: Certificate}}
"""
SECOND = """  - id: endorsed
    label: {vi: Chờ Văn phòng, en: Waiting for the Office}
    working_days: 2
    editable: true
    editable_fields: [plan, reason]
    edit_voids: {to: submitted, unless: [plan]}
    holders: [{positions: [chief]}]
"""
ENDORSE = """  - id: endorse
    label: {vi: Đồng ý chuyển, en: Endorse}
    outcome: {vi: Văn phòng xem tiếp., en: The Office decides.}
    from: [submitted]
    to: [endorsed]
    by_email: true
"""


@cache
def process(*replacements):
    text = own_process().replace("\n\nstates:\n", f"\n{FIELDS}\nstates:\n", 1)
    text = text.replace(
        "  - {id: approved, label", f"{SECOND}  - {{id: approved, label", 1
    ).replace("  - id: approve\n", f"{ENDORSE}  - id: approve\n", 1)
    text = text.replace(
        "    from: [submitted]\n    to: [approved]",
        "    from: [submitted, endorsed]\n    to: [approved]",
        1,
    )
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new, 1)
    return load_definition(text, "leave.yaml", vocabulary())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("editable_fields: [plan", "editable_fields: [planned"), "trường 'planned' không có"),
        (("unless: [plan]", "unless: [planned]"), "trường 'planned' không có"),
        (("edit_voids: {to: submitted", "edit_voids: {to: sent"), "trạng thái 'sent' không có"),
        (("edit_voids: {to: submitted", "edit_voids: {to: endorsed"), "chính là trạng thái này"),
        (("    editable: true\n    editable_fields", "    editable_fields"), "không cho sửa"),
        (
            ("shown_when: fields.abroad", "shown_when: fields.overseas"),
            "không có trong 'fields': overseas",
        ),
    ],
)
def test_a_rule_on_edits_or_reading_that_names_nothing_is_refused_with_its_place(change, sentence):
    with pytest.raises(InvalidInputError) as caught:
        process(change)
    assert sentence in translate(caught.value)
    assert not translate(caught.value).startswith("leave.yaml:1:1:")


@pytest.mark.parametrize(("to", "step"), [("approved", 4), ("submitted", 5), ("endorsed", 4)])
def test_an_edit_that_moves_an_item_otherwise_than_its_definition_says_is_tampering(to, step):
    item = Subject(seq=3, state="endorsed", version=4, step=3, definition="d", author=1)
    body = {"type": "edited", "from": "endorsed", "to": to, "step": step, "actor": 1}
    edit = {**body, "version": 5, "decided_version": 4, "content_hash": None}
    with pytest.raises(TamperedError, match="which its definition does not say"):
        judged(process().text, edit, item)


TELLS = """    tells:
      - to: [{positions: [chief]}, {positions: [head], within: department}]
        message: {vi: "{actor} đã đồng ý {code} của {department}: {state}.", en: "{code}"}
"""


def telling(*replacements):
    text = own_process().replace("    to: [approved]\n", f"    to: [approved]\n{TELLS}")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return load_definition(text, "told.yaml", vocabulary())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("{state}.", "{title}."), "biến không có: title"),
        (("{state}.", "{actor.email}."), "biến không có: actor.email"),
        (("{state}.", "{actor!r}."), "biến không có: actor"),
        (("{state}.", "{0}."), "biến không có: 0"),
        (("{state}.", "{state."), "không khép"),
    ],
)
def test_a_message_that_names_what_no_mail_may_say_is_refused_with_its_place(change, sentence):
    with pytest.raises(InvalidInputError) as caught:
        telling(change)
    assert sentence in translate(caught.value)
    assert not translate(caught.value).startswith("told.yaml:1:1:")


TIMERS = """    timers:
      - {days: 2, tell: [{positions: [chief]}]}
      - {days: 4, take: lapse}
"""
LAPSE = """  - id: lapse
    label: {vi: Hết thời gian chờ, en: Lapsed}
    outcome: {vi: Đơn kết thúc vì không ai xử lý., en: Nobody answered.}
    from: [submitted]
    to: [refused]
    by: clock
    tells_author: true

guarantees:
"""
LAPSES = """scenarios:
  - name: Không ai xử lý
    department: hop-tac-quoc-te
    on: 2022-07-01
    steps:
      - {do: submit, by: author, then: submitted}
      - {do: lapse, by: clock, on: 2022-07-06, refused: timer}
      - {do: lapse, by: head, refused: clock}
      - {do: lapse, by: clock, on: 2022-07-08, then: refused}
"""


def timed(*replacements):
    text = (
        own_process()
        .replace("    working_days: 1\n", f"    working_days: 1\n{TIMERS}")
        .replace("\nguarantees:\n", f"\n{LAPSE}")
        .replace("scenarios:\n", LAPSES)
    )
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return load_definition(text, "timed.yaml", vocabulary())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("take: lapse", "take: refuse"), "không phải là bước chuyển của đồng hồ"),
        (("{days: 4, take: lapse}", "{days: 2, take: lapse}"), "hai hẹn giờ cùng 2 ngày"),
        (("      - {days: 4, take: lapse}\n", ""), "không hẹn giờ nào thực hiện 'lapse'"),
        (("{days: 4, take: lapse}", "{days: 4}"), "ghi một trong hai"),
        (("days: 2,", "days: 0,"), "timed.yaml:"),
    ],
)
def test_a_timer_that_cannot_work_is_refused_at_load(change, sentence):
    with pytest.raises(InvalidInputError) as caught:
        timed(change)
    assert sentence in translate(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("initial: drafted", "initial: begun", "'begun' không có trong 'states'"),
        ("from: [drafted]", "from: [begun]", "'begun' không có trong 'states'"),
        ("to: [refused]", "to: [denied]", "'denied' không có trong 'states'"),
        ("group: leave, required", "group: rest, required", "nhóm 'rest' không có"),
        ("{id: reason, type", "{id: last_day, type", "'last_day' đã dùng"),
        ("{id: refused, label", "{id: approved, label", "'approved' đã dùng"),
        (
            "groups:\n",
            "groups:\n  - {id: leave, label: {vi: Nghỉ, en: Leave}}\n",
            "'leave' đã dùng",
        ),
        ("name: not_the_author", "name: not_anybody", "'not_anybody' không tồn tại"),
        ("{name: content_complete}", "{name: files_at_least}", "thiếu tham số count"),
        (
            "{name: content_complete}",
            "{name: files_at_least, parameters: {count: 1, at: 2}}",
            "không nhận tham số at",
        ),
        (
            "{name: content_complete}",
            "{name: not_named_in, parameters: {field: boss}}",
            "'boss' không có trong 'fields'",
        ),
        ("never_the_author: [approve]", "never_the_author: [agree]", "'agree' không có"),
        (
            "never_the_author: [approve]",
            "passages: [{to: done, through: [submitted]}]",
            "trạng thái 'done' không có",
        ),
        (
            "never_the_author: [approve]",
            "different_people: [[approve, agree]]",
            "bước chuyển 'agree' không có",
        ),
        ("do: refuse, by: head", "do: deny, by: head", "bước chuyển 'deny' không có"),
        ("then: approved}", "then: allowed}", "trạng thái 'allowed' không có"),
        (
            "    hands_in: true\n",
            "    hands_in: true\n    when: fields.cause == 'rest'\n",
            "không có trong 'fields': cause",
        ),
        (
            "    hands_in: true\n",
            (
                "    hands_in: true\n"
                "    requires: [{expression: fields.cause != '', message: {vi: A, en: A}}]\n"
            ),
            "không có trong 'fields': cause",
        ),
    ],
)
def test_a_part_that_names_what_is_not_there_is_refused_with_its_place(old, new, sentence):
    text = own_process()
    assert old in text
    with pytest.raises(InvalidInputError) as caught:
        load_definition(text.replace(old, new, 1), "leave.yaml", vocabulary())
    assert sentence in translate(caught.value)
    assert not translate(caught.value).startswith("leave.yaml:1:1:")


def test_what_takes_a_number_or_sends_cannot_be_undone():
    plain = "    from: [director_signed]\n    to: [sent_to_ban_tdkt]\n"
    with pytest.raises(InvalidInputError) as caught:
        changed("nomination", (plain, f"{plain}    undo: true\n"))
    assert "'send_to_board' không thể hoàn tác" in translate(caught.value)


def test_what_the_clock_takes_cannot_be_undone():
    with pytest.raises(InvalidInputError) as caught:
        timed(("    by: clock\n", "    by: clock\n    undo: true\n"))
    assert "'lapse' không thể hoàn tác" in translate(caught.value)


def test_a_timer_is_checked_and_played(calendar):
    assert [translate(each) for each in check_definition(timed(), calendar).problems] == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("type: date, group", "type: choice, group", "'choices'"),
        (
            "{id: reason, type: long_text",
            "{id: reason, columns: [{id: a, label: {vi: A, en: A}}], type: long_text",
            "'columns'",
        ),
        ("type: long_text", "or_deadline: true, type: long_text", "'or_deadline'"),
        ("type: long_text", "balance: true, type: long_text", "'balance'"),
        (
            "initial: drafted",
            (
                "legal_basis: [{text: L, in_force_from: 2022-02-01, in_force_until: 2022-01-31}]\n"
                "initial: drafted"
            ),
            "in_force_until",
        ),
    ],
)
def test_what_does_not_fit_the_type_of_its_part_is_refused(old, new, sentence):
    with pytest.raises(InvalidInputError) as caught:
        load_definition(own_process().replace(old, new, 1), "leave.yaml", vocabulary())
    assert sentence in translate(caught.value)
