"""The trial of a new user, with a stopwatch that does not depend on the machine: the keystroke-level model.

Each act costs what it costs a person (Card, Moran and Newell, 1980: K 0.28 s a key, P 1.1 s to point, B 0.2 s to press, H 0.4 s to the
keyboard and back, M 1.35 s to make up one's mind), and reading 4 words a second. The acts are really done, in a real browser.
"""

import re

import pytest

from tests.browser.conftest import CHROMIUM, shows, signed_in
from tests.waiting import until

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"
)
KEY, POINT, PRESS, HOMING, MIND, WORDS_A_SECOND = 0.28, 1.1, 0.2, 0.4, 1.35, 4


PAST_AWARDS = (
    "Tên cá nhân hoặc tập thể,Đối tượng,Phòng,Danh hiệu hoặc hình thức khen thưởng,Số quyết định,"
    "Ngày quyết định\nPhòng Lãnh sự,Tập thể,lanh-su,Giấy khen của Giám đốc Sở,31/QĐ-SNgV,04/05/2021\n"
)


class Person:
    """Somebody at a page, with the seconds that their acts took."""

    def __init__(self, page):
        self.page = page
        self.seconds = 0.0

    def press(self, place):
        self.seconds += MIND + POINT + PRESS
        place.click()

    def type(self, place, text):
        is_reached = place.evaluate("(field) => field === document.activeElement")
        self.seconds += MIND + 2 * HOMING + KEY * len(text)
        self.seconds += 0 if is_reached else POINT + PRESS
        place.fill(text)

    def leave(self, place):
        self.seconds += KEY
        place.press("Tab")

    def choose(self, place, label):
        self.seconds += MIND + 2 * (POINT + PRESS)
        option = place.locator("option", has_text=label).first
        place.select_option(option.get_attribute("value"))

    def read(self, place):
        text = place.inner_text()
        self.seconds += len(text.split()) / WORDS_A_SECOND
        return text


@pytest.fixture
def at(running, chromium):
    """A way for somebody to sit down at their first page, at a width."""
    contexts = []

    def sit_down(email, width=1440):
        context = chromium.new_context(viewport={"width": width, "height": 800}, locale="vi-VN")
        contexts.append(context)
        return Person(signed_in(context, running, email) if email else context.new_page())

    yield sit_down
    for context in contexts:
        context.close()


def test_a_nomination_is_submitted_in_less_than_two_minutes(running, at):
    person = at("staff.htqt@so.example")
    page = person.page
    person.press(page.get_by_role("link", name="Soạn hồ sơ mới").first)
    person.press(page.get_by_role("link", name="Đề nghị khen thưởng"))
    person.press(page.get_by_label("Tập thể", exact=True))
    person.type(page.locator("#f-nominee"), "Phòng Hợp tác quốc tế")
    person.type(page.locator("#f-members"), "6")
    unit = page.locator("#f-nominee_unit")
    assert unit.input_value() == "Phòng Hợp tác quốc tế, Sở Ngoại vụ", "known from the author"
    person.choose(page.locator("#f-recognition"), "Điển hình tiên tiến")
    person.choose(page.locator("#f-award"), "Giấy khen của Giám đốc Sở")
    person.type(page.locator("#f-certificate_text"), "Có thành tích xuất sắc trong phong trào")
    person.type(page.locator("#f-period_from"), "2022-04-28")
    person.type(page.locator("#f-period_to"), "2022-05-04")
    person.press(page.locator("#f-criteria-professional"))
    story = "Chuẩn bị chu đáo các đoàn công tác nước ngoài; vận động được ba khoản viện trợ cho trẻ em vùng biên giới."
    person.type(page.locator("#f-achievements"), story)
    assert not page.locator("#f-standards").is_visible(), "standards are an individual's"
    person.press(page.get_by_label("Thủ tục đơn giản", exact=True))
    person.type(page.locator("#f-procedure_ground"), "Thuộc thẩm quyền của Giám đốc Sở")
    person.press(page.get_by_role("button", name="Xem lại và trình"))
    person.press(page.locator("#no_secret"))
    person.press(page.get_by_role("button", name="Trình lãnh đạo phòng"))
    code = page.url.rsplit("/", 1)[1]
    assert running.state_of(code) == "submitted", page.content()
    assert person.seconds < 115


