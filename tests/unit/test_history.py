import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.histories import judged
from workflow import canonical
from workflow.history import GENESIS, Fact, append, commit, payloads
from workflow.history.verify_history import Subject, TamperedError

AT = datetime(2022, 6, 15, 2, 12, tzinfo=UTC)
EMPTY = {
    "id": "x",
    "version": 1,
    "initial": "drafted",
    "states": [{"id": "submitted"}],
    "transitions": [],
}
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text().map(canonical.text).filter(lambda t: not any("\ud800" <= c <= "\udfff" for c in t)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(max_codepoint=126, min_codepoint=32), max_size=6),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(VALUES)
def test_the_fast_encoder_writes_what_the_slow_one_writes(value):
    slow = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    assert canonical.encode(value) == slow


@pytest.mark.parametrize(
    "value", [1.0, {"a": 0.5}, 2**53, {"đ": 1}, "e\u0302\u0301", [float("nan")], object()]
)
def test_a_value_outside_the_profile_is_refused(value):
    with pytest.raises(canonical.NotCanonicalError):
        canonical.encode(value)


def test_an_entry_hashes_its_exact_body_after_the_one_before():
    fact = Fact(
        subject="item:X",
        payload=payloads.Commented(),
        at=AT,
        actor=1,
        via="api",
        method="token",
        command_id="c",
        texts={"comment": "Đồng ý"},
    )
    salt = b"s" * 32
    entry = append(fact, seq=1, prev=GENESIS, salts={"comment": salt})
    assert entry.hash == hashlib.sha256(b"\x02" + bytes(32) + entry.body.encode()).digest()
    body = json.loads(entry.body)
    assert body["commitments"] == {"comment": commit(salt, "Đồng ý")}
    assert "Đồng ý" not in entry.body
    assert body["at"] == "2022-06-15T02:12:00.000000Z"


@pytest.mark.parametrize(
    "forged", [{"to": "director_signed"}, {"step": 3}, {"content_hash": "d" * 64}]
)
def test_a_migration_that_changes_more_than_the_version_is_tampering(forged):
    body = {
        "type": "migrated",
        "from": "submitted",
        "to": "submitted",
        "version": 3,
        "step": 2,
        "decided_version": 2,
        "content_hash": "c" * 64,
        "data": {"from_definition": "before"},
    }

    def follow(more):
        subject = Subject(
            seq=2, state="submitted", version=2, step=2, content_hash="c" * 64, definition="before"
        )
        judged(json.dumps(EMPTY), {**body, **more}, subject)
        return subject.version

    assert follow({}) == 3
    with pytest.raises(TamperedError, match="only moves to another version"):
        follow(forged)


@pytest.mark.parametrize(
    "forged",
    [
        {"to": "department_approved"},
        {"step": 3},
        {"content_hash": "d" * 64},
        {"transition": "sign_director"},
    ],
)
def test_an_answer_that_moves_the_item_or_was_not_asked_is_tampering(forged):
    sign_off = {"approve": "agree", "reject": "refuse", "approvals": "all"}
    answers = {"id": "agree", "by": "author", "from": ["submitted"], "to": ["done"]}
    definition = {
        **EMPTY,
        "states": [{"id": "submitted", "sign_off": sign_off}],
        "transitions": [answers],
    }
    body = {
        "type": "signed_off",
        "actor": 1,
        "command_id": "",
        "data": {"seat": 1, "answers": [[1, "agree"]], "members": 2},
        "from": "submitted",
        "to": "submitted",
        "transition": "agree",
        "version": 3,
        "step": 2,
        "decided_version": 2,
        "content_hash": "c" * 64,
    }

    def follow(more):
        subject = Subject(
            seq=2,
            state="submitted",
            version=2,
            step=2,
            content_hash="c" * 64,
            definition="d",
            author=1,
        )
        judged(json.dumps(definition), {**body, **more}, subject)
        return subject.version

    assert follow({}) == 3
    with pytest.raises(TamperedError):
        follow(forged)


@pytest.mark.parametrize(
    "forged",
    [
        {"to": "drafted"},
        {"step": 2},
        {"content_hash": "d" * 64},
        {"transition": "return"},
        {"data": {"undoes": 2}},
        {"data": {}},
    ],
)
def test_undoing_something_else_than_the_last_decision_is_tampering(forged):
    last = {
        "type": "transition",
        "from": "submitted",
        "to": "department_approved",
        "transition": "approve",
        "seq": 3,
        "actor": 2,
    }
    approve = {"id": "approve", "from": ["submitted"], "to": ["department_approved"], "undo": True}
    definition = {**EMPTY, "states": [{"id": "submitted"}], "transitions": [approve]}
    body = {
        "type": "undone",
        "from": "department_approved",
        "to": "submitted",
        "transition": "approve",
        "version": 4,
        "step": 4,
        "decided_version": 3,
        "content_hash": "c" * 64,
        "data": {"undoes": 3},
        "actor": 2,
    }

    def follow(more, before=last):
        subject = Subject(
            seq=3,
            state="department_approved",
            version=3,
            step=3,
            content_hash="c" * 64,
            definition="d",
            last=tuple(before[key] for key in ("type", "seq", "from", "transition", "actor")),
            last_at="2022-06-15T02:11:00.000000Z",
        )
        judged(json.dumps(definition), {**body, **more}, subject)
        return subject.state

    assert follow({}) == "submitted"
    with pytest.raises(TamperedError):
        follow(forged)
    with pytest.raises(TamperedError):
        follow({}, {**last, "type": "edited"})
