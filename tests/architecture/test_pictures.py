"""The command that makes pictures knows every page."""

from tests.acceptance.test_every_address import READERS
from tests.pictures.table import NO_PAGES, PAGES, shots


def test_every_page_that_is_read_has_a_picture():
    read = {each for each in READERS if not each.startswith("/api/") and "." not in each}
    assert {route for route, _ in PAGES.values()} == read - NO_PAGES
    assert len(shots()) > 400


def test_a_picture_has_a_name_of_its_own():
    names = [each.full_name for each in shots()]
    assert sorted(names) == sorted(set(names))
