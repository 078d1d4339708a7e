"""Passkeys in a real Chromium with a virtual authenticator: added by a code handed over in person, then used behind a link."""

import json
import re
from datetime import timedelta

import pytest

from api.auth.credentials import PutSecret, find_secrets
from api.auth.passkey_records import AddPasskey, passkeys_of
from api.auth.passwords import hash_secret_blocking
from tests.browser.conftest import CHROMIUM, shows
from tests.conftest import running_at
from tests.waiting import until
from workflow.errors import InvalidRefusal
from workflow.store import people
from workflow.store.instants import written

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"
)
DIRECTOR = "director@so.example"
CODE = "ABCDEFGH23"
PASSWORD = "đường về nhà qua cánh đồng"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """The product at a name, not at a number: passkeys are bound to names."""
    with running_at("localhost", tmp_path_factory.mktemp("data"), "") as product:
        yield product


@pytest.fixture(scope="module")
def telephone(chromium):
    """A page with an authenticator that knows its owner, as a telephone does."""
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield page
    context.close()


def hand_over(running, code=CODE):
    person = next(
        each
        for each in running.parts.database.report_blocking(people.all_people)
        if each.email == DIRECTOR
    )
    until_when = written(running.clock.now().replace(year=2023))
    for name, value in (("enrol_until", until_when), ("enrol_hash", hash_secret_blocking(code))):
        running.parts.database.write_blocking(PutSecret(person=person.id, name=name, value=value))


def sign_in(running, page):
    page.goto(running.base_url + "/sign-in")
    page.get_by_text("Dùng thử: chọn vai").first.click()
    page.get_by_role("button", name="Giám đốc Sở").first.click()
    page.wait_for_url(running.base_url + "/")


def add(running, page, code=CODE):
    page.goto(running.base_url + "/security")
    page.get_by_label("Mã do quản trị viên trao tận tay").fill(code)
    page.get_by_label("Tên của khóa").fill("Điện thoại của tôi")
    page.get_by_role("button", name="Thêm khóa truy cập").click()
    page.wait_for_load_state("networkidle")


@pytest.fixture
def known(running, telephone):
    """The telephone with a passkey of the Director's on it."""
    person = next(
        each
        for each in running.parts.database.report_blocking(people.all_people)
        if each.email == DIRECTOR
    )
    if not running.parts.database.report_blocking(
        lambda connection: passkeys_of(connection, person.id)
    ):
        hand_over(running)
        sign_in(running, telephone)
        add(running, telephone)
        shows(telephone, "“Điện thoại của tôi”, thêm ngày")
    return telephone


def test_a_passkey_is_added_only_by_the_code_and_the_office_is_told(running, telephone):
    hand_over(running)
    sign_in(running, telephone)
    add(running, telephone, "WRONGCODE2")
    shows(telephone, "không đúng")
    assert "Điện thoại của tôi" in telephone.locator("#label").input_value(), "what was typed stays"
    add(running, telephone)
    shows(telephone, "“Điện thoại của tôi”, thêm ngày")
    told = until(
        lambda: [
            each.recipient
            for each in running.mailbox.mails()
            if "khóa truy cập" in each.subject and len(running.mailbox.mails()) > 1
        ]
    )
    assert DIRECTOR in told
    add(running, telephone)
    until(lambda: telephone.get_by_text("Chưa tạo được khóa").is_visible())
    person = next(
        each
        for each in running.parts.database.report_blocking(people.all_people)
        if each.email == DIRECTOR
    )
    kept = running.parts.database.report_blocking(
        lambda connection: find_secrets(connection, person.id)
    )
    assert kept.enrol_hash is None, "a code adds one passkey"


