"""The board's side of a sending: links to fetch and to answer, without an account of the agency."""

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import httpx2
import pytest

from tests.conftest import PATH, until
from tests.integration.test_nominee_lists import collective, listed
from tests.integration.test_proceedings import SIMPLE
from tests.integration.test_register import DECISION
from workflow.queries.audit import verify_database

_NUMBERS = count(1)
BOARD, CLERK = "ban-tdkt@tinh.example", "clerk@so.example"


@pytest.fixture(autouse=True, scope="module")
def whole(running):
    yield
    parts = running.parts
    verdict = parts.database.report_blocking(
        lambda connection: verify_database(connection, files=parts.files)
    )
    assert verdict.status == 0, verdict.sentence


class Sent:
    """A nomination that was sent by mail, and the board's links to it."""

    def __init__(self, running, item=None):
        self.running = running
        self.code = (item or for_the_province(running))["code"]
        mail = until(self._mail)
        self.mail = mail
        answer = re.search(r"\S+/a/r1\.\S+", mail.text)
        fetch = re.search(r"\S+/a/k1\.\S+", mail.text)
        assert answer is not None
        assert fetch is not None
        self.answer, self.fetch = answer[0], fetch[0]

    def _mail(self):
        found = [
            each
            for each in self.running.mailbox.mails()
            if each.recipient == BOARD and "/a/r1." in each.text and self.code in each.text
        ]
        return found[-1] if found else None

    @property
    def item(self):
        return self.running.client(CLERK).get(f"/items/{self.code}").json()

    def post(self, decision, link=None, **more):
        named = {"item": f"{self.code}@{self.item['version']}", "decision": decision, **more}
        return httpx2.post(link or self.answer, data=named)

    def history(self):
        path = f"/items/{self.code}/history"
        return self.running.client("auditor@so.example").get(path).json()["data"]


@pytest.fixture(scope="module")
def sent(running):
    return Sent(running)


def for_the_province(running, steps=5):
    """A nomination for an award that the agency's own head does not decide on."""
    item = running.draft()
    path, match = f"/items/{item['code']}", {"If-Match": f'"{item["version"]}"'}
    name = f"Tập thể {next(_NUMBERS)}"
    asked = {"fields": {"award": "bang_khen_tinh", "nominee": name, "achievements": name}}
    answer = running.client("staff.htqt@so.example").patch(path, json=asked, headers=match)
    assert answer.status_code == 200, answer.text
    for _, transition, by, more in PATH[:steps]:
        assert running.decide(item["code"], transition, by, **more).status_code == 200
    return item


def test_the_board_answers_without_an_account_and_its_first_answer_counts(running):
    sent = Sent(running)
    version = sent.item["version"]
    page = httpx2.get(sent.answer)
    assert page.status_code == 200
    assert not re.search(r'name="decision"[^>]*checked', page.text), "nothing is chosen"
    assert httpx2.head(sent.answer).content == b""
    assert sent.item["version"] == version, "who opens a link answers nothing"
    chosen = f"{sent.code}@{version}"
    with ThreadPoolExecutor(4) as pool:
        posts = [
            pool.submit(httpx2.post, sent.answer, data={"item": chosen, "decision": "acknowledge"})
            for _ in range(4)
        ]
        assert [each.result().status_code for each in posts] == [200] * 4
    assert sent.item["state"] == "received"
    entry = [each for each in sent.history() if each["transition"] == "acknowledge"]
    assert len(entry) == 1, "sent twice, recorded once"
    assert (entry[0]["actor"], entry[0]["via"], entry[0]["method"]) == (None, "link", "link")
    assert entry[0]["data"]["recipient"]["id"] == "ban-tdkt"
    assert [each["email"] for each in sent.item["holders"]] == [CLERK]
    other = httpx2.post(
        sent.answer, data={"item": chosen, "decision": "request_supplement", "comment": "Thiếu"}
    )
    assert other.status_code == 409
    assert "Văn thư Sở" not in other.text
    told = until(
        lambda: [
            each for each in running.mails_about(sent.code, CLERK) if "Ban Thi đua" in each.text
        ]
    )
    assert "Xác nhận đã nhận" in told[-1].text
    assert sent.post("record_award").status_code == 422, "without the decision's number"
    assert sent.post("record_award", decision_number="45/QĐ-UBND").status_code == 200
    assert "45/QĐ-UBND" in httpx2.get(sent.answer).text
    assert sent.item["state"] == "awarded"


