from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.errors import LinkEndedRefusal, LinkRefusal
from workflow.links import (
    Keys,
    Link,
    LinkStatus,
    is_genuine,
    parse,
    refusal_of,
    status_of,
    token,
)

KEYS = Keys(deployment="d", by_kid={"k2": b"2" * 32, "k1": b"1" * 32})
LINK = Link(
    id=bytes(range(16)),
    kid="k2",
    person=1,
    item=2,
    step=3,
    content_hash="ab" * 32,
    expires_at=datetime(2022, 6, 1, tzinfo=UTC),
)


def test_a_token_is_short_and_genuine():
    text = token(KEYS, LINK)
    assert len("https://thidua.so-ngoai-vu.example/a/" + text) < 200
    assert is_genuine(KEYS, LINK, parse(text))


@pytest.mark.parametrize(
    "change",
    [
        {"person": 9},
        {"item": 9},
        {"step": 4},
        {"content_hash": "cd" * 32},
        {"expires_at": LINK.expires_at + timedelta(microseconds=1)},
        {"id": bytes(16)},
        {"kid": "k1"},
    ],
)
def test_a_token_is_bound_to_each_part_of_its_row(change):
    assert not is_genuine(KEYS, replace(LINK, **change), parse(token(KEYS, LINK)))


def test_a_token_of_another_deployment_or_with_a_retired_key_is_not_genuine():
    parsed = parse(token(KEYS, LINK))
    assert not is_genuine(Keys(deployment="other", by_kid=KEYS.by_kid), LINK, parsed)
    assert not is_genuine(Keys(deployment="d", by_kid={"k1": b"1" * 32}), LINK, parsed)


def test_every_flipped_byte_of_a_token_is_refused():
    text = token(KEYS, LINK)
    for place in range(len(text)):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        parsed = parse(changed)
        assert parsed is None or parsed.id != LINK.id or not is_genuine(KEYS, LINK, parsed)


@pytest.mark.parametrize(
    "damage",
    ["{}.", "{}>", "{}\n", " {}", "{}=", "x{}", "{}\x00", "a1.none..", "", "a1.k2", "{}{}"],
)
def test_a_damaged_token_is_no_token(damage):
    assert parse(damage.replace("{}", token(KEYS, LINK))) is None


def test_trailing_bits_that_are_not_canonical_are_refused():
    text = token(KEYS, LINK)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(text[-1])
    assert parse(text[:-1] + alphabet[last + 1]) is None


@given(st.text(max_size=300))
def test_no_text_breaks_the_parser(text):
    parse(text)


def test_the_keys_are_not_shown():
    assert "2222" not in repr(KEYS)


FIVE = {
    "person": [{"person": each} for each in range(1, 6)],
    "item": [{"item": each} for each in range(1, 6)],
    "step": [{"step": each} for each in range(1, 6)],
    "content": [{"content_hash": f"{each:02x}" * 32} for each in range(5)],
    "expiry": [{"expires_at": LINK.expires_at + timedelta(days=each)} for each in range(5)],
    "key": [{"kid": f"k{each}"} for each in range(5)],
}
KEYRING = Keys(deployment="d", by_kid={f"k{each}": bytes([each]) * 32 for each in range(5)})


@pytest.mark.parametrize("dimension", FIVE)
def test_of_five_tokens_in_five_contexts_each_opens_its_own_and_no_other(dimension):
    links = [replace(LINK, **each) for each in FIVE[dimension]]
    tokens = [parse(token(KEYRING, link)) for link in links]
    opened = {
        (one, other)
        for one, parsed in enumerate(tokens)
        for other, link in enumerate(links)
        if is_genuine(KEYRING, link, parsed)
    }
    assert opened == {(each, each) for each in range(5)}


def test_of_five_deployments_with_the_same_keys_each_opens_its_own_and_no_other():
    deployments = [Keys(deployment=f"d{each}", by_kid=KEYRING.by_kid) for each in range(5)]
    tokens = [parse(token(each, LINK)) for each in deployments]
    opened = {
        (one, other)
        for one, parsed in enumerate(tokens)
        for other, keys in enumerate(deployments)
        if is_genuine(keys, LINK, parsed)
    }
    assert opened == {(each, each) for each in range(5)}


@pytest.mark.parametrize(
    ("change", "step", "content", "now", "status"),
    [
        ({}, 3, "ab" * 32, timedelta(microseconds=-1), "live"),
        ({}, 3, "ab" * 32, timedelta(0), "expired"),
        ({}, 3, "ab" * 32, timedelta(days=1), "expired"),
        ({}, 4, "ab" * 32, timedelta(days=-1), "moved"),
        ({}, 3, "cd" * 32, timedelta(days=-1), "changed"),
        (
            {"revoked_at": LINK.expires_at - timedelta(days=2)},
            3,
            "ab" * 32,
            timedelta(days=-1),
            "revoked",
        ),
        ({"used_entry": 5}, 4, "cd" * 32, timedelta(days=1), "used"),
    ],
)
def test_a_link_is_live_up_to_the_instant_of_its_expiry_in_its_step_on_its_content(
    change, step, content, now, status
):
    assert (
        status_of(
            replace(LINK, **change), step=step, content_hash=content, now=LINK.expires_at + now
        )
        == status
    )


@pytest.mark.parametrize(
    ("status", "kind", "rule"),
    [
        (LinkStatus.USED, LinkRefusal, "link-used"),
        (LinkStatus.REVOKED, LinkEndedRefusal, "link-revoked"),
        (LinkStatus.EXPIRED, LinkEndedRefusal, "link-expired"),
        (LinkStatus.MOVED, LinkRefusal, "link-moved"),
        (LinkStatus.CHANGED, LinkRefusal, "link-changed"),
    ],
)
def test_each_rung_but_the_first_refuses_with_its_own_reason(status, kind, rule):
    refusal = refusal_of(status)
    assert type(refusal) is kind
    assert [each.rule for each in refusal.reasons] == [rule]


def test_a_live_link_refuses_nothing():
    assert refusal_of(LinkStatus.LIVE) is None


REVOKED, USED = {"revoked_at": LINK.expires_at - timedelta(days=2)}, {"used_entry": 5}


@pytest.mark.parametrize(
    ("ends", "first"),
    [
        (("changed",), "changed"),
        (("changed", "moved"), "moved"),
        (("changed", "moved", "expired"), "expired"),
        (("changed", "moved", "expired", "revoked"), "revoked"),
        (("changed", "moved", "expired", "revoked", "used"), "used"),
    ],
)
def test_of_several_ends_the_reader_hears_the_highest_on_the_ladder(ends, first):
    link = replace(
        LINK, **(REVOKED if "revoked" in ends else {}), **(USED if "used" in ends else {})
    )
    assert (
        status_of(
            link,
            step=LINK.step + ("moved" in ends),
            content_hash="cd" * 32 if "changed" in ends else LINK.content_hash,
            now=LINK.expires_at + timedelta(days=1 if "expired" in ends else -1),
        )
        == first
    )
