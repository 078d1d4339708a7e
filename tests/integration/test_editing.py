"""The administrator's desk: check, draft, publish, move items, go back; nobody else comes near it."""

import re

import pytest

from api.web.pages.definition_drafts import published_text
from tests.versions import SHIPPED, as_version
from workflow.definition import load_definition
from workflow.rules import vocabulary

pytestmark = pytest.mark.one_database

CHIEF = "chief@so.example"
ADMIN = "admin@so.example"
DIRECTOR = "director@so.example"
SLOWER = (
    ("    working_days: 2\n    editable: true", "    working_days: 5\n    editable: true"),
    (", due_on: 2022-12-05}", "}"),
)


@pytest.fixture
def desk(running):
    with running.signed_in(ADMIN) as browser:
        yield browser


def text_of(page):
    from html import unescape

    return unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", page.text, re.DOTALL)[1])


def shown(desk):
    return text_of(desk.get("/definitions/nomination/edit"))


def send(desk, text, action, identity="nomination"):
    return desk.post(
        f"/definitions/{identity}/edit", data={"text": text, "action": action, "key": "0" * 32}
    )


def confirm(desk, text, key="0"):
    """Publish from the page that shows the difference."""
    data = {"text": text, "action": "publish", "confirmed": "1", "key": key * 32}
    return desk.post("/definitions/nomination/edit", data=data)


@pytest.mark.parametrize(
    "who",
    ["staff.htqt@so.example", "officer@so.example", "auditor@so.example", "director@so.example"],
)
def test_only_the_administrator_edits(running, who):
    with running.signed_in(who) as browser:
        for path in ("/definitions/nomination/edit", "/definitions/nomination/migrate"):
            assert browser.get(path).status_code == 403
            assert (
                browser.post(path, data={"text": "", "action": "publish", "to": "1"}).status_code
                == 403
            )
        assert browser.get("/definitions").status_code == 200


@pytest.mark.parametrize("identity", ["nothing", "..%2F..%2Fetc%2Fpasswd", "%2e%2e"])
def test_a_name_that_is_no_process_is_not_found_and_writes_no_file(running, desk, identity):
    assert desk.get(f"/definitions/{identity}/edit").status_code == 404
    assert send(desk, "x: 1", "save", identity).status_code in {404, 405}
    assert not any((running.parts.settings.data_dir / "drafts").glob("*nothing*"))


def test_what_is_wrong_is_shown_with_its_line_and_what_was_typed_stays(desk):
    text = shown(desk).replace("initial: drafted", "initial: nowhere")
    page = send(desk, text, "check")
    assert page.status_code == 422
    line = text.splitlines().index("initial: nowhere") + 1
    assert f"Dòng {line}" in page.text
    assert "nowhere" in page.text
    assert text_of(page) == text
    assert "Công bố phiên bản" not in page.text
    assert send(desk, text, "publish").status_code == 422
    assert "1 chỗ cần sửa" in send(desk, "a: [", "check").text
    assert send(desk, "", "check").status_code == 422
    assert send(desk, "x" * 300_000, "check").status_code in {413, 422}


def test_a_published_text_names_what_the_language_names_first(running):
    for identity in ("nomination", "department_report"):
        text = published_text(running.parts, identity)
        assert re.findall(r"^(\w+):", text, re.MULTILINE)[:4] == [
            *("id", "version", "code_prefix", "label")
        ]
        assert text.index("\nfields:") < text.index("\nstates:") < text.index("\ntransitions:")
        firsts = set(re.findall(r"^  - (\w+):", text, re.MULTILINE))
        assert firsts <= {"id", "text", "name"}, firsts
        published = running.run(running.parts.database.read(running.parts.context.rulebooks.newest))
        assert load_definition(text, "x", vocabulary()).hash == published[identity].hash


