"""What operators write becomes one value each, in one notation."""

import pytest

from api.setting_values import (
    WrongValueError,
    parse_base_url,
    parse_hosts,
    parse_instant,
    parse_keys,
    parse_sender,
)
from notifications.relay import parse_relay


@pytest.mark.parametrize(
    "written, value",
    [
        ("https://thidua.so.example", "https://thidua.so.example"),
        ("https://thidua.so.example/", "https://thidua.so.example"),
        ("HTTPS://Thidua.SO.example:443/", "https://thidua.so.example"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://sở.example", "https://xn--s-lym.example"),
        (" https://thidua.so.example ", "https://thidua.so.example"),
    ],
)
def test_a_base_url_has_the_form_that_browsers_send_as_origin(written, value):
    assert parse_base_url(written) == value


def test_hosts_are_compared_as_the_dns_knows_them():
    assert (
        parse_hosts(" Thidua.so.example, 10.0.0.7 ,[::1],sở.example,")
        == "thidua.so.example,10.0.0.7,::1,xn--s-lym.example"
    )


@pytest.mark.parametrize(
    "written, value",
    [
        ("thidua@so.example", "thidua@so.example"),
        ("thidua@sở.example", "thidua@xn--s-lym.example"),
        ("thidua@so.local", "thidua@so.local"),
    ],
)
def test_a_sender_is_one_address_that_every_relay_takes(written, value):
    assert parse_sender(written) == value


def test_a_relays_password_is_written_with_percent_signs_and_never_shown():
    relay = parse_relay("smtp://user%40so:p%23s%2Fs@mail.so.example:2525?tls=required")
    assert (relay.user, relay.password, relay.port) == ("user@so", "p#s/s", 2525)
    assert "p#s" not in repr(relay)


@pytest.mark.parametrize(
    "url, port, tls",
    [
        ("smtp://mail.so.example", 587, "required"),
        ("smtp://mail.so.example?tls=implicit", 465, "implicit"),
        ("smtp://127.0.0.1", 587, "none"),
        ("smtp://[::1]:25?tls=none", 25, "none"),
    ],
)
def test_a_relay_is_encrypted_unless_it_is_on_this_machine(url, port, tls):
    relay = parse_relay(url)
    assert (relay.port, relay.tls) == (port, tls)


@pytest.mark.parametrize(
    "text", ["2000-01-01T00:00Z", "2199-12-31T23:59:59Z", "2022-06-10T08:00+07:00"]
)
def test_instants_within_the_years_are_taken(text):
    assert parse_instant(text).utcoffset().total_seconds() == 0


@pytest.mark.parametrize(
    "text",
    [
        "2200-01-01T00:00+07:00",
        "2200-01-01T00:00Z",
        "2000-01-01T00:00+07:00",
        "9999-12-31T23:59:59.999999-23:59",
    ],
)
def test_bounds_of_years_hold_in_utc(text):
    if text == "2200-01-01T00:00+07:00":
        assert parse_instant(text).year == 2199
        return
    with pytest.raises(WrongValueError):
        parse_instant(text)


def test_keys_come_newest_first():
    first, second = "ab" + "0123456789abcdef" * 4, "cd" + "0123456789abcdef" * 4
    assert list(parse_keys(f" k2:{first} , k1:{second}, ")) == ["k2", "k1"]
