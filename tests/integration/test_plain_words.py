"""People read words: no id of a state, a transition, a rule or a kind of entry stands on a page, a print or in a mail."""

import html
import re

import pytest

from tests.conftest import CAMPAIGN, PATH
from tests.waiting import until

pytestmark = pytest.mark.one_database

STAFF, HEAD, OFFICER, CLERK = (
    "staff.htqt@so.example",
    "head.htqt@so.example",
    "officer@so.example",
    "clerk@so.example",
)
READERS = (STAFF, HEAD, OFFICER, "director@so.example", CLERK, "auditor@so.example")
KINDS_OF_ENTRY = {
    "holders_changed",
    "deadline_set",
    "definition_published",
    "campaign_read",
    "person_changed",
    "opinion_asked",
    "signed_off",
}


def visible(page):
    """What a person sees of a page: no markup, no addresses, no values of fields that are not typed by people."""
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", text))


def about(running, code):
    """Mails on an item, by their subjects."""
    return [each for each in running.mailbox.mails() if code in each.subject]


@pytest.fixture(scope="module")
def answered(running):
    """A nomination that was awarded, one that was returned, one that waits; a deadline; something said."""
    awarded = running.draft()["code"]
    for step, (_, transition, by, more) in enumerate((*PATH, ("", "record_award", CLERK, {})), 1):
        assert running.decide(awarded, transition, by, **more).status_code == 200
        until(lambda least=step: len(about(running, awarded)) >= least)  # none is overtaken
    returned = running.item_in("submitted")["code"]
    assert running.decide(returned, "return", HEAD, comment="Bổ sung.").status_code == 200
    waiting = running.item_in("submitted")["code"]
    assert (
        running.client(HEAD)
        .post(f"/items/{waiting}/opinions", json={"of": OFFICER, "words": "Có đủ không?"})
        .status_code
        == 201
    )
    deadline = {
        "campaign": CAMPAIGN,
        "kind": "interim",
        "departments": ["lanh-su"],
        "due_at": "2022-06-15T17:00:00+07:00",
    }
    assert running.client(OFFICER).post("/deadlines", json=deadline).status_code == 201
    return running, (awarded, returned, waiting)


@pytest.fixture(scope="module")
def ids(running):
    """Every id that is no word: those of the shipped definitions that have an underscore, and kinds of entry."""
    definitions = running.client(STAFF).get("/definitions").json()["data"]
    found = {
        each["id"]
        for book in definitions
        for part in ("states", "transitions")
        for each in book[part]
    }
    assert {"record_award", "department_approved", "sent_to_ban_tdkt"} <= found
    return {each for each in found if "_" in each} | KINDS_OF_ENTRY


def addresses(codes):
    for code in codes:
        yield from (f"/items/{code}{part}" for part in ("", "/print", "/versions", "/edit"))
        yield from (
            f"/items/{code}/decide/{each}"
            for each in ("approve_department", "record_award", "nonsense")
        )
    yield from (
        "/",
        "/items",
        "/items?state=record_award",
        "/items/board",
        "/deadlines",
        "/deadlines/board",
        "/reminders",
        "/history",
        "/office",
    )
    yield from (
        f"/campaigns/{CAMPAIGN}",
        "/campaigns",
        "/merits",
        "/deadlines/backplan?type=nomination&on=2022-12-01",
        "/deadlines/quality",
    )


@pytest.mark.parametrize("reader", READERS)
def test_pages_speak_in_words(answered, ids, reader):
    running, codes = answered
    seen = 0
    with running.signed_in(reader) as browser:
        for address in addresses(codes):
            words = visible(browser.get(address).text)
            assert not [each for each in ids if re.search(rf"\b{each}\b", words)], (reader, address)
            seen += "Được khen thưởng" in words
    assert seen, "somewhere it is said what became of the item"


@pytest.mark.parametrize("decision", ["nonsense", "record_award", "approve_department"])
def test_a_refusal_of_a_page_or_a_link_names_no_id_but_the_one_it_was_given(
    answered, ids, decision
):
    running, (_, _, waiting) = answered
    link = running.link_for(waiting, HEAD)
    with running.signed_in(HEAD) as browser:
        pages = [
            browser.post(f"/items/{waiting}/decide/{decision}", data={"version": "1"}),
            browser.post(
                f"/items/{waiting}/decide/return",
                data={"version": "2", "to": "record_award", "comment": "x"},
            ),
            browser.post(
                "/together", data={"code": waiting, "decision": decision, f"version-{waiting}": "1"}
            ),
            browser.post(link, data={"decision": "record_award", "version": "2", "to": "nowhere"}),
        ]
    for page in pages:
        words = visible(page.text)
        assert not [each for each in ids - {"record_award"} if re.search(rf"\b{each}\b", words)], (
            words
        )


def test_mails_speak_in_words(answered, ids):
    running, codes = answered
    assert len(about(running, codes[0])) >= len(PATH)
    mails = running.mailbox.mails()
    assert mails
    for mail in mails:
        words = re.sub(r"https?://\S+", " ", f"{mail.subject} {mail.text}")
        assert not [each for each in ids if re.search(rf"\b{each}\b", words)], words