def test_a_code_adds_one_passkey_however_many_are_sent_at_once(running):
    code_hash = hash_secret_blocking("ZZZZZZZZ22")
    person = next(
        each
        for each in running.parts.database.report_blocking(people.all_people)
        if each.email == "deputy.director@so.example"
    )
    running.parts.database.write_blocking(
        PutSecret(person=person.id, name="enrol_hash", value=code_hash)
    )
    code_kept = running.parts.database.report_blocking(
        lambda connection: find_secrets(connection, person.id)
    ).enrol_hash

    def add_one(identity):
        command = AddPasskey(
            person=person.id,
            code_hash=code_kept,
            label=identity,
            credential_id=identity,
            public_key=b"k",
            sign_count=0,
        )
        return running.parts.database.write_blocking(command)

    assert add_one("first") is None
    for identity in ("second", "first"):
        with pytest.raises(InvalidRefusal):
            add_one(identity)
    known = running.parts.database.report_blocking(
        lambda connection: passkeys_of(connection, person.id)
    )
    assert [each.credential_id for each in known] == ["first"]


def test_the_director_signs_behind_a_link_with_the_passkey_and_history_says_so(running, known):
    telephone = known
    item = running.item_in("office_reviewed")
    telephone.goto(running.link_for(item["code"], DIRECTOR))
    telephone.get_by_label("Ký duyệt").first.check()
    telephone.get_by_role("button", name="Ký bằng khóa truy cập").click()
    until(lambda: running.state_of(item["code"]) == "director_signed")
    history = (
        running.client("auditor@so.example").get(f"/items/{item['code']}/history").json()["data"]
    )
    assert history[-1]["method"] == "passkey"


def test_a_signature_counts_for_the_item_and_content_it_was_made_for_and_once(running, known):
    telephone = known
    first, second = (running.item_in("office_reviewed") for _ in range(2))
    link = running.link_for(first["code"], DIRECTOR)
    telephone.goto(link)
    telephone.evaluate(
        "() => { HTMLFormElement.prototype.submit = function () { window.kept = new URLSearchParams(new FormData(this)).toString(); }; }"
    )
    telephone.get_by_label("Ký duyệt").first.check()
    telephone.get_by_role("button", name="Ký bằng khóa truy cập").click()
    kept = until(lambda: telephone.evaluate("window.kept || ''"))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    with running.browser() as stranger:
        elsewhere = stranger.post(
            running.link_for(second["code"], DIRECTOR), content=kept, headers=headers
        )
        assert elsewhere.status_code == 403
        assert running.state_of(second["code"]) == "office_reviewed"
        done = stranger.post(link, content=kept, headers=headers)
        assert done.status_code == 200
        assert running.state_of(first["code"]) == "director_signed"


def test_a_passkey_is_a_second_factor_at_sign_in(running, known):
    person = running.person(DIRECTOR).id
    hashed = hash_secret_blocking(PASSWORD)
    command = PutSecret(person=person, name="password_hash", value=hashed)
    running.parts.database.write_blocking(command)
    known.context.clear_cookies()
    known.goto(running.base_url + "/sign-in?next=/items")
    known.locator("#email").fill(DIRECTOR)
    known.locator("#password").fill(PASSWORD)
    known.locator("form[action='/sign-in'] button.primary").click()
    known.wait_for_url("**/sign-in/code**")
    known.get_by_role("button", name="Đăng nhập bằng khóa truy cập").click()
    known.wait_for_url(running.base_url + "/items")
    known.context.clear_cookies()
    sign_in(running, known)


@pytest.mark.parametrize(
    "given",
    [
        "{}",
        "[]",
        "null",
        "x",
        "1" * 30000,
        json.dumps({"id": "x", "response": {"clientDataJSON": "e30"}}),
        "[" * 9000,
    ],
)
def test_what_is_no_signature_is_a_wrong_factor_and_no_error(running, given):
    item = running.item_in("office_reviewed")
    link = running.link_for(item["code"], DIRECTOR)
    with running.browser() as stranger:
        version = re.search(r'name="version" value="(\d+)"', stranger.get(link).text).group(1)
        answer = stranger.post(
            link, data={"decision": "sign_director", "version": version, "passkey": given}
        )
    assert answer.status_code in {403, 429}
    assert running.state_of(item["code"]) == "office_reviewed"


def test_a_passkey_is_forgotten_by_its_owner(running, known):
    telephone = known
    running.clock._offset += timedelta(minutes=20)
    telephone.goto(running.base_url + "/security")
    telephone.get_by_role("button", name="Bỏ khóa này").click()
    until(
        lambda: "Khóa truy cập chưa cấp" in " ".join(telephone.locator("main").inner_text().split())
    )
