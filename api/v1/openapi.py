"""The OpenAPI document: what the framework knows, and what the table of operations adds.

Made when asked for. It describes; it must never take part in answering.
"""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import TypedDict

from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from starlette.routing import BaseRoute

from api import VERSION
from api.auth.callers import session_cookie
from api.auth.scopes import ABOUT, FOR_EVERY_TOKEN, scope_of_route
from api.problems import MEDIA_TYPE, RETRY_AFTER_SECONDS
from api.settings import Settings
from api.v1.openapi_examples import EXAMPLES
from api.v1.operation import Operation
from api.v1.operations import OPERATIONS
from api.v1.schemas.answers import AttachFile, Problem, SignedCopyFile
from api.v1.schemas.proposals import ProposedAnswer

_Json = dict[str, object]
_ModelNames = Mapping[tuple[type[BaseModel], str], str]


class _Described(TypedDict, total=False):
    """One operation of the document; what the framework says beside these is left as it is."""

    operationId: str
    tags: list[str]
    security: list[dict[str, list[str]]]
    parameters: list[_Json]
    requestBody: _Json
    responses: dict[str, _Json]


_REF = "#/components/schemas/{model}"
_JSON = "application/json"
_VERSION_TAG = {"type": "string", "pattern": '^"[0-9]{1,9}"$', "examples": ['"3"']}
_KEY_PARAMETER: _Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body again get the same answer; "
    "with another body it is refused.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
}
_LANGUAGE_PARAMETER: _Json = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "The language of sentences: vi or en.",
    "schema": {"type": "string", "examples": ["en"]},
}
_ABOUT_TOKENS = (
    "A token of `thidua token create`. Without scopes it is good for all that its person may do; "
    "with them only for what they name, and each operation says which one it asks for (`GET /me` "
    "none). The scopes:\n"
)
_TAGS = {
    "items": "Nominations and reports on their way.",
    "deadlines": "What the Office asks for, and by when.",
    "extensions": "Another day for a department.",
    "reminders": "Every mail that went or will go.",
    "me": "Who asks.",
    "definitions": "The kinds of item.",
    "campaigns": "The emulation movements.",
    "departments": "The departments of the agency.",
    "people": "Who works here.",
    "delegations": "Who decides for whom.",
    "absences": "Who is away.",
    "council-rounds": "What the council votes on, by whom, and what it came to.",
    "merits": "Good people and deeds.",
    "proposals": "What gives power, and waits for a second person.",
    "privacy": "What is held on people, and what they ask about it.",
    "findings": "What auditors attach to entries, and follow.",
    "proceedings": "What is pending against people and departments, and how it ended.",
    "past-awards": "Awards that were given before the product came.",
    "inspections": "Visits of the Office to departments, and what came of them.",
    "register": "The register of outgoing documents.",
    "dossiers": "What left for the board under one number.",
    "history": "Everything that happened, for auditors.",
    "checkpoints": "What was signed of the history, for auditors.",
    "healthz": "Whether the product works.",
    "metrics": "Figures for a monitor.",
}


def openapi_document(routes: Sequence[BaseRoute], settings: Settings) -> _Json:
    """Return the OpenAPI 3.1 document of ``routes``. Raises KeyError for one not in the table."""
    document = get_openapi(
        title="thidua",
        version=VERSION,
        routes=routes,
        servers=[{"url": settings.base_url.rstrip("/")}],
        tags=[{"name": name, "description": about} for name, about in _TAGS.items()],
    )
    names, schemas = _schemas()
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            _complete(described, path, method, names)
    document["components"] = {"schemas": schemas, "securitySchemes": _security(settings)}
    return document


def _schemas() -> tuple[_ModelNames, dict[str, _Json]]:
    """Return the reference of each model, and the schemas by name."""
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (Problem, "serialization"),
        (ProposedAnswer, "serialization"),
    ]
    for each in OPERATIONS.values():
        if isinstance(each.answer, type):
            wanted.append((each.answer, "serialization"))
        if each.body is not None:
            wanted.append((each.body, "validation"))
    keys, whole = models_json_schema(list(dict.fromkeys(wanted)), ref_template=_REF)
    schemas: dict[str, _Json] = whole["$defs"]
    for name, example in EXAMPLES.items():
        schemas[name]["examples"] = [dict(example)]
    names = {key: found["$ref"] for key, found in keys.items()}
    return names, schemas  # type: ignore[return-value]  # a dataclass is a key for pydantic too