def test_a_nomination_is_drafted_on_a_phone_section_by_section(running, at):
    person = at("staff.htqt@so.example", 360)
    page = person.page
    page.goto(running.base_url + "/items/new?type=nomination")
    on = page.get_by_role("link", name="Tiếp", exact=True)
    save = page.get_by_role("button", name="Lưu dự thảo")
    shows(page, "Phần 1/5")
    assert not page.locator("#f-award").is_visible()
    person.press(save)
    shows(page, "2 chỗ cần sửa")
    assert page.locator("#f-nominee_kind").is_visible(), "the first that is wrong"
    person.press(page.locator(".error-summary a[href='#f-award']"))
    shows(page, "Phần 2/5")
    person.choose(page.locator("#f-award"), "Giấy khen của Giám đốc Sở")
    page.go_back()
    shows(page, "Phần 1/5")
    person.press(page.get_by_label("Tập thể", exact=True))
    person.type(page.locator("#f-nominee"), "Phòng Hợp tác quốc tế")
    person.press(on)
    assert page.locator("#f-award").input_value() == "giay_khen"
    person.press(page.locator(".index summary"))
    person.press(page.locator(".index a", has_text="Tệp đính kèm"))
    shows(page, "Phần 5/5")
    assert not on.is_visible()
    page.set_viewport_size({"width": 1440, "height": 800})
    assert page.locator("#f-award").is_visible(), "one page where there is room"
    page.set_viewport_size({"width": 360, "height": 740})
    person.press(save)
    shows(page, "Đã lưu dự thảo.")
    assert "#" not in page.url
    assert person.seconds < 60


def test_an_approver_approves_from_a_mail_on_a_phone_in_under_25_seconds(running, at):
    item = running.item_in("submitted")
    mail = [
        each
        for each in running.mailbox.mails()
        if each.recipient == "deputy.htqt@so.example" and item["code"] in each.text
    ]
    link = running.link_for(item["code"], "deputy.htqt@so.example")
    person = at(None, 360)
    person.seconds += (
        MIND + POINT + PRESS + len(mail[-1].subject.split()) / WORDS_A_SECOND if mail else 10
    )
    person.page.goto(link)
    person.read(person.page.locator("h1"))
    for fact in person.page.locator(".main-fact").all():
        person.read(fact)
    person.press(person.page.get_by_label("Duyệt, chuyển Văn phòng Sở"))
    person.press(person.page.locator("button.send"))
    assert running.state_of(item["code"]) == "department_approved"
    assert person.seconds < 25


def test_a_deadline_with_its_reminders_is_set_in_under_25_seconds(running, at):
    person = at("officer@so.example")
    page = person.page
    person.press(page.get_by_role("link", name="Thời hạn").first)
    person.press(page.get_by_role("link", name="Đặt thời hạn"))
    person.press(page.get_by_label("Báo cáo sơ kết"))
    person.type(page.locator("#due_day"), "2022-06-15")
    person.leave(page.locator("#due_day"))
    page.locator("#preview").wait_for()
    assert "thư nhắc sẽ thêm" in person.read(page.locator("#preview > p"))
    person.press(page.get_by_role("button", name="Ghi nhận"))
    page.get_by_text("Báo cáo sơ kết").first.wait_for()
    assert person.seconds < 25


def find(person, code):
    """Find an item by its number from wherever one is."""
    field = person.page.get_by_role("textbox", name="Tìm hồ sơ")
    person.type(field, code.rsplit("-", 1)[1])
    person.seconds += KEY
    field.press("Enter")
    return person.page.locator(".row", has_text=code)


def test_who_holds_an_item_is_found_in_under_eight_seconds(running, at):
    item = running.item_in("department_approved")
    person = at("head.htqt@so.example")
    row = find(person, item["code"])
    assert "Văn phòng" in person.read(row.locator(".row-wait .soft"))
    assert person.seconds < 8


def test_what_happened_last_to_an_item_is_read_in_under_twelve_seconds(running, at):
    item = running.item_in("department_approved")
    person = at("head.htqt@so.example")
    person.press(find(person, item["code"]).get_by_role("link").first)
    last = person.read(person.page.locator(".timeline").first.locator("li").last)
    assert "Duyệt, chuyển Văn phòng Sở" in last
    assert person.seconds < 12


def test_the_history_of_an_item_is_proven_in_under_a_minute(running, at):
    item = running.item_in("office_reviewed")
    person = at("auditor@so.example")
    page = person.page
    person.press(page.get_by_role("link", name="Lịch sử").first)
    person.press(
        page.get_by_role("link", name="Kiểm tra toàn bộ")
        .or_(page.get_by_role("button", name="Kiểm tra toàn bộ"))
        .first
    )
    verdict = person.read(page.get_by_role("status").first)
    assert "mục" in verdict
    person.press(page.get_by_role("link", name="Hồ sơ", exact=True).first)
    person.press(page.locator(".row", has_text=item["code"]).first.get_by_role("link"))
    shows(page, "Lịch sử")
    assert person.seconds < 60


