"""The people of the agency on pages: added, changed, invited again, brought in from a sheet; nobody raises themselves."""

import html
import io
import re
import zipfile

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.waiting import until
from tests.workbooks import xlsx

pytestmark = pytest.mark.one_database

OFFICE, ADMIN, HEAD = "officer@so.example", "admin@so.example", "head.htqt@so.example"
NEW = {
    "name": "Chuyên viên thứ hai",
    "email": "new@so.example",
    "position": "staff",
    "department": "htqt",
    "is_active": "yes",
}


def form_of(page):
    """What a browser would send back of a person's form."""
    values = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    values |= {
        name: re.search(
            rf'<select[^>]*name="{name}".*?<option value="([^"]*)" selected', page, re.DOTALL
        )
        for name in ("position", "department")
    }
    return {
        name: (value[1] if isinstance(value, re.Match) else value or "")
        for name, value in values.items()
    }


@pytest.fixture
def office(running):
    with running.signed_in(OFFICE) as browser:
        yield browser


def added(running, office, **more):
    running.count = getattr(running, "count", 0) + 1
    person = {**NEW, "email": f"new{running.count}@so.example", **more}
    department = running.client(OFFICE).get("/departments").json()["data"][1]["id"]
    answer = office.post("/people/new", data={**person, "department": department})
    assert answer.status_code == 200, answer.text
    assert "Thư mời đặt mật khẩu đã được gửi" in answer.text
    return person


def test_a_person_is_added_invited_and_found_in_their_department(running, office):
    person = added(running, office)
    page = office.get("/people").text
    assert person["email"] in page
    assert "Chưa đặt mật khẩu" in page
    until(
        lambda: [
            each
            for each in running.mailbox.mails()
            if each.recipient == person["email"] and "đặt mật khẩu" in each.subject
        ]
    )


def test_positions_that_need_a_department_are_named_in_the_readers_language(office):
    page = office.get("/people/new").text
    assert "Cần ghi phòng với: Chánh Văn phòng, Trưởng phòng, Phó Trưởng phòng" in page


def test_a_refused_form_keeps_what_was_typed_and_says_why(office):
    answer = office.post(
        "/people/new", data={**NEW, "email": "nhom@so.example", "name": "Tên đã gõ"}
    )
    assert answer.status_code == 422
    assert "hộp thư nhóm" in answer.text
    assert "Dòng" not in answer.text, "a form has no rows"
    assert "Tên đã gõ" in answer.text
    again = office.post("/people/new", data={**NEW, "email": HEAD})
    assert "Đã có người dùng địa chỉ" in again.text


def test_a_change_is_saved_and_a_stale_one_is_not(running, office):
    person = added(running, office)
    address = f"/people/{person['email']}"
    shown = form_of(office.get(address).text)
    assert (
        office.post(address, data={**shown, "name": "Tên mới", "is_active": "yes"}).status_code
        == 200
    )
    assert "Tên mới" in office.get("/people").text
    stale = office.post(address, data={**shown, "name": "Tên cũ hơn", "is_active": "yes"})
    assert stale.status_code == 409
    assert "Tên cũ hơn" in stale.text, "what was typed is kept"
    assert "Tên cũ hơn" not in office.get("/people").text


def test_a_new_address_and_a_leaving_are_one_form(running, office):
    person = added(running, office)
    shown = form_of(office.get(f"/people/{person['email']}").text)
    moved = {**shown, "email": "Moved." + person["email"], "is_active": "yes"}
    assert office.post(f"/people/{person['email']}", data=moved).status_code == 200
    address = "/people/moved." + person["email"]
    left = form_of(office.get(address).text)
    left.pop("is_active", None)
    assert office.post(address, data=left).status_code == 200
    assert "Không còn làm việc" in office.get("/people").text
    assert office.post(f"{address}/invite").status_code == 409, "nobody is invited who has left"


