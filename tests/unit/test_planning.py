"""A plan says everything at once: every reason, and the second factor that it still needs."""

from datetime import UTC, datetime

import pytest

from notifications.translation import translate
from tests.unit.test_checking import changed, sample
from tests.unit.test_definitions import load, own_process
from workflow.definition import Confirmation, load_definition
from workflow.errors import (
    InvalidRefusal,
    NotPermittedRefusal,
    SecondFactorRefusal,
    StaleRefusal,
    reason,
)
from workflow.model import (
    Content,
    ContentHash,
    DepartmentId,
    Item,
    ItemId,
    Method,
    PersonId,
    Position,
    Via,
)
from workflow.rules import (
    NOTHING,
    Plan,
    Request,
    Rulebook,
    Situation,
    Surroundings,
    plan_decision,
    vocabulary,
)
from workflow.rules.reasons import closed_reasons, not_offered, offered
from workflow.rules.ways import reads_content

AT = datetime(2022, 11, 1, 2, tzinfo=UTC)
SIGNED = """\
    signs: true
    numbered: true
    comment: required
    guards:
      - {name: content_complete}
"""
TAKEN = reason("number", "The number is taken.")


@pytest.fixture(scope="module")
def rulebook():
    """The nomination, whose signature also takes a number, a reason and a complete content."""
    loaded = changed(
        "nomination",
        (
            "    signs: true\n    guards:\n",
            SIGNED,
        ),
        ("    to: [sent_to_ban_tdkt]\n    by_email: true\n", "    to: [sent_to_ban_tdkt]\n"),
    )
    return Rulebook(loaded.definition, loaded.hash)


@pytest.fixture(scope="module")
def around(calendar):
    return Surroundings(directory=sample(), calendar=calendar, now=AT)


def somebody(around, position):
    return around.directory.in_positions([Position(position)])[0].id


def item_in(state, around):
    head = around.directory.in_positions([Position.HEAD])[0]
    author = around.directory.in_positions([Position.STAFF], head.department)[0]
    return Item(
        id=ItemId(1),
        code="DN-2022-0001",
        type="nomination",
        definition_hash="d" * 64,
        campaign="PT-2022",
        department=DepartmentId(str(head.department)),
        author=author.id,
        title="Đề nghị",
        period=None,
        state=state,
        version=5,
        step=4,
        content_hash=ContentHash("c" * 64),
        due_at=None,
        since=AT,
        seq=5,
        head=bytes(32),
    )


def plan(rulebook, around, transition, by, state="office_reviewed", **request):
    content = Content(title="Đề nghị", fields={}, files=(), salt="")
    asked = Request(
        transition=transition,
        actor=somebody(around, by) if isinstance(by, str) else by,
        **{"version": 5, **request},
    )
    return plan_decision(rulebook, item_in(state, around), content, asked, around)


def rules(reasons):
    return {each.rule for each in reasons}


def test_a_missing_factor_comes_with_everything_else_that_is_wrong(rulebook, around):
    refusal = plan(
        rulebook,
        around,
        "sign_director",
        "director",
        comment=" ",
        to="drafted",
        faults=(TAKEN,),
        method=Method.LINK,
    )
    assert type(refusal) is SecondFactorRefusal
    assert rules(refusal.reasons) == {"second-factor"}
    assert rules(refusal.incomplete) >= {"comment", "to", "number"}
    assert TAKEN in refusal.incomplete
    assert len(refusal.incomplete) > 3, "and what is missing in the content"


@pytest.mark.parametrize("method", [Method.PIN, Method.TOTP, Method.PASSKEY])
def test_with_the_factor_the_same_reasons_are_what_is_refused(rulebook, around, method):
    asked = {"comment": "", "to": "drafted", "faults": (TAKEN,)}
    unproven = plan(rulebook, around, "sign_director", "director", **asked)
    proven = plan(rulebook, around, "sign_director", "director", method=method, **asked)
    assert type(proven) is InvalidRefusal
    assert tuple(proven.reasons) == unproven.incomplete


@pytest.mark.parametrize(
    ("transition", "by", "state", "request_", "kind", "expected"),
    [
        ("sign_director", "director", "office_reviewed", {"version": 4}, StaleRefusal, "version"),
        ("sign_director", "director", "office_reviewed", {"version": 6}, StaleRefusal, "version"),
        ("sign_director", "officer", "office_reviewed", {}, NotPermittedRefusal, "holder"),
        ("sign_director", PersonId(9999), "office_reviewed", {}, NotPermittedRefusal, "active"),
        ("sign_director", "director", "submitted", {}, NotPermittedRefusal, "state"),
        ("return", "officer", "department_approved", {}, InvalidRefusal, "comment"),
        (
            "return",
            "officer",
            "department_approved",
            {"comment": "Bổ sung", "to": "awarded"},
            InvalidRefusal,
            "to",
        ),
        (
            "send_to_board",
            "clerk",
            "director_signed",
            {"faults": (TAKEN,)},
            InvalidRefusal,
            "number",
        ),
        (
            "send_to_board",
            "clerk",
            "director_signed",
            {"via": Via.LINK},
            NotPermittedRefusal,
            "by_email",
        ),
    ],
)
def test_each_refusal_in_its_place(
    rulebook, around, transition, by, state, request_, kind, expected
):
    refusal = plan(rulebook, around, transition, by, state, **request_)
    assert type(refusal) is kind
    assert rules(refusal.reasons) == {expected}


