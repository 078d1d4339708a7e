"""One nomination of many: from a form or a sheet through the council to the register, each decided by himself."""

import io
import re
import threading

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy.pool.base import _ConnectionFairy

from tests.conftest import CAMPAIGN
from tests.councils import CHIEF, DIRECTOR, HEAD, MEMBERS, OFFICER, STAFF, counted, opened
from tests.forms import encoded, form_with
from tests.integration.test_awards import readdressed
from workflow.definition import OutgoingRules
from workflow.lookups.nominations import examinations, forbidden_by_rules
from workflow.queries.audit import verify_database
from workflow.queries.privacy import held_on
from workflow.store.items import find_item

CLERK, OTHER_HEAD, BORDER = "clerk@so.example", "head.ls@so.example", "staff.bg@so.example"
HEADINGS = [
    "Đối tượng",
    "Tên tập thể",
    "Số thành viên của tập thể",
    "Cá nhân được đề nghị",
    "Giới tính",
    "Chức vụ",
    "Đơn vị",
    "Phân loại cá nhân",
]
MORE = [
    "Hình thức khen thưởng đề nghị",
    "Nội dung ghi trên Giấy khen hoặc Bằng khen",
    "Tóm tắt thành tích",
]


@pytest.fixture(autouse=True)
def given_on_paper(running):
    """Decisions up to number 12 of the year were given before the register was kept here."""
    context, kept = running.parts.context, running.parts.context.outgoing
    rules = OutgoingRules(kept="here", before={"QĐ": 12}, before_in=2022)
    object.__setattr__(context, "outgoing", rules)
    yield
    object.__setattr__(context, "outgoing", kept)


def collective(name, award="giay_khen"):
    return {
        "nominee_kind": "collective",
        "nominee": name,
        "members": 6,
        "nominee_unit": f"{name}, Sở Ngoại vụ",
        "award": award,
        "certificate_text": "Có thành tích xuất sắc",
        "achievements": f"{name} hoàn thành tốt",
    }


def person(email, award="giay_khen", group="direct"):
    return {
        "nominee_kind": "individual",
        "nominee_person": email,
        "nominee_sex": "female",
        "nominee_position": "Chuyên viên",
        "nominee_unit": "Sở Ngoại vụ",
        "nominee_class": group,
        "award": award,
        "certificate_text": "Có thành tích xuất sắc",
        "achievements": f"Thành tích của {email}",
    }


ROWS = [
    person(BORDER),
    collective("Phòng Lãnh sự A", "bang_khen_tinh"),
    person(OTHER_HEAD, group="leader"),
    collective("Phòng Biên giới A"),
]


def listed(running, rows, **fields):
    body = running.client(STAFF).get("/definitions/nomination/example").json()
    own = {"nominee_kind", "nominee", "members", "nominee_unit", "award"}
    own |= {"certificate_text", "achievements"}
    kept = {name: value for name, value in body["fields"].items() if name not in own}
    body["fields"] = {**kept, "procedure": "council", "listed": True, "nominees": rows, **fields}
    body["campaign"], body["title"] = CAMPAIGN, "Danh sách đề nghị"
    return running.client(STAFF).post("/items", json=body)


def reviewed(running, rows):
    code = listed(running, rows).json()["code"]
    for transition, by in (
        ("submit", STAFF),
        ("approve_department", HEAD),
        ("review_office", OFFICER),
    ):
        answer = running.decide(code, transition, by)
        assert answer.status_code == 200, answer.text
    return code


def vote(running, found, failing):
    for who in MEMBERS:
        choices = {
            each["code"]: "disagree" if each["code"] in failing else "agree"
            for each in found["cases"]
            if who not in each["concerned"]
        }
        paper = {"run": found["run"], "choices": choices}
        answer = running.client(who).post(f"/council-rounds/{found['id']}/papers", json=paper)
        assert answer.status_code == 201, answer.text
    counted(running, found)
    closed = running.client(CHIEF).post(f"/council-rounds/{found['id']}/close")
    assert closed.status_code == 200, closed.text
    return closed.json()


def register(running, code):
    with running.signed_in(OFFICER) as browser:
        content = browser.get("/awards.xlsx").content
    (sheet,) = CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(sheet).to_python()
    return {row[6]: row for row in rows if str(row[6]).startswith(code)}


