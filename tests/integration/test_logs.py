"""Every line is one JSON object that names its process and its request, and no line gives a secret away."""

import io
import json
import logging
import sys
import warnings

import httpx2
import pytest
import structlog

from api.logs import configure_logs
from tests.waiting import until

pytestmark = pytest.mark.one_database


@pytest.fixture
def written():
    """What is written to the log."""
    stream = io.StringIO()
    before = sys.excepthook
    # Whoever captured warnings before has lost them since: pytest puts their writer back.
    logging.captureWarnings(False)
    configure_logs(logging.INFO, stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.captureWarnings(False)
    sys.excepthook = before
    configure_logs(logging.CRITICAL)


def test_every_writer_writes_json_with_its_process(written):
    structlog.get_logger().info("ours", number=1)
    logging.getLogger("uvicorn.error").error("theirs %s", "filled")
    logging.getLogger("apscheduler.scheduler").warning("ticking")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning(UserWarning("old"), UserWarning, "x.py", 1)
    try:
        int("lost")
    except ValueError:
        sys.excepthook(*sys.exc_info())
        logging.getLogger("asyncio").exception("task failed")
    lines = written()
    assert [each["event"] for each in lines[:3]] == ["ours", "theirs filled", "ticking"]
    assert len(lines) == 6
    assert all({"pid", "level", "timestamp"} <= set(each) for each in lines)
    assert "ValueError: invalid literal" in lines[4]["exception"]


def test_a_request_is_told_with_its_id_and_the_answer_carries_the_same(written, running):
    answer = httpx2.get(f"{running.base_url}/api/v1/items")
    number = answer.headers["x-request-id"]
    (line,) = until(lambda: [each for each in written() if each.get("request_id") == number])
    assert (line["event"], line["status"], line["client"]) == ("request", 401, "127.0.0.1")


def test_no_line_gives_away_a_password_a_link_or_whose_address_it_is(written):
    secrets = (
        "postgresql://thidua:mat-khau@db/thidua",
        "https://so.example/a/a1.k1.AAAA.BBBB",
        "gửi cho nguoi.nao@so.example",
        "Bearer abcdef123",
    )
    for each in secrets:
        logging.getLogger("other").error("failed: %s", each)
        structlog.get_logger().warning("failed", detail=each)
    everything = json.dumps(written())
    for secret in ("mat-khau", "AAAA", "nguoi.nao", "abcdef123"):
        assert secret not in everything


def test_what_repeats_itself_is_counted_instead_of_written(written):
    for _ in range(500):
        logging.getLogger("uvicorn.error").error("Exception in ASGI application")
    structlog.get_logger().warning("another")
    lines = written()
    assert len(lines) <= 20
    assert lines[-1]["event"] == "another"


def test_what_went_unsaid_is_counted_in_the_next_line_of_its_kind(written, monkeypatch):
    for _ in range(25):
        structlog.get_logger().warning("ours")
        logging.getLogger("uvicorn.error").error("theirs")
    monkeypatch.setattr("api.logs._MINUTE", 0)
    structlog.get_logger().warning("ours")
    logging.getLogger("uvicorn.error").error("theirs")
    assert [(each["event"], each["left_out"]) for each in written()[-2:]] == [
        ("ours", 15),
        ("theirs", 15),
    ]


def test_a_line_that_cannot_be_written_is_nobodys_failure(written):
    stream = io.StringIO()
    configure_logs(logging.INFO, stream)
    stream.close()
    structlog.get_logger().info("lost")