def test_what_a_form_must_confirm_is_asked_for_with_everything_else(rulebook, around):
    item = item_in("drafted", around)
    unsaid = plan(rulebook, around, "submit", item.author, "drafted", confirmed=frozenset())
    said = plan(
        rulebook,
        around,
        "submit",
        item.author,
        "drafted",
        confirmed=frozenset({Confirmation.NO_STATE_SECRET}),
    )
    is_itself = plan(rulebook, around, "submit", item.author, "drafted")
    assert "confirm" in rules(unsaid.reasons)
    assert rules(unsaid.reasons) - {"confirm"} == rules(said.reasons) == rules(is_itself.reasons)


@pytest.mark.parametrize(
    ("transition", "by", "state", "request_", "to"),
    [
        (
            "review_office",
            "officer",
            "department_approved",
            {"faults": (TAKEN,)},
            "office_reviewed",
        ),
        ("return", "officer", "department_approved", {"comment": "Bổ sung"}, "drafted"),
        (
            "return",
            "officer",
            "department_approved",
            {"comment": "Bổ sung", "to": "submitted", "via": Via.LINK},
            "submitted",
        ),
        ("send_to_board", "clerk", "director_signed", {}, "sent_to_ban_tdkt"),
    ],
)
def test_what_may_be_written_is_planned(rulebook, around, transition, by, state, request_, to):
    found = plan(rulebook, around, transition, by, state, **request_)
    assert isinstance(found, Plan)
    assert found.to == to


OPEN = {
    "drafted": {"author": {"submit", "withdraw"}},
    "submitted": {
        "author": {"withdraw"},
        "head": {"approve_department", "return", "reject"},
        "deputy": {"approve_department", "return", "reject"},
    },
    "department_approved": {
        "chief": {"review_office", "return", "reject"},
        "officer": {"review_office", "return", "reject"},
    },
    "office_reviewed": {"director": {"sign_director", "return", "reject"}},
    "director_signed": {"clerk": {"send_to_board", "return"}},
    "sent_to_ban_tdkt": {"clerk": {"acknowledge", "request_supplement"}},
    "received": {"clerk": {"record_award", "record_refusal", "request_supplement"}},
    "awarded": {},
    "not_awarded": {},
    "withdrawn": {},
    "rejected": {},
}
"""What a nomination of a department offers to whom in each state, by the agency's regulation."""


def open_to(rulebook, item, person, around):
    """Return the ids of the transitions that are there and open to ``person``."""
    situation = Situation(
        definition=rulebook.definition,
        item=item,
        content=NOTHING_WRITTEN,
        actor=person,
        directory=around.directory,
    )
    there = {
        each.id: offered(rulebook, situation, each.id) for each in rulebook.definition.transitions
    }
    return {
        name
        for name, each in there.items()
        if each is not None and not closed_reasons(rulebook, each, situation, NOTHING)
    }


NOTHING_WRITTEN = Content(title="Đề nghị", fields={}, files=(), salt="")


@pytest.mark.parametrize("state", OPEN)
def test_each_state_offers_its_transitions_to_these_persons_and_nobody_else(around, state):
    loaded = load("nomination")
    rulebook, item = Rulebook(loaded.definition, loaded.hash), item_in(state, around)
    found = {
        "author" if person.id == item.author else person.position.value: is_open
        for person in around.directory.people.values()
        if (is_open := open_to(rulebook, item, person, around))
        and (person.department in {item.department, "van-phong", None})
    }
    assert found == OPEN[state]
    strangers = [
        person
        for person in around.directory.people.values()
        if person.department not in {item.department, "van-phong", None}
    ]
    assert len(strangers) > 5
    assert not any(open_to(rulebook, item, person, around) for person in strangers)


@pytest.mark.parametrize("state", OPEN)
def test_what_is_open_can_be_planned_and_what_is_closed_is_refused(around, state):
    loaded = load("nomination")
    rulebook, item = Rulebook(loaded.definition, loaded.hash), item_in(state, around)
    ids = {each.id for each in rulebook.definition.transitions}
    planned = 0
    for person in around.directory.people.values():
        is_open = open_to(rulebook, item, person, around)
        for transition in ids:
            found = plan(
                rulebook,
                around,
                transition,
                person.id,
                state,
                comment="Lý do",
                method=Method.PIN,
            )
            planned += isinstance(found, Plan)
            assert isinstance(found, NotPermittedRefusal) is (transition not in is_open)
    assert planned >= sum(len(each) for each in OPEN[state].values()) - (state == "drafted")


@pytest.mark.parametrize(
    ("state", "transition", "rule"),
    [
        ("submitted", "submit", "state"),
        ("drafted", "approve_department", "state"),
        ("awarded", "withdraw", "state"),
        ("drafted", "no_such", "state"),
    ],
)
def test_what_a_state_never_offers_is_said_with_its_state(around, state, transition, rule):
    loaded = load("nomination")
    rulebook, item = Rulebook(loaded.definition, loaded.hash), item_in(state, around)
    found = not_offered(rulebook, item, transition)
    assert found.rule == rule
    assert rulebook.states[state].label_now.vi in translate(found)


@pytest.mark.parametrize(
    ("guard", "reads"),
    [
        ("", False),
        ("    guards: [{name: not_the_author}]\n", False),
        ("    guards: [{name: content_complete}]\n", True),
        ("    guards: [{name: not_named_in, parameters: {field: reason}}]\n", True),
        ("    when: fields.reason != ''\n", True),
        ("    requires: [{expression: fields.reason != '', message: {vi: A, en: A}}]\n", True),
    ],
)
def test_only_where_a_condition_or_guard_asks_is_the_content_read(guard, reads):
    text = own_process().replace(
        "    tells_author: true\n    guards: [{name: not_the_author}]\n", guard
    )
    definition = load_definition(text, "leave.yaml", vocabulary()).definition
    assert reads_content(each for each in definition.transitions if each.id == "approve") is reads