def test_the_board_sees_how_far_a_package_is_that_is_being_made(sent):
    parts = sent.running.parts
    listed = sent.running.client(CLERK).get("/dossiers").json()["data"]
    number = next(each["id"] for each in listed if each["code"] == sent.code)
    noted = parts.settings.data_dir / "packages" / f"{number}.progress"
    noted.parent.mkdir(exist_ok=True)
    noted.write_text("57 200")
    page = httpx2.get(sent.fetch)
    assert "Đang lập gói hồ sơ: 57/200 tệp" in page.text
    assert page.headers["refresh"] == "2"
    noted.unlink()
    assert "/package" in httpx2.get(sent.fetch).text


def test_a_supplement_goes_to_the_step_and_day_that_the_board_names(running):
    sent = Sent(running)
    assert sent.post("request_supplement").status_code == 422, "without a reason"
    assert sent.post("request_supplement", comment="x", until="01/01/2020").status_code == 422
    asked = {"comment": "Bổ sung biên bản", "to": "office_reviewed", "until": "20/06/2022"}
    assert sent.post("request_supplement", **asked).status_code == 200
    assert sent.item["state"] == "office_reviewed"
    assert sent.item["due_at"] == "2022-06-20T10:00:00.000000Z"
    again = sent.post("request_supplement", **asked)
    assert again.status_code == 200, "asked for twice: the same receipt"
    assert sent.item["state"] == "office_reviewed"
    for transition, by, more in (
        ("sign_director", "director@so.example", {"pin": "246810"}),
        ("send_to_board", CLERK, {}),
    ):
        assert running.decide(sent.code, transition, by, **more).status_code == 200
    assert sent.post("acknowledge").status_code == 409, "the link of the earlier sending"
    newer = until(lambda: (found := Sent(running, sent.item)).answer != sent.answer and found)
    assert newer.post("acknowledge").status_code == 200


def test_the_author_sees_what_the_board_wants_mended(running):
    sent = Sent(running)
    asked = {"comment": "Bổ sung xác nhận của công an", "to": "drafted"}
    assert sent.post("request_supplement", **asked).status_code == 200
    with running.signed_in("staff.htqt@so.example") as author:
        page = author.get(f"/items/{sent.code}").text
    told = page.partition("Ban Thi đua - Khen thưởng tỉnh trả lại lúc")[2]
    assert asked["comment"] in told[:400]


def test_a_dossier_of_several_is_answered_item_by_item_and_all_or_none(running):
    codes = [for_the_province(running, 4)["code"] for _ in range(2)]
    clerk = running.client(CLERK)
    versions = {each: clerk.get(f"/items/{each}").json()["version"] for each in codes}
    named = [{"code": code, "version": version} for code, version in versions.items()]
    made = clerk.post("/dossiers", json={"items": named})
    assert made.status_code == 201, made.text
    sent = Sent(running, {"code": codes[0]})

    def post(decision, *about, **more):
        seen = {each: clerk.get(f"/items/{each}").json()["version"] for each in codes}
        chosen = [f"{each}@{seen[each]}" for each in about]
        return httpx2.post(sent.answer, data={"item": chosen, "decision": decision, **more})

    page = httpx2.get(sent.answer).text
    assert all(f'value="{code}@' in page for code in codes)
    assert post("acknowledge").status_code == 400, "about nothing"
    assert post("acknowledge", codes[0]).status_code == 200
    assert post("acknowledge", *codes).status_code == 403, "one of them is acknowledged already"
    assert [running.state_of(each) for each in codes] == ["received", "sent_to_ban_tdkt"]
    asked = post("request_supplement", codes[1], comment="Thiếu biên bản", to="director_signed")
    assert asked.status_code == 200
    assert post("record_award", codes[0], decision_number="46/QĐ-UBND").status_code == 200
    assert [running.state_of(each) for each in codes] == ["awarded", "director_signed"]
    assert running.decide(codes[1], "send_to_board", CLERK).status_code == 200
    assert post("acknowledge", codes[1]).status_code == 409, "it left in another dossier since"