def test_an_administrator_lands_on_the_state_of_the_system(running, desk):
    send(desk, "", "discard")
    page = desk.get("/").text
    assert "Tình trạng hệ thống" in page
    assert "Đề nghị khen thưởng" in page
    assert "Người chưa đặt mật khẩu" in page
    assert "clerk@so.example" in page
    assert "Sửa tiếp bản nháp" not in page
    send(desk, shown(desk), "save")
    assert "Sửa tiếp bản nháp" in desk.get("/").text
    send(desk, "", "discard")
    with running.signed_in("officer@so.example") as office:
        assert "Tình trạng hệ thống" not in office.get("/").text


def test_a_draft_is_kept_and_comes_back(desk):
    text = shown(desk) + "# một ghi chú <b>&\n"
    assert "Đã lưu bản nháp" in send(desk, text, "save").text
    assert text_of(desk.get("/definitions/nomination/edit")) == text
    send(desk, text.replace("# một ghi chú <b>&\n", ""), "save")


def base_of(page):
    return re.search(r'name="base" value="(\w+)"', page.text)[1]


def test_a_draft_that_somebody_saved_meanwhile_is_not_overwritten(running, desk):
    """By the text, by the form of usual changes, by discarding, and by publishing what was seen."""
    edit, changes = "/definitions/nomination/edit", "/definitions/nomination/changes"
    assert send(desk, "", "discard").status_code == 200
    first = desk.get(edit)
    form, seen = desk.get(changes), text_of(first)
    theirs = {"text": seen + "# của người khác\n", "action": "save", "base": base_of(first)}
    assert "Đã lưu bản nháp" in desk.post(edit, data=theirs).text
    mine = {"text": seen + "# của tôi\n", "base": base_of(first)}
    for action in ("save", "check", "publish", "discard"):
        refused = desk.post(edit, data={**mine, "action": action})
        assert refused.status_code == 409, action
        assert "của tôi" in text_of(refused), "what was typed stays"
        assert "-# của người khác" in refused.text, "and by what it differs is said"
        assert shown(desk) == theirs["text"]
    setting = "states.submitted.working_days"
    refused = desk.post(
        changes, data={setting: "7", "action": "save", "base": base_of(form), "key": "3" * 32}
    )
    assert refused.status_code == 409
    assert re.search(rf'name="{setting}"\s+value="7"', refused.text)
    assert shown(desk) == theirs["text"]
    again = desk.post(edit, data={**mine, "action": "save", "base": base_of(refused)})
    assert again.status_code == 200, "who has seen the other's draft may put another in its place"
    assert shown(desk) == mine["text"]
    assert send(desk, "", "discard").status_code == 200