def test_each_of_a_list_is_voted_on_awarded_and_withdrawn_by_himself(running):
    code = reviewed(running, ROWS)
    kept = running.client(STAFF).get(f"/items/{code}").json()["fields"]["nominees"]
    assert [each["nominee_kind"] for each in kept] == ["collective"] * 2 + ["individual"] * 2
    found = opened(running, code, threshold="")
    cases = {each["code"]: each for each in found["cases"]}
    assert list(cases) == [f"{code}.{row}" for row in (1, 2, 3, 4)]
    assert [each["threshold"] for each in cases.values()] == ["80%", "70%", "70%", "70%"]
    assert [each["concerned"] for each in cases.values()] == [[], [], [], [OTHER_HEAD]]
    with running.signed_in(DIRECTOR) as browser:
        paper = browser.get(f"/rounds/{found['id']}/papers/{running.person(DIRECTOR).id}").text
    assert paper.count('value="a"') == 4
    assert "Phòng Lãnh sự A, Bằng khen" in paper
    closed = vote(running, found, {f"{code}.3"})
    assert [each["passed"] for each in closed["cases"]] == [True, True, False, True]
    for transition, by, more in (
        ("sign_director", DIRECTOR, {"pin": "246810"}),
        ("send_to_board", CLERK, {}),
        ("acknowledge", CLERK, {}),
    ):
        answer = running.decide(code, transition, by, **more)
        assert answer.status_code == 200, (transition, answer.text)
    with running.signed_in(CLERK) as browser:
        address = f"/items/{code}/decide/record_award"
        page = browser.get(address).text
        version = re.search(r'name="version" value="(\d+)"', page)[1]
        form = {"version": version, "key": "a" * 32, "number-director": "12/QĐ-SNgV"}
        silent = browser.post(address, data=form)
        assert "Dòng 1 của danh sách: Ghi số quyết định" in silent.text
        invented = form | {"number-director": "13/QĐ-SNgV", "number-province": "99/QĐ-UBND"}
        refused = browser.post(address, data=invented | {"result-4": "refused", "why-4": "Sai"})
        assert "Dòng 2 của danh sách: Sổ đăng ký văn bản đi năm 2022" in refused.text
        form |= {"number-province": "99/QĐ-UBND", "result-4": "refused", "key": "b" * 32}
        assert browser.post(address, data=form | {"result-3": "given"}).status_code == 422
        form |= {"why-4": "Trùng thành tích", "key": "c" * 32}
        done = browser.post(address, data=form)
        assert done.status_code == 200, done.text[-900:]
        shown = browser.get(f"/items/{code}").text
        assert "Trùng thành tích" in shown
    assert running.state_of(code) == "awarded"
    rows = register(running, code)
    assert {each: (row[0], row[3]) for each, row in rows.items()} == {
        f"{code}.1": ("Phòng Lãnh sự A", "99/QĐ-UBND"),
        f"{code}.2": ("Phòng Biên giới A", "12/QĐ-SNgV"),
    }
    typed = {"code": f"{code}.2", "number": "12/QĐ-SNgV", "decided_on": "04/05/2022", "why": "Sai"}
    with running.signed_in(OFFICER) as browser:
        assert browser.post("/awards/withdraw", data=typed).status_code == 200
    assert [row[7] for row in register(running, code).values()] == ["", "Sai"]
    assert running.parts.database.report_blocking(verify_database).status == 0


@pytest.mark.one_database
def test_each_row_is_judged_and_named(running):
    wrong = [{**ROWS[0], "award": "x"}, {**ROWS[1], "members": "six"}]
    answer = listed(running, wrong)
    assert answer.status_code == 422
    assert {"Dòng 1", "Dòng 2"} <= {said["message"][:6] for said in answer.json()["reasons"]}, (
        answer.text
    )
    short = {name: value for name, value in ROWS[1].items() if name != "members"}
    code = listed(running, [ROWS[0], short]).json()["code"]
    answer = running.decide(code, "submit", STAFF)
    assert "dòng 1: Số thành viên của tập thể" in answer.text, answer.text
    out = listed(running, [ROWS[0], {**ROWS[3], "award": "huy_hieu_tinh"}]).json()["code"]
    answer = running.decide(out, "submit", STAFF)
    assert "Dòng 1 của danh sách: Danh hiệu, hình thức này không có" in answer.text
    own = listed(running, [person(HEAD)]).json()["code"]
    assert running.decide(own, "submit", STAFF).status_code == 200
    assert running.decide(own, "approve_department", HEAD).status_code in {403, 404, 409, 422}


