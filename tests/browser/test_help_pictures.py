"""The pictures of the help pages show what the pages look like now. With ``--help-pictures`` they are made anew."""

import json

import pytest

from tests.browser.conftest import CHROMIUM
from tests.help_pictures import (
    FOLDER,
    LETTER,
    OF_A_LETTER,
    PICTURES,
    RECORD,
    ROOT,
    recorded,
    smaller,
    words_of,
)
from tests.waiting import until

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"
)
HEAD = "head.htqt@so.example"


@pytest.fixture(scope="module")
def addresses(running):
    return {each.name: each.address(running) for each in PICTURES}


@pytest.fixture(scope="module")
def page(chromium):
    """One page for all pictures: a new one each time costs more than what it shows."""
    context = chromium.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        pytest.param(each, code, id=f"{each.name}-{code}")
        for each in PICTURES
        for code in each.languages
    ],
)
def test_a_picture_of_help_shows_the_page_as_it_is(
    running, page, addresses, picture, code, pytestconfig
):
    page.context.clear_cookies()
    page.context.request.post(f"{running.base_url}/demo/sign-in", form={"email": picture.email})
    page.context.add_cookies([{"name": "language", "value": code, "url": running.base_url}])
    page.set_viewport_size({"width": picture.width, "height": picture.height})
    page.goto(running.base_url + addresses[picture.name])
    page.evaluate("document.fonts.ready")
    page.evaluate("document.querySelectorAll('.hint, .demo').forEach((each) => each.remove())")
    look(page, f"{picture.name}.{code}.webp", words_of(page), pytestconfig)


@pytest.mark.parametrize("code", ["vi", "en"])
def test_the_picture_of_a_letter_shows_the_letter_as_it_is(running, page, code, pytestconfig):
    with running.signed_in(HEAD) as browser:
        browser.post("/language", data={"language": code})
        number = running.item_in("submitted")["code"]
        mail = until(lambda: next(iter(running.mails_about(number, HEAD)), None))
        browser.post("/language", data={"language": "vi"})
    page.set_viewport_size({"width": 640, "height": 200})
    page.goto("about:blank")
    page.set_content(mail.html)
    # As far as the sheet goes: the small print below it is in the words, and would be heavy.
    sheets = "[...document.querySelectorAll('.sheet')]"
    height = page.evaluate(
        f"Math.max(...{sheets}.map((each) => each.getBoundingClientRect().bottom))"
    )
    page.set_viewport_size({"width": 640, "height": int(height) + 16})
    look(page, f"{LETTER}.{code}.webp", words_of(page, OF_A_LETTER), pytestconfig)


def look(page, file, words, pytestconfig):
    """Make the picture where that is asked; hold that it shows these words and is light."""
    if pytestconfig.getoption("--help-pictures"):
        (FOLDER / file).write_bytes(smaller(page.context.new_page(), page.screenshot()))
        RECORD.write_text(
            json.dumps({**recorded(), file: words}, indent=1, sort_keys=True) + "\n", "utf-8"
        )
    assert recorded().get(file) == words, (
        "the page says something else than its picture: "
        "run the tests with --help-pictures, and look at it"
    )
    assert (FOLDER / file).stat().st_size < 35_000


def test_every_picture_stands_in_its_help_page_and_no_other_is_kept():
    both = ("vi", "en")
    files = {f"{each.name}.{code}.webp" for each in PICTURES for code in each.languages}
    files |= {f"{LETTER}.{code}.webp" for code in both}
    assert {path.name for path in FOLDER.iterdir() if path.suffix == ".webp"} == files
    readme = (ROOT / "README.md").read_text("utf-8")
    for file in files:
        name, code, _ = file.split(".")
        page = "approver" if name == LETTER else name
        is_of_help = not name.startswith("readme-")
        text = (
            (ROOT / "api/help" / code / f"{page}.md").read_text("utf-8") if is_of_help else readme
        )
        assert f"/static/help/{file})" in text, file