def test_a_change_is_seen_before_it_happens_then_published_then_items_are_moved_and_taken_back(
    running, desk
):
    item = running.item_in("submitted")
    assert send(desk, "", "discard").status_code == 200
    slower = shown(desk)
    for old, new in SLOWER:
        assert old in slower
        slower = slower.replace(old, new, 1)
    same_version = send(desk, slower, "publish")
    assert same_version.status_code == 422
    assert f"version: {SHIPPED + 1}" in same_version.text
    slower = as_version(slower, SHIPPED + 1)
    looked = send(desk, slower, "check")
    assert looked.status_code == 200
    assert item["code"] in looked.text
    assert "Chưa có gì thay đổi" in looked.text
    assert "data-state" in looked.text, "the drawing stands beside it"
    assert "Tình huống đã qua" in looked.text

    asked = send(desk, slower, "publish")
    assert asked.status_code == 200
    assert asked.url.path == "/definitions/nomination/edit", "one is asked first"
    assert f"Công bố chính thức phiên bản {SHIPPED + 1}" in asked.text
    said = re.findall(r'data-label="(?:Trước|Sau)"\s*>([^<]*)<', asked.text)
    assert ["2", "5"] in [said[place : place + 2] for place in range(0, len(said), 2)], said
    assert item["code"] in asked.text
    published = confirm(desk, slower)
    assert published.status_code == 200
    assert published.url.path.startswith("/proposals/")
    assert "Chánh Văn phòng Sở" in published.text, "who confirms"
    assert (
        running.client("auditor@so.example").get("/definitions/nomination").json()["version"]
        == SHIPPED
    )
    assert published.url.path in desk.get("/definitions/nomination/migrate").text
    running.confirm(CHIEF)
    assert item["code"] in desk.get("/definitions/nomination/migrate").text
    assert (
        str(SHIPPED + 1) in running.client("auditor@so.example").get("/definitions/nomination").text
    )
    auditor = running.client("auditor@so.example")
    assert auditor.get(f"/items/{item['code']}").json()["definition"]["version"] == SHIPPED

    moved = desk.post(
        "/definitions/nomination/migrate", data={"to": str(SHIPPED + 1), "key": "1" * 32}
    )
    assert moved.url.path.startswith("/proposals/")
    assert auditor.get(f"/items/{item['code']}").json()["definition"]["version"] == SHIPPED
    running.confirm(CHIEF)
    now = auditor.get(f"/items/{item['code']}").json()
    assert now["definition"]["version"] == SHIPPED + 1
    assert now["due_at"] > item["due_at"]
    back = desk.post("/definitions/nomination/migrate", data={"to": str(SHIPPED), "key": "2" * 32})
    assert back.status_code == 200
    running.confirm(CHIEF)
    assert auditor.get(f"/items/{item['code']}").json()["due_at"] == item["due_at"]
    assert desk.get("/definitions/nomination/migrate?to=9").status_code == 404
    assert desk.post("/definitions/nomination/migrate", data={"to": "x"}).status_code == 404
    entries = [
        each
        for each in auditor.get(f"/items/{item['code']}/history").json()["data"]
        if each["type"] == "migrated"
    ]
    assert len(entries) == 2


def test_what_a_version_guarantees_less_is_shown_before_it_is_published(running, desk):
    text = (running.parts.settings.definitions / "nomination.yaml").read_text("utf-8")
    assert "bảo đảm ít hơn" not in send(desk, text, "check").text
    weaker = text.replace("    second_factor: true\n", "")
    page = send(desk, weaker, "check")
    assert "bảo đảm ít hơn" in page.text
    assert "không còn hỏi mã PIN" in page.text
    send(desk, text, "discard")


def test_a_version_that_only_asks_for_no_factor_waits_for_somebody_else(running, desk):
    """Whoever edits processes takes no step's second factor away alone, not with their own either."""
    item = running.item_in("office_reviewed")
    newest = running.client(ADMIN).get("/definitions/nomination").json()["version"]
    send(desk, "", "discard")
    shipped = (running.parts.settings.definitions / "nomination.yaml").read_text("utf-8")
    text = as_version(shipped, newest + 1)
    weaker = text.replace("    second_factor: true\n", "")
    assert confirm(desk, weaker).status_code == 422, "its own scenarios tell"
    weaker = re.sub(r"\nscenarios:.*", "\n", weaker, flags=re.DOTALL)
    asked = confirm(desk, weaker, key="4")
    assert asked.url.path.startswith("/proposals/")
    assert "không còn hỏi mã PIN" in asked.text
    number = asked.url.path.rsplit("/", 1)[1]
    admin = running.client(ADMIN)
    (waiting,) = (
        each for each in admin.get("/proposals").json()["data"] if str(each["id"]) == number
    )
    assert waiting["confirmers"]
    assert ADMIN not in waiting["confirmers"]
    alone = admin.post(f"/proposals/{number}/confirm", json={"pin": "246810"})
    assert alone.status_code == 403, alone.text
    assert admin.get("/definitions/nomination").json()["version"] == newest
    moved = desk.post("/definitions/nomination/migrate", data={"to": str(newest + 1)})
    assert moved.status_code == 404
    for who in (ADMIN, "director@so.example"):
        assert running.decide(item["code"], "sign_director", who).status_code in {403, 404}
    assert running.state_of(item["code"]) == "office_reviewed"
    assert admin.post(f"/proposals/{number}/reject", json={"comment": "Thôi"}).status_code == 200
    send(desk, "", "discard")


