"""Where signing in may lead."""

import pytest
from fastapi import Request

from api.web.return_path import led_from_sign_in, local_path


@pytest.mark.parametrize(
    "path",
    [
        "/items/DN-2022-0001",
        "/items?q=b%E1%BA%B1ng%20khen&state=drafted",
        "/",
        "/items?from=https://so.example/",
        "/items/a%2Fb",
    ],
)
def test_a_page_of_ours_is_led_to_as_it_was_asked_for(path):
    assert local_path(path) == path


def test_vietnamese_typed_into_an_address_is_encoded():
    assert local_path("/items?q=khen thưởng") == "/items?q=khen%20th%C6%B0%E1%BB%9Fng"


@pytest.mark.parametrize(
    "harm",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%2fevil.example",
        "/%5cevil.example",
        "/%252fevil.example",
        "/%09/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/items\r\nSet-Cookie: a=b",
        "/items%0d%0aSet-Cookie:%20a=b",
        "/items\u2028",
        "javascript:alert(1)",
        "evil.example",
        " /items",
        "/sign-out",
        "/sign-in?next=/sign-in",
        "/api/v1/me",
        "/" + "a" * 3000,
        "",
    ],
)
def test_whatever_a_browser_could_read_as_another_place_leads_to_the_first_page(harm):
    assert local_path(harm) == "/"


@pytest.mark.parametrize(
    ("stood", "leads"),
    [
        ("http://so.example/sign-in?next=/items/DN-2022-0001", "/items/DN-2022-0001"),
        ("http://so.example/sign-in?next=https://evil.example/", "/"),
        ("http://evil.example/sign-in?next=/items", "/"),
        ("http://so.example/items", "/"),
        ("http://[so.example/", "/"),
        ("", "/"),
    ],
)
def test_a_form_that_says_nothing_leads_where_its_sign_in_page_was_to(stood, leads):
    headers = [(b"host", b"so.example"), (b"referer", stood.encode())]
    assert led_from_sign_in(Request({"type": "http", "headers": headers})) == leads
