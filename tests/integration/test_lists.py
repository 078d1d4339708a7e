"""The list of items: filters and columns in the address, views under a name, sheets of what is seen, and the board by state."""

import csv
import io
import re
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from tests.conftest import CAMPAIGN

STAFF, OTHER, HEAD, OFFICER = (
    "staff.htqt@so.example",
    "staff.ls@so.example",
    "head.htqt@so.example",
    "officer@so.example",
)


@pytest.fixture(scope="module")
def listed(running):
    """A draft, one that waits for the head, one that waits for the Office, and a foreign draft."""
    codes = [
        running.draft()["code"],
        running.item_in("submitted")["code"],
        running.item_in("department_approved")["code"],
    ]
    foreign = running.draft(author=OTHER)["code"]
    return running, codes, foreign


def shown(text, codes):
    return [code for code in codes if re.search(rf'href="/items/{code}["?]', text)]


@pytest.mark.parametrize(
    ("by", "query", "expected"),
    [
        (STAFF, {}, [0, 1, 2]),
        (STAFF, {"state": "submitted"}, [1]),
        (STAFF, {"only": "mine"}, [0, 1, 2]),
        (HEAD, {"only": "waiting"}, [1]),
        (STAFF, {"only": "late"}, []),
        (STAFF, {"campaign": CAMPAIGN}, [0, 1, 2]),
        (STAFF, {"campaign": "khong-co"}, []),
        (STAFF, {"type": "department_report"}, []),
        (STAFF, {"only": "nonsense"}, [0, 1, 2]),
    ],
)
def test_filters_live_in_the_address(listed, by, query, expected):
    running, codes, foreign = listed
    with running.signed_in(by) as browser:
        text = browser.get("/items", params=query).text
    assert shown(text, [*codes, foreign]) == [codes[each] for each in expected]


def test_a_list_is_narrowed_by_due_days_and_what_is_late_stands_late_first(listed):
    running, codes, _ = listed
    with running.signed_in(OFFICER) as browser:
        due = {
            each["code"]: each["due_at"]
            for each in running.client(OFFICER).get("/items").json()["data"]
        }
        dated = sorted((at, code) for code, at in due.items() if at and code in codes)
        assert len(dated) == 2
        on = "/".join(reversed(dated[0][0][:10].split("-")))
        page = browser.get("/items", params={"since": on, "until": on}).text
        assert dated[0][1] in shown(page, codes)
        assert codes[0] not in shown(page, codes), "it has no due day"
        assert f"hạn từ {on}" in page
        after = browser.get("/items", params={"since": "01/01/2199", "until": "31/12/2199"}).text
        assert shown(after, codes) == []
        assert "Hãy bỏ bớt điều kiện lọc" in after
        assert shown(browser.get("/items", params={"since": "32/13/x"}).text, codes) == codes
        late = browser.get("/items", params={"only": "late", "type": "nomination"}).text
        assert "bỏ bớt" in late or "<strong>Đến hạn trước</strong>" in late


def test_columns_are_chosen_and_exported_as_seen(listed):
    running, codes, foreign = listed
    query = {"state": "submitted", "columns": ["department", "author"]}
    with running.signed_in(STAFF) as browser:
        text = browser.get("/items", params=query).text
        assert '<th scope="col">Người soạn</th>' in text
        assert "Phong trào: " not in text
        book = browser.get("/items.xlsx", params=query)
        lines = browser.get("/items.csv", params=query)
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(book.content))
        .get_sheet_by_index(0)
        .to_python()[2:]
    )
    assert rows[0] == [
        "Mã hồ sơ",
        "Tiêu đề",
        "Loại",
        "Trạng thái",
        "Đang chờ",
        "Hạn",
        "Phòng",
        "Người soạn",
    ]
    assert [row[0] for row in rows[1:]] == [codes[1]]
    assert rows == list(csv.reader(io.StringIO(lines.content.decode("utf-8-sig"))))
    assert foreign not in lines.text


