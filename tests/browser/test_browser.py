"""A real Chromium: scanners that run scripts, a phone, a person without a mouse."""

import pytest

from tests.browser.conftest import CHROMIUM, shows

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"
)


STAFF, OFFICER, ADMIN, DEPUTY = (
    f"{each}@so.example" for each in ("staff.htqt", "officer", "admin", "deputy.htqt")
)


def sign_in(page, running, email):
    """As by the page, which the test of the keyboard goes through: its buttons are dear to find."""
    page.context.request.post(f"{running.base_url}/demo/sign-in", form={"email": email})


def test_a_scanner_that_runs_scripts_changes_nothing(running, chromium):
    item = running.item_in("submitted")
    link = running.link_for(item["code"], "head.htqt@so.example")
    page = chromium.new_page()
    for _ in range(3):
        page.goto(link)
        page.wait_for_load_state("networkidle")
    page.locator("button.send").click()
    shows(page, "Hãy chọn một quyết định")
    assert running.state_of(item["code"]) == "submitted"
    page.close()


def test_an_approver_decides_on_a_phone_and_sees_the_receipt(running, chromium):
    item = running.item_in("submitted")
    link = running.link_for(item["code"], "deputy.htqt@so.example")
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(link)
    page.locator(".jump label", has_text="Duyệt").click()
    assert page.get_by_label("Duyệt, chuyển Văn phòng Sở").is_checked()
    assert running.state_of(item["code"]) == "submitted", "the bar chooses and records nothing"
    page.locator("button.send", has_text="Duyệt, chuyển Văn phòng Sở").click()
    shows(page, "Đã ghi nhận")
    assert running.state_of(item["code"]) == "department_approved"
    context.close()


