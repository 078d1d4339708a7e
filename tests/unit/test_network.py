"""Whom a request comes from: only a trusted proxy is believed, and only in what it saw itself."""

import pytest

from api.network import counted_as, parse_proxies
from api.settings import load_settings
from workflow.errors import UsageError

PROXY, OUTER, CLIENT, LIAR = "10.0.0.1", "192.0.2.7", "203.0.113.9", "198.51.100.1"
TRUSTED = "10.0.0.0/8, 192.0.2.7,2001:db8:ff::/48"


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        (TRUSTED, PROXY, CLIENT, CLIENT),
        (TRUSTED, PROXY, f"{LIAR}, {CLIENT}", CLIENT),
        (TRUSTED, PROXY, f"{LIAR}, {CLIENT}, {OUTER}", CLIENT),
        (TRUSTED, PROXY, f"garbage, {CLIENT}", CLIENT),
        (TRUSTED, PROXY, f"{CLIENT}:4711", CLIENT),
        (TRUSTED, PROXY, "[2001:db8::5]:443", "2001:db8::5"),
        (TRUSTED, PROXY, "2001:db8::5", "2001:db8::5"),
        (TRUSTED, PROXY, f"::ffff:{CLIENT}", CLIENT),
        (TRUSTED, f"::ffff:{PROXY}", CLIENT, CLIENT),
        (TRUSTED, "2001:db8:ff::1", CLIENT, CLIENT),
        (f"::ffff:{PROXY}", PROXY, CLIENT, CLIENT),
        ("fc00::/7", "fd00::1", CLIENT, CLIENT),
        (TRUSTED, PROXY, f"{OUTER}, {PROXY}", OUTER),
        (TRUSTED, PROXY, "", PROXY),
        (TRUSTED, PROXY, "unknown", PROXY),
        (TRUSTED, PROXY, f"{CLIENT}, garbage", PROXY),
        (TRUSTED, PROXY, f"{CLIENT},", PROXY),
        (TRUSTED, PROXY, "127.0.0.1/8", PROXY),
        (TRUSTED, CLIENT, LIAR, CLIENT),
        ("", "127.0.0.1", CLIENT, "127.0.0.1"),
        ("", PROXY, CLIENT, PROXY),
        (TRUSTED, "", CLIENT, ""),
    ],
)
def test_the_client_is_the_rightmost_that_no_trusted_proxy_is(trusted, peer, forwarded, client):
    assert parse_proxies(trusted).client_of(peer, forwarded) == client


@pytest.mark.parametrize(
    "text", ["*", "proxy.example", "10.0.0.0/33", "10.0.0.1/8", "127.0.0.1;10.0.0.1", "1.2.3"]
)
def test_what_is_no_address_is_named(text):
    with pytest.raises(UsageError, match=r"THIDUA_TRUSTED_PROXIES.*10\.0\.0\.0/8"):
        load_settings(trusted_proxies=text)


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0/0",
        "::/0",
        "127.0.0.1, 0.0.0.0/0",
        "0.0.0.0/1,128.0.0.0/1",
        "192.0.0.0/7",
        "2000::/3",
        "2000::/15",
        "::ffff:0:0/96",
        "::ffff:0.0.0.0/97",
        "0.0.0.0/0.0.0.0",
    ],
)
def test_a_network_of_everybody_is_refused(text):
    with pytest.raises(UsageError, match=r"THIDUA_TRUSTED_PROXIES.*10\.0\.0\.0/8"):
        load_settings(trusted_proxies=text)


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_one_subscriber_is_counted_once(host, counted):
    assert counted_as(host) == counted
