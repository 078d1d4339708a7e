"""The OpenAPI document is true: complete, held against answers, and enough for a program that knows nothing else."""

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from api.v1.openapi_examples import EXAMPLES
from api.v1.operations import OPERATIONS
from api.v1.schemas.answers import AttachFile, SignedCopyFile
from api.v1.schemas.items import Body
from tests.conftest import Running
from workflow.definition import Campaign

pytestmark = pytest.mark.one_database

STAFF, HEAD = "staff.htqt@so.example", "head.htqt@so.example"


@pytest.fixture(scope="module")
def document(running: Running):
    return running.client(STAFF).get("/openapi.json").json()


def operations(document):
    return [
        (path, method, each)
        for path, methods in document["paths"].items()
        for method, each in methods.items()
    ]


def test_every_operation_says_its_name_tag_key_answer_and_refusals(document):
    described = operations(document)
    assert {f"{method} {path}" for path, method, _ in described} == set(OPERATIONS)
    assert len({each["operationId"] for _, _, each in described}) == len(described)
    tags = {each["name"] for each in document["tags"]}
    for path, method, each in described:
        assert set(each["tags"]) <= tags, path
        assert bool(each["security"]) == path.startswith(("/api/", "/metrics")), path
        success = [status for status in each["responses"] if status.startswith("2")]
        may_wait = OPERATIONS[f"{method} {path}"].proposes
        assert success[1:] == (["202"] if may_wait else []), path
        assert each["responses"][success[0]]["content"], path
        assert "HTTPValidationError" not in json.dumps(each), path


def test_the_main_acts_say_their_body_and_headers(document):
    decide = document["paths"]["/api/v1/items/{code}/transitions"]["post"]
    assert decide["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/TransitionRequest"
    }
    edit = document["paths"]["/api/v1/items/{code}"]["patch"]
    assert edit["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/ItemChange"
    }
    headers = {
        each["name"]: each["required"] for each in edit["parameters"] if each["in"] == "header"
    }
    assert headers == {"If-Match": True, "Idempotency-Key": False, "Accept-Language": False}
    assert "ETag" in edit["responses"]["200"]["headers"]
    assert {"401", "403", "404", "412", "422", "428", "503"} <= set(edit["responses"])
    assert edit["responses"]["503"]["headers"]["Retry-After"]["required"]
    problem = edit["responses"]["412"]["content"]["application/problem+json"]["schema"][
        "$ref"
    ].rpartition("/")[2]
    assert "reasons" in document["components"]["schemas"][problem]["properties"]


def test_every_body_has_an_example_that_it_accepts():
    taken = {each.body.__name__: each.body for each in OPERATIONS.values() if each.body is not None}
    assert set(taken) - set(EXAMPLES) == {"Campaign"}, (
        "a campaign's example is the one of GET /campaigns"
    )
    for name, example in EXAMPLES.items():
        taken[name].model_validate_json(json.dumps(example))


def test_every_body_judges_its_text_and_bounds_its_numbers():
    """What is no text or too large a number is refused at the edge: no answer, and no database, could repeat it."""
    judged = 0
    for name, operation in OPERATIONS.items():
        if operation.body is None or operation.body in {AttachFile, Campaign, SignedCopyFile}:
            continue
        assert issubclass(operation.body, Body), name
        schema = json.dumps(operation.body.model_json_schema(by_alias=True))
        for number in re.findall(r'\{[^{}]*"type": "integer"[^{}]*\}', schema):
            assert '"maximum"' in number, (name, number)
        judged += 1
    assert judged > 40


def test_a_generated_client_submits_lists_and_approves(running: Running, document, tmp_path: Path):
    """openapi-python-client makes a package of the document; a program in a process of its own uses nothing else."""
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    files = {
        kind: "application/octet-stream"
        for each in OPERATIONS.values()
        if isinstance(each.answer, tuple)
        for kind in each.answer
    }
    config = {
        "project_name_override": "thidua-client",
        "package_name_override": "thidua_client",
        "post_hooks": [],
        "content_type_overrides": files,
    }
    (tmp_path / "config.yaml").write_text(json.dumps(config))
    generator = [
        sys.executable,
        "-m",
        "openapi_python_client",
        "generate",
        "--path",
        "openapi.json",
        "--config",
        "config.yaml",
    ]
    made = subprocess.run(
        [*generator, "--fail-on-warning"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    keys = [
        running.client(email).headers["authorization"].partition(" ")[2] for email in (STAFF, HEAD)
    ]
    program = tmp_path / "thidua-client" / "program.py"
    program.write_text(PROGRAM)
    used = subprocess.run(
        [sys.executable, str(program), running.base_url, *keys],
        cwd=program.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert used.returncode == 0, used.stdout + used.stderr
    code, state = used.stdout.split()
    assert state == "department_approved"
    assert running.state_of(code) == "department_approved"


PROGRAM = """
import sys
from thidua_client import AuthenticatedClient
from thidua_client.api.definitions import get_example
from thidua_client.api.items import create_item, decide_item, edit_item, list_items
from thidua_client.models import ItemChange, NewItem, TransitionRequest

url, of_author, of_head = sys.argv[1:]
author, head = (AuthenticatedClient(url, token, raise_on_unexpected_status=True) for token in (of_author, of_head))
example = get_example.sync("nomination", client=author)
item = create_item.sync(client=author, body=NewItem.from_dict(example.to_dict()))
item = edit_item.sync(item.code, client=author, body=ItemChange(title="Tên do chương trình đặt"), if_match=f'"{item.version}"')
submitted = decide_item.sync(item.code, client=author, body=TransitionRequest(transition="submit", version=item.version))
mine = list_items.sync(client=head, holder="me", limit=200)
assert submitted.code in [each.code for each in mine.data], mine
refused = decide_item.sync(item.code, client=author, body=TransitionRequest(transition="approve_department", version=submitted.version))
assert refused.status == 403 and refused.reasons, refused
approve = TransitionRequest(transition="approve_department", version=submitted.version, comment="Đồng ý.")
done = decide_item.sync(item.code, client=head, body=approve, idempotency_key="approve-1")
assert done.entry.hash_ and decide_item.sync(item.code, client=head, body=approve, idempotency_key="approve-1").entry == done.entry
print(done.code, done.state)
"""


def test_the_document_needs_a_key(running: Running):
    assert httpx2.get(running.base_url + "/api/v1/openapi.json").status_code == 401
