from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx2
import pytest

STAFF, HEAD, DEPUTY, DIRECTOR = (
    "staff.htqt@so.example",
    "head.htqt@so.example",
    "deputy.htqt@so.example",
    "director@so.example",
)


@pytest.fixture
def waiting(running):
    item = running.item_in("submitted")
    return item["code"], running.link_for(item["code"], HEAD)


def choose(link, decision="approve_department", version="2", **more):
    return httpx2.post(link, data={"decision": decision, "version": version, **more}, timeout=60)


@pytest.mark.one_database
def test_the_mail_asks_first_and_names_nobody(running, waiting):
    code, link = waiting
    (mail,) = running.mails_about(code, HEAD)
    assert mail.subject.startswith("[Trình duyệt] ")
    title = running.client("auditor@so.example").get(f"/items/{code}").json()["title"]
    assert title not in mail.subject + mail.text
    assert "Giấy khen" not in mail.subject
    assert link in mail.text.splitlines()
    assert len(link) < 200


def test_opening_a_link_any_way_changes_nothing(running, waiting):
    code, link = waiting
    for _ in range(20):
        assert httpx2.get(link).status_code == 200
        head = httpx2.head(link)
        assert (head.status_code, head.content) == (200, b"")
    assert httpx2.get(link + "?confirm=1&decision=approve_department&version=2").status_code == 200
    assert running.state_of(code) == "submitted"


@pytest.mark.one_database
def test_a_bot_that_submits_the_form_with_its_defaults_decides_nothing(running, waiting):
    code, link = waiting
    page = httpx2.get(link).text
    assert "checked" not in page
    answer = httpx2.post(link, data={"version": "2", "comment": ""})
    assert answer.status_code == 400
    assert running.state_of(code) == "submitted"


@pytest.mark.one_database
def test_a_page_with_a_token_tells_no_one_and_is_not_kept(waiting):
    page = httpx2.get(waiting[1])
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["x-robots-tag"] == "noindex"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "set-cookie" not in page.headers
    assert "http://" not in page.text.replace("http://127.0.0.1", "")
    assert "https://" not in page.text


@pytest.mark.one_database
def test_a_decision_by_link_is_recorded_and_the_same_click_again_shows_the_same_receipt(
    running, waiting
):
    code, link = waiting
    first = choose(link)
    assert first.status_code == 200
    assert "Đã ghi nhận" in first.text
    assert choose(link).status_code == 200
    assert "Đã ghi nhận" in httpx2.get(link).text
    assert choose(link, "reject", comment="x").status_code == 409
    entries = running.client("auditor@so.example").get(f"/items/{code}/history").json()["data"]
    assert [each["transition"] for each in entries] == [None, "submit", "approve_department"]
    assert (entries[-1]["via"], entries[-1]["method"], entries[-1]["actor"]) == (
        "link",
        "link",
        HEAD,
    )


def test_fifty_parallel_clicks_make_one_transition_and_forty_nine_receipts(running, waiting):
    code, link = waiting
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: choose(link), range(50)))
    assert {each.status_code for each in answers} == {200}
    assert (
        len(running.client("auditor@so.example").get(f"/items/{code}/history").json()["data"]) == 3
    )


def test_of_two_approvers_the_second_learns_who_was_first(running, waiting):
    code, link = waiting
    other = running.link_for(code, DEPUTY)
    assert choose(link).status_code == 200
    late = choose(other)
    assert late.status_code == 409
    assert "Trưởng phòng Hợp tác quốc tế" in late.text
    assert httpx2.get(other).status_code == 200
    assert running.state_of(code) == "department_approved"


@pytest.mark.one_database
def test_each_refusal_of_a_post_has_its_status(running, waiting):
    code, link = waiting
    assert choose(link, version="").status_code == 400
    assert choose(link, "nonsense").status_code == 400
    assert choose(link, "submit").status_code == 403
    assert choose(link, "sign_director").status_code == 403
    assert choose(link, version="1").status_code == 409
    missing = choose(link, "return", comment=" ")
    assert missing.status_code == 422
    assert "lý do" in missing.text
    assert running.state_of(code) == "submitted"


@pytest.mark.one_database
def test_what_was_typed_comes_back_with_a_refusal(waiting):
    answer = choose(waiting[1], "", comment="Tôi đã viết <b>một đoạn dài</b>")
    assert answer.status_code == 400
    assert "Tôi đã viết &lt;b&gt;một đoạn dài&lt;/b&gt;" in answer.text


@pytest.mark.one_database
def test_a_forged_or_unknown_link_does_not_exist(running, waiting):
    link = waiting[1]
    head, _, mac = link.rpartition(".")
    for bad in (
        head + "." + mac[::-1],
        link[:-1],
        link + "x",
        running.base_url + "/a/nothing",
        link.upper(),
    ):
        assert httpx2.get(bad).status_code == 404
    assert choose(head + "." + mac[::-1]).status_code == 404


@pytest.mark.one_database
def test_signing_by_link_needs_the_pin_and_the_comment_is_asked_for_first(running):
    item = running.item_in("office_reviewed")
    link = running.link_for(item["code"], DIRECTOR)
    version = str(item["version"])
    assert choose(link, "return", version).status_code == 422
    assert choose(link, "sign_director", version).status_code == 403
    assert choose(link, "sign_director", version, pin="111111").status_code == 403
    assert running.state_of(item["code"]) == "office_reviewed"
    assert choose(link, "sign_director", version, pin="246810").status_code == 200
    assert (
        running.client("auditor@so.example")
        .get(f"/items/{item['code']}/history")
        .json()["data"][-1]["method"]
        == "pin"
    )


@pytest.mark.one_database
def test_a_returned_and_resubmitted_item_kills_the_old_link(running, waiting):
    code, link = waiting
    assert choose(link, "return", comment="Bổ sung").status_code == 200
    running.decide(code, "submit", STAFF)
    again = httpx2.get(link)
    assert "Đã ghi nhận" in again.text
    assert choose(link).status_code == 409
    assert running.state_of(code) == "submitted"


def test_an_expired_link_says_so_and_a_fresh_one_goes_to_the_registered_address_only(
    running, waiting
):
    code, link = waiting
    running.clock.advance(timedelta(days=15))
    assert "hết hạn" in httpx2.get(link).text
    assert choose(link).status_code == 410
    assert httpx2.post(link + "/fresh").status_code == 200
    fresh = running.link_for(code, HEAD, newer_than=1)
    assert choose(fresh).status_code == 200


@pytest.mark.one_database
def test_a_link_grants_nothing_else(running, waiting):
    code, link = waiting
    token = link.rsplit("/", 1)[1]
    assert (
        httpx2.get(
            running.base_url + f"/items/{code}", headers={"Cookie": f"thidua={token}"}
        ).status_code
        == 303
    )
    assert (
        httpx2.get(
            running.base_url + f"/api/v1/items/{code}", headers={"Authorization": f"Bearer {token}"}
        ).status_code
        == 401
    )


@pytest.mark.one_database
def test_the_author_hears_of_a_return_without_a_link(running, waiting):
    code, link = waiting
    choose(link, "return", comment="Cần số liệu")
    from tests.waiting import until

    mail = until(lambda: running.mails_about(code, STAFF))[0]
    assert mail.decision_links == []
    assert mail.subject.startswith("[Hồ sơ bị trả lại]")
    assert "“Cần số liệu”" in mail.text
