"""What a change is answered with on the next page: once, to whoever made it, forged by nobody."""

import re

import pytest

pytestmark = pytest.mark.one_database

STAFF, HEAD, DEPUTY = "staff.htqt@so.example", "head.htqt@so.example", "deputy.htqt@so.example"
COOKIE = "thidua-flash"


def approved(browser, code, version):
    return browser.post(f"/items/{code}/decide/approve_department", data={"version": version})


def flash_in(page):
    found = re.search(r'<div class="[^"]*\bflash\b.*?</div>', page, re.DOTALL)
    return found[0] if found else ""


def test_a_decision_says_what_happened_where_the_item_is_and_what_is_next(running):
    running.item_in("submitted")
    item = running.item_in("submitted")
    with running.signed_in(HEAD) as browser:
        page = approved(browser, item["code"], item["version"]).text
        told = flash_in(page)
        assert "Đã ghi nhận: Duyệt, chuyển Văn phòng Sở." in told
        assert f"Hồ sơ {item['code']} hiện: " in told
        assert "chậm nhất" in told
        assert re.search(r"Hồ sơ tiếp theo \(\d+\)", told)
        assert f'action="/items/{item["code"]}/undo"' in told
        assert not flash_in(browser.get(f"/items/{item['code']}").text), "said once"
        key = re.search(r'name="key" value="([0-9a-f]{32})"', told)[1]
        undone = browser.post(f"/items/{item['code']}/undo", data={"key": key}).text
    assert "Đã hoàn tác quyết định vừa rồi." in flash_in(undone)
    assert running.state_of(item["code"]) == "submitted"


def test_what_only_a_script_looks_at_leaves_it_for_the_page(running):
    item = running.item_in("submitted")
    with running.signed_in(HEAD) as browser:
        browser.follow_redirects = False
        assert approved(browser, item["code"], item["version"]).status_code == 303
        address = f"/items/{item['code']}"
        looked = browser.get(address, headers={"Sec-Fetch-Dest": "empty"}).text
        assert not flash_in(looked)
        assert flash_in(browser.get(address, headers={"Sec-Fetch-Dest": "document"}).text)


def test_it_waits_until_whoever_made_the_change_has_signed_in_again(running):
    item = running.item_in("submitted")
    with running.signed_in(HEAD) as browser:
        browser.follow_redirects = False
        approved(browser, item["code"], item["version"])
        kept = browser.cookies[COOKIE]
        browser.cookies.delete("thidua")
        assert browser.get(f"/items/{item['code']}").status_code == 303
        assert not flash_in(browser.get("/sign-in").text), "nobody has signed in"
        assert browser.cookies[COOKIE] == kept
        browser.post("/demo/sign-in", data={"email": DEPUTY})
        assert not flash_in(browser.get("/").text), "it is not theirs"
        browser.post("/demo/sign-in", data={"email": HEAD})
        assert "Đã ghi nhận" in flash_in(browser.get("/").text)


def test_nobody_can_write_one_into_a_page(running):
    item = running.item_in("submitted")
    with running.signed_in(HEAD) as browser:
        browser.follow_redirects = False
        approved(browser, item["code"], item["version"])
        kid, payload, mac = browser.cookies[COOKIE].split(".")
    forged = (
        f"{kid}.{payload[:-4]}AAAA.{mac}",
        f"{kid}.{payload}.{'0' * 64}",
        f"other.{payload}.{mac}",
        f"{kid}.{payload}.é",
        payload,
        "..",
    )
    with running.signed_in(HEAD) as browser:
        for each in forged:
            page = browser.get("/", headers={"Cookie": cookies(browser, each)})
            assert page.status_code == 200
            assert not flash_in(page.text)
        for address in ("/standing-in?done=delegation", "/account/data?done=1"):
            assert not flash_in(browser.get(address).text)


def cookies(browser, forged):
    kept = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return f"{kept}; {COOKIE}={forged}".encode("latin-1")


def test_it_holds_nothing_that_somebody_else_wrote(running):
    item = running.item_in("submitted")
    with running.signed_in(STAFF) as browser:
        words = {"words": "Lời trao đổi riêng <b>"}
        page = browser.post(f"/items/{item['code']}/comments", data=words).text
    told = flash_in(page)
    assert told
    assert "Lời trao đổi" not in told
    assert item["title"] not in told
