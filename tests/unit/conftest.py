"""What unit tests share."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings

from tests.unit.test_definitions import FOLDER
from workflow.deadlines import WorkingCalendar
from workflow.definition import load_corrections

# No test may fail because the machine was slow for once.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="module")
def calendar():
    corrections = load_corrections((FOLDER / "calendars" / "vn.yaml").read_text("utf-8"), "vn.yaml")
    return WorkingCalendar(corrections, ZoneInfo("Asia/Ho_Chi_Minh"))
