"""Help inside the product: a page for each role, found without diacritics, one's own first."""

import re

import pytest

from api.web.help_tasks import topics
from tests.acceptance.test_every_address import routes
from tests.catalogue import in_words, kept
from tests.unit.test_definitions import FOLDER

pytestmark = pytest.mark.one_database

HELP = FOLDER.parent / "api" / "help"
ROLES = {
    "staff.htqt@so.example": "staff",
    "head.htqt@so.example": "approver",
    "officer@so.example": "office",
    "director@so.example": "director",
    "clerk@so.example": "clerk",
    "auditor@so.example": "auditor",
    "admin@so.example": "admin",
}


@pytest.mark.parametrize(("who", "name"), ROLES.items())
def test_everybody_finds_their_own_page_first_in_their_language(running, who, name):
    with running.signed_in(who) as browser:
        assert 'href="/help"' in browser.get("/").text
        first = re.search(r'href="/help/([a-z]+)"', browser.get("/help").text)[1]
        assert first == name
        vietnamese = browser.get(f"/help/{first}").text
        browser.post("/language", data={"language": "en"})
        english = browser.get(f"/help/{first}").text
        browser.post("/language", data={"language": "vi"})
        for page in (vietnamese, english):
            assert "<ol>" in page
        for page in filter(None, (each.begins_at for each in topics("vi")[name].tasks)):
            assert f'href="{page}"' in vietnamese
            assert browser.get(page).status_code == 200, page
        assert heading(vietnamese) in (HELP / "vi" / f"{name}.md").read_text("utf-8")
        assert heading(english) in (HELP / "en" / f"{name}.md").read_text("utf-8")


def heading(page):
    return re.search(r"<h1>([^<]+)</h1>", page)[1]


def test_search_knows_no_diacritics_and_says_when_there_is_nothing(running):
    with running.signed_in("officer@so.example") as browser:
        found = " ".join(browser.get("/help", params={"q": "bang theo doi"}).text.split())
        assert 'href="/help/office#board"' in found
        assert "<b>Bảng theo dõi:</b> từng phòng đã nộp chưa" in found
        assert "/help/auditor" not in found
        nothing = browser.get("/help", params={"q": "<b>xyzzy</b>"}).text
        assert "Không có trang nào" in nothing
        assert "<b>xyzzy" not in nothing
        assert browser.get("/help/nothing").status_code == 404
        assert browser.get("/help/..%2F..%2Fpyproject").status_code == 404


@pytest.mark.parametrize(
    ("who", "page", "task"),
    [
        ("officer@so.example", "/deadlines", "office#deadline"),
        ("officer@so.example", "/deadlines/board", "office#board"),
        ("staff.htqt@so.example", "/deadlines", "staff#more-time"),
        ("head.htqt@so.example", "/items", "staff#list"),
        ("director@so.example", "/together", "director#sign-many"),
        ("admin@so.example", "/definitions/nomination/edit", "admin#edit"),
    ],
)
def test_each_page_leads_to_its_task(running, who, page, task):
    with running.signed_in(who) as browser:
        assert f'class="help-here no-print" href="/help/{task}"' in browser.get(page).text
        topic, name = task.split("#")
        assert f'id="{name}"' in browser.get(f"/help/{topic}").text


def test_a_task_has_at_most_five_steps_and_names_pages_that_there_are():
    addresses = {re.sub(r"\{\w+\}", "[^/]+", path) for method, path in routes() if method == "GET"}
    for code in ("vi", "en"):
        for topic in topics(code).values():
            assert topic.tasks, topic.name
            for task in topic.tasks:
                assert 1 <= task.steps <= 5, task.heading
                for page in task.pages:
                    assert any(re.fullmatch(each, page) for each in addresses), page
    names = [
        [
            (topic.name, task.name, task.pages, bool(task.group))
            for topic in topics(code).values()
            for task in topic.tasks
        ]
        for code in ("vi", "en")
    ]
    assert names[0] == names[1], "both languages have the same tasks"


def test_commands_and_buttons_that_help_names_exist():
    """A page of help that names what is not there is worse than none."""
    from api.cli.arguments import parser

    commands = parser().format_help()
    texts = "".join(path.read_text("utf-8") for path in HELP.rglob("*.md"))
    told = set(re.findall(r"`thidua ([a-z-]+)", texts))
    assert "doctor" in told
    assert [each for each in told if each not in commands] == []
    pages = "".join(
        path.read_text("utf-8")
        for path in (FOLDER.parent / "api" / "web" / "templates").rglob("*.html")
    )
    pages += "".join(
        path.read_text("utf-8") for path in (FOLDER.parent / "api" / "web" / "pages").glob("*.py")
    )
    pages += (FOLDER / "nomination.yaml").read_text("utf-8") + "".join(
        path.read_text("utf-8")
        for path in (FOLDER.parent / "notifications" / "letters").glob("*.py")
    )
    vietnamese = "\n".join(
        words for each in kept() if each.id for words in in_words(each.string)
    ) + (FOLDER / "nomination.yaml").read_text("utf-8")
    for code, known in (("en", pages), ("vi", vietnamese)):
        parts = {part for name in named(code) for part in name.split(" → ")}
        assert len(parts) > 20
        assert [each for each in parts if each.lower() not in known.lower()] == []


def test_both_languages_have_the_same_pages_and_steps():
    for path in (HELP / "vi").glob("*.md"):
        steps = [
            len(
                re.findall(
                    r"^(?:\d+\.|-) ", (HELP / code / path.name).read_text("utf-8"), re.MULTILINE
                )
            )
            for code in ("vi", "en")
        ]
        assert steps[0] == steps[1], path.name


def named(code):
    return [
        name
        for path in (HELP / code).glob("*.md")
        for name in re.findall(r"\*\*([^*]+)\*\*", path.read_text("utf-8"))
    ]
