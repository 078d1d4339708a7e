"""What is wrong with a form: all of it at once, each sentence at its field, all typed kept."""

import re
import secrets

import pytest

pytestmark = pytest.mark.one_database

STAFF, OFFICER = "staff.htqt@so.example", "officer@so.example"


def links_in(page):
    """Return the ids that the summary of a page's errors leads to."""
    found = re.search(r'<div class="[^"]*error-summary.*?</div>', page, re.DOTALL)
    assert found, page
    assert "autofocus" in found[0]
    return re.findall(r'href="#([^"]+)"', found[0])


def test_a_draft_says_all_that_is_wrong_at_its_fields_and_keeps_what_was_typed(running):
    typed = {
        "key": secrets.token_hex(16),
        "title": "",
        "campaign": running.draft()["campaign"],
        "f-period_from": "31/02/2022",
        "f-people_involved": "nhiều",
    }
    with running.signed_in(STAFF) as browser:
        form = browser.get("/items/new?type=nomination").text
        numbers = re.findall(r'inputmode="numeric"\s+id="(f-[^"]+)"', form)
        answer = browser.post("/items/new?type=nomination", data=typed)
        page = answer.text
    assert answer.status_code == 422
    links = links_in(page)
    assert {"f-award", "f-period_from"} <= set(links), "what a title is made of is asked for"
    assert all(f'id="{each}"' in page for each in links), "each leads somewhere"
    assert 'value="31/02/2022"' in page
    assert re.search(r'id="f-period_from"[^>]*aria-invalid="true"', page)
    assert 'id="f-period_from-error"' in page
    index = re.search(r'<nav class="index".*?</nav>', page, re.DOTALL)[0]
    wrong = re.findall(r'href="#g-(\w+)">(?:(?!</a>).)*?class="count late">(\d+)', index, re.DOTALL)
    assert dict(wrong)["merit"] == "1", "the index says where something is wrong"
    assert sum(int(count) for _, count in wrong) == len(
        [each for each in links if each[:2] == "f-"]
    )
    assert "Tối đa 12.000 ký tự" in page
    assert numbers is not None


def test_a_day_typed_day_first_is_kept_and_shown_day_first(running):
    code = running.draft()["code"]
    with running.signed_in(STAFF) as browser:
        page = browser.get(f"/items/{code}/edit").text
        assert re.search(r'value="\d\d/\d\d/\d{4}"', page)
        version = running.client(STAFF).get(f"/items/{code}").json()["version"]
        sent = {"version": version, "title": "Sửa ngày", "f-period_from": "5/1/2022"}
        saved = browser.post(f"/items/{code}/edit", data=sent)
        assert saved.status_code == 200, saved.text
    fields = running.client(STAFF).get(f"/items/{code}").json()["fields"]
    assert fields["period_from"] == "2022-01-05", "5 January, and not 1 May"


def test_a_number_that_is_none_is_the_same_refusal_new_and_edited(running):
    code = running.draft("department_report")["code"]
    with running.signed_in(STAFF) as browser:
        page = browser.get(f"/items/{code}/edit").text
        name = re.search(r'inputmode="numeric"\s+id="(f-[^"]+)"\s+name="\1"\s+value', page)[1]
        version = running.client(STAFF).get(f"/items/{code}").json()["version"]
        shown = {
            "version": version,
            "title": running.client(STAFF).get(f"/items/{code}").json()["title"],
        }
        answer = browser.post(f"/items/{code}/edit", data={**shown, name: "nhiều"})
        assert answer.status_code == 422
        assert links_in(answer.text) == [name]
        new = {"key": secrets.token_hex(16), "title": "T", name: "nhiều"}
        assert browser.post("/items/new?type=department_report", data=new).status_code == 422


def test_a_deadline_says_all_that_is_wrong_at_its_fields(running):
    with running.signed_in(OFFICER) as browser:
        typed = {"due_day": "32/1/2022", "due_time": "5 PM", "roll": "previous"}
        answer = browser.post("/deadlines/new", data=typed)
    assert answer.status_code == 422
    links = links_in(answer.text)
    assert links == ["kind", "departments", "due_day", "due_time"], "as the page has them"
    assert all(f'id="{each}"' in answer.text for each in links)
    assert 'value="32/1/2022"' in answer.text


@pytest.mark.parametrize(("award", "is_doubted"), [("bang_khen_tinh", True), ("giay_khen", False)])
def test_a_ground_that_names_another_authority_is_marked_at_its_field(running, award, is_doubted):
    body = running.client(STAFF).get("/definitions/nomination/example").json()
    ground = "Khen thưởng theo đợt phát động, thuộc thẩm quyền của Giám đốc Sở"
    body["fields"] |= {"award": award, "procedure": "simplified", "procedure_ground": ground}
    code = running.client(STAFF).post("/items", json=body).json()["code"]
    with running.signed_in(STAFF) as browser:
        form = browser.get(f"/items/{code}/edit").text
    field = form.split('<label for="f-procedure_ground">')[1].split('id="f-procedure_ground"')[0]
    assert ("căn cứ nêu Giám đốc Sở" in field) is is_doubted
