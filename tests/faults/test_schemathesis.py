"""Requests that nobody thought of, made from the OpenAPI document: no 5xx, and no answer outside its schema, for every role.

The short run makes a few for each operation; ``python3 -m tests --long --cases 20000 tests/faults/test_schemathesis.py`` makes as
many as asked, shared among roles and operations.
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.acceptance.everything import fill
from tests.acceptance.test_every_address import AGENCY
from tests.conftest import Running, running_at

ROLES = ("staff", "head", "officer", "clerk", "director", "auditor", "admin")
_SHORT = 2
"""Cases of each operation in the short run, by one role, another for each operation."""


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Iterator[tuple[Running, dict[str, str]]]:
    with running_at("127.0.0.1", tmp_path_factory.mktemp("schemathesis"), "") as running:
        yield running, fill(running)


def schema_of(running: Running):
    import schemathesis  # a second that every worker would pay for

    document = running.client("auditor@so.example").get("/openapi.json").json()
    return schemathesis.openapi.from_dict(document)


def operations(running: Running):
    return [each.ok() for each in schema_of(running).get_all_operations()]


def play(running: Running, values: dict[str, str], operation, role: str, cases: int) -> int:
    """Make ``cases`` requests of one operation as one role, half of them at something that exists; return how many were made."""
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    wanted = [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    ]
    client = running.client(AGENCY[role])
    known = {
        "code": values["code"],
        "deadline_id": int(values["deadline_id"]),
        "merit": int(values["merit"]),
        "identity": "nomination",
    }
    made = 0

    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(case=operation.as_strategy())
    def one(case) -> None:
        nonlocal made
        made += 1
        if made % 2:
            case.path_parameters = {
                name: known.get(name, value) for name, value in (case.path_parameters or {}).items()
            }
        headers = {"Authorization": client.headers["authorization"]}
        case.call_and_validate(
            base_url=running.base_url, headers=headers, checks=wanted, timeout=60
        )

    one()
    return made


# The product runs in this process too, and what it draws meanwhile is taken for the strategy's.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
def test_no_request_is_answered_with_a_failure_or_outside_its_schema(world, is_long, request):
    running, values = world
    every = operations(running)
    assert len(every) > 50
    wanted = request.config.getoption("--cases")
    made = 0
    for place, operation in enumerate(every):
        roles = ROLES if wanted or is_long else ROLES[place % len(ROLES) :][:1]
        each = (
            max(1, (wanted or 20_000) // (len(every) * len(roles))) if wanted or is_long else _SHORT
        )
        for role in roles:
            made += play(running, values, operation, role, each)
    print(f"{made} cases")
    assert made >= len(every)
