"""Holds real answers of the interface against what it says of itself."""

import re
from typing import Any

from api.v1.operation import Operation
from api.v1.operations import OPERATIONS
from api.v1.schemas.answers import Problem
from api.v1.schemas.proposals import ProposedAnswer

_ADDRESSES = [
    (each.split(" ")[0], re.compile(re.sub(r"\{[^}]+\}", "[^/]+", each.split(" ")[1])), operation)
    # an address in letters goes before one with a parameter at its place
    for each, operation in sorted(OPERATIONS.items(), key=lambda pair: pair[0].replace("{", "~"))
]


def operation_of(method: str, path: str) -> Operation | None:
    found = (
        operation
        for verb, address, operation in _ADDRESSES
        if verb == method.lower() and address.fullmatch(path)
    )
    return next(found, None)


def hold_to_contract(answer: Any) -> None:
    """Fail where an answer is not one that the OpenAPI document describes; a hook of the tests' clients."""
    operation = operation_of(answer.request.method, answer.request.url.path)
    if operation is None:
        return
    answer.read()
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if answer.status_code == operation.status:
        if isinstance(operation.answer, type):
            operation.answer.model_validate_json(answer.content)
            assert kind == "application/json", (operation.id, kind)
        else:
            assert kind in operation.answer, (operation.id, kind)
        assert not operation.has_etag or re.fullmatch(r'"\d+"', answer.headers["etag"]), (
            operation.id
        )
        return
    if operation.proposes and answer.status_code == 202:
        ProposedAnswer.model_validate_json(answer.content)
        return
    if operation.id != "is_ready":
        assert answer.status_code in operation.statuses(answer.request.method.lower()), (
            operation.id,
            answer.status_code,
        )
        assert kind == "application/problem+json", (operation.id, answer.status_code, kind)
        Problem.model_validate_json(answer.content)
