"""Each letter and each phase of a tick fails alone: what is wrong is settled and shown, whatever else was due goes on."""

import json
from datetime import datetime, timedelta
from shutil import copytree

import pytest

from api.initialise import SAMPLE
from api.settings import shipped_definitions
from notifications.tick import PHASES, tick
from tests.relay import change, mail_held, outbox, product_at, relaying, serving
from tests.waiting import until

HEAD, OTHER_HEAD, OFFICER, STAFF, OTHER = (
    f"{each}@so.example" for each in ("head.htqt", "head.ls", "officer", "staff.htqt", "staff.ls")
)  # fmt: skip
STATES = "kind, address, state, last_code"


@pytest.fixture
def relay():
    with relaying() as found:
        yield found


@pytest.fixture
def product(relay, tmp_path):
    with product_at(relay, tmp_path) as running:
        yield running


def with_outside(folder, address):
    """An agency with definitions and campaigns of its own: the sample, whose police has the address given."""
    own = folder / "definitions"
    copytree(shipped_definitions(), own)
    sample = (own / SAMPLE).read_text("utf-8")
    (own / SAMPLE).write_text(sample.replace("cong-an@tinh.example", address), "utf-8")
    return own


def office_page(product):
    with product.signed_in(OFFICER) as browser:
        return browser.get("/office").text


def submitted(product, author=STAFF):
    item = product.draft(author=author) if author == STAFF else other_draft(product)
    assert product.decide(item["code"], "submit", author).status_code == 200
    return item["code"]


def other_draft(product):
    body = product.client(OTHER).get("/definitions/nomination/example").json()
    return product.client(OTHER).post("/items", json={**body, "department": "lanh-su"}).json()


@pytest.mark.parametrize("offers", [(), ("8BITMIME", "SMTPUTF8")])
def test_a_notice_to_an_international_address_goes_where_it_can_and_stops_no_other(
    relay, tmp_path, offers
):
    relay.offers = offers
    with product_at(
        relay, tmp_path / "data", definitions=with_outside(tmp_path, "công-an@tỉnh.example")
    ) as product:
        product.item_in("sent_to_ban_tdkt")
        until(lambda: all(row[2] not in ("new", "leased") for row in outbox(product, STATES)))
        (notice,) = [
            row
            for row in outbox(product, STATES, "kind = 'notice'")
            if row[1] == "công-an@tỉnh.example"
        ]
        if offers:
            assert notice[2] == "sent"
            assert "RCPT TO:<công-an@xn--tnh-dlz.example>\r\n" in relay.asked
            (mail,) = [
                line for line in relay.asked if line.startswith("MAIL") and "SMTPUTF8" in line
            ]
            assert "BODY=8BITMIME" in mail
            assert any("công-an@xn--tnh-dlz.example".encode() in each for each in relay.received)
        else:
            assert notice[2:] == ("dead", "no SMTPUTF8")
            assert "không nhận địa chỉ có chữ ngoài bảng ASCII" in office_page(product)
            assert all(each.isascii() for each in relay.received)
        count = len(relay.received)
        submitted(product, OTHER)
        until(lambda: relay.links_to(OTHER_HEAD))
        assert (
            len({(each["To"], each["Message-ID"]) for each in relay.letters})
            == len(relay.received)
            > count
        )


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        ("Công an <cong-an@tinh.example>", "bad address"),
        ("a@b.example, c@d.example", "bad address"),
        ("không có gì", "bad address"),
    ],
)
def test_an_address_that_is_none_kept_from_before_is_settled_and_shown(
    relay, tmp_path, address, detail
):
    with product_at(relay, tmp_path) as product:
        code = submitted(product)
        change(
            product,
            "UPDATE outbox SET state = 'new', person = NULL, address = :address WHERE person = 5",
            address=address,
        )
        change(product, "INSERT INTO outbox (dedupe_key, message_id, kind, address, item_id, params, state, attempts, possible_duplicates, next_at, created_at) "
               "SELECT 'x', '<x@so.example>', 'notice', :address, max(id), :params, 'new', 0, 0, '2022-01-01T00:00:00.000000Z', '2022-01-01T00:00:00.000000Z' FROM items",
               address=address, params=json.dumps({"number": "1", "issued_on": "2022-05-04", "channel": "mail", "name": "X"}))  # fmt: skip
        product.parts.delivery.wake()
        until(lambda: outbox(product, "state", "dedupe_key = 'x'") == [("dead",)])
        assert outbox(product, "last_code", "dedupe_key = 'x'") == [(detail,)]
        until(lambda: relay.links_to(HEAD))
        assert "Không gửi thư được tới địa chỉ này" in office_page(product)
        assert code


@pytest.mark.parametrize(
    ("column", "value"),
    [("kind", "of a later program"), ("params", "no JSON"), ("params", "{}"), ("item_id", 10**9)],
)
def test_a_message_that_nobody_can_write_is_settled_and_the_others_of_its_batch_go(
    relay, product, column, value
):
    with mail_held(product):
        submitted(product)
        submitted(product, OTHER)
        (bad,) = outbox(
            product,
            "max(id)",
            f"kind = 'task' AND person = (SELECT id FROM people WHERE email = '{HEAD}')",
        )[0]
        change(
            product, f"UPDATE outbox SET {column} = :value WHERE id = :bad", value=value, bad=bad
        )
    until(lambda: outbox(product, "state", f"id = {bad}") == [("dead",)])
    until(lambda: relay.links_to(OTHER_HEAD))
    assert outbox(product, "last_code", f"id = {bad}")[0][0].startswith("render ")
    assert "Không viết được thư này" in office_page(product)
    until(lambda: not outbox(product, "id", "state IN ('new', 'leased')"))
    assert len({each["Message-ID"] for each in relay.letters}) == len(relay.received)