def test_an_invitation_goes_again_only_to_who_has_no_password(running, office):
    person = added(running, office)

    def invitations():
        return [each for each in running.mailbox.mails() if each.recipient == person["email"]]

    until(invitations)
    assert "Đã gửi lại thư mời" in office.post(f"/people/{person['email']}/invite").text
    until(lambda: len(invitations()) > 1)
    code = re.search(r"/setup/(\S+)", invitations()[-1].text)[1]
    with running.browser() as browser:
        answer = browser.post(
            f"/setup/{code}", data={"password": "một câu dài dễ nhớ", "again": "một câu dài dễ nhớ"}
        )
        assert "Đã ghi nhận mật khẩu" in answer.text
    assert office.post(f"/people/{person['email']}/invite").status_code == 409


def test_the_office_makes_no_administrators_and_nobody_raises_themselves(running, office):
    assert (
        office.post(
            "/people/new",
            data={**NEW, "email": "root@so.example", "position": "admin", "department": ""},
        ).status_code
        == 403
    )
    admin = form_of(office.get(f"/people/{ADMIN}").text)
    assert (
        office.post(
            f"/people/{ADMIN}", data={**admin, "email": "mine@so.example", "is_active": "yes"}
        ).status_code
        == 403
    )
    own = form_of(office.get(f"/people/{OFFICE}").text)
    raised = office.post(
        f"/people/{OFFICE}", data={**own, "position": "director", "is_active": "yes"}
    )
    assert "Không ai tự đổi vị trí" in raised.text
    problem = running.client(OFFICE).patch(f"/people/{OFFICE}", json={"position": "director"})
    assert problem.status_code == 403
    assert (
        running.client(OFFICE)
        .patch(f"/people/{ADMIN}", json={"email": "mine@so.example"})
        .status_code
        == 403
    )
    assert running.person(OFFICE).position == "officer"
    assert running.person(ADMIN).email == ADMIN
    with running.signed_in(ADMIN) as browser:
        assert (
            browser.post(
                "/people/new",
                data={**NEW, "email": "root@so.example", "position": "admin", "department": ""},
            ).status_code
            == 200
        )


def brought_in(office, name, body):
    """Return the answer to a sheet that was looked at and then imported."""
    shown = office.post("/people/import", files={"file": (name, body)})
    assert shown.status_code == 200, shown.text
    assert "Đã nhập danh sách" not in shown.text, "looking records nothing"
    told = {
        field: html.unescape(re.search(rf'name="{field}" value="([^"]*)"', shown.text)[1])
        for field in ("key", "sheet")
    }
    return office.post("/people/import", data=told)


def test_what_a_sheet_would_change_is_shown_before_it_is_recorded(running, office):
    before = running.person(HEAD)
    sheet = office.get("/people.csv").text.replace(before.name, "Tên khác “lắm”")
    sheet += 'moi@so.example,"=Mới, toanh",staff,lanh-su,1\n'
    shown = office.post("/people/import", files={"file": ("people.csv", sheet.encode())}).text
    assert shown.count("Mới, toanh") == 2, "in the table, and in the sheet that is sent back"
    assert before.name in shown
    assert "Tên khác “lắm”" in shown
    assert running.person(HEAD) == before
    assert "Đã nhập danh sách" in brought_in(office, "people.csv", sheet.encode()).text
    assert running.person(HEAD).name == "Tên khác “lắm”"
    same = office.post(
        "/people/import", files={"file": ("people.csv", office.get("/people.csv").content)}
    )
    assert 'name="sheet"' not in same.text, "nothing to import"


def test_a_sheet_comes_in_whole_or_not_at_all(running, office):
    good = "email,name,position,department,active\nsheet@so.example,Người trong bảng,director,,1\n"
    bad = good.replace("sheet@", "other@") + "not-an-address,Sai,staff,,1\n"
    refused = office.post("/people/import", files={"file": ("people.csv", bad.encode())})
    assert refused.status_code == 422
    assert "Dòng 3" in refused.text
    assert "other@so.example" not in office.get("/people").text
    waits = brought_in(office, "people.csv", good.encode())
    assert waits.url.path.startswith("/proposals/")
    assert "sheet@so.example" not in office.get("/people.csv").text
    running.confirm()
    staff = good.replace("director,", "staff,lanh-su").replace("sheet@", "staff.sheet@")
    imported = brought_in(office, "people.csv", staff.encode())
    assert "Đã nhập danh sách" in imported.text
    exported = office.get("/people.csv").text
    assert "sheet@so.example,Người trong bảng,director" in exported
    for name, body in (
        ("x.xlsx", b"not a sheet"),
        ("x.csv", b"\xff\xfe"),
        ("x.csv", b""),
        ("x.csv", b"a,b\n" * 400_000),
    ):
        assert office.post("/people/import", files={"file": (name, body)}).status_code == 422
    root = "email,name,position,department,active\nroot2@so.example,Ai đó,admin,,1\n"
    assert brought_in(office, "people.csv", root.encode()).status_code == 403


