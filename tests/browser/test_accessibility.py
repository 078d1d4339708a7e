"""WCAG 2.2 AA as far as a machine can tell: axe-core finds nothing on any page, for any role, in light and dark, wide and narrow."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from api.auth.credentials import PutSecret
from api.auth.passwords import hash_secret_blocking
from api.auth.setup_codes import IssueCode
from notifications.code_issuer import FIRST_FACTOR
from tests.browser.conftest import CHROMIUM, signed_in
from tests.pictures.camera import NATIVE, WIDER
from workflow.values import searchable

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"
)

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # what passes is not told at length: that is most of the work
    "preload": False,  # no rule of these looks into style sheets or media
}
UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true })"
PUBLIC = ("/sign-in", "/check", "/check?code=x", "/check?code=1-AAAA-AAAA-AAAA-AAAA-AAAA")
EVERYBODY = [
    "/",
    "/items?columns=department&columns=since",
    "/items/board?type=nomination",
    "/deadlines",
    "/deadlines/board",
    "/deadlines/calendar",
    "/deadlines/backplan?type=nomination&on=2022-06-30",
]
EVERYBODY += [
    "/deadlines/quality",
    "/standing-in",
    "/help",
    "/help/staff",
    "/definitions/nomination",
    "/nowhere",
]
ROLES = {
    "staff.htqt": [
        *EVERYBODY[::2],
        "/items/new",
        "/items/new?type=nomination",
        "ITEM",
        "DRAFT",
        "DRAFT/edit",
        "DRAFT/versions",
        "DRAFT/as-of?at=2030-01-01T00:00",
        "DRAFT/decide/submit",
    ],
    "head.htqt": [
        "/",
        "/more",
        "/security",
        "/campaigns",
        "ITEM",
        "ITEM/decide/return",
        "/together?code=CODE",
    ],
    "officer": [
        *EVERYBODY[1::2],
        "/deadlines/new",
        "/office",
        "/people",
        "/people/new",
        "/people/staff.htqt@so.example",
        "/merits",
        "/campaigns/new",
        "/reminders",
        "ITEM/print",
        "DEADLINE",
        "DEADLINE/remind?department=lanh-su",
    ],
    "auditor": [
        "/",
        "/history",
        "ITEM",
        "/reminders",
        "/campaigns/toan-dan-bao-ve-antq-2022",
    ],
    "admin": [
        "/",
        "/definitions",
        "/definitions/nomination/edit",
        "/definitions/nomination/changes",
        "/definitions/nomination/migrate",
    ],
}


@pytest.fixture(scope="module")
def addresses(running):
    """An item that waits, a draft with an awkward title, and a deadline."""
    item = running.item_in("submitted")
    draft = running.draft(author="staff.htqt@so.example")
    long = "Đề nghị tặng Giấy khen cho tập thể Phòng Hợp tác quốc tế đã có thành tích xuất sắc trong phong trào “Toàn dân bảo vệ an ninh Tổ quốc” năm 2022"
    running.client("staff.htqt@so.example").patch(
        f"/items/{draft['code']}", json={"title": long}, headers={"If-Match": '"1"'}
    )
    body = {
        "campaign": item["campaign"],
        "kind": "interim",
        "departments": ["lanh-su", "hop-tac-quoc-te"],
        "due_at": "2022-06-15T17:00:00+07:00",
    }
    deadline = running.client("officer@so.example").post("/deadlines", json=body).json()["id"]
    link = running.link_for(item["code"], "head.htqt@so.example")
    return {
        "ITEM": f"/items/{item['code']}",
        "DRAFT": f"/items/{draft['code']}",
        "CODE": item["code"],
        "DEADLINE": f"/deadlines/{deadline}",
        "LINK": link,
    }


def found(page):
    """Return what axe finds, with the elements it finds it at."""
    answer = Axe().run(page, options=RULES).response
    return [
        (each["id"], [node["html"][:160] for node in each["nodes"]][:4])
        for each in answer["violations"]
    ]


VIEWS = ((360, "light"), (1440, "dark"))


def pytest_generate_tests(metafunc):
    """Every second page of a role at one width, all of them at both with ``--long``.

    Axe looks at each piece that pages are made from in the gallery, at both and in both schemes.
    """
    if "role" in metafunc.fixturenames:
        is_long = metafunc.config.getoption("--long")
        shown = [
            (role, *view)
            for number, role in enumerate(ROLES)
            for view in (VIEWS if is_long else (VIEWS[number % 2],))
        ]
        metafunc.parametrize(("role", "width", "scheme"), shown)


def test_axe_finds_nothing(running, chromium, addresses, role, width, scheme, request, is_long):
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = signed_in(context, running, f"{role}@so.example")
    wrong = {}
    pages = dict.fromkeys([*EVERYBODY, *ROLES[role]]) if is_long else ROLES[role][::2]
    for path in pages:
        for name, address in addresses.items():
            path = path.replace(name, address)  # noqa: PLW2901 - the places of this run
        page.goto(running.base_url + path)
        looked = [*page.evaluate(NATIVE), page.evaluate(WIDER)]
        page.evaluate(UNFOLD)
        wrong[path] = [*filter(None, looked), *found(page)]
        keep_picture(page, request, f"{role}-{path}-{width}-{scheme}")
    context.close()
    told = [f"{path}: {each}" for path, rules in wrong.items() for each in rules]
    assert told == [], "\n".join(told)


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_axe_finds_nothing_where_nobody_is_known(
    running, chromium, width, scheme, request, is_long
):
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    wrong = {}
    for path in PUBLIC if is_long else PUBLIC[VIEWS.index((width, scheme)) :: len(VIEWS)]:
        page.goto(running.base_url + path)
        wrong[path] = found(page)
        keep_picture(page, request, f"{path}-{width}-{scheme}")
    context.close()
    told = [f"{path}: {each}" for path, rules in wrong.items() for each in rules]
    assert told == [], "\n".join(told)


def keep_picture(page, request, name):
    """Keep what the page looks like, where pictures are wanted."""
    folder = request.config.getoption("--pictures")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(
            path=f"{folder}/{re.sub(r'[^a-z0-9-]+', '_', searchable(name))[:120]}.png",
            full_page=True,
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_behind_a_link(running, chromium, addresses, scheme, is_long):
    context = chromium.new_context(viewport={"width": 320, "height": 700}, color_scheme=scheme)
    page = context.new_page()
    wrong = {}
    links = {"live": addresses["LINK"], "unknown": f"{running.base_url}/a/a1.x.y.z"}
    for name in links if is_long else (["live"] if scheme == "light" else ["unknown"]):
        page.goto(links[name])
        page.evaluate(UNFOLD)
        wrong[name] = found(page)
    context.close()
    told = [f"{path}: {each}" for path, rules in wrong.items() for each in rules]
    assert told == [], "\n".join(told)


def test_axe_finds_nothing_on_the_way_to_a_second_factor(running, chromium, request):
    """Its two pages: the code after the password, and the first factor by a printed link."""
    context = chromium.new_context(viewport={"width": 360, "height": 740}, color_scheme="dark")
    page = context.new_page()
    person = running.person("auditor@so.example").id
    write = running.parts.database.write_blocking
    write(PutSecret(person=person, name="password_hash", value=hash_secret_blocking("mật khẩu")))
    page.goto(running.base_url + "/sign-in")
    page.locator("#email").fill("auditor@so.example")
    page.locator("#password").fill("mật khẩu")
    page.locator("form[action='/sign-in'] button.primary").click()
    page.wait_for_url("**/sign-in/code**")
    wrong = found(page)
    keep_picture(page, request, "second-factor")
    code = write(IssueCode(person=person, purpose=FIRST_FACTOR, seed="axe"))
    page.goto(f"{running.base_url}/setup/{code}")
    page.locator("img.qr").wait_for()
    wrong += found(page)
    keep_picture(page, request, "first-factor")
    context.close()
    assert wrong == []


def test_what_one_jumped_to_is_marked_and_not_covered(running, chromium, addresses):
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = signed_in(context, running, "head.htqt@so.example")
    page.goto(f"{running.base_url}/help/approver#decide")
    ground = "(each) => getComputedStyle(each).backgroundColor"
    others = page.locator(".lines > :not(:has(:target))").first
    assert page.locator("#decide").is_visible(), "what is jumped to is unfolded"
    assert page.locator(".lines > :has(:target)").evaluate(ground) != others.evaluate(ground)
    context.close()
