"""What is typed into a form and not yet saved: kept for its writer, offered back, gone once saved, seen as typing by others."""

import re

import pytest

from tests.conftest import CAMPAIGN

pytestmark = pytest.mark.one_database

STAFF, MATE, OTHER = "staff.htqt@so.example", "head.htqt@so.example", "staff.ls@so.example"


def keep(browser, form, **typed):
    return browser.post("/typings", data={"typing-form": form, **typed})


def test_what_was_typed_into_a_new_form_is_offered_back_and_gone_once_saved(running):
    with running.signed_in(STAFF) as browser:
        kept = keep(
            browser,
            "new/nomination",
            title="Đề nghị dở dang",
            **{"f-nominee": "Phòng Hợp tác", "f-criteria": ["professional", "communication"]},
        )
        assert kept.status_code == 204
        plain = browser.get("/items/new", params={"type": "nomination"}).text
        assert "nội dung đang gõ dở" in plain
        assert "Đề nghị dở dang" not in plain
        back = browser.get("/items/new", params={"type": "nomination", "kept": "1"}).text
        assert 'value="Đề nghị dở dang"' in back
        assert 'value="Phòng Hợp tác"' in back
        assert back.count("checked>") >= 2
    with running.signed_in(MATE) as stranger:
        assert (
            "Đề nghị dở dang"
            not in stranger.get("/items/new", params={"type": "nomination", "kept": "1"}).text
        ), "nobody's but its writer's"
    with running.signed_in(STAFF) as browser:
        key = re.search(r'name="key" value="(\w+)"', back).group(1)
        refused = browser.post("/items/new?type=nomination", data={"key": key, "title": " "})
        assert refused.status_code == 422
        assert "nội dung đang gõ dở" not in refused.text, "it is all in the form"
        campaign = re.search(r'name="campaign" value="([^"]+)"', back).group(1)
        saved = browser.post(
            "/items/new?type=nomination", data={"key": key, "title": "Đã lưu", "campaign": campaign}
        )
        assert saved.status_code == 200
        assert (
            "nội dung đang gõ dở"
            not in browser.get("/items/new", params={"type": "nomination"}).text
        )


@pytest.mark.parametrize(("award", "status"), [("bang_khen_tinh", 200), ("giay_khen", 204)])
def test_a_doubted_ground_is_told_while_it_is_typed(running, award, status):
    typed = {
        "f-nominee_kind": "collective",
        "f-award": award,
        "f-procedure": "simplified",
        "f-procedure_ground": "Thuộc thẩm quyền của Giám đốc Sở",
    }
    with running.signed_in(STAFF) as browser:
        told = keep(browser, "new/nomination", **typed)
        assert told.status_code == status
        assert ("căn cứ nêu Giám đốc Sở" in told.text) is (status == 200)
        back = browser.get("/items/new", params={"type": "nomination", "kept": "1"}).text
        assert ("căn cứ nêu Giám đốc Sở" in back) is (status == 200)
        keep(browser, "new/nomination", **{"typing-action": "forget"})


def test_who_else_types_into_an_item_is_seen_and_their_text_is_not(running):
    code = running.draft()["code"]
    with running.signed_in(STAFF) as browser:
        assert keep(browser, f"item/{code}", title="Bí mật đang gõ", version="1").status_code == 204
        assert "Đang có người khác gõ" not in browser.get(f"/items/{code}/edit").text
    with running.signed_in(MATE) as mate:
        text = mate.get(f"/items/{code}/edit").text
        assert "Đang có người khác gõ vào hồ sơ này: Chuyên viên Phòng Hợp tác quốc tế" in text
        assert "Bí mật đang gõ" not in text
    with running.signed_in(OTHER) as stranger:
        assert stranger.get(f"/items/{code}/edit").status_code == 404


def test_text_kept_before_somebody_else_saved_meets_the_conflict_and_is_not_lost(running):
    code = running.draft()["code"]
    with running.signed_in(STAFF) as browser:
        keep(browser, f"item/{code}", title="Gõ trên bản cũ", version="1")
        running.client(STAFF).patch(
            f"/items/{code}", json={"title": "Người khác sửa"}, headers={"If-Match": '"1"'}
        )
        back = browser.get(f"/items/{code}/edit", params={"kept": "1"}).text
        assert 'name="version" value="1"' in back
        key = re.search(r'name="key" value="(\w+)"', back).group(1)
        stale = browser.post(
            f"/items/{code}/edit", data={"key": key, "version": "1", "title": "Gõ trên bản cũ"}
        )
        assert stale.status_code == 409
        assert 'value="Gõ trên bản cũ"' in stale.text
        given_up = browser.post(
            "/typings", data={"typing-form": f"item/{code}", "typing-action": "forget"}
        )
        assert "nội dung đang gõ dở" not in given_up.text


@pytest.mark.parametrize(
    "form", ["", "x", "new/../x", "item/DN", "item/DN-2022-0001/../..", "new/" + "a" * 70]
)
def test_only_forms_that_there_are_keep_anything(running, form):
    with running.signed_in(STAFF) as browser:
        assert keep(browser, form, title="x").status_code == 422


def test_what_is_too_long_or_no_text_is_not_kept(running):
    with running.signed_in(STAFF) as browser:
        assert keep(browser, "new/nomination", title="x" * 310_000).status_code in {413, 422}
        keep(browser, "new/nomination", title="Có\u0000ký tự lạ", **{"f-nominee": "Giữ được"})
        back = browser.get("/items/new", params={"type": "nomination", "kept": "1"}).text
        assert 'value="Giữ được"' in back
        assert "ký tự lạ" not in back
    with running.browser() as nobody:
        assert "/sign-in" in str(keep(nobody, "new/nomination", title="x").url)


def test_nobody_seems_to_type_where_they_may_not_look(running):
    code = running.draft()["code"]
    with running.signed_in(OTHER) as stranger:
        assert keep(stranger, f"item/{code}", title="x").status_code == 404
        assert keep(stranger, "new/khong_co", title="x").status_code == 404
    with running.signed_in(MATE) as mate:
        assert "Đang có người khác gõ" not in mate.get(f"/items/{code}/edit").text


def test_a_title_left_empty_is_made_of_what_is_proposed(running):
    """Without a script: what the placeholder shows with one is what the server keeps."""
    draft = {"campaign": CAMPAIGN, "title": " ", "f-nominee": "Tổ Lễ tân", "f-award": "giay_khen"}
    with running.signed_in(STAFF) as browser:
        shown = browser.get("/items/new?type=nomination").text
        assert 'data-suggests="Đề nghị tặng {award} cho {nominee|nominee_position}"' in shown
        refused = browser.post("/items/new?type=nomination", data={**draft, "f-nominee": ""})
        assert refused.status_code == 422, "of half of it no title is made"
        made = browser.post("/items/new?type=nomination", data=draft)
    assert re.search(r"<dd>Đề nghị tặng Giấy khen[^<]* cho Tổ Lễ tân</dd>", made.text)
    assert "<h1>Tổ Lễ tân</h1>" in made.text, "called as in lists: whom, and for what"
