"""The whole main job on the shipped processes with every state and transition called otherwise.

No id means anything to the product: what it does at a step, it reads from the definition.
"""

import io
import re
from datetime import datetime
from functools import cache

import pytest
from ruamel.yaml import YAML

from api.bootstrap import ROOT
from notifications.tick import tick
from tests.conftest import CAMPAIGN, running_at
from tests.waiting import until
from workflow.queries.audit import verify_database

pytestmark = pytest.mark.one_database

STAFF, HEAD, OFFICER = "staff.htqt@so.example", "head.htqt@so.example", "officer@so.example"
DIRECTOR, CLERK, AUDITOR = "director@so.example", "clerk@so.example", "auditor@so.example"
KINDS = ("nomination", "department_report")
PIN = "246810"
NAMING = {"id", "initial", "from", "to", "do", "then", "through", "approve", "reject", "take"}
"""The keys of a definition whose values name states and transitions."""

WAY = (
    ("approve_department", HEAD, "duyệt", "department_approved"),
    ("review_office", OFFICER, "thẩm định", "office_reviewed"),
    ("sign_director", DIRECTOR, "ký duyệt", "director_signed"),
    ("send_to_board", CLERK, "cấp số và gửi Ban TĐKT", "sent_to_ban_tdkt"),
    ("acknowledge", CLERK, "xác nhận việc Ban TĐKT tiếp nhận", "received"),
)
"""Each answer by a link, whose it is, what the mail asks for, and where it leads."""


def tree_of(kind):
    return YAML(typ="safe").load((ROOT / f"definitions/{kind}.yaml").read_text("utf-8"))


def ids_of(kind):
    tree = tree_of(kind)
    return [each["id"] for each in (*tree["states"], *tree["transitions"])]


@cache
def other():
    """What each state and each transition is called here."""
    names = dict.fromkeys(each for kind in KINDS for each in ids_of(kind))
    return {name: f"ten_khac_{place}" for place, name in enumerate(names)}


