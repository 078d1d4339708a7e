"""The product speaks to each reader in their language: pages, refusals, letters and the page behind a letter's link."""

import re

import pytest

from api.settings import load_settings
from workflow.errors import InvalidInputError

pytestmark = pytest.mark.one_database

STAFF, HEAD = "staff.htqt@so.example", "head.htqt@so.example"
VIETNAMESE, ENGLISH = '<html lang="vi">', '<html lang="en">'


def choose(browser, code, page="/"):
    return browser.post(
        "/language", data={"language": code}, headers={"Referer": str(browser.base_url.join(page))}
    )


def test_pages_are_vietnamese_until_a_reader_chooses(running):
    with running.browser() as browser:
        page = browser.get("/sign-in", headers={"Accept-Language": "en"})
        assert VIETNAMESE in page.text, (
            "the browsers of an office are seldom set to what its people read"
        )
        after = choose(browser, "en", "/sign-in?from=here")
        assert str(after.url).endswith("/sign-in?from=here"), "back to where the choice was made"
        assert ENGLISH in after.text
        assert "Sign in" in after.text
        assert "Đăng nhập" not in after.text
        assert VIETNAMESE in choose(browser, "vi", "/sign-in").text


@pytest.mark.parametrize(
    "referer", ["https://elsewhere.example/x", "//elsewhere.example/x", "", "javascript:1"]
)
def test_choosing_a_language_leads_nowhere_else(running, referer):
    with running.browser() as browser:
        answer = browser.post(
            "/language",
            data={"language": "en"},
            headers={"Referer": referer},
            follow_redirects=False,
        )
        assert answer.headers["location"] == "/"


@pytest.mark.parametrize("code", ["fr", "", "en;DROP", "../en"])
def test_a_language_that_is_not_spoken_is_refused_with_a_sentence(running, code):
    with running.browser() as browser:
        answer = choose(browser, code)
        assert answer.status_code == 422
        assert "Tiếng Việt, English" in answer.text


def test_the_choice_comes_back_with_its_person(running):
    with running.signed_in(STAFF) as browser:
        assert ENGLISH in choose(browser, "en").text
    with running.signed_in(STAFF) as elsewhere:
        assert ENGLISH in elsewhere.get("/").text
        assert "My work" in elsewhere.get("/").text
        choose(elsewhere, "vi")
    with running.signed_in(STAFF) as again:
        assert VIETNAMESE in again.get("/").text


def test_a_forged_cookie_speaks_the_agencys_language(running):
    with running.browser() as browser:
        assert (
            VIETNAMESE
            in browser.get("/sign-in", headers={"Cookie": "language=../../etc; language=fr"}).text
        )


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("en", "Not found"),
        ("en-GB,vi;q=0.5", "Not found"),
        ("fr, en;q=0.1, vi;q=0.9", "Không tìm thấy"),
        ("x;q=y, *", "Không tìm thấy"),
    ],
)
def test_a_program_asks_by_a_header(running, asked, title):
    problem = (
        running.client(STAFF).get("/items/NOWHERE-1", headers={"Accept-Language": asked}).json()
    )
    assert problem["title"] == title
    assert ("Không" in problem["detail"]) == (title != "Not found")


def test_a_refusal_from_the_committer_is_said_in_the_readers_language(running):
    item = running.draft()
    english = {"Accept-Language": "en"}
    body = {"transition": "submit", "version": item["version"]}
    problem = (
        running.client(HEAD)
        .post(f"/items/{item['code']}/transitions", json=body, headers=english)
        .json()
    )
    assert problem["title"] == "Not permitted"
    assert "Only the item's author may choose “Submit" in problem["detail"]


def test_letters_and_their_links_follow_whom_they_are_for(running):
    with running.signed_in(HEAD) as browser:
        choose(browser, "en")
    code = running.draft()["code"]
    running.decide(code, "submit", STAFF)
    link = running.link_for(code, HEAD)
    mail = running.mails_about(code, HEAD)[-1]
    assert mail.subject.startswith("[To approve] Nomination")
    assert "Opening the link changes nothing" in mail.text
    with running.browser() as anybody:
        page = anybody.get(link).text
        assert ENGLISH in page
        assert "Submitted to the " in page
        assert VIETNAMESE in choose(anybody, "vi", link).text, (
            "who reads the page may choose otherwise"
        )
    with running.signed_in(HEAD) as browser:
        choose(browser, "vi")
    with running.browser() as another:
        assert VIETNAMESE in another.get(link).text


def test_a_private_calendar_speaks_its_owners_language(running):
    with running.signed_in(HEAD) as browser:
        page = browser.post("/deadlines/calendar/feed").text
        address = re.search(r"(/feeds/[^<\s]+\.ics)", page)[1]
        with running.browser() as program:
            assert "X-WR-CALNAME:Thi đua" in program.get(address).text
        choose(browser, "en")
        with running.browser() as program:
            assert "X-WR-CALNAME:Emulation" in program.get(address).text
        choose(browser, "vi")


def test_no_page_says_anything_in_vietnamese_to_an_english_reader(running):
    """What people wrote stays as it is; here they wrote nothing, so only names of people, departments and campaigns are left."""
    with running.signed_in("officer@so.example") as browser:
        choose(browser, "en")
        known = sorted(_names(running), key=len, reverse=True)
        for address in (
            "/more",
            "/items?q=none",
            "/items/board?q=none",
            "/office",
            "/reminders",
            "/standing-in",
        ):
            words = re.sub(r"<[^>]+>|Tiếng Việt|NĐ-CP", " ", browser.get(address).text)
            for name in known:
                words = words.replace(name, "")
            assert re.findall(r"\S*[à-ỹđĐ]\S*", words) == [], address
        choose(browser, "vi")


def _names(running):
    people = running.client("auditor@so.example").get("/people").json()["data"]
    departments = running.client("auditor@so.example").get("/departments").json()["data"]
    campaigns = running.client("auditor@so.example").get("/campaigns").json()["data"]
    agency = running.parts.agency
    signing = [*agency.signing.assignments, agency.signing.regulation]
    return {
        agency.name,
        *(each["name"] for each in [*people, *departments, *campaigns]),
        *(each.document for each in signing),
    }


def test_the_setting_knows_the_languages(tmp_path):
    assert load_settings(data_dir=tmp_path, locale="en").locale == "en"
    with pytest.raises(InvalidInputError):
        load_settings(data_dir=tmp_path, locale="fr")
