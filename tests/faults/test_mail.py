"""The relay says no in every way: each answer has its own consequence, and no mail is lost."""

import contextlib
import re
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.relay import product_at, relaying
from tests.waiting import until
from workflow.store.engines import sqlite_driver


@pytest.fixture
def relay():
    with relaying() as found:
        yield found


@pytest.fixture
def product(relay, tmp_path):
    with product_at(relay, tmp_path) as running:
        yield running


def rows(product, kind="task"):
    with product.parts.engines.read.connect() as connection:
        found = connection.execute(
            text(
                "SELECT state, attempts, last_code, possible_duplicates, message_id FROM outbox WHERE kind = :kind ORDER BY id"
            ),
            {"kind": kind},
        )
        return [tuple(row) for row in found]


def message_ids(relay):
    """Return the Message-ID of each letter that the relay was given."""
    return [re.search(rb"Message-ID: (\S+)", each)[1].decode() for each in relay.received]


def submit(product):
    product.item_in("submitted")


def test_greylisting_is_tried_again_later_with_the_same_message_id(product, relay):
    relay.at_rcpt = "450 4.7.1 later"
    submit(product)
    until(lambda: [row for row in rows(product) if row[1] == 1])
    before = rows(product)
    assert {row[0] for row in before} == {"new"}
    relay.at_rcpt = "250 OK"
    product.clock.advance(timedelta(minutes=7))
    until(lambda: {row[0] for row in rows(product)} == {"sent"})
    assert [row[4] for row in rows(product)] == [row[4] for row in before]
    assert len(relay.received) == 2
    assert sorted(message_ids(relay)) == sorted(row[4] for row in before)


def test_an_unknown_mailbox_is_a_dead_letter_and_the_others_go(product, relay):
    relay.at_rcpt = "550 5.1.1 unknown"
    submit(product)
    until(lambda: {row[0] for row in rows(product)} == {"dead"})
    assert rows(product)[0][2] == "550 5.1.1"
    relay.at_rcpt = "250 OK"
    submit(product)
    until(lambda: [row[0] for row in rows(product)][2:] == ["sent", "sent"])


def test_a_refused_sender_pauses_the_channel_and_buries_nothing(product, relay):
    relay.at_mail = "550 sender refused"
    submit(product)
    until(lambda: [row for row in rows(product) if row[2] and row[2].startswith("550")])
    assert {row[0] for row in rows(product)} <= {"new", "leased"}
    assert {row[1] for row in rows(product)} == {0}


def test_a_connection_lost_after_the_final_dot_may_double_but_is_known_as_the_same(product, relay):
    relay.at_end = "vanish"
    submit(product)
    until(lambda: [row for row in rows(product) if row[3] == 1])
    relay.at_end = "250 OK"
    product.clock.advance(timedelta(minutes=7))
    until(lambda: {row[0] for row in rows(product)} == {"sent"})
    assert len(set(message_ids(relay))) == 2


def test_with_the_relay_down_decisions_go_on_and_the_mail_waits(product, relay):
    relay.stop()
    item = product.item_in("department_approved")
    assert item["state"] == "department_approved"
    until(lambda: [row for row in rows(product) if row[2]])
    assert {row[0] for row in rows(product)} <= {"new", "leased", "superseded"}


def test_the_outbox_holds_no_link_and_no_body(product, relay, tmp_path):
    submit(product)
    until(lambda: {row[0] for row in rows(product)} == {"sent"})
    token = relay.links_to("head.htqt@so.example")[0].rsplit("/a/", 1)[1]
    file = product.parts.settings.data_dir / "thidua.db"
    with contextlib.closing(sqlite_driver().connect(file)) as connection:
        connection.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    kept = (tmp_path / "copy.db").read_bytes()
    assert b"head.htqt@so.example" in kept
    assert token.rsplit(".", 1)[1].encode() not in kept
    assert "Đề nghị bạn".encode() not in kept


def test_the_database_itself_takes_no_second_intent_under_one_key(product):
    """The Message-ID needs no key of its own: it is made from this one."""
    submit(product)
    names = "kind, params, state, attempts, possible_duplicates, next_at, created_at"
    twice = (
        f"INSERT INTO outbox (dedupe_key, message_id, {names}) "
        f"SELECT dedupe_key, 'other', {names} FROM outbox LIMIT 1"
    )
    with pytest.raises(IntegrityError), product.parts.engines.write.begin() as connection:
        connection.execute(text(twice))
