"""What mails say: one button each, the facts that decide, who approved, what is to be mended, and nobody's name where a screen shows it."""

import re
from datetime import datetime, timedelta

import httpx2
import pytest

from notifications.tick import tick
from tests.waiting import until

pytestmark = pytest.mark.one_database

STAFF, HEAD, OFFICER, DIRECTOR = (
    "staff.htqt@so.example",
    "head.htqt@so.example",
    "officer@so.example",
    "director@so.example",
)
OTHER, CHIEF = "staff.ls@so.example", "chief@so.example"
NOMINEE, TITLE = "Lò Thị Mẫn", "Đề nghị tặng Giấy khen cho bà Lò Thị Mẫn"


def nominated(running):
    """Return a nomination of a person, submitted."""
    body = running.client(STAFF).get("/definitions/nomination/example").json()
    body["title"] = TITLE
    body["fields"] |= {
        "nominee_kind": "individual",
        "nominee": NOMINEE,
        "nominee_person": "staff.bg@so.example",
        "nominee_sex": "female",
        "nominee_position": "Chuyên viên",
        "nominee_class": "direct",
    }
    made = running.client(STAFF).post("/items", json=body)
    assert made.status_code == 201, made.text
    assert running.decide(made.json()["code"], "submit", STAFF).status_code == 200
    return made.json()["code"]


def mail_to(running, code, recipient, words):
    """Return the newest mail about an item whose subject has ``words``."""
    return until(
        lambda: [each for each in running.mails_about(code, recipient) if words in each.subject]
    )[-1]


def buttons(mail):
    """Return what the buttons of a mail say, and where they lead."""
    found = re.findall(r'class="button"[^>]*><a href="([^"]+)"[^>]*>([^<]+)<', mail.html)
    return [(label, address.replace("&amp;", "&")) for address, label in found]


def facts(mail):
    """Return the table of a mail, by label."""
    rows = re.findall(r"<th[^>]*>([^<]+)</th><td[^>]*>(.*?)</td>", mail.html, re.DOTALL)
    return {label: value.replace("<br />", "\n") for label, value in rows}


def advance_to(running, instant):
    running.clock.advance(max(datetime.fromisoformat(instant) - running.clock.now(), timedelta(0)))
    running.run(tick(running.parts.database, running.parts.reminders))


def owed(running, kind, departments, due_at, ladder):
    campaign = running.client(OFFICER).get("/campaigns").json()["data"][0]["id"]
    body = {
        "campaign": campaign,
        "kind": kind,
        "departments": departments,
        "due_at": due_at,
        "ladder": ladder,
    }
    made = running.client(OFFICER).post("/deadlines", json=body)
    assert made.status_code == 201, made.text
    return made.json()


@pytest.fixture(scope="module")
def nomination(running):
    return nominated(running)


def test_who_decides_reads_what_decides_and_by_when_and_the_next_who_has_approved(
    running, nomination
):
    mail = mail_to(running, nomination, HEAD, "[Trình duyệt]")
    assert mail.subject == (
        f"[Trình duyệt] Đề nghị khen thưởng, Phòng Hợp tác quốc tế, hạn 06/5 ({nomination})"
    )
    assert "Kính trình Trưởng phòng duyệt, chậm nhất 17 giờ ngày 06/5." in mail.text
    assert {
        "Đối tượng": "Cá nhân",
        "Hình thức khen thưởng đề nghị": "Giấy khen của Giám đốc Sở",
        "Thời gian lập thành tích": "28/04/2022 đến ngày 04/05/2022",
        "Người soạn": "Chuyên viên Phòng Hợp tác quốc tế",
        "Đã duyệt trước": "chưa có ai",
    }.items() <= facts(mail).items()
    assert "Thủ tục xét" not in mail.text, "how it was come to, the page says"
    assert "Tên đối tượng và tóm tắt thành tích không ghi trong thư" in mail.text
    ((label, address),) = buttons(mail)
    assert (label, address) == ("Xem hồ sơ để duyệt", mail.decision_links[0])
    assert "28/04/2022 đến ngày 04/05/2022" in httpx2.get(address).text
    assert running.decide(nomination, "approve_department", HEAD).status_code == 200
    asked = mail_to(running, nomination, OFFICER, "[Thẩm định]")
    assert "Đề nghị chuyên viên Văn phòng thẩm định, chậm nhất" in asked.text
    assert facts(asked)["Đã duyệt trước"] == "Trưởng phòng Hợp tác quốc tế: duyệt ngày 04/5"


def test_what_is_returned_and_approved_anew_counts_from_there_on(running, nomination):
    returned = running.decide(
        nomination, "return", OFFICER, to="submitted", comment="Sửa thể thức", mend=["award"]
    )
    assert returned.status_code == 200, returned.text
    again = mail_to(running, nomination, HEAD, "[Trình duyệt]")
    until(lambda: len(running.mails_about(nomination, HEAD)) > 1)
    again = mail_to(running, nomination, HEAD, "[Trình duyệt]")
    assert facts(again)["Đã duyệt trước"] == "chưa có ai"
    for transition, by in (("approve_department", HEAD), ("review_office", OFFICER)):
        assert running.decide(nomination, transition, by).status_code == 200
    signing = mail_to(running, nomination, DIRECTOR, "[Trình ký duyệt]")
    assert "Kính trình Giám đốc ký duyệt, chậm nhất" in signing.text
    assert facts(signing)["Đã duyệt trước"].splitlines() == [
        "Trưởng phòng Hợp tác quốc tế: duyệt ngày 04/5",
        "Chuyên viên Văn phòng Sở: thẩm định ngày 04/5",
    ]


