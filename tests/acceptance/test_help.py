"""Help inside the product: a page for each role, found without diacritics, one's own first."""

import re

import pytest

from tests.unit.test_definitions import FOLDER

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
def test_everybody_finds_their_own_page_first_and_it_speaks_both_languages(running, who, name):
    with running.signed_in(who) as browser:
        assert 'href="/help"' in browser.get("/").text
        first = re.search(r'href="/help/([a-z]+)"', browser.get("/help").text)[1]
        assert first == name
        page = browser.get(f"/help/{first}").text
        assert "<h2>English</h2>" in page
        assert "<ol>" in page


def test_search_knows_no_diacritics_and_says_when_there_is_nothing(running):
    with running.signed_in("officer@so.example") as browser:
        found = browser.get("/help", params={"q": "bang theo doi"}).text
        assert 'href="/help/office"' in found
        assert 'href="/help/auditor"' not in found
        nothing = browser.get("/help", params={"q": "<b>xyzzy</b>"}).text
        assert "Không có trang nào" in nothing
        assert "<b>xyzzy" not in nothing
        assert browser.get("/help/nothing").status_code == 404
        assert browser.get("/help/..%2F..%2Fpyproject").status_code == 404


def test_commands_and_buttons_that_help_names_exist():
    """A page of help that names what is not there is worse than none."""
    from api.cli.main import _parser

    commands = _parser().format_help()
    texts = "".join(path.read_text("utf-8") for path in (FOLDER.parent / "api" / "help").glob("*.md"))
    for command in set(re.findall(r"`thidua ([a-z-]+)", texts)):
        assert command in commands, command
    pages = "".join(path.read_text("utf-8") for path in (FOLDER.parent / "api" / "pages" / "templates").glob("*.html"))
    pages += "".join(path.read_text("utf-8") for path in (FOLDER.parent / "api" / "pages").glob("*.py"))
    pages += (FOLDER / "nomination.yaml").read_text("utf-8") + (FOLDER.parent / "notifications" / "letters.py").read_text("utf-8")
    vietnamese = "".join(path.read_text("utf-8").split("## English")[0] for path in (FOLDER.parent / "api" / "help").glob("*.md"))
    for name in re.findall(r"\*\*([^*]+)\*\*", vietnamese):
        for part in name.split(" → "):
            assert part.lower() in pages.lower(), part