def test_no_page_is_wider_than_a_desk_and_the_policy_blocks_nothing(running, chromium):
    """Phones: test_every_page."""
    item = running.item_in("office_reviewed")
    link = running.link_for(item["code"], "director@so.example")
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints = []
    page.on(
        "console",
        lambda message: (
            complaints.append((message.text, message.location["url"]))
            if message.type == "error"
            else None
        ),
    )
    sign_in(page, running, OFFICER)
    paths = [
        "/",
        "/items",
        f"/items/{item['code']}",
        "/deadlines",
        "/deadlines/new",
        "/deadlines/board",
        "/deadlines/calendar",
        "/people",
        "/people/new",
        "/items/new?type=nomination",
    ]
    paths += [
        f"/together?code={item['code']}",
        "/help",
        "/help/office",
        "/standing-in",
        "/merits",
        "/campaigns",
        "/campaigns/toan-dan-bao-ve-antq-2022",
        "/more",
        "/security",
        "/definitions",
        "/definitions/nomination",
        link,
    ]
    for path in paths:
        page.goto(path if path.startswith("http") else running.base_url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    context.clear_cookies()
    sign_in(page, running, ADMIN)
    for path in ("/definitions/nomination/edit", "/definitions/nomination/migrate"):
        page.goto(running.base_url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    assert complaints == []
    context.close()


def test_the_form_is_filled_in_by_keyboard_alone(running, chromium):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(running.base_url + "/sign-in")
    page.get_by_text("Dùng thử: chọn vai").press("Enter")
    page.get_by_role("button", name="Chuyên viên Phòng Hợp tác quốc tế").press("Enter")
    page.goto(running.base_url + "/items/new?type=department_report")
    page.locator("#title").focus()
    page.keyboard.type("Báo cáo gõ bằng bàn phím")
    page.locator("#title").press("Enter")
    page.wait_for_load_state()
    shows(page, "Báo cáo gõ bằng bàn phím")
    context.close()


PLACES = {
    "id: leave\nleg": "legal_basis",
    "states:\n  - id: drafted\n    work": "working_days",
    "states:\n  - id: submitted\n    holders:\n      - {pos": "positions",
    "states:\n  - id: submitted\n    holders:\n      - {positions: [dep": "deputy_director",
    "states:\n  - {id: approved, label: {vi: A, en: A}, fin": "final",
    "states:\n  - {id: drafted}\n  - {id: approved}\ntransitions:\n  - id: approve\n    to: [app": "approved",
    "states:\n  - {id: drafted}\ninitial: dr": "drafted",
    "transitions:\n  - id: approve\n    by: au": "author",
    "transitions:\n  - id: approve\n    guards:\n      - {name: not": "not_the_author",
    "fields:\n  - id: a\n    type: rich": "rich_text",
    "transitions:\n  - {id: approve}\nscenarios:\n  - name: A\n    steps:\n      - {do: app": "approve",
}
"""A text that ends where somebody asks, and a word that must be offered there."""


def test_the_administrator_edits_a_process_with_suggestions_and_is_led_to_a_problem(
    running, chromium
):
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints = []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    sign_in(page, running, ADMIN)
    page.goto(running.base_url + "/definitions/department_report/edit")
    page.locator(".CodeMirror").click(position={"x": 400, "y": 10})
    for text, word in PLACES.items():
        page.evaluate(
            "text => document.querySelector('.CodeMirror').CodeMirror.setValue(text)", text
        )
        page.evaluate(
            "each => each.execCommand('goDocEnd')",
            page.evaluate_handle("document.querySelector('.CodeMirror').CodeMirror"),
        )
        page.keyboard.press("Control+Space")
        page.locator(".CodeMirror-hint").get_by_text(word, exact=True).wait_for()
        page.keyboard.press("Escape")
    at_states = "groups:\n  - {id: a, label: {vi: A, en: A}}\nstates:\n  - id: drafted\n    "
    offered = page.evaluate(
        "[text => window.thidua.suggestionsAt(text.split('\\n'), 4, 4, JSON.parse(document.getElementById('text').dataset.schema), [])][0]",
        at_states,
    )
    assert "holders" in offered
    assert "comment" not in offered, "a word of transitions"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Kiểm tra và xem trước").click()
    link = page.locator("[data-line]").first
    link.click()
    line = int(link.get_attribute("data-line")) - 1
    assert (
        page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getCursor().line") == line
    )
    assert page.locator(".problem-line").count() >= 1
    assert [each for each in complaints if "422" not in each] == []
    context.close()


def test_a_step_is_added_in_the_form_and_the_step_in_hand_is_lit_in_the_drawing(running, chromium):
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page, running, ADMIN)
    page.goto(running.base_url + "/definitions/nomination/changes")
    for state in ("submitted", "director_signed"):
        page.locator(f"#step-{state} > summary").click()
        page.locator(f".flow [data-state={state}].here").wait_for()
        assert page.locator(".flow .here").count() == 1
        assert page.locator("[name=row][open]").count() == 1, "one at a time"
    page.locator(".flow [data-state=office_reviewed]").click()
    page.locator("#step-office_reviewed[open] a[data-after]").click()
    assert page.locator("[id='new.after']").input_value() == "office_reviewed"
    page.locator("[id='new.name']").fill("Chờ Phó Giám đốc cho ý kiến")
    page.locator("[id='new.positions'] [value=deputy_director]").check()
    page.locator("button[value=add]").click()
    shows(page, "Đã thêm bước vào bản nháp")
    assert (
        page.locator("[name=row][open] summary").first.inner_text().startswith("Chờ Phó Giám đốc")
    )
    assert page.locator(".flow .here").get_attribute("data-state").startswith("cho_pho_giam_doc")
    page.set_viewport_size({"width": 360, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="Bỏ bản nháp").click()
    shows(page, "đây lại là bản đang ban hành")
    assert page.locator(".flow [data-state^=cho_pho_giam_doc]").count() == 0
    context.close()


def test_a_step_is_added_without_scripts_too(running, chromium):
    context = chromium.new_context(java_script_enabled=False)
    context.request.post(f"{running.base_url}/demo/sign-in", form={"email": ADMIN})
    page = context.new_page()
    page.goto(running.base_url + "/definitions/consolidated_report/changes?step=submitted")
    page.locator("#step-submitted a[data-after]").click()
    page.locator("[id='new.name']").fill("Chờ Phó Giám đốc cho ý kiến")
    page.locator("[id='new.after']").select_option("office_reviewed")
    page.locator("[id='new.positions'] [value=deputy_director]").check()
    page.locator("button[value=add]").click()
    shows(page, "Đã thêm bước vào bản nháp")
    assert "Chờ Phó Giám đốc" in page.locator("[name=row][open] summary").first.inner_text()
    page.get_by_role("button", name="Bỏ bản nháp").click()
    shows(page, "đây lại là bản đang ban hành")
    context.close()


def test_the_lettering_of_a_drawing_is_never_under_twelve_pixels(running, chromium):
    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, running, ADMIN)
    for path in ("", "/changes", "/edit"):
        page.goto(running.base_url + "/definitions/nomination" + path)
        for width in (360, 768, 1024, 1200, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            scale = page.evaluate(
                "(each => each.getBoundingClientRect().width / each.viewBox.baseVal.width)"
                "(document.querySelector('.drawing svg'))"
            )
            assert 13 * scale >= 12, (path, width, scale)
    context.close()


def test_the_list_is_walked_with_keys_which_can_be_turned_off(running, chromium):
    older, newer = running.draft()["code"], running.draft()["code"]
    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, running, STAFF)
    page.goto(running.base_url + "/items")
    focused = (
        "document.activeElement.closest('.row')?.querySelector('.row-meta')"
        ".textContent.split(' · ')[0]"
    )
    page.keyboard.press("j")
    assert page.evaluate(focused) == newer
    page.keyboard.press("j")
    assert page.evaluate(focused) == older
    page.keyboard.press("k")
    assert page.evaluate(focused) == newer
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/items/{newer}?in=*")
    page.keyboard.press("j")
    page.wait_for_url(f"**/items/{older}?in=*")
    page.keyboard.press("k")
    page.wait_for_url(f"**/items/{newer}?in=*")
    page.locator("#comments summary").click()
    page.get_by_label("Ý kiến trao đổi").fill("Đang viết dở")
    page.locator("h1").click()
    page.keyboard.press("j")
    assert page.get_by_label("Ý kiến trao đổi").input_value() == "Đang viết dở", (
        "a key pressed by mistake loses nothing"
    )
    page.goto(running.base_url + "/items")
    page.keyboard.press("/")
    page.keyboard.type("jk?/")
    assert page.locator("#q").input_value() == "jk?/", "who types, types"
    page.goto(running.base_url + "/more")
    page.get_by_role("button", name="Tắt phím tắt").click()
    page.goto(running.base_url + "/items")
    page.keyboard.press("j")
    assert page.evaluate(focused) != newer
    context.close()


def test_nothing_typed_is_lost_when_the_page_is_left_or_the_line_is_down(running, chromium):
    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, running, STAFF)
    page.goto(running.base_url + "/items/new?type=nomination")
    page.locator("#title").fill("Gõ rồi bỏ trang")
    page.get_by_text("Đã tự lưu lúc").wait_for()
    page.goto(running.base_url + "/")
    page.goto(running.base_url + "/items/new?type=nomination")
    page.get_by_role("link", name="Lấy lại").click()
    assert page.locator("#title").input_value() == "Gõ rồi bỏ trang"
    page.route("**/typings", lambda route: route.abort())
    page.locator("#title").fill("Gõ khi mất mạng")
    page.get_by_text("đang được giữ trên máy này").wait_for()
    page.unroute("**/typings")
    page.goto(running.base_url + "/items/new?type=nomination")
    page.locator("[data-typing-back] button").click()
    assert page.locator("#title").input_value() == "Gõ khi mất mạng"
    page.get_by_text("Đã tự lưu lúc").wait_for()
    context.close()


