"""The sample agency's PIN is known to everybody: outside this machine it proves nothing, by whatever way it is given."""

import ast
from dataclasses import replace

import httpx2
import pytest

from api.app import create_app
from api.auth.passwords import SAMPLE_PIN
from api.bootstrap import ROOT
from api.server.run import beside, free_port
from tests.conftest import test_settings

pytestmark = pytest.mark.one_database

DIRECTOR = "director@so.example"


@pytest.fixture(scope="module")
def outside(running, tmp_path_factory):
    """The same agency, served under an address that is not this machine's: its address there."""
    port = free_port(None)
    settings = test_settings(
        tmp_path_factory.mktemp("outside"),
        running.parts.settings.database_url,
        base_url="https://thidua.so.example",
        trusted_hosts="127.0.0.1",
    )
    with beside(
        create_app(replace(running.parts, settings=settings, is_demo=False), has_clock=False), port
    ):
        yield f"http://127.0.0.1:{port}"


def signing(running, item):
    return {"transition": "sign_director", "version": item["version"], "pin": SAMPLE_PIN}


@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_the_api_refuses_it(running, outside, query):
    item = running.item_in("office_reviewed")
    token = running.client(DIRECTOR).headers["Authorization"]
    body = signing(running, item)
    answer = httpx2.post(
        f"{outside}/api/v1/items/{item['code']}/transitions{query}",
        json=body,
        headers={"Authorization": token},
    )
    assert answer.status_code == 403, answer.text
    assert [each["rule"] for each in answer.json()["reasons"]] == ["sample-pin"]
    assert running.state_of(item["code"]) == "office_reviewed"


def test_a_link_refuses_it(running, outside):
    item = running.item_in("office_reviewed")
    link = running.link_for(item["code"], DIRECTOR)
    form = {
        "decision": "sign_director",
        "version": str(item["version"]),
        "pin": SAMPLE_PIN,
        "comment": "",
    }
    answer = httpx2.post(outside + link[link.index("/a/") :], data=form)
    assert answer.status_code == 403, answer.text
    assert "PIN mẫu" in answer.text
    assert running.state_of(item["code"]) == "office_reviewed"


def test_on_this_machine_it_signs(running):
    item = running.item_in("office_reviewed")
    answer = running.client(DIRECTOR).post(
        f"/items/{item['code']}/transitions", json=signing(running, item)
    )
    assert answer.status_code == 200, answer.text


def test_a_pin_is_judged_in_one_place_only():
    """Whatever route comes next: what is kept of a PIN is read by the one function that knows of the sample."""
    judging = []
    for path in sorted((ROOT / "api").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                calls = [
                    each
                    for each in ast.walk(node)
                    if isinstance(each, ast.Call)
                    and getattr(each.func, "id", "") in {"matches", "_matches"}
                ]
                if any(
                    isinstance(each, ast.Attribute) and each.attr == "pin_hash"
                    for call in calls
                    for each in ast.walk(call)
                ):
                    judging.append(f"{path.name}:{node.name}")
    assert judging == ["passwords.py:prove_factor"]