def add_a_deputy(office):
    page = office.page
    office.press(page.get_by_role("link", name="Nhân sự", exact=True).first)
    office.press(page.get_by_role("link", name="Thêm người"))
    office.type(page.locator("#name"), "Trần Thị Bích Hạnh")
    office.type(page.locator("#email"), "hanh.ttb@so.example")
    office.choose(page.locator("#position"), "Phó trưởng phòng")
    office.choose(page.locator("#department"), "Phòng Lãnh sự")
    office.press(page.get_by_role("button", name="Thêm và gửi thư mời"))
    return office.seconds


def change_an_address(office):
    page = office.page
    office.press(page.get_by_role("link", name="Nhân sự", exact=True).first)
    office.press(page.get_by_role("link", name="Trưởng phòng Lãnh sự", exact=True))
    office.type(page.locator("#email"), "truong.phong.ls@so.example")
    office.press(page.get_by_role("button", name="Lưu thay đổi"))
    return office.seconds


def give_a_delegation(head):
    page = head.page
    head.press(page.get_by_role("link", name="Vắng mặt", exact=True).first)
    head.press(page.locator("summary", has_text="Ghi nhận ủy quyền"))
    head.choose(page.locator("#delegation-to"), "Phó trưởng phòng Hợp tác quốc tế")
    head.type(page.locator("#delegation-ends"), "13/05/2022")
    head.type(page.locator("#document"), "Số 12/UQ-HTQT ngày 04/5/2022")
    head.type(page.locator("#delegation-pin"), "246810")
    head.press(page.get_by_role("button", name="Ghi nhận ủy quyền"))
    return head.seconds


def import_awards(office, sheet):
    """The sheet is filled where it was: what is measured is to bring it in."""
    page = office.page
    office.press(page.get_by_role("link", name="Điển hình, nhân tố mới", exact=True).first)
    office.press(page.get_by_role("link", name="Khen thưởng đã ghi nhận"))
    office.press(page.get_by_role("link", name="Khen thưởng các năm trước"))
    office.seconds += 2 * (MIND + POINT + PRESS)  # the system's own window: a file, and that is it
    page.locator('form[action="/awards/imported"] input[type=file]').set_input_files(sheet)
    office.press(page.get_by_role("button", name="Nhập", exact=True))
    return office.seconds


def confirm_by_mail(running, director):
    """Confirm the newest proposal from its mail on a phone, once the page of its link is read."""
    proposal = running.client("director@so.example").get("/proposals").json()["data"][0]["id"]

    def mail():
        found = (e for e in running.mailbox.mails() if e.recipient == "director@so.example")
        return next((each for each in found if each.subject.endswith(f" {proposal}")), None)

    told = until(mail)
    director.seconds += MIND + POINT + PRESS + len(told.subject.split()) / WORDS_A_SECOND
    page = director.page
    page.goto(running.base_url + re.search(r"/a/p1\.\S+", told.text)[0])
    for each in page.locator("main").locator("h1, h2, p:not(.fine, .agency)").all():
        if each.is_visible():
            director.read(each)
    director.press(page.get_by_label("Xác nhận"))
    director.type(page.locator("#pin"), "246810")
    director.press(page.locator("button.send"))
    shows(page, "Biên nhận")
    return director.seconds


def test_what_takes_two_people_takes_both_less_than_a_minute(running, at, tmp_path):
    sheet = tmp_path / "cu.csv"
    sheet.write_text(PAST_AWARDS, "utf-8-sig")
    office, director = "officer@so.example", None
    took = {
        "adding a person": add_a_deputy(at(office)) + confirm_by_mail(running, at(director, 360)),
        "changing an address": change_an_address(at(office))
        + confirm_by_mail(running, at(director, 360)),
        "importing awards": import_awards(at(office), sheet)
        + confirm_by_mail(running, at(director, 360)),
        "giving a delegation": give_a_delegation(at("head.htqt@so.example")),
    }
    assert running.person("hanh.ttb@so.example").name == "Trần Thị Bích Hạnh"
    assert running.person("truong.phong.ls@so.example").name == "Trưởng phòng Lãnh sự"
    given = running.client("head.htqt@so.example").get("/delegations").json()["data"]
    assert given[0]["document"] == "Số 12/UQ-HTQT ngày 04/5/2022"
    print({what: round(seconds, 1) for what, seconds in took.items()})
    assert max(took.values()) < 60, took