def test_an_upload_shows_how_far_it_is_and_keeps_the_file_when_the_line_breaks(
    running, chromium, tmp_path
):
    code = running.draft()["code"]
    file = tmp_path / "minh-chung.pdf"
    file.write_bytes(b"%PDF-1.4\n" + b"% " + b"x" * 3_000_000 + b"\n%%EOF\n")
    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, running, STAFF)
    page.goto(f"{running.base_url}/items/{code}")
    upload = page.locator("form[data-upload]")
    page.evaluate("""() => { window.seen = []; const told = document.querySelector("form[data-upload] [data-told]");
        new MutationObserver(() => window.seen.push(told.textContent)).observe(told, { childList: true }); }""")
    page.route("**/files", lambda route: route.abort())
    upload.locator("input[type=file]").set_input_files(file)
    upload.get_by_role("button", name="Tải lên").click()
    upload.get_by_text("Mất kết nối").wait_for()
    assert (
        page.evaluate("document.querySelector('form[data-upload] input[type=file]').files.length")
        == 1
    )
    assert "Đang gửi: 0%" in page.evaluate("window.seen")
    page.unroute("**/files")
    upload.get_by_role("button", name="Tải lên").click()
    page.get_by_role("link", name="minh-chung.pdf").wait_for()
    upload = page.locator("form[data-upload]")
    wrong = tmp_path / "gia.pdf"
    wrong.write_bytes(b"not a pdf")
    upload.locator("input[type=file]").set_input_files(wrong)
    upload.get_by_role("button", name="Tải lên").click()
    upload.get_by_text("Nội dung tệp không đúng với đuôi").wait_for()
    told = upload.locator("[data-told]")
    assert told.inner_text().startswith("Nội dung tệp"), "its sentence, and not the page around it"
    assert code not in told.inner_text()
    large = tmp_path / "lon.pdf"
    large.write_bytes(b"%PDF-1.4" + b"0" * 21 * 1024 * 1024)
    upload.locator("input[type=file]").set_input_files(large)
    upload.get_by_role("button", name="Tải lên").click()
    upload.get_by_text("Tệp quá lớn").wait_for()
    version = running.client("staff.htqt@so.example").get(f"/items/{code}").headers["etag"]
    edit = running.client("staff.htqt@so.example").patch(
        f"/items/{code}", json={"title": "Đã sửa nơi khác"}, headers={"If-Match": version}
    )
    assert edit.status_code == 200
    upload.locator("input[type=file]").set_input_files(file)
    upload.get_by_role("button", name="Tải lên").click()
    upload.get_by_text("đã chọn “Sửa nội dung” lúc").wait_for()
    assert told.inner_text().startswith("Hồ sơ đã thay đổi sau khi mở trang")
    assert "Về Việc của tôi" not in told.inner_text(), "nor the page about an error"
    context.close()


