"""A search on the page of items: what fits best comes first, each row says where it was found."""

import re
from itertools import pairwise

import pytest

from workflow.queries import best_first as ranking

STAFF, HEAD, AUDITOR = "staff.htqt@so.example", "head.htqt@so.example", "auditor@so.example"
DEED = "achievements"


def made(running, title, **fields):
    """Return the code of a draft of that title with some fields of its own."""
    draft = running.draft()
    change = {"title": title, "fields": {**draft["fields"], **fields}}
    answer = running.client(STAFF).patch(
        f"/items/{draft['code']}", json=change, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 200, answer.text
    return draft["code"]


@pytest.fixture(scope="module")
def found(running):
    """What a search for “zim vàng” finds, the best first."""
    text = made(running, "Một", **{DEED: "Đã dựng trạm zim vàng ở <b>bản</b>. " + "Dài. " * 60})
    scattered = made(running, "Hai", **{DEED: "Vàng hoe, trồng cây zim."})
    plain = made(running, "Zim vang bốn")
    nominee = made(running, "Năm", nominee="Tổ Zim Vàng")
    title = made(running, "Đội Zim Vàng ba")
    made(running, "Mớizim, bạcvàng", **{DEED: "Không có gì"})
    return running, {
        "typed": [title, nominee, text, scattered, plain],
        "bare": [title, plain, nominee, text, scattered],
    }


def codes(page):
    return re.findall(r'class="row-title"\s+href="/items/([A-Z]+-\d+-\d+)\?', page)


def test_the_phrase_comes_first_then_the_title_the_nominee_and_the_text(found):
    running, order = found
    with running.signed_in(STAFF) as browser:
        assert codes(browser.get("/items", params={"q": "zim vang"}).text) == order["bare"]
        quoted = browser.get("/items", params={"q": "“Zim vàng”,"}).text
        assert codes(quoted) == order["typed"], "signs are no part of a word"
        typed = browser.get("/items", params={"q": "zim vàng"}).text
        assert codes(typed) == order["typed"], "with the diacritics that were typed before others"
        newest = browser.get("/items", params={"q": "zim vang", "sort": "new"}).text
        assert codes(newest) == sorted(order["bare"], reverse=True)
        assert "Phù hợp nhất</a>" in newest
        assert "Phù hợp nhất</strong>" in typed


def beside(page, label):
    """The address of a page beside this one, or None."""
    found = re.search(rf'href="(/items\?[^"]+)">{label}</a>', page)
    return found and found[1].replace("&amp;", "&")


def test_each_row_says_where_it_was_found(found):
    running, order = found
    title, _, nominee, text, _ = order["bare"]
    with running.signed_in(STAFF) as browser:
        page = browser.get("/items", params={"q": "zim vang"}).text
        rows = {code: page.split(f"/items/{code}?")[1].split("</li>")[0] for code in codes(page)}
    assert "<span> – Đội <mark>Zim Vàng</mark> ba</span></a>" in rows[title], "nothing else has to"
    assert ">Tổ <mark>Zim Vàng</mark><span> – Năm</span></a>" in rows[nominee], "who, and for what"
    assert "trạm <mark>zim vàng</mark> ở &lt;b&gt;bản" in rows[text]
    assert "Tóm tắt thành tích: " in rows[text]
    assert rows[text].count("Dài.") < 30, "an excerpt, not the whole"


def test_pages_and_neighbours_of_a_search_follow_its_order(found, monkeypatch):
    running, order = found
    monkeypatch.setattr("api.web.list_pages._PAGE", 2)
    for most in (500, 2):
        monkeypatch.setattr(ranking, "MOST_RANKED", most)
        with running.signed_in(STAFF) as browser:
            address, seen = "/items?q=zim+vang", []
            while address:
                page = browser.get(address).text
                seen.append(codes(page))
                address = beside(page, "Trang sau")
            whole = [code for part in seen for code in part]
            assert sorted(whole) == sorted(order["bare"])
            assert len(seen) == 3
            for part in (seen[1], seen[0]):
                page = browser.get(beside(page, "Trang trước")).text
                assert codes(page) == part
            assert most == 2 or whole == order["bare"]
            for before, code in pairwise(whole):
                page = browser.get(f"/items/{code}", params={"in": "q=zim+vang"}).text
                assert f'rel="prev" href="/items/{before}?' in page
                page = browser.get(f"/items/{before}", params={"in": "q=zim+vang"}).text
                assert f'rel="next" href="/items/{code}?' in page


def test_what_is_not_found_is_said_with_a_way_back(found):
    running, _ = found
    with running.signed_in(STAFF) as browser:
        page = browser.get("/items", params={"q": "zim khong co <b>", "state": "drafted"}).text
    assert codes(page) == []
    assert "Không có hồ sơ nào có “zim khong co &lt;b&gt;”." in page
    assert re.search(r'href="/items\?state=drafted"[^>]*>Bỏ tìm kiếm', page)
    assert re.search(r'href="/items"[^>]*aria-current="page"', page), "a tab is always chosen"


def test_what_only_some_may_read_is_neither_found_nor_quoted(running):
    code = made(running, "Bảy", pending="Đang xác minh chuyện quylop")
    for by in (STAFF, HEAD, AUDITOR):
        with running.signed_in(by) as browser:
            page = browser.get("/items", params={"q": "quylop"}).text
            assert code not in page, by
            assert codes(page) == [], by
