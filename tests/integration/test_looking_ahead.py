"""Back-planning and the figures of departments, from the history of real items."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

pytestmark = pytest.mark.one_database

OFFICER, STAFF, DIRECTOR = "officer@so.example", "staff.htqt@so.example", "director@so.example"


def test_before_there_is_a_past_the_plan_says_so_and_still_counts_back(running):
    running.item_in("submitted")
    found = (
        running.client(OFFICER)
        .get("/deadlines/backplan", params={"on": "2022-06-30", "type": "nomination"})
        .json()
    )
    assert next(each["state"] for each in found["steps"]) == "drafted"
    unsaid = running.client(OFFICER).get("/deadlines/backplan", params={"on": "2022-06-30"}).json()
    assert unsaid == found  # of the kind that is handed in together, by its definition
    assert found["steps"][-1]["leave_by"] == "2022-06-30"
    assert all(each["median_days"] is None for each in found["steps"])
    assert found["items"][0]["late_percent"] is found["items"][0]["risk"] is None
    with running.signed_in(OFFICER) as browser:
        page = browser.get(
            "/deadlines/backplan", params={"on": "2022-06-30", "type": "nomination"}
        ).text
        assert "Mới có 0 hồ sơ đã gửi" in page
        short = browser.get(
            "/deadlines/backplan", params={"on": "2022-05-09", "type": "nomination"}
        ).text
        assert "Thiếu" in short
        assert "không đủ" in short
        assert browser.get("/deadlines/backplan", params={"on": "31/06/2022"}).status_code == 422
        unasked = browser.get("/deadlines/backplan").text
        assert "Còn dư 0 ngày làm việc" in unasked
        assert "đây là ngày sớm nhất" in unasked
        assert re.search(r'name="on"\s+value="\d\d/\d\d/2022"', unasked)


def test_from_ten_items_on_it_tells_what_they_took_and_who_is_likely_late(running):
    for _ in range(10):
        item = running.item_in("office_reviewed")
        running.clock.advance(timedelta(days=1))
        assert (
            running.decide(item["code"], "sign_director", DIRECTOR, pin="246810").status_code == 200
        )
        assert running.decide(item["code"], "send_to_board", "clerk@so.example").status_code == 200
    waiting = running.item_in("submitted")["code"]
    found = (
        running.client(OFFICER)
        .get("/deadlines/backplan", params={"on": "2022-12-30", "type": "nomination"})
        .json()
    )
    assert found["past_items"] == 10
    assert {each["median_days"] for each in found["steps"]} <= {0, 0.5, 1}
    (ahead,) = [each for each in found["items"] if each["code"] == waiting]
    assert (ahead["late_percent"], ahead["risk"]) == ([0, 0, 0], "low")
    gone = running.client(OFFICER).get(
        "/deadlines/backplan", params={"on": "2022-05-04", "type": "nomination"}
    )
    assert {each["risk"] for each in gone.json()["items"]} == {"high"}
    with running.signed_in(OFFICER) as browser:
        page = browser.get(
            "/deadlines/backplan", params={"on": "2022-12-30", "type": "nomination"}
        ).text
    assert re.search(r"Nguy cơ trễ thấp</dt>\s*<dd>\s*1\s*<", page)
    assert re.search(r"Nguy cơ trễ \w+</dt>\s*<dd>\s*1\s*<", page)  # late as it stands
    assert waiting in page
    draft = running.draft()["code"]
    with running.signed_in(STAFF) as browser:
        assert "trung vị của 10 hồ sơ" in browser.get(f"/items/{draft}/decide/submit").text
        page = browser.get("/deadlines/quality", params={"type": "nomination"}).text
        assert "Phòng Hợp tác quốc tế" in page
        assert "Phòng Lãnh sự" not in page
    refused = running.client(OFFICER).get(
        "/deadlines/backplan", params={"on": "2022-12-30", "type": "novel"}
    )
    assert refused.status_code == 422


def test_what_still_stands_somewhere_counts_and_late_is_never_a_low_risk(running):
    for _ in range(10):
        code = running.item_in("office_reviewed")["code"]
        assert running.decide(code, "sign_director", DIRECTOR, pin="246810").status_code == 200
        assert running.decide(code, "send_to_board", "clerk@so.example").status_code == 200
    for _ in range(12):
        running.item_in("submitted")
    running.clock.advance(timedelta(days=14))
    asked = {"on": "2022-12-30", "type": "nomination"}
    found = running.client(OFFICER).get("/deadlines/backplan", params=asked).json()
    with running.parts.engines.write.connect() as connection:
        late = connection.scalar(
            text("SELECT count(*) FROM items WHERE type = 'nomination' AND due_at < :now"),
            {"now": running.clock.now().isoformat()},
        )
    assert late >= 12
    assert [each["risk"] for each in found["items"]].count("medium") == late
    assert {each["risk"] for each in found["items"]} <= {"low", "medium"}  # a draft is not late
    (waits,) = [each for each in found["steps"] if each["state"] == "submitted"]
    assert waits["ninetieth_days"] >= 9  # twelve stand there, the others went through in a day
    with running.signed_in(OFFICER) as browser:
        page = browser.get("/deadlines/backplan", params=asked).text
        assert "Không có hồ sơ nào có nguy cơ trễ" not in page
        assert re.search(r"Trễ bước.*?1[2-9] hồ sơ", page, re.DOTALL)
        quality = browser.get("/deadlines/quality", params={"type": "nomination"}).text
    row = re.search(r'<th scope="row">Phòng Hợp tác quốc tế</th>.*?</tr>', quality, re.DOTALL)[0]
    told = " ".join(re.sub(r"<[^>]+>", " ", row).split())
    assert re.search(rf'data-label="Đang trễ"[^>]*>\s*<a class="late"[^>]*>{late}<', row)
    assert re.search(r'data-label="Bước đã qua quá hạn"[^>]*>(<[^>]+>|\s)*0/\d+<', row)
    assert re.search(rf"Trễ bước, kể cả đã gửi</dt>\s*<dd>\s*<a[^>]*>{late}<", quality), (
        "the sum of what one may see"
    )
    assert "trong ngày" in told