def test_the_usual_changes_are_written_into_the_draft_whose_comments_stay(running, desk):
    send(desk, "", "discard")
    text = (running.parts.settings.definitions / "nomination.yaml").read_text("utf-8")
    send(desk, text, "save")
    page = desk.get("/definitions/nomination/changes").text
    assert 'name="states.submitted.working_days"' in page
    for name, value in (("current", "Chờ lãnh đạo phòng duyệt"), ("label", "Đã trình lãnh đạo")):
        assert re.search(f'name="states.submitted.{name}.vi"[^>]*value="{value}', page), name
    assert page.index("states.submitted.current.vi") < page.index("states.submitted.label.vi")
    assert "<svg" in page
    assert desk.post("/definitions/nomination/changes", data={"action": "save"}).status_code == 200
    assert shown(desk) == text, "nothing given, nothing changed"
    given = {
        "states.submitted.working_days": "4",
        "states.submitted.holders.2": ["", "head", "deputy", "director"],
        "states.submitted.reminder": "3",
        "fields.unit_vote.required": "1",
        "transitions.withdraw.label.vi": "Rút lại hồ sơ",
    }
    told = desk.post("/definitions/nomination/changes", data={**given, "action": "save"})
    assert "Đã ghi 5 thay đổi" in told.text
    draft = shown(desk)
    assert draft.count("#") == text.count("#")
    assert "working_days: 4" in draft
    asked = desk.post("/definitions/nomination/changes", data={**given, "action": "publish"})
    assert asked.status_code == 200, asked.text
    assert "Công bố chính thức phiên bản" in asked.text
    assert "Rút lại hồ sơ" in asked.text
    wrong = {"states.submitted.working_days": "hai", "action": "publish"}
    refused = desk.post("/definitions/nomination/changes", data=wrong)
    assert refused.status_code == 422
    assert "Số ngày làm việc: ghi một số" in refused.text
    assert re.search(r'name="states.submitted.working_days"\s+value="hai"', refused.text)
    assert shown(desk) == draft, "what cannot stand is not written"
    nobody = {"states.department_approved.holders.3": ["", "director"], "action": "publish"}
    refused = desk.post("/definitions/nomination/changes", data=nobody)
    assert refused.status_code == 422
    assert refused.url.path.endswith("/changes"), "who came by the form is told there"
    assert "Cam kết không giữ được" in refused.text
    send(desk, "a: [", "save")
    led = desk.get("/definitions/nomination/changes")
    assert led.url.path.endswith("/edit")
    assert "Bản nháp chưa đọc được" in led.text
    kept = desk.post("/definitions/nomination/changes", data={**given, "action": "save"})
    assert kept.status_code == 409
    assert "Rút lại hồ sơ" in kept.text, "nor where the draft became unreadable meanwhile"
    send(desk, "", "discard")


def test_what_would_happen_alike_to_many_items_is_told_once(running, desk):
    send(desk, "", "discard")
    codes = [running.item_in("submitted")["code"] for _ in range(3)]
    given = {"states.submitted.working_days": "9", "action": "publish"}
    page = desk.post("/definitions/nomination/changes", data=given).text
    groups = [
        each for each in page.split("<summary>")[1:] if "hạn lùi" in each.split("</summary>")[0]
    ]
    assert any(all(code in each.split("</details>")[0] for code in codes) for each in groups)
    send(desk, "", "discard")


NEW_STEP = {
    "action": "add",
    "new.name": "Chờ Phó Giám đốc cho ý kiến",
    "new.after": "submitted",
    "new.days": "2",
    "new.positions": ["", "deputy_director"],
}