def _security(settings: Settings) -> _Json:
    return {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": _about_tokens(),
        },
        "session": {"type": "apiKey", "in": "cookie", "name": session_cookie(settings)},
    }


def _about_tokens() -> str:
    lines = [f"\n* `{each.value}`: {about}" for each, about in ABOUT.items()]
    return _ABOUT_TOKENS + "".join(lines)


def _asks_for(path: str, method: str) -> list[dict[str, list[str]]]:
    scope = scope_of_route(method.upper(), path)
    asked = [] if scope is None or path in FOR_EVERY_TOKEN else [scope.value]
    return [{"token": asked}, {"session": []}]


def _complete(
    described: _Described,
    path: str,
    method: str,
    names: _ModelNames,
) -> None:
    """Add to what the framework said of one operation all that it cannot know."""
    operation = OPERATIONS[f"{method} {path}"]
    described["operationId"] = operation.id
    described["tags"] = [path.removeprefix("/api/v1").split("/")[1]]
    described["security"] = [] if operation.is_open else _asks_for(path, method)
    described["parameters"] = [*described.get("parameters", []), *_headers_read(operation, method)]
    described.pop("requestBody", None)
    if operation.body is not None:
        kind = "multipart/form-data" if operation.body in {AttachFile, SignedCopyFile} else _JSON
        schema = {"$ref": names[operation.body, "validation"]}
        described["requestBody"] = {"required": True, "content": {kind: {"schema": schema}}}
    described["responses"] = {str(operation.status): _success(operation, names)}
    if operation.proposes:
        waits = {_JSON: {"schema": {"$ref": names[ProposedAnswer, "serialization"]}}}
        described["responses"]["202"] = {"description": "Accepted", "content": waits}
    if operation.id == "is_ready":
        described["responses"]["503"] = {**_success(operation, names), "description": "Not ready"}
    problem: _Json = {MEDIA_TYPE: {"schema": {"$ref": names[Problem, "serialization"]}}}
    for status in operation.statuses(method):
        described["responses"].setdefault(str(status), _refusal(status, problem))


def _headers_read(operation: Operation, method: str) -> Iterator[_Json]:
    if operation.if_match is not None:
        yield {
            "name": "If-Match",
            "in": "header",
            "required": operation.if_match,
            "schema": _VERSION_TAG,
        }
    if method != "get" and operation.id != "preview_deadline":
        yield _KEY_PARAMETER
    if not operation.is_open:
        yield _LANGUAGE_PARAMETER


def _success(operation: Operation, names: _ModelNames) -> _Json:
    if isinstance(operation.answer, type):
        content: _Json = {_JSON: {"schema": {"$ref": names[operation.answer, "serialization"]}}}
    elif operation.answer == ("text/plain",):
        content = {"text/plain": {"schema": {"type": "string"}}}
    else:
        content = {
            kind: {"schema": {"type": "string", "format": "binary"}} for kind in operation.answer
        }
    answer: _Json = {"description": HTTPStatus(operation.status).phrase, "content": content}
    if operation.has_etag:
        answer["headers"] = {"ETag": {"required": True, "schema": _VERSION_TAG}}
    return answer


def _refusal(status: int, problem: _Json) -> _Json:
    answer: _Json = {"description": HTTPStatus(status).phrase, "content": problem}
    if status in {429, 503}:
        seconds = {"type": "integer", "examples": [int(RETRY_AFTER_SECONDS)]}
        answer["headers"] = {
            "Retry-After": {"required": status == HTTPStatus.SERVICE_UNAVAILABLE, "schema": seconds}
        }
    if status == HTTPStatus.UNAUTHORIZED:
        answer["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}
    return answer
