"""The year's calendar as a page: what is worked, why not, what is due, and a warning where no notice was entered."""

import re

import pytest

pytestmark = pytest.mark.one_database


def test_the_year_shows_rest_days_swap_days_and_what_is_due(running):
    campaign = running.client("officer@so.example").get("/campaigns").json()["data"][0]["id"]
    body = {
        "campaign": campaign,
        "kind": "interim",
        "departments": ["lanh-su"],
        "due_at": "2022-06-15T17:00:00+07:00",
    }
    assert running.client("officer@so.example").post("/deadlines", json=body).status_code == 201
    with running.signed_in("head.ls@so.example") as browser:
        page = browser.get("/deadlines/calendar").text
        assert "Lịch làm việc năm 2022" in page
        assert "Quốc khánh" in page, "holidays by their own names"
        assert "245/VPCP-KGVX" in page, "the notice behind a swap day"
        assert "Chưa ghi thông báo" not in page
        assert re.search(r'class="[^"]*due[^"]*"[^>]*title="hạn báo cáo sơ kết"[^>]*>15<', page)
        assert page.count("<caption>Tháng") == 12
    with running.signed_in("head.htqt@so.example") as browser:
        assert "hạn báo cáo" not in browser.get("/deadlines/calendar").text, (
            "what others owe is not theirs to see"
        )
        assert (
            "Chưa ghi thông báo ngày nghỉ nào của năm 2031"
            in browser.get("/deadlines/calendar?year=2031").text
        )
        assert browser.get("/deadlines/calendar?year=1800").status_code == 404
        assert browser.get("/deadlines/calendar?year=x").status_code == 422