def test_the_clerk_may_be_first(running):
    sent = Sent(running)
    version = sent.item["version"]
    assert running.decide(sent.code, "acknowledge", CLERK).status_code == 200
    late = httpx2.post(
        sent.answer, data={"item": f"{sent.code}@{version}", "decision": "acknowledge"}
    )
    assert late.status_code == 409
    assert "Văn thư Sở" not in late.text


@pytest.mark.one_database
@pytest.mark.parametrize("decision", ["send_to_board", "sign_director", "submit", "reject", ""])
def test_nothing_else_is_open_to_the_board(sent, decision):
    state = sent.item["state"]
    assert sent.post(decision).status_code in {400, 403}
    assert sent.item["state"] == state


@pytest.mark.one_database
def test_a_token_of_another_kind_or_a_forged_one_is_unknown(sent):
    head, kid, identity, mac = sent.answer.rsplit("/", 1)[1].split(".")
    base = sent.running.base_url
    answers = {
        httpx2.get(f"{base}/a/{each}").text
        for each in (
            f"k1.{kid}.{identity}.{mac}",
            f"{head}.{kid}.{identity}.{mac[:-1]}{'A' if mac[-1] != 'A' else 'E'}",
            f"{head}.other.{identity}.{mac}",
            f"a1.{kid}.{identity}.{mac}",
        )
    }
    assert len(answers) == 1, "all alike"


@pytest.mark.one_database
def test_the_board_decides_nothing_for_the_agencys_own_head(running):
    rows = [collective("Tổ trình tỉnh", "bang_khen_tinh"), collective("Tổ của Giám đốc")]
    code = listed(running, rows, **SIMPLE).json()["code"]
    for _, transition, by, more in PATH[:5]:
        assert running.decide(code, transition, by, **more).status_code == 200
    sent = Sent(running, {"code": code})
    assert sent.post("acknowledge").status_code == 200
    page = httpx2.get(sent.answer).text
    assert 'name="result-1"' in page
    assert 'name="result-2"' not in page
    assert "number-director" not in page
    said = {"number-province": "9/QĐ-UBND", "result-2": "refused", "why-2": "Không đủ"}
    assert sent.post("record_award", **said).status_code == 200
    assert [each["row"] for each in sent.history()[-1]["data"]["nominees"]] == [1]
    with running.signed_in("officer@so.example") as office:
        assert f"{code}.2" in office.get("/awards").text, "it waits for its result here"


def mixed(running, **reported):
    """A list of which the province awards row 1 and the agency's own head row 2, at the board."""
    name = f"Tổ {next(_NUMBERS)}"
    rows = [collective(f"{name} của tỉnh", "bang_khen_tinh"), collective(f"{name} của Giám đốc")]
    code = listed(running, rows, **SIMPLE).json()["code"]
    for _, transition, by, more in PATH[:4]:
        assert running.decide(code, transition, by, **more).status_code == 200
    sent = running.decide(code, "send_to_board", CLERK, **reported)
    assert sent.status_code == 200, sent.text
    return code


@pytest.mark.one_database
@pytest.mark.parametrize("way", ["link", "clerk"])
def test_a_refusal_of_a_mixed_list_ends_only_what_the_board_decides(running, way):
    office = running.client("officer@so.example")
    number = office.post("/register", json=DECISION).json()["notation"]
    for reported in ({}, {"decision_number": number}):
        code = mixed(running, **reported)
        sent = Sent(running, {"code": code})
        assert sent.post("acknowledge").status_code == 200
        if way == "link":
            assert sent.post("record_refusal", comment="Chưa đủ").status_code == 200
        else:
            said = running.decide(code, "record_refusal", CLERK, comment="Chưa đủ")
            assert said.status_code == 200, said.text
        assert running.state_of(code) == "not_awarded"
        told = {each["row"]: each.get("award") for each in sent.history()[-1]["data"]["nominees"]}
        assert told.pop(1) is None
        with running.signed_in("officer@so.example") as browser:
            awards = browser.get("/awards").text
            if reported:
                assert told[2]["number"] == number
                assert "của Giám đốc" in awards
                assert f'value="{code}.2"' in awards, "as an award, which may be withdrawn"
                continue
            assert told == {}
            assert f"{code}.2" in awards, "it waits for its result"
            typed = {"waited": f"{code}.2", "result": "given", "decision_number": number}
            page = browser.post("/awards/decide", data=typed)
        assert page.status_code == 200, page.text.split("error-summary")[1][:900]
        assert f"Quyết định {number}" in page.text