def renamed(value, key=""):
    if isinstance(value, dict):
        return {
            name: each if name in {"fields", "groups"} else renamed(each, name)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [renamed(each, key) for each in value]
    names = NAMING | {"never_the_author", "different_people"}
    return other().get(value, value) if key in names else value


@pytest.fixture(scope="module")
def product(database_url, tmp_path_factory):
    folder = tmp_path_factory.mktemp("definitions")
    for kind in KINDS:
        out = io.StringIO()
        tree = tree_of(kind)
        for each in tree["transitions"]:
            if (kind, each["id"]) == ("department_report", "acknowledge"):
                each["confirms"] = ["no_state_secret"]  # so that a link asks for it too
        YAML(typ="safe").dump(renamed(tree), out)
        assert not set(re.findall(r"[a-z_]+", out.getvalue())) & {
            "office_reviewed",
            "sign_director",
        }
        (folder / f"{kind}.yaml").write_text(out.getvalue(), "utf-8")
    data = tmp_path_factory.mktemp("data")
    with running_at("127.0.0.1", data, database_url, folder) as running:
        body = {
            "campaign": CAMPAIGN,
            "kind": "interim",
            "departments": ["hop-tac-quoc-te", "lanh-su"],
            "due_at": "2022-06-15T17:00:00+07:00",
        }
        assert running.client(OFFICER).post("/deadlines", json=body).status_code == 201
        yield running


def submit_on_page(product, code, version=1):
    """Hand an item in on its page, which asks for the word on state secrets."""
    address = f"/items/{code}/decide/{other()['submit']}"
    with product.signed_in(STAFF) as browser:
        assert 'name="no_secret"' in browser.get(address).text
        refused = browser.post(address, data={"version": str(version)})
        assert refused.status_code == 422
        assert "bí mật nhà nước" in refused.text
        done = browser.post(address, data={"version": str(version), "no_secret": "yes"})
    assert 'class="current"' in done.text
    assert product.state_of(code) == other()["submitted"]


def answer_by_link(product, code, decision, person, verb):
    """Answer by the link of the mail, which asks by its verb."""
    link = product.link_for(code, person, newer_than=product.seen.get((code, person), 0))
    mail = product.mails_about(code, person)[-1]
    asked, found, _ = mail.subject.removeprefix("[").partition("] ")
    assert found, mail.subject
    assert asked.lower() in {verb.lower(), f"trình {verb}".lower()}, mail.subject
    product.seen[code, person] = len(product.mails_about(code, person))
    with product.browser() as browser:
        version = re.search(r'name="version" value="(\d+)"', browser.get(link).text)[1]
        data = {"decision": other()[decision], "version": version, "pin": PIN}
        done = browser.post(link, data=data)
    assert "Đã ghi nhận" in done.text, done.text


@pytest.fixture(scope="module")
def done(product):
    """A nomination by pages and links to its award, a report by the interface, once returned."""
    product.seen = {}
    nomination = product.draft()["code"]
    submit_on_page(product, nomination)
    for decision, person, verb, state in WAY:
        answer_by_link(product, nomination, decision, person, verb)
        assert product.state_of(nomination) == other()[state]
    answer_by_link(product, nomination, "record_award", CLERK, "ghi nhận kết quả khen thưởng")
    refused = product.draft()["code"]
    report = product.draft("department_report")["code"]
    way = [("submit", STAFF, {}), ("return", HEAD, {"comment": "Bổ sung"}), ("submit", STAFF, {})]
    way += [(decision, person, {}) for decision, person, _, _ in WAY]
    for code, ends in ((report, []), (refused, [("record_refusal", CLERK, {})])):
        for decision, person, more in way + ends:
            factor = {"pin": PIN} if person == DIRECTOR else {}
            answer = product.decide(code, other()[decision], person, **more, **factor)
            assert answer.status_code == 200, answer.text
    return nomination, refused, report


def test_every_id_is_another_one():
    assert len(other()) > 20
    assert not set(other().values()) & set(other())


def test_both_kinds_come_to_their_end_and_the_history_is_whole(product, done):
    nomination, refused, report = done
    assert product.state_of(nomination) == other()["awarded"]
    assert product.state_of(refused) == other()["not_awarded"]
    assert product.state_of(report) == other()["received"]
    assert product.parts.database.report_blocking(verify_database).status == 0
    told = {each.recipient for each in product.mailbox.mails() if nomination in each.text}
    assert {"ban-tdkt@tinh.example", "cong-an@tinh.example"} <= told


def test_the_print_names_the_signer_once_it_is_signed(product, done):
    waiting = product.draft()["code"]
    with product.signed_in(STAFF) as browser:
        for code in done:
            assert "Giám đốc duyệt trên phần mềm: " in browser.get(f"/items/{code}/print").text
        assert "(chưa duyệt)" in browser.get(f"/items/{waiting}/print").text


def test_who_stood_in_for_the_director_signs_for_them(product):
    body = {
        "from": DIRECTOR,
        "to": "deputy.director@so.example",
        "starts_on": "2022-05-04",
        "ends_on": "2022-05-20",
        "document": "12/QĐ-SNV",
        "pin": PIN,
    }
    assert product.client(DIRECTOR).post("/delegations", json=body).status_code == 201
    code = product.draft()["code"]
    for decision, person in (
        ("submit", STAFF),
        ("approve_department", HEAD),
        ("review_office", OFFICER),
    ):
        assert product.decide(code, other()[decision], person).status_code == 200
    stand_in = "deputy.director@so.example"
    signed = product.decide(code, other()["sign_director"], stand_in, pin=PIN)
    assert signed.status_code == 200, signed.text
    with product.signed_in(STAFF) as browser:
        page = browser.get(f"/items/{code}/print").text
        block = re.search(r"KT\. GIÁM ĐỐC\s*<br>\s*PHÓ GIÁM ĐỐC</p>\s*Phó Giám đốc Sở", page)
        assert block, page[-2000:]


def test_each_state_has_its_colour(product, done):
    nomination, refused, report = done
    draft = product.draft()["code"]
    tones = {nomination: "done", refused: "ended", report: "done"}
    with product.signed_in(AUDITOR) as browser:
        for code, tone in tones.items():
            head = browser.get(f"/items/{code}").text.split('<div class="head">')[1][:800]
            assert f'badge is-{tone}"' in head, code
        assert 'class="current"' in browser.get(f"/items/{draft}").text  # its step, not its end


def test_a_deadline_is_met_and_the_board_counts_the_return(product, done):
    with product.signed_in(OFFICER) as browser:
        board = browser.get("/deadlines/board").text
        page = browser.get("/deadlines").text
    assert "1 đã nộp · 1 chưa nộp" in board
    assert "Trả lại 1 lần" in board
    assert re.search(r"Phòng Hợp tác quốc tế:\s+Hoàn thành", page)


def test_the_figures_count_stages_returns_and_whom_time_was_spent_with(product, done):
    with product.signed_in(DIRECTOR) as browser:
        campaign = browser.get(f"/campaigns/{CAMPAIGN}").text
        quality = browser.get("/deadlines/quality", params={"type": "department_report"}).text
        ahead = browser.get(
            "/deadlines/backplan", params={"on": "2022-06-30", "type": "nomination"}
        ).text
    line = re.search(r'<a href="/items\?department=hop-tac-quoc-te">.*?</tr>', campaign, re.DOTALL)
    stages = re.search(r'role="img" aria-label="([^"]+)"', line[0])[1]
    drafting, waiting, through = map(int, re.findall(r"\d+", stages))
    assert through == 3
    assert drafting + waiting > 0
    assert re.search(r">1 lần</span> <small[^>]*>\(100 %\)<", quality)
    for words in ("Chờ người soạn", "Chờ lãnh đạo phòng", "Chờ Văn phòng Sở", "Chờ văn thư"):
        assert words in ahead


def test_the_pages_tell_the_way_without_a_single_id(product, done):
    nomination, _, report = done
    with product.signed_in(AUDITOR) as browser:
        for address in (f"/items/{nomination}", f"/items/{report}", "/", "/items", "/history"):
            page = browser.get(address)
            assert page.status_code == 200, address
            shown = re.sub(r"<[^>]*>", "", page.text)
            assert "ten_khac" not in shown, address
        way = browser.get(f"/items/{nomination}").text
        assert "Chờ Ban TĐKT" in way
        assert browser.get(f"/items/{nomination}/way.svg").status_code == 200


def test_the_office_sees_what_is_late_and_what_the_board_has_not_confirmed(product, done):
    late = product.draft()["code"]
    assert product.decide(late, other()["submit"], STAFF).status_code == 200
    sent = product.draft()["code"]
    assert product.decide(sent, other()["submit"], STAFF).status_code == 200
    for decision, person, _, _ in WAY[:4]:
        factor = {"pin": PIN} if person == DIRECTOR else {}
        assert product.decide(sent, other()[decision], person, **factor).status_code == 200
    product.clock.advance(datetime.fromisoformat("2022-07-04T08:01:00+07:00") - product.clock.now())
    with product.signed_in(OFFICER) as browser:
        page = browser.get("/office").text
    sections = {each.split("<")[0].split(" (")[0]: each for each in page.split("<h2>")[1:]}
    assert late in sections["Hồ sơ trễ bước, chưa gửi"]
    assert sent not in sections["Hồ sơ trễ bước, chưa gửi"]
    assert sent in page


def test_who_has_delivered_is_not_reminded(product, done):
    product.run(tick(product.parts.database, product.parts.reminders))

    def reminded():
        return {
            each.recipient
            for each in product.mailbox.mails()
            if each.subject.startswith("[Đôn đốc]")
        }

    until(lambda: "staff.ls@so.example" in reminded())
    assert STAFF not in reminded()


def test_a_link_asks_for_the_confirmation_that_its_step_wants(product, done):
    code = product.draft("department_report")["code"]
    for decision, person in (("submit", STAFF), *((each[0], each[1]) for each in WAY[:4])):
        factor = {"pin": PIN} if person == DIRECTOR else {}
        if person == CLERK:
            product.link_for(code, CLERK)  # before its own decision overtakes it
        assert product.decide(code, other()[decision], person, **factor).status_code == 200
    sent = product.client(AUDITOR).get(f"/items/{code}").json()
    with product.browser() as browser:
        link = product.link_for(code, CLERK, newer_than=1)
        assert 'name="no_secret"' in browser.get(link).text
        data = {"decision": other()["acknowledge"], "version": str(sent["version"])}
        refused = browser.post(link, data=data)
        assert refused.status_code == 422
        assert "bí mật nhà nước" in refused.text
        assert product.state_of(code) == other()["sent_to_ban_tdkt"]
        assert browser.post(link, data={**data, "no_secret": "yes"}).status_code == 200
    assert product.state_of(code) == other()["received"]
