"""The browser that browser tests share."""

import shutil

import pytest

from tests.runner import BROWSERS

CHROMIUM = next(
    (found for name in BROWSERS if (found := shutil.which(name))),
    None,
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Fewer processes: a fifth less work, which is most of what these tests cost.
    "--in-process-gpu",
    "--no-zygote",
    "--renderer-process-limit=1",
]


@pytest.fixture(scope="module")
def database_url():
    """The pages are the same on every database: one is enough."""
    return ""


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def signed_in(context, running, email):
    """A page of somebody's: the button for it is looked for where one signs in by it, dear as it is."""
    context.request.post(f"{running.base_url}/demo/sign-in", form={"email": email})
    page = context.new_page()
    page.goto(running.base_url + "/")
    return page


def shows(page, words):
    """Wait until the page says so: what was pressed may still be on its way."""
    from playwright.sync_api import expect

    expect(page.locator("body")).to_contain_text(words, timeout=30_000)