def test_rows_are_typed_in_cells_and_pasted_from_excel_and_the_field_remains_without_scripts(
    running, chromium
):
    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, running, STAFF)
    page.goto(running.base_url + "/items/new?type=nomination")
    page.locator("#title").fill("Có bảng dán từ Excel")
    page.get_by_label("Năm, dòng 1").fill("2019")
    page.get_by_label("Năm, dòng 1").press("Enter")
    second = page.get_by_label("Năm, dòng 2")
    second.focus()
    second.evaluate("""(cell) => { const data = new DataTransfer();
        data.setData("text/plain", "2020\\tGiấy khen\\t1/QĐ\\r\\n2021\\tBằng khen\\t2/QĐ | 3/QĐ\\r\\n");
        cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); }""")
    assert page.get_by_label("Danh hiệu, hình thức, dòng 3").input_value() == "Bằng khen"
    page.get_by_label("Bỏ dòng 1").click()
    complete = page.locator(".index a > .done:not([hidden])")
    assert complete.count() == 0
    page.locator("#f-procedure-simplified").check()
    assert complete.count() == 1, "the index says at once which section has all that it must have"
    page.locator("#f-nominee_kind-collective").check()
    page.locator("#f-award").select_option("bang_khen_tinh")
    page.locator("#f-procedure_ground").fill("Thuộc thẩm quyền của Giám đốc Sở")
    page.get_by_text("căn cứ nêu Giám đốc Sở").wait_for()
    page.get_by_role("button", name="Lưu dự thảo").click()
    content = page.locator("main").inner_text()
    assert "Giấy khen" in content
    assert "2/QĐ | 3/QĐ" in content
    assert "2019" not in content.split("Đến ngày")[0].split("Các hình thức")[-1]
    context.close()
    plain = chromium.new_context(java_script_enabled=False)
    page = plain.new_page()
    sign_in(page, running, STAFF)
    page.goto(running.base_url + "/items/new?type=nomination")
    assert page.locator("#f-earlier_awards").is_visible()
    plain.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_reader_changes_the_language_on_every_kind_of_page(running, chromium, scripts):
    link = running.link_for(running.item_in("submitted")["code"], "deputy.htqt@so.example")
    context = chromium.new_context(java_script_enabled=scripts)
    page = context.new_page()
    for address in (running.base_url + "/sign-in", link):
        page.goto(address)
        page.get_by_role("button", name="English").click()
        assert page.url == address
        assert page.locator("html").get_attribute("lang") == "en"
        page.get_by_role("button", name="Tiếng Việt").click()
        assert page.locator("html").get_attribute("lang") == "vi"
    sign_in(page, running, DEPUTY)
    for address in ("/items?q=none", "/more"):
        page.goto(running.base_url + address)
        open_account(page)
        page.locator("main, .side").get_by_role("button", name="English").last.click()
        page.wait_for_url(running.base_url + address)
        assert page.locator("html").get_attribute("lang") == "en"
        open_account(page)
        page.locator("main, .side").get_by_role("button", name="Tiếng Việt").last.click()
        page.wait_for_url(running.base_url + address)
    context.close()