@pytest.mark.one_database
def test_a_list_is_typed_without_a_script_or_read_from_a_sheet_all_or_none(running):
    with running.signed_in(STAFF) as browser:
        template = browser.get("/items/nominees.xlsx?type=nomination")
        book = CalamineWorkbook.from_filelike(io.BytesIO(template.content))
        heads = book.get_sheet_by_index(0).to_python()[0]
        assert heads == [*HEADINGS, *MORE]
        one = browser.get("/items/new?type=nomination").text
        assert "listed=1" in one
        assert 'name="f-listed"' not in one, "asked once, by the link"
        page = browser.get("/items/new?type=nomination&listed=1").text
        assert '<input type="hidden" name="f-listed" value="true">' in page
        assert re.search(r'listed=1"\s+aria-current', page)
        assert page.count('name="n-0-award"') == 1
        assert 'name="f-award"' in page
        csv = "\n".join(
            [
                ",".join([*HEADINGS, *MORE]),
                "Tập thể,Phòng A,6,,,,Sở,,Giấy khen của Giám đốc Sở,Có thành tích,=1+1",
                "Cá nhân,,,staff.bg@so.example,Nữ,Chuyên viên,Sở,Người trực tiếp công tác,Xe đạp,Có,Tốt",
                "Tập thể,,6,,,,Sở,,Giấy khen của Giám đốc Sở,Có thành tích,Tốt",
            ]
        )

        def sent(text):
            return browser.post(
                "/items/new?type=nomination",
                data={"campaign": CAMPAIGN, "more": "sheet"},
                files={"nominee_file": ("ds.csv", text.encode("utf-8-sig"))},
            )

        lacking = sent("Đơn vị,Đơn vị\nSở,Sở").text
        assert "thiếu cột Đối tượng, Hình thức khen thưởng đề nghị, " in lacking
        refused = sent(csv)
        assert refused.status_code == 422
        assert "Dòng 3" in refused.text
        assert "Dòng 4: thiếu: Tên tập thể" in refused.text
        assert 'value="Phòng A"' not in refused.text
        good = sent(csv.replace("Xe đạp", "Giấy khen của Giám đốc Sở").rsplit("\n", 1)[0])
        assert good.status_code == 200, good.text[-500:]
        assert 'value="Phòng A"' in good.text
        form = dict(re.findall(r'name="(n-[^"]+)"[^>]*? value="([^"]*)"', good.text))
        form |= {"n-0-award": "giay_khen", "n-0-achievements": "=1+1", "n-1-award": "giay_khen"}
        form |= {"f-listed": "true", "campaign": CAMPAIGN, "title": "", "key": "d" * 32}
        saved = browser.post("/items/new?type=nomination", data=form)
        assert saved.status_code == 200, saved.text[-900:]
        code = str(saved.url).rsplit("/", 1)[-1]
        edit = browser.get(f"/items/{code}/edit").text
        untouched = form_with(edit, "n-0-award")
        browser.post(f"/items/{code}/edit", data=encoded(untouched.fields))
        assert running.client(STAFF).get(f"/items/{code}").json()["version"] == 1
    item = running.client(STAFF).get(f"/items/{code}").json()
    assert item["title"] == "Danh sách đề nghị khen thưởng: 01 tập thể, 01 cá nhân"
    assert len(item["fields"]["nominees"]) == 2


def examined(running, code):
    """What the law says of each nominee of an item, and how often the database was asked for it."""
    asked, here, reader = [], threading.get_ident(), running.person(OFFICER)
    cursor = _ConnectionFairy.cursor

    def counted(self, *args, **more):
        asked.extend([self] * (threading.get_ident() == here))
        return cursor(self, *args, **more)

    def read(connection):
        context = running.parts.context
        item = find_item(connection, code)
        content = context.contents.of(connection, [item])[item.id]
        asked.clear()
        found = examinations(context, connection, reader, item, content)
        forbidden_by_rules(context, connection, item, content, reader)
        return found, len(asked)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(_ConnectionFairy, "cursor", counted)
        read_twice = [running.parts.database.report_blocking(read) for _ in range(2)]
    return read_twice[-1]