def test_others_do_not_see_the_list_and_auditors_change_nothing(running):
    with running.signed_in(HEAD) as browser:
        for address in ("/people", "/people.csv", "/people/new", f"/people/{OFFICE}"):
            assert browser.get(address).status_code == 403
        assert browser.post("/people/new", data=NEW).status_code == 403
        assert (
            browser.post("/people/import", files={"file": ("people.csv", b"x")}).status_code == 403
        )
    with running.signed_in("auditor@so.example") as browser:
        page = browser.get("/people")
        assert page.status_code == 200
        assert "/people/new" not in page.text
        assert browser.get(f"/people/{OFFICE}").status_code == 403


def test_a_sheet_that_unpacks_to_too_much_is_refused(office):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 150_000_000)
    assert len(bomb.getvalue()) < 1_000_000
    answer = office.post("/people/import", files={"file": ("people.xlsx", bomb.getvalue())})
    assert answer.status_code == 422
    assert "bung ra quá lớn" in answer.text


def test_people_are_found_by_any_words_in_any_order_with_and_without_diacritics(running, office):
    def found(query):
        page = office.get("/people", params={"q": query}).text
        shown = set(re.findall(r'href="/people/([^"/?]+@so.example|[^"/?]+%40so.example)"', page))
        told = running.client(OFFICE).get("/people", params={"q": query}).json()["data"]
        assert {each.replace("%40", "@") for each in shown} == {each["email"] for each in told}
        assert f"Tìm thấy {len(told)} người." in page
        return {each["email"] for each in told}

    assert found("lãnh sự trưởng") == found("su lanh TRUONG") >= {"head.ls@so.example"}
    assert found("head.ls@so") == {"head.ls@so.example"}
    assert HEAD in found("hop tac quoc te"), "the department's name"
    assert found("văn thư") == found("clerk") == {"clerk@so.example"}, "the position's name"
    assert found("không có ai như thế") == set()
    everybody = office.get("/people").text
    assert everybody.count("<table") == 1
    assert office.get("/people", params={"q": "x" * 300}).status_code == 422


def test_the_template_is_filled_in_and_brought_in(running, office):
    sent = office.get("/people/template.xlsx")
    assert "mau-nhan-su.xlsx" in sent.headers["content-disposition"]
    heads, example = (
        CalamineWorkbook.from_filelike(io.BytesIO(sent.content)).get_sheet_by_index(0).to_python()
    )
    row = ["mau@so.example", "Người trong mẫu", "Chuyên viên chính", "Phòng Lãnh sự", "Có"]
    bad = xlsx([heads, example, row, ["khac@so.example", "Khác", "Trưởng ban", "Phòng Lạ", "Có"]])
    refused = office.post("/people/import", files={"file": ("m.xlsx", bad)})
    assert refused.status_code == 422
    assert refused.text.count("Dòng 4") == 2, "position and department, each by its row"
    done = brought_in(office, "m.xlsx", xlsx([heads, example, row]))
    assert "Đã nhập danh sách" in done.text
    made = running.person("mau@so.example")
    assert (made.position, made.department) == ("staff", "lanh-su")


def test_a_workbook_is_read_as_well(running, office):
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as written:
        page = written.add_worksheet()
        page.write_row(0, 0, ["Địa chỉ thư", "Họ và tên", "Vị trí", "Phòng"])
        page.write_row(1, 0, ["book@so.example", "Người trong sổ", "auditor", ""])
    sent = brought_in(office, "people.xlsx", book.getvalue())
    assert sent.url.path.startswith("/proposals/")
    running.confirm()
    assert running.person("book@so.example").position == "auditor"
