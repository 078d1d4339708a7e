"""The manual's page "Write your own process", done as it says, from an empty folder to a decision by a mail's link."""

import re

import pytest

from api.app import create_app
from api.cli.demo.mailbox import DemoMailbox
from api.clock import RunningClock
from api.composition import open_application
from api.initialise import SAMPLE, initialise
from api.server.run import beside, free_port
from tests.commands import run_command
from tests.conftest import STARTS_AT, Running, test_settings
from tests.unit.test_definitions import own_process


@pytest.fixture(scope="module")
def leave(tmp_path_factory):
    folder = tmp_path_factory.mktemp("leave")
    (folder / "leave_request.yaml").write_text(own_process(), "utf-8")
    return folder


def thidua(leave, *arguments):
    environment = {"THIDUA_DEFINITIONS": str(leave), "THIDUA_DATABASE_URL": ""}
    return run_command("--data", str(leave / "none"), *arguments, **environment)


def test_check_finds_nothing_and_the_scenarios_cover_everything(leave):
    done = thidua(leave, "check")
    assert done.returncode == 0, done.stdout
    assert "3/3 bước chuyển, 2/2 điều kiện" in done.stdout


def test_check_still_works_beside_a_database_that_is_none(leave):
    (leave / "none").mkdir(exist_ok=True)
    (leave / "none" / "thidua.db").write_bytes(b"")
    done = thidua(leave, "check")
    (leave / "none" / "thidua.db").unlink()
    assert done.returncode == 0, done.stderr
    assert "dùng cơ quan mẫu" in done.stderr


@pytest.mark.parametrize("form", ["dot", "mermaid", "svg"])
def test_it_is_drawn(leave, form):
    done = thidua(leave, "diagram", "leave_request", "--format", form)
    assert done.returncode == 0
    assert "Chờ lãnh đạo phòng" in done.stdout
    assert thidua(leave, "diagram", "leave").returncode == 1


def test_a_request_is_sent_and_approved_by_the_link_in_the_mail(leave, tmp_path):
    mailbox = DemoMailbox(tmp_path / "mail")
    mailbox.start()
    port = free_port(None)
    settings = test_settings(
        tmp_path, "", base_url=f"http://127.0.0.1:{port}", smtp_url=mailbox.url, definitions=leave
    )
    initialise(
        settings, organization=settings.definition_file(SAMPLE), clock=RunningClock(STARTS_AT)
    )
    clock = RunningClock(STARTS_AT)
    parts = open_application(settings, clock=clock, is_demo=True)
    with beside(create_app(parts, mailbox=mailbox), port) as loop:
        product = Running(
            parts=parts, base_url=settings.base_url, mailbox=mailbox, clock=clock, loop=loop
        )
        item = product.draft("leave_request")
        assert product.decide(item["code"], "submit", "staff.htqt@so.example").status_code == 200
        link = product.link_for(item["code"], "head.htqt@so.example")
        with product.browser() as browser:
            version = re.search(r'name="version" value="([^"]+)"', browser.get(link).text)[1]
            receipt = browser.post(
                link, data={"decision": "approve", "version": version, "comment": ""}
            )
        assert "Đồng ý cho nghỉ" in receipt.text
        assert product.state_of(item["code"]) == "approved"
        with product.signed_in("staff.htqt@so.example") as browser:
            assert 'data-state="approved"' in browser.get(f"/items/{item['code']}/way.svg").text
        for client in product.clients.values():
            client.close()
    parts.close()
    mailbox.stop()