@pytest.mark.one_database
def test_a_title_that_looks_like_a_formula_is_text_in_both(running):
    draft = running.draft()
    running.client(STAFF).patch(
        f"/items/{draft['code']}", json={"title": "=HYPERLINK(1)"}, headers={"If-Match": '"1"'}
    )
    with running.signed_in(STAFF) as browser:
        lines = browser.get("/items.csv", params={"q": draft["code"]}).content.decode("utf-8-sig")
    assert [row[1] for row in csv.reader(io.StringIO(lines))][1] == "'=HYPERLINK(1)"


def test_a_view_is_kept_under_a_name_for_its_owner_alone(listed):
    running, _, _ = listed
    with running.signed_in(STAFF) as browser:
        assert (
            browser.post("/items/views", data={"query": "state=submitted", "name": " "}).status_code
            == 422
        )
        kept = browser.post(
            "/items/views", data={"query": "state=submitted&cursor=x&evil=1", "name": "Chờ duyệt"}
        )
        assert kept.status_code == 200
        assert 'href="/items?state=submitted">Chờ duyệt</a>' in kept.text, (
            "only what the list knows is kept"
        )
        again = browser.post("/items/views", data={"query": "state=drafted", "name": "Chờ duyệt"})
        assert again.text.count(">Chờ duyệt</a>") == 2, (
            "the newer of that name, as a link and to forget"
        )
        assert "state=submitted" not in again.text.split("<form", maxsplit=1)[0]
        view = again.text.split("/items/views/")[1].split("/")[0]
    with running.signed_in(OTHER) as stranger:
        assert "Chờ duyệt</a>" not in stranger.get("/items").text
        stranger.post(f"/items/views/{view}/forget")
    with running.signed_in(STAFF) as browser:
        assert "Chờ duyệt</a>" in browser.get("/items").text
        assert "Chờ duyệt</a>" not in browser.post(f"/items/views/{view}/forget").text


def test_the_board_shows_each_item_under_its_state(listed):
    running, codes, foreign = listed
    with running.signed_in(STAFF) as browser:
        text = browser.get("/items/board", params={"type": "nomination"}).text
        reports = browser.get("/items/board", params={"type": "department_report"}).text
    lanes = re.split(r'<section class="lane"[^>]*>', text)
    assert next(lane for lane in lanes if codes[1] in lane).startswith(
        "<header><h2>Chờ lãnh đạo phòng duyệt"
    )
    assert foreign not in text
    assert codes[1] not in reports
    head = running.person(HEAD).name
    assert head in next(lane for lane in lanes if codes[1] in lane), "who has it"
    assert running.person(STAFF).name in next(lane for lane in lanes if codes[0] in lane)


def test_what_is_late_comes_first_in_its_lane_and_where_the_office_looks(listed):
    running, _, _ = listed
    first = running.item_in("submitted")["code"]
    running.clock.advance(timedelta(days=7))
    second = running.item_in("submitted")["code"]
    running.clock.advance(timedelta(days=7))
    newest = running.item_in("submitted")["code"]
    with running.signed_in(OFFICER) as browser:
        board = browser.get("/items/board", params={"type": "nomination"}).text
        office = browser.get("/office").text
    assert board.index(first) < board.index(second) < board.index(newest)
    assert re.search(r'badge is-late">.*?</svg>\s*Trễ 8 ngày', board), "not yet for long"
    assert office.index(first) < office.index(second)


@pytest.mark.one_database
def test_what_is_the_same_for_everybody_is_packed(running):
    with running.browser() as browser:
        packed = browser.get("/static/site.css", headers={"Accept-Encoding": "gzip"})
        assert packed.headers["content-encoding"] == "gzip"
        assert int(packed.headers["content-length"]) < 12_000
        plain = browser.get("/static/site.css", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == packed.content
        again = browser.get(
            "/static/site.css",
            headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]},
        )
        assert again.status_code == 304
        assert browser.get("/static/../../pyproject.toml").status_code == 404