def test_a_step_is_added_by_form_judged_by_the_same_checks_and_published_by_two(running, desk):
    changes = "/definitions/nomination/changes"
    send(desk, "", "discard")
    before = shown(desk)
    nameless = desk.post(changes, data={**NEW_STEP, "new.name": "", "new.days": "0"})
    assert nameless.status_code == 422
    for said in ("Ghi tên của bước mới", "ghi một số từ 1 đến 250"):
        assert said in nameless.text
    unheld = desk.post(changes, data={**NEW_STEP, "new.positions": ["", "chief"]})
    assert unheld.status_code == 422
    assert "Với nhân sự hiện nay" in unheld.text
    assert "cho_pho_giam_doc" not in unheld.text, "in the words that people see"
    assert re.search(r'name="new.name"\s+value="Chờ Phó Giám đốc cho ý kiến"', unheld.text)
    assert shown(desk) == before
    for action in ("remove.drafted", "earlier.submitted", "later.nowhere", "remove.x.y"):
        assert desk.post(changes, data={"action": action}).status_code == 422, action
    signs = desk.post(changes, data={"action": "remove.office_reviewed"})
    assert "“Gửi Ban TĐKT” gửi đi hồ sơ chưa có ai ký" in signs.text

    typed = {"states.submitted.working_days": "4", **NEW_STEP}
    done = desk.post(changes, data=typed)
    assert done.status_code == 200
    assert "Đã thêm bước vào bản nháp" in done.text
    assert 'data-state="cho_pho_giam_doc_cho_y_kien"' in done.text, "the drawing follows"
    assert "working_days: 4" in shown(desk), "what was typed beside it is written too"
    asked = desk.post(changes, data={"action": "publish"})
    assert "Đã chuyển bước: Chờ Phó Giám đốc cho ý kiến" in asked.text, "a promise more"
    assert "bảo đảm ít hơn" not in asked.text
    assert "department_approved" not in asked.text.split('name="text"')[0]
    published = confirm(desk, shown(desk), key="7")
    assert published.url.path.startswith("/proposals/")
    running.confirm(DIRECTOR)

    item = running.draft()["code"]
    for transition, who in (
        ("submit", "staff.htqt@so.example"),
        ("approve_department", "head.htqt@so.example"),
    ):
        assert running.decide(item, transition, who).status_code == 200
    assert running.state_of(item) == "cho_pho_giam_doc_cho_y_kien"
    onward = "approve_cho_pho_giam_doc_cho_y"
    assert running.decide(item, onward, "deputy.director@so.example").status_code == 200
    assert running.state_of(item) == "department_approved"


def test_a_step_is_moved_and_taken_out_by_form_and_the_draft_dropped(running, desk):
    changes = "/definitions/nothing_to_nominate/changes"
    text = text_of(desk.get("/definitions/nothing_to_nominate/edit"))
    added = desk.post(changes, data=NEW_STEP)
    assert "Đã thêm bước vào bản nháp" in added.text
    moved = desk.post(changes, data={"action": "earlier.cho_pho_giam_doc_cho_y_kien"})
    assert "Đã chuyển chỗ bước" in moved.text
    drawn = re.findall(r'data-state="(\w+)"', moved.text)
    assert drawn[:3] == ["drafted", "cho_pho_giam_doc_cho_y_kien", "submitted"]
    gone = desk.post(changes, data={"action": "remove.cho_pho_giam_doc_cho_y_kien"})
    assert "Đã bỏ bước khỏi bản nháp" in gone.text
    assert "cho_pho_giam_doc" not in gone.text
    assert "Bỏ bản nháp" in gone.text
    dropped = desk.post(changes, data={"action": "discard"})
    assert "Bỏ bản nháp" not in dropped.text
    assert text_of(desk.get("/definitions/nothing_to_nominate/edit")) == text