def test_an_author_learns_why_an_item_came_back_and_how_much_is_to_be_mended(running):
    code = nominated(running)
    mail_to(running, code, HEAD, "[Trình duyệt]")
    done = running.decide(
        code, "return", HEAD, comment="Bổ sung số liệu viện trợ", mend=["achievements", "files"]
    )
    assert done.status_code == 200, done.text
    mail = mail_to(running, code, STAFF, "trả lại")
    assert mail.subject == (
        f"[Hồ sơ bị trả lại] Đề nghị khen thưởng, Phòng Hợp tác quốc tế, 2 mục cần sửa ({code})"
    )
    said = facts(mail)
    assert "“Bổ sung số liệu viện trợ”" in said["Lý do"]
    assert said["Mục cần sửa"] == "Tóm tắt thành tích\nTệp đính kèm"
    assert buttons(mail) == [("Sửa hồ sơ", f"{running.base_url}/items/{code}/edit")]


def test_urging_leads_to_the_report_itself_and_never_to_a_list(running):
    found = owed(
        running,
        "interim",
        ["lanh-su", "hop-tac-quoc-te"],
        "2022-05-20T17:00:00+07:00",
        [{"days": -5, "to": ["drafter", "directorate", "office"]}],
    )
    draft = running.client(STAFF).get("/definitions/department_report/example").json()
    draft = running.client(STAFF).post("/items", json=draft).json()
    advance_to(running, "2022-05-13T08:01:00+07:00")

    def urged(who, tag="[Đôn đốc]"):
        return until(
            lambda: [
                each
                for each in running.mailbox.mails()
                if each.recipient == who and tag in each.subject
            ]
        )[-1]

    mail = urged(OTHER)
    assert mail.subject == "[Đôn đốc] Báo cáo sơ kết, Phòng Lãnh sự, hạn 20/5"
    assert "Đề nghị nộp báo cáo sơ kết, chậm nhất 17 giờ ngày 20/5." in mail.text
    assert facts(mail)["Hạn xử lý"] == "17 giờ ngày 20/05/2022 (còn 5 ngày làm việc)"
    ((label, address),) = buttons(mail)
    assert label == "Soạn báo cáo"
    with running.signed_in(OTHER) as browser:
        page = browser.get(address)
        assert page.status_code == 200
        chosen = re.findall(r'<option value="([^"]*)"\s+selected', page.text)
        assert "interim" in chosen, "the form begins with what is owed"
        assert f'name="campaign" value="{found["campaign"]}"' in page.text
    assert buttons(urged(STAFF)) == [
        ("Soạn tiếp", f"{running.base_url}/items/{draft['code']}/edit")
    ]
    both = urged(OFFICER)
    assert both.subject == "[Đôn đốc] Báo cáo sơ kết, 2 phòng, hạn 20/5"
    assert "2 phòng chưa nộp báo cáo sơ kết." in both.text
    assert f"/deadlines/{found['id']}/remind?department=lanh-su" in both.html.replace("&amp;", "&")
    told = urged(DIRECTOR, "[Báo cáo Ban Giám đốc]")
    assert told.subject == "[Báo cáo Ban Giám đốc] Báo cáo sơ kết, 2 phòng, hạn 20/5"
    assert "2 phòng chưa nộp báo cáo sơ kết." in told.text
    assert "Phòng Lãnh sự" in told.text
    assert "còn 5 ngày làm việc" in " ".join(told.text.split()), "how late, or how soon"
    assert "Đề nghị nộp" not in told.text, "a text of its own"
    assert buttons(told) == [("Xem tình hình nộp", f"{running.base_url}/deadlines/board")]
    with running.signed_in(DIRECTOR) as browser:
        assert browser.get(buttons(told)[0][1]).status_code == 200


def test_the_offices_week_is_grouped_with_counts_and_each_line_leads_to_its_repair(running):
    advance_to(running, "2022-05-23T08:01:00+07:00")
    mail = until(
        lambda: [
            each
            for each in running.mailbox.mails()
            if each.recipient == CHIEF and "[Vướng mắc]" in each.subject
        ]
    )[-1]
    headings = re.findall(r"<h2[^>]*>([^<]+)</h2>", mail.html)
    assert "Báo cáo quá hạn (2)" in headings
    assert buttons(mail) == [("Mở trang Vướng mắc", f"{running.base_url}/office")]
    assert "/remind?department=lanh-su" in mail.html
    assert "sơ kết" in mail.text, "which report"


def test_no_mail_names_a_nominee_and_each_has_one_button_and_the_words_of_an_office(running):
    mails = running.mailbox.mails()
    assert len(mails) > 10
    for mail in mails:
        whole = f"{mail.subject}\n{mail.text}\n{mail.html}"
        assert NOMINEE not in whole
        assert TITLE not in whole
        assert len(buttons(mail)) == 1, mail.subject
        assert not re.search(r"\b(bạn|nhắc)\b", f"{mail.subject}\n{mail.text}", re.IGNORECASE), (
            mail.text
        )
        assert not re.search(r"@import|src=|url\(|<link", mail.html), (
            "nothing is fetched when a mail is read"
        )