@pytest.mark.parametrize("broken", list(PHASES))
def test_a_phase_that_fails_is_shown_and_every_other_one_is_done(product, monkeypatch, broken):
    done = []

    def recording(name, phase):
        async def run(ticking):
            if name == broken:
                raise OverflowError("date value out of range")
            done.append((ticking, name))
            await phase(ticking)

        return run

    phases = {name: recording(name, phase) for name, phase in PHASES.items()}
    monkeypatch.setattr("notifications.tick.PHASES", phases)
    product.run(tick(product.parts.database, product.parts.reminders))
    # The product's own clock may tick meanwhile, so each tick is read by itself.
    ticks = [
        [name for ticking, name in done if ticking is other] for other in [each[0] for each in done]
    ]
    assert [name for name in PHASES if name != broken] in ticks
    page = office_page(product)
    assert "OverflowError" in page
    assert "Báo quản trị viên" in page
    monkeypatch.undo()

    def is_whole_again():
        # A tick of the product's own that began before may end after this one.
        product.run(tick(product.parts.database, product.parts.reminders))
        return "OverflowError" not in office_page(product)

    assert until(is_whole_again)


def test_rungs_of_the_time_when_reminders_failed_are_made_up_for(product, relay, monkeypatch):
    """One deadline's rung at 08:00 of the eighth of June; that day the phase fails, and on the ninth it goes."""
    campaign = product.client(OFFICER).get("/campaigns").json()["data"][0]["id"]
    terms = {
        "campaign": campaign,
        "kind": "interim",
        "departments": ["lanh-su"],
        "due_at": "2022-06-15T17:00:00+07:00",
    }
    assert (
        product.client(OFFICER)
        .post("/deadlines", json={**terms, "ladder": [{"days": -5, "to": ["drafter"]}]})
        .status_code
        == 201
    )
    ticking = lambda: product.run(tick(product.parts.database, product.parts.reminders))  # noqa: E731 - said thrice
    ticking()

    def broken(self, connection):
        raise OverflowError

    monkeypatch.setattr("notifications.reminders.Reminders.due", broken)
    product.clock.advance(datetime.fromisoformat("2022-06-08T09:00:00+07:00") - product.clock.now())
    ticking()
    monkeypatch.undo()
    product.clock.advance(timedelta(days=1))
    ticking()
    until(lambda: relay.to(OTHER))


def test_a_deadline_beyond_the_calendar_stops_neither_the_others_nor_the_pages(product, relay):
    campaign = product.client(OFFICER).get("/campaigns").json()["data"][0]["id"]
    for kind in ("interim", "final"):
        terms = {
            "campaign": campaign,
            "kind": kind,
            "departments": ["lanh-su"],
            "due_at": "2022-06-15T17:00:00+07:00",
        }
        assert (
            product.client(OFFICER)
            .post("/deadlines", json={**terms, "ladder": [{"days": -5, "to": ["drafter"]}]})
            .status_code
            == 201
        )
    change(
        product, "UPDATE deadlines SET due_at = '9999-12-31T23:59:59.000000Z' WHERE kind = 'final'"
    )
    product.clock.advance(datetime.fromisoformat("2022-06-08T09:00:00+07:00") - product.clock.now())
    product.run(tick(product.parts.database, product.parts.reminders))
    until(lambda: relay.to(OTHER))
    assert product.parts.database.report_blocking(product.parts.reminders.rows)


def test_mail_is_delivered_by_a_server_whose_ticks_all_fail(relay, tmp_path, monkeypatch):
    async def broken(_ticking):
        raise OverflowError("date value out of range")

    monkeypatch.setattr("notifications.tick.PHASES", dict.fromkeys(PHASES, broken))
    with product_at(relay, tmp_path) as product:
        submitted(product)
        until(lambda: relay.links_to(HEAD))


def test_what_breaks_while_a_letter_is_sent_ends_the_batch_and_what_was_sent_stays_sent(
    relay, product, monkeypatch
):
    """The third letter breaks in a way that nobody foresaw."""
    from notifications.smtp import _SmtpSession

    original, sent = _SmtpSession.send, []

    async def send(self, letter):
        if len(sent) == 2:
            sent.append("broken")
            raise RuntimeError("nobody foresaw this")
        sent.append(letter.recipient)
        return await original(self, letter)

    monkeypatch.setattr(_SmtpSession, "send", send)
    with mail_held(product):
        submitted(product)
        submitted(product, OTHER)
    until(lambda: "broken" in sent)
    until(lambda: len(outbox(product, "id", "state = 'sent'")) == 2)
    product.clock.advance(timedelta(minutes=20))
    until(lambda: not outbox(product, "id", "state IN ('new', 'leased')"))
    ids = [each["Message-ID"] for each in relay.letters]
    assert len(ids) == len(set(ids))


def test_a_server_started_on_what_a_bad_tick_left_goes_on(relay, tmp_path):
    with product_at(relay, tmp_path) as product:
        settings = product.parts.settings
        now = product.clock.now()

        def page_after_a_bad_tick():
            change(product, "INSERT OR REPLACE INTO settings (name, value) VALUES ('tick_failures', :value)",
                   value=json.dumps({"weekly": {"detail": "OverflowError", "since": "2022-05-04T01:00:00.000000Z"}}))  # fmt: skip
            return office_page(product)

        # A good tick of the running clock may come between the two, and takes the failure back.
        until(lambda: "lập thư tuần" in page_after_a_bad_tick())
        page_after_a_bad_tick()
    with serving(settings, now) as product:
        until(lambda: "lập thư tuần" not in office_page(product))