@pytest.mark.one_database
def test_the_board_refuses_nothing_that_the_agencys_own_head_alone_decides(running):
    code = listed(running, [collective(f"Tổ {next(_NUMBERS)}")], **SIMPLE).json()["code"]
    alone = running.draft()["code"]
    for each in (code, alone):
        for _, transition, by, more in PATH[:5]:
            assert running.decide(each, transition, by, **more).status_code == 200
        sent = Sent(running, {"code": each})
        assert sent.post("acknowledge").status_code == 200
        refused = sent.post("record_refusal", comment="Chưa đủ")
        assert refused.status_code == 422
        assert "Thủ trưởng cơ quan quyết định khen thưởng" in refused.text
        assert running.state_of(each) == "received"
        assert running.decide(each, "record_refusal", CLERK).status_code == 200


@pytest.mark.one_database
def test_another_item_than_the_dossiers_is_not_answered(sent, running):
    other = for_the_province(running)
    answer = httpx2.post(
        sent.answer,
        data={"item": f"{other['code']}@{other['version']}", "decision": "acknowledge"},
    )
    assert answer.status_code == 404
    assert running.state_of(other["code"]) == "sent_to_ban_tdkt"


def page_of(running, email, code):
    with running.signed_in(email) as client:
        return client.get(f"/items/{code}/sending")


@pytest.mark.one_database
def test_a_recall_is_an_entry_with_its_number_ends_the_links_and_is_told(sent, running):
    sent = Sent(running)
    address = f"/items/{sent.code}/sending"
    with running.signed_in(CLERK) as clerk:
        corrected = {"how": "correction", "why": "Sai ngày ở căn cứ", "unit": "VP", "key": "k1"}
        mistyped = clerk.post(f"{address}/amendments", data={**corrected, "number": "12a"})
        assert mistyped.status_code == 422, "a number that is none is not taken for the next one"
        assert clerk.post(f"{address}/amendments", data=corrected).status_code == 200
        arrived = {"reference": "EB123456789VN", "delivered_on": "04/05/2022", "key": "k2"}
        assert clerk.post(f"{address}/deliveries", data=arrived).status_code == 200
        recalled = {"how": "recall", "why": "Gửi nhầm", "key": "k3"}
        assert clerk.post(f"{address}/amendments", data=recalled).status_code == 200
        again = clerk.post(f"{address}/revoke", data={"key": "k4"})
        assert again.status_code == 422, "nothing is left to take back"
    entries = {each["type"]: each["data"] for each in sent.history()}
    assert entries["issue_amended"]["how"] == "recall"
    assert entries["issue_amended"]["registered"]["number"].endswith("/TB-SNgV")
    assert entries["arrived"]["reference"] == "EB123456789VN"
    assert sent.item["state"] == "sent_to_ban_tdkt", "nothing is taken away"
    assert sent.post("acknowledge").status_code == 410
    told = until(
        lambda: [
            each
            for each in running.mailbox.mails()
            if each.recipient == BOARD and sent.code in each.text and "Thu hồi" in each.subject
        ]
    )
    assert "Tập thể" not in told[0].text, "nobody is named"
    shown = page_of(running, "auditor@so.example", sent.code)
    assert "Đã thu hồi bằng văn bản số" in shown.text
    assert page_of(running, "staff.htqt@so.example", sent.code).status_code == 404
    with running.signed_in(CLERK) as clerk:
        file = clerk.get(f"{address}.edxml")
    assert file.headers["content-type"].startswith("application/xml")
    assert "<edXML:CodeNotation>TTr-SNgV</edXML:CodeNotation>" in file.text
    assert "Công an" not in file.text, "a nomination goes to whom decides alone"
    assert "submission-CHUA-KY.pdf" in file.text, "no signed copy is kept: the letter as made here"
    with running.signed_in("auditor@so.example") as auditor:
        assert "Đã đính chính bằng văn bản số" in auditor.get("/register").text


@pytest.mark.one_database
def test_each_opening_of_a_link_is_kept_with_its_address(running):
    sent = Sent(running)
    httpx2.get(sent.answer)
    assert "127.0.0.1" in until(
        lambda: "127.0.0.1" in (page := page_of(running, CLERK, sent.code).text) and page
    )