def open_account(page):
    """Unfold the account's menu at the foot of the side; the page of all places shows it open."""
    if not page.url.endswith("/more"):
        page.locator(".account > summary").click()


def test_a_list_is_narrowed_without_leaving_the_page(running, chromium):
    """What is found is exchanged as one types; whoever was signed out meanwhile is led to sign in."""
    codes = [running.item_in("submitted")["code"] for _ in range(2)]
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints = []
    page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    sign_in(page, running, OFFICER)
    page.goto(running.base_url + "/items")
    page.evaluate("() => { window.isSame = true; }")
    page.locator("#q").press_sequentially(codes[0])
    page.wait_for_url(f"**q={codes[0]}**")
    assert page.locator(".row-title").count() == 1
    assert codes[0] in page.locator(".row-meta").inner_text()
    assert page.locator("#q").input_value() == codes[0], "nothing typed is lost"
    assert f"q={codes[0]}" in page.locator("#downloads a").first.get_attribute("href")
    page.locator(".chip").click()
    page.locator(".chip").wait_for(state="detached")
    page.get_by_role("link", name="Theo trạng thái").click()
    page.locator(".lanes").wait_for()
    assert page.evaluate("() => window.isSame"), "nothing around the list was loaded again"
    assert complaints == []
    page.go_back()
    page.locator(".list-line").wait_for()
    context.clear_cookies()
    page.locator("#q").fill("x")
    page.wait_for_url("**/sign-in**")
    context.close()


def test_on_paper_only_what_was_typed_keeps_its_line_ends(running, chromium):
    code = running.item_in("submitted")["code"]
    page = chromium.new_page()
    sign_in(page, running, OFFICER)
    page.goto(f"{running.base_url}/items/{code}/print")
    typed = page.locator(".body .typed").first
    assert typed.evaluate("(each) => getComputedStyle(each).whiteSpace") == "pre-line"
    page.close()


def test_what_a_page_says_at_a_first_visit_is_not_said_again(running, chromium):
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    sign_in(page, running, "deputy.ls@so.example")
    with page.expect_response("**/hints/deadlines"):
        page.goto(running.base_url + "/deadlines")
    assert page.locator(".hint").count() == 1
    page.reload()
    assert page.locator(".hint").count() == 0
    page.close()