@pytest.mark.one_database
@pytest.mark.parametrize("site", [None, "cross-site", "same-site", "same-origin", "none"])
def test_a_page_is_packed_only_where_the_request_began_with_us(listed, site):
    running, codes, _ = listed
    began = {} if site is None else {"Sec-Fetch-Site": site}
    with running.signed_in(STAFF) as browser:
        page = browser.get("/items", headers={"Accept-Encoding": "gzip", **began})
        plain = browser.get("/items", headers={"Accept-Encoding": "identity", **began})
    assert (page.headers.get("content-encoding") == "gzip") == (site in {"same-origin", "none"})
    assert "content-encoding" not in plain.headers
    assert codes[0] in page.text


@pytest.mark.one_database
def test_the_first_visit_weighs_little(running):
    """At most 115 kB for a page with everything it draws in, as a browser gets it, and 20 kB for the next."""
    with running.signed_in(STAFF) as browser:
        first = browser.get("/items", headers={"Sec-Fetch-Site": "same-origin"})
        paths = re.findall(r'(?:href|src)="(/static/[^"#]+)', first.text)
        sheet = browser.get("/static/site.css").text
        assert not re.search(r'<code|class="(code|hash)', first.text), "nothing of equal width"
        paths += [
            f"/static/{each.lstrip('./')}"
            for face in re.findall(r"@font-face\{[^}]+\}", sheet)
            for each in re.findall(r'url\("?([^")]+)"?\)', face)
            if "Mono" not in face
        ]
        weights = {
            each: int(
                browser.get(each, headers={"Accept-Encoding": "gzip"}).headers["content-length"]
            )
            for each in dict.fromkeys(paths)
        }
    assert len(first.content) < 20_000
    assert sum(weights.values()) + int(first.headers["content-length"]) < 115_000, weights


def links_beside(text):
    return dict(re.findall(r'<a rel="(prev|next)" href="([^"]+)"', text))


def test_from_an_item_one_goes_on_through_the_list_it_was_opened_from(listed):
    running, codes, _ = listed
    with running.signed_in(STAFF) as browser:
        page = browser.get("/items", params={"only": "mine", "type": "nomination"}).text
        address = re.search(rf'href="(/items/{codes[1]}\?in=[^"]+)"', page)[1].replace("&amp;", "&")
        beside = links_beside(browser.get(address).text)
        assert beside["prev"].startswith(f"/items/{codes[2]}?in="), "the newer one stands above"
        assert beside["next"].startswith(f"/items/{codes[0]}?in=")
        oldest = browser.get(beside["next"].replace("&amp;", "&")).text
        assert set(links_beside(oldest)) == {"prev"}
        assert "only=mine" in re.search(r'<a href="(/items\?[^"]+)"', oldest)[1], (
            "and back to the list"
        )
        assert not links_beside(browser.get(f"/items/{codes[1]}").text), (
            "opened by itself, it stands in no list"
        )


@pytest.mark.one_database
@pytest.mark.parametrize(
    "within",
    ["department=lanh-su", "only=late", "q=" + "x" * 2000, "%00=&&&=;", "only=nonsense&q=%25_"],
)
def test_a_forged_list_leads_nowhere_that_its_reader_may_not_go(listed, within):
    running, codes, foreign = listed
    with running.signed_in(STAFF) as browser:
        answer = browser.get(f"/items/{codes[0]}", params={"in": within})
        assert answer.status_code in {200, 400}
        assert foreign not in answer.text


@pytest.mark.parametrize(
    "words, is_found",
    [
        ("đặng đường đỏ", True),
        ("đỏ đặng đường", True),
        ("DUONG do DANG", True),
        ("Đường   Đỏ", True),
        ("đường xanh", False),
        ("%", False),
        ("_ường", False),
    ],
)
def test_search_finds_words_in_any_order_without_diacritics(running, words, is_found):
    code = running.draft()["code"]
    titled = running.client(STAFF).patch(
        f"/items/{code}", json={"title": "Đặng Văn, tổ Đường Đỏ"}, headers={"If-Match": '"1"'}
    )
    assert titled.status_code == 200
    with running.signed_in(STAFF) as browser:
        assert bool(shown(browser.get("/items", params={"q": words}).text, [code])) is is_found
        assert (code in browser.get("/items.csv", params={"q": words}).text) is is_found
    found = running.client(STAFF).get("/items", params={"q": words, "limit": 200}).json()["data"]
    assert (code in {each["code"] for each in found}) is is_found
