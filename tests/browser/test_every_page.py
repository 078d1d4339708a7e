"""Every page in a browser that is set to English: nothing speaks its language, nothing is wider, nothing is blocked."""

from itertools import islice

import pytest

from tests.browser.conftest import CHROMIUM, shows
from tests.pictures import figures
from tests.pictures.agency import with_many
from tests.pictures.camera import Camera
from tests.pictures.table import Shot, once

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"
)


@pytest.fixture(scope="module")
def camera(running, chromium, tmp_path_factory):
    agency = with_many(running, a_day=20)
    return Camera(chromium, tmp_path_factory.mktemp("pictures"), {"many": agency}, (), ())


def test_no_page_speaks_the_browsers_language_or_is_wider_than_a_phone(camera, is_long):
    """Every second page in the short run; the same is seen of those that axe looks at, and all with --long."""
    link = Shot(name="link_open", role="director", address="{link_director}")
    for shot in (*islice(once(), 0, None, 1 if is_long else 2), link):
        camera.open(shot, 360)
    told = [f"{each.where}: {each.kind}, {each.what}" for each in camera.notes]
    assert told == [], "\n".join(told)


@pytest.mark.parametrize("address", ["/", "/items"])
@pytest.mark.parametrize("role", ["officer", "head"])
@pytest.mark.parametrize(("width", "least"), [(1440, 10), (360, 4)])
def test_so_many_items_are_seen_without_scrolling(camera, address, role, width, least):
    page = camera.open(Shot(name="list", role=role, address=address), width)
    assert figures.rows_above_the_fold(page) >= least


@pytest.mark.parametrize(
    ("role", "state"),
    [
        ("head", "submitted"),
        ("officer", "department_approved"),
        ("director", "office_reviewed"),
        ("clerk", "director_signed"),
    ],
)
def test_one_decides_on_a_phone_without_scrolling(camera, role, state):
    page = camera.open(Shot(name="item", role=role, address=f"/items/{{{state}}}"), 360)
    assert figures.is_decision_in_sight(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_one_decides_on_several_from_the_list(camera, scripts):
    page = camera.open(Shot(name="work", role="head", address="/", scripts=scripts), 360)
    bar = page.locator("#together")
    assert not bar.is_visible()
    shows(page, ", lâu nhất ")
    page.locator("input[name=code]").first.check()
    bar.wait_for()
    count = 1
    if scripts:
        shows(page, "Đã chọn 1")
        every = page.get_by_label("Chọn tất cả")
        every.first.check()
        shows(
            page,
            f"Đã chọn {page.locator('#late ~ .row:not(.group-head, #late ~ .group-head ~ .row)').count()}",
        )
        for each in every.all():
            each.check()
        count = page.locator("input[name=code]").count()
        shows(page, f"Đã chọn {count}")
    bar.get_by_role("button").click()
    page.wait_for_url("**/together?*")
    assert page.locator("input[name=code]:checked").count() == count > scripts
    assert page.locator("input[name=decision]:checked").count() == 0


def test_our_own_style_is_light():
    assert sum(figures.own_styles().values()) <= 12_000