def test_a_long_list_asks_the_database_no_more_often_than_a_short_one(running):
    rows = [person(BORDER), person(OTHER_HEAD), *(collective(f"Tổ Mẫu {n}") for n in range(30))]
    before = listed(running, rows).json()["code"]
    short, long = (listed(running, given).json()["code"] for given in (rows[:3], rows))
    (few, asked), (many, asked_of_many) = examined(running, short), examined(running, long)
    assert (len(few), len(many)) == (3, 32)
    assert 0 < asked_of_many <= asked, (asked, asked_of_many)
    told = next(each for each in many[0].judgement.findings if "DN-" in str(each.found))
    assert f"{before}.1" in str(told.found)


@pytest.mark.one_database
def test_the_same_nominee_twice_in_one_list_is_told_with_both_rows(running):
    rows = [collective("Tổ Mẫu"), collective("Tổ Khác"), person(BORDER), collective("to mau")]
    answer = listed(running, [*rows, person(BORDER, "bang_khen_tinh")])
    assert answer.status_code == 422
    told = [each["message"] for each in answer.json()["reasons"]]
    assert [each.split(". ")[0] for each in told] == [
        f"Dòng {again} của danh sách: Đối tượng này đã có ở dòng {first}"
        for again, first in ((3, 1), (5, 4))
    ]
    csv = "\n".join(
        [
            ",".join([*HEADINGS, *MORE]),
            "Tập thể,Phòng A,6,,,,Sở,,Giấy khen của Giám đốc Sở,Có thành tích,Tốt",
            "Tập thể,phong a,6,,,,Sở,,Giấy khen của Giám đốc Sở,Có thành tích,Tốt",
        ]
    )
    with running.signed_in(STAFF) as browser:
        sent = browser.post(
            "/items/new?type=nomination",
            data={"campaign": CAMPAIGN, "more": "sheet"},
            files={"nominee_file": ("ds.csv", csv.encode("utf-8-sig"))},
        )
    assert sent.status_code == 422
    assert "Dòng 3: Đối tượng này đã có ở dòng 2" in sent.text


@pytest.mark.one_database
def test_who_is_named_in_a_list_is_called_by_name_and_told_of_it_at_another_address(running):
    old, new = "staff.ls@so.example", "chuyen.vien.bg@so.example"
    code = reviewed(running, [person(old), collective("Phòng Biên giới B")])
    readdressed(running, old, new)
    named = running.person(new)
    with running.signed_in(OFFICER) as browser:
        page = browser.get(f"/rounds/new?campaign={CAMPAIGN}").text
    kept = running.parts.database.report_blocking(
        lambda connection: held_on(running.parts.context, connection, named)
    )
    assert f"{named.name}, Giấy khen" in page
    assert f"{old}, Giấy khen" not in page
    assert code in {each["code"] for each in kept["items_naming_them"]}


@pytest.mark.one_database
def test_the_same_deed_under_another_name_is_told_across_movements(running):
    plan = running.client(OFFICER).get("/campaigns").json()["data"][0]
    other = {**plan, "id": "phong-trao-khac", "name": "Phong trào khác"}
    made = running.client(OFFICER).post("/campaigns", json=other)
    assert made.status_code == 201, made.text
    deed = "Hoàn thành vượt mức kế hoạch\nvà giúp đỡ đơn vị bạn"
    told = listed(running, [{**collective("Tổ Một"), "achievements": deed}]).json()["code"]
    body = running.client(STAFF).get(f"/items/{told}").json()
    again = {**collective("Tổ Hai"), "achievements": deed.replace("Hoàn thành", "hoan thanh")}
    sent = {
        "type": "nomination",
        "campaign": "phong-trao-khac",
        "title": "Danh sách khác",
        "fields": {**body["fields"], "nominees": [again, collective("Tổ Ba")]},
    }
    answer = running.client(STAFF).post("/items", json=sent)
    assert answer.status_code == 201, answer.text
    same, another = examined(running, answer.json()["code"])[0]
    assert any(f"{told}.1" in str(each.found) for each in same.judgement.findings)
    assert not any(told in str(each.found) for each in another.judgement.findings)
