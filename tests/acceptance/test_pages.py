"""Pages as a person without JavaScript meets them."""

import re
from html.parser import HTMLParser

import pytest

from tests.waiting import until

pytestmark = pytest.mark.one_database

STAFF, HEAD, OFFICE = "staff.htqt@so.example", "head.htqt@so.example", "officer@so.example"


class Inline(HTMLParser):
    """Collects what the content security policy would block."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)
        self.found += [name for name in names if name == "style" or name.startswith("on")]
        self.found += [
            value
            for name, value in attrs
            if name in {"src", "href", "action"}
            and value
            and re.match(r"(https?:)?//(?!127\.0\.0\.1)", value)
        ]


def no_inline(text):
    parser = Inline()
    parser.feed(text)
    return parser.found


@pytest.fixture
def staff(running):
    with running.signed_in(STAFF) as client:
        yield client


def fields_of(running):
    example = running.client(STAFF).get("/definitions/nomination/example").json()
    return {
        "title": example["title"],
        "campaign": example["campaign"],
        **{
            f"f-{name}": value
            for name, value in example["fields"].items()
            if isinstance(value, (str, int)) and value is not False
        },
        "f-criteria": "professional",
    }


def test_a_nomination_is_drafted_submitted_and_approved_on_pages(running, staff):
    typed = fields_of(running)
    page = staff.post(
        "/items/new?type=nomination",
        data={**typed, "f-earlier_awards": "2021 | Giấy khen | 12/QĐ-SNgV"},
    )
    assert page.status_code == 200, page.text
    code = re.search(r"DN-2022-\d{4}", page.text)[0]
    assert "2021" in page.text
    refused = staff.post(f"/items/{code}/decide/submit", data={"version": "1"})
    assert refused.status_code == 422
    assert "bí mật nhà nước" in refused.text
    sent = staff.post(f"/items/{code}/decide/submit", data={"version": "1", "no_secret": "yes"})
    assert "Chờ lãnh đạo phòng duyệt" in sent.text
    with running.signed_in(HEAD) as head:
        assert code in head.get("/").text
        done = head.post(
            f"/items/{code}/decide/approve_department", data={"version": "2", "comment": "Đồng ý"}
        )
        assert "Chờ Văn phòng thẩm định" in done.text
        assert "Đồng ý" in done.text
        again = head.post(f"/items/{code}/decide/approve_department", data={"version": "2"})
        assert again.status_code == 409
        assert "Trưởng phòng Hợp tác quốc tế" in again.text


def test_a_refused_form_comes_back_with_everything_typed(running, staff):
    typed = {**fields_of(running), "f-period_from": "2022-13-45", "title": "Tiêu đề <i>giữ lại</i>"}
    page = staff.post("/items/new?type=nomination", data=typed)
    assert page.status_code == 422
    assert "Tiêu đề &lt;i&gt;giữ lại&lt;/i&gt;" in page.text
    assert "Thời gian lập thành tích" in page.text


def test_a_conflict_keeps_what_was_typed(running, staff):
    item = running.draft()
    running.client(STAFF).patch(
        f"/items/{item['code']}", json={"title": "Bản của người khác"}, headers={"If-Match": '"1"'}
    )
    page = staff.post(
        f"/items/{item['code']}/edit",
        data={**fields_of(running), "version": "1", "title": "Bản đang gõ"},
    )
    assert page.status_code == 409
    assert "Bản đang gõ" in page.text


def test_every_page_of_every_role_is_whole_and_has_nothing_inline(running):
    item = running.item_in("office_reviewed")
    code = item["code"]
    running.client(OFFICE).post(
        "/deadlines",
        json={
            "campaign": "toan-dan-bao-ve-antq-2022",
            "kind": "interim",
            "departments": ["hop-tac-quoc-te"],
            "due_at": "2022-06-17T17:00:00+07:00",
        },
    )
    common = [
        "/",
        "/items",
        f"/items/{code}",
        f"/items/{code}/print",
        "/deadlines",
        "/demo/mailbox",
        "/demo/mailbox/1",
        "/items/new",
        "/items/new?type=department_report",
    ]
    for email, more in (
        (STAFF, []),
        (
            OFFICE,
            ["/deadlines/new", "/deadlines/1", "/deadlines/1/remind?department=hop-tac-quoc-te"],
        ),
        (
            "director@so.example",
            [f"/items/{code}/decide/sign_director", f"/items/{code}/decide/return"],
        ),
        ("auditor@so.example", ["/history", "/history?verify=1"]),
    ):
        with running.signed_in(email) as client:
            for path in [*common, *more]:
                page = client.get(path)
                assert page.status_code == 200, (email, path)
                assert no_inline(page.text) == [], path
                assert "Content-Security-Policy".lower() in page.headers
    with running.browser() as client:
        link = running.link_for(code, "director@so.example")
        for path in ("/sign-in", "/forgot", link, "/setup/nothing"):
            assert no_inline(client.get(path).text) == []


def test_what_is_not_for_somebody_is_a_calm_page(running, staff):
    for path, status in (
        ("/items/DN-2022-9999", 404),
        ("/history", 403),
        ("/deadlines/new", 403),
        ("/nowhere", 404),
    ):
        page = staff.get(path)
        assert page.status_code == status
        assert "Về Việc của tôi" in page.text
        assert "Traceback" not in page.text


def test_who_is_not_signed_in_is_led_to_the_sign_in_page(running):
    with running.browser() as client:
        assert "Đăng nhập" in client.get("/items").text


def test_a_password_is_set_by_invitation_and_opens_a_session_that_ends(running):
    person = running.person("staff.bg@so.example")
    from api.auth.setup_codes import AskReset

    running.run(running.parts.database.write(AskReset(email=person.email)))
    mail = until(
        lambda: [
            each
            for each in running.mailbox.mails()
            if each.recipient == person.email and "/setup/" in each.text
        ]
    )[-1]
    url = mail.urls[0]
    with running.browser() as client:
        assert (
            client.post("/sign-in", data={"email": person.email, "password": "x" * 12}).status_code
            == 401
        )
        assert client.post(url, data={"password": "ngan", "again": "ngan"}).status_code == 422
        assert (
            client.post(url, data={"password": "matkhau12345", "again": "matkhau12345"}).status_code
            == 422
        )
        phrase = "nắng chiều trên sông lạ"
        assert (
            "Đã ghi nhận mật khẩu"
            in client.post(url, data={"password": phrase, "again": phrase}).text
        )
        assert client.post(url, data={"password": phrase, "again": phrase}).status_code == 410
        assert (
            "Việc của tôi"
            in client.post("/sign-in", data={"email": person.email, "password": phrase}).text
        )
        assert client.get("/items").status_code == 200
        client.post("/sign-out")
        assert "Đăng nhập" in client.get("/items").text


def test_the_office_and_the_director_do_not_reset_by_mail_and_nobody_learns_who_exists(running):
    with running.browser() as client:
        pages = {
            email: client.post("/forgot", data={"email": email}).text
            for email in (OFFICE, "director@so.example", "nobody@so.example")
        }
    assert len(set(pages.values())) == 1
    assert not [
        each
        for each in running.mailbox.mails()
        if each.recipient in {OFFICE, "director@so.example"} and "/setup/" in each.text
    ]


def test_the_office_sets_a_deadline_and_reminds_on_pages(running):
    with running.signed_in(OFFICE) as client:
        typed = {
            "campaign": "toan-dan-bao-ve-antq-2022",
            "kind": "final",
            "departments": ["lanh-su"],
            "due_day": "2022-12-31",
            "due_time": "17:00",
            "roll": "previous",
        }
        page = client.post("/deadlines/new", data=typed)
        assert "30/12/2022" in page.text
        assert (
            client.post("/deadlines/new", data={**typed, "due_day": "2022-01-05"}).status_code
            == 422
        )
        number = re.findall(r"/deadlines/(\d+)/remind", page.text)[-1]
        assert (
            client.post(
                f"/deadlines/{number}/remind",
                data={"department": "lanh-su", "message": "Xin gửi sớm."},
            ).status_code
            == 200
        )


def test_the_printed_page_says_that_a_click_is_an_approval(running):
    item = running.item_in("sent_to_ban_tdkt")
    with running.signed_in(STAFF) as client:
        page = client.get(f"/items/{item['code']}/print").text
    for text in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Giám đốc duyệt",
        "TTr-SNgV",
        "Công an tỉnh",
        "Lưu: VT",
    ):
        assert text in page


@pytest.mark.parametrize("number", [2**63, 2**70, -1])
@pytest.mark.parametrize(
    "address",
    [
        "/items/new?type=nomination&merit={}",
        "/merits/{}",
        "/reminders/{}",
        "/deadlines/{}",
        "/deadlines/{}/remind",
        "/deadlines/{}/extension",
        "/reminders?who={}",
    ],
)
def test_a_number_that_no_row_can_have_is_refused_with_a_page(running, address, number):
    with running.signed_in("officer@so.example") as browser:
        answer = browser.get(address.format(number))
        assert answer.status_code in {404, 422}
        assert "<h1>" in answer.text
    api = address.split("?")[0].format(number)
    if api.startswith(("/merits", "/deadlines")):
        assert running.client("officer@so.example").get(api).status_code in {404, 405, 422}
