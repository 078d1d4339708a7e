"""The pictures of the help pages show what the pages look like now. With ``--help-pictures`` they are made anew."""

import json

import pytest

from tests.browser.conftest import CHROMIUM
from tests.help_pictures import FOLDER, PICTURES, RECORD, recorded, smaller, words_of

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"
)


@pytest.fixture(scope="module")
def addresses(running):
    return {each.name: each.address(running) for each in PICTURES}


@pytest.mark.parametrize("code", ["vi", "en"])
@pytest.mark.parametrize("picture", PICTURES, ids=lambda each: each.name)
def test_a_picture_of_help_shows_the_page_as_it_is(
    running, chromium, addresses, picture, code, pytestconfig
):
    context = chromium.new_context(
        viewport={"width": picture.width, "height": picture.height}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(running.base_url + "/sign-in")
    page.locator(f"button[value='{picture.email}']").click()
    context.add_cookies([{"name": "language", "value": code, "url": running.base_url}])
    page.goto(running.base_url + addresses[picture.name])
    page.evaluate("document.fonts.ready")
    page.evaluate(
        "document.querySelectorAll('.hint, form[action=\"/demo/advance\"]').forEach((each) => each.remove())"
    )
    file, words = f"{picture.name}.{code}.webp", words_of(page)
    if pytestconfig.getoption("--help-pictures"):
        (FOLDER / file).write_bytes(smaller(context.new_page(), page.screenshot()))
        RECORD.write_text(
            json.dumps({**recorded(), file: words}, indent=1, sort_keys=True) + "\n", "utf-8"
        )
    assert recorded().get(file) == words, (
        "the page says something else than its picture: run the tests with --help-pictures, and look at it"
    )
    assert (FOLDER / file).stat().st_size < 35_000
    context.close()


def test_every_picture_stands_in_its_help_page_and_no_other_is_kept():
    help_pages = FOLDER.parents[2] / "help"
    files = {f"{each.name}.{code}.webp" for each in PICTURES for code in ("vi", "en")}
    assert {path.name for path in FOLDER.iterdir() if path.suffix == ".webp"} == files
    for each in PICTURES:
        for code in ("vi", "en"):
            assert f"(/static/help/{each.name}.{code}.webp)" in (
                help_pages / code / f"{each.name}.md"
            ).read_text("utf-8")
