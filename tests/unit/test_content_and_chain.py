"""The content that is hashed, canonical text, and how entries follow one another."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from workflow import canonical
from workflow.history import GENESIS, Fact, agency_payloads, append, payloads
from workflow.history.chain import DERIVED, data_of, derived_columns, entry_hash, fact_in
from workflow.history.content import body_hash, content_body, restore_content
from workflow.history.entry_types import EntryType
from workflow.model import Content, Holder, StoredFile

FILE = StoredFile(sha256="a" * 64, name="Biên bản.pdf", size=10, media_type="application/pdf")
CONTENT = Content(
    title="Đề nghị", fields={"b": 1, "a": ["x", None, True]}, files=(FILE,), salt="5a1t"
)


def test_the_body_of_a_content_is_canonical_and_comes_back_the_same():
    body = content_body("DN-2022-0001", CONTENT)
    assert body == json.dumps(
        json.loads(body), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    assert json.loads(body)["item"] == "DN-2022-0001"
    assert restore_content(body) == CONTENT
    assert body_hash(body) == hashlib.sha256(body.encode()).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Đề nghị "},
        {"fields": {"b": 2, "a": ["x", None, True]}},
        {"fields": {"b": 1}},
        {"files": ()},
        {"files": (replace(FILE, name="Biên bản (1).pdf"),)},
        {"files": (replace(FILE, sha256="b" * 64),)},
        {"salt": "0ther"},
    ],
)
def test_each_part_of_a_content_is_in_its_hash(change):
    def hashed(content, code="DN-2022-0001"):
        return body_hash(content_body(code, content))

    assert hashed(replace(CONTENT, **change)) != hashed(CONTENT)
    assert hashed(CONTENT, "DN-2022-0002") != hashed(CONTENT)


@pytest.mark.parametrize("lost", [{"files": "x"}, {"fields": []}])
def test_a_body_that_lost_its_shape_is_an_error(lost):
    with pytest.raises(TypeError):
        restore_content(json.dumps({**json.loads(content_body("DN", CONTENT)), **lost}))


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2022, 6, 15, 2, 12, tzinfo=UTC), "2022-06-15T02:12:00.000000Z"),
        (
            datetime(2022, 6, 15, 9, 12, 0, 5, timezone(timedelta(hours=7))),
            "2022-06-15T02:12:00.000005Z",
        ),
    ],
)
def test_an_instant_is_written_in_utc_to_the_microsecond(moment, text):
    assert canonical.instant(moment) == text


@pytest.mark.parametrize(
    ("text", "is_day"),
    [
        ("2022-02-28", True),
        ("2024-02-29", True),
        ("2022-02-29", False),
        ("20220228", False),
        ("2022-W09-1", False),
        ("2022-2-28", False),
        ("", False),
    ],
)
def test_what_is_a_day(text, is_day):
    assert canonical.is_day(text) is is_day


@pytest.mark.parametrize(
    ("text", "is_storable"),
    [
        ("Đồng ý\tvà\r\n", True),
        ("\x00", False),
        ("\x1b", False),
        ("\x85", False),
        ("\ud800", False),
        ("\ufffe", False),
        ("\U0001ffff", False),
        ("\U0001f600", True),
    ],
)
def test_what_can_be_kept(text, is_storable):
    assert canonical.is_storable(text) is is_storable


def test_text_is_composed_wherever_it_stands():
    loose, composed = "e\u0302\u0301", "ế"
    assert canonical.nfc({loose: [loose, 1, None, {"a": loose}]}) == {
        composed: [composed, 1, None, {"a": composed}]
    }


class Text(str):
    __slots__ = ()


class Number(int):
    pass


@pytest.mark.parametrize(
    "value", [Text("a"), Number(1), (1, 2), {1: 2}, {"a": {2}}, b"a", -(2**53)]
)
def test_only_the_plain_types_of_json_have_a_canonical_form(value):
    with pytest.raises(canonical.NotCanonicalError):
        canonical.encode(value)


def test_the_digest_is_of_the_canonical_bytes():
    assert canonical.digest({"b": 1, "a": 2}) == hashlib.sha256(b'{"a":2,"b":1}').hexdigest()


FACT = Fact(
    subject="item:DN-1",
    payload=payloads.TransitionTaken(
        due_at=datetime(2022, 6, 17, 10, tzinfo=UTC),
        holders=((2, None), (3, 2)),
        seat=2,
        answers=((2, "agree"),),
        dispatch=payloads.Dispatched(number="1/TTr", issued_on="2022-06-15", channel="post"),
        mend=("nominee",),
    ),
    at=datetime(2022, 6, 15, 2, tzinfo=UTC),
    actor=2,
    on_behalf_of=1,
    position="head",
    via="link",
    method="pin",
    command_id="c1",
    transition="approve",
    from_state="submitted",
    to_state="done",
    version=3,
    step=3,
    decided_version=2,
    content_hash="c" * 64,
    definition_hash="d" * 64,
)


def test_a_fact_comes_back_from_its_body_as_it_was():
    assert fact_in(append(FACT, seq=1, prev=GENESIS, salts={}).body) == FACT
    assert FACT.type is EntryType.TRANSITION


@pytest.mark.parametrize(
    "change",
    [
        {"actor": 3},
        {"on_behalf_of": None},
        {"position": "deputy"},
        {"via": "page"},
        {"method": "link"},
        {"command_id": "c2"},
        {"transition": "return"},
        {"from_state": "drafted"},
        {"to_state": "drafted"},
        {"version": 4},
        {"step": 4},
        {"decided_version": 3},
        {"content_hash": "e" * 64},
        {"definition_hash": "e" * 64},
        {"subject": "item:DN-2"},
        {"at": datetime(2022, 6, 15, 2, 0, 0, 1, UTC)},
        {"payload": payloads.TransitionTaken(due_at=None, holders=())},
    ],
)
def test_each_member_of_a_fact_is_in_the_hash_of_its_entry(change):
    def hashed(fact, seq=2, prev=b"p" * 32):
        return append(fact, seq=seq, prev=prev, salts={}).hash

    assert hashed(replace(FACT, **change)) != hashed(FACT)
    assert len({hashed(FACT), hashed(FACT, seq=3), hashed(FACT, prev=b"q" * 32)}) == 3


def test_an_entry_names_the_hash_before_it():
    first = append(FACT, seq=1, prev=GENESIS, salts={})
    second = append(replace(FACT, command_id="c2"), seq=2, prev=first.hash, salts={})
    assert second.hash == entry_hash(first.hash, second.body.encode())
    assert second.prev == first.hash


def test_the_columns_beside_a_body_are_what_it_says():
    body = append(FACT, seq=1, prev=GENESIS, salts={}).body
    said = json.loads(body)
    assert derived_columns(body) == tuple(said[name] for name in DERIVED)
    assert derived_columns(body)[:4] == ("transition", 2, 2, "c1")
    assert derived_columns("{}") == (None,) * len(DERIVED)


def test_what_has_its_default_is_left_out_and_the_rest_is_plain():
    assert data_of(FACT.payload) == {
        "due_at": "2022-06-17T10:00:00.000000Z",
        "holders": [[2, None], [3, 2]],
        "seat": 2,
        "answers": [[2, "agree"]],
        "dispatch": {"number": "1/TTr", "issued_on": "2022-06-15", "channel": "post"},
        "mend": ["nominee"],
    }


def test_what_is_no_part_of_a_payload_is_an_error():
    with pytest.raises(TypeError):
        data_of(replace(FACT.payload, seat=object()))


def test_holders_are_recorded_as_seats_and_a_payload_is_of_its_kind():
    holders = (Holder(person=1), Holder(person=2, on_behalf_of=3))
    assert payloads.seats_of(holders) == ((1, None), (2, 3))
    assert payloads.narrow(FACT.payload, payloads.Decision) is FACT.payload
    with pytest.raises(TypeError, match="CampaignRead"):
        payloads.narrow(FACT.payload, agency_payloads.CampaignRead)
