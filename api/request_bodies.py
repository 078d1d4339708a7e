"""Bodies of the API: read once it is known who asks, within bounds, large ones off the event loop.

Owns the one strict reading of JSON. Python's and pydantic's take a key twice, ``NaN``, and any
depth; what two readers read differently is refused here, before any model sees it. It never judges
what a body means.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable
from typing import NoReturn, TypeAlias

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.auth.callers import required_caller
from workflow.messages import Message, lazy

JSON_LIMIT = 2 * 1024 * 1024
"""Bytes of a JSON body: some hundred pages of text; files go by multipart."""
_ON_LOOP_BYTES = 64 * 1024
_DEEPEST = 32
_MOST_VALUES = 100_000
_Answer: TypeAlias = Callable[[Request], Coroutine[object, object, Response]]
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


class _StrictError(ValueError):
    """JSON that is not read; carries the sentence."""

    def __init__(self, sentence: Message) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class BoundedRequest(Request):
    """A request whose body and JSON are bounded."""

    async def body(self) -> bytes:
        """Return the body. Raises HTTPException 413 as soon as it is too large."""
        if not hasattr(self, "_body"):
            pieces, size = [], 0
            async for piece in self.stream():
                size += len(piece)
                if size > JSON_LIMIT:
                    raise HTTPException(413)
                pieces.append(piece)
            self._body = b"".join(pieces)
        return self._body

    async def json(self) -> object:
        """Return the body as JSON. Raises RequestValidationError."""
        if not hasattr(self, "_json"):
            raw = await self.body()
            self._json = (
                await asyncio.to_thread(read_json, raw)
                if len(raw) > _ON_LOOP_BYTES
                else read_json(raw)
            )
        return self._json


class KnownCallerRoute(APIRoute):
    """A route whose body is read only for somebody who is known, and only within bounds."""

    def get_route_handler(self) -> _Answer:
        """Return what answers: who asks comes first, the body next, the route's parameters last."""
        answer = self.answering()

        async def answer_known(request: Request) -> Response:
            await required_caller(request)
            bounded = BoundedRequest(request.scope, request.receive)
            is_form = request.headers.get("content-type", "").lower().startswith(_FORMS)
            if request.method not in {"GET", "HEAD"} and not is_form and await bounded.body():
                await bounded.json()
            return await answer(bounded)

        return answer_known

    def answering(self) -> _Answer:
        """Return what answers a caller who is known."""
        return super().get_route_handler()


class PlainRoute(KnownCallerRoute):
    """The same for a function that takes the request, and text from the path.

    Without a query it is called at once: the framework takes 45 µs to solve nothing.
    """

    def answering(self) -> _Answer:
        """Return what answers a caller who is known."""
        answer = super().answering()

        async def answer_plainly(request: Request) -> Response:
            if request.scope["query_string"]:
                return await answer(request)
            response: Response = await self.endpoint(request, **request.path_params)
            return response

        return answer_plainly


def read_json(raw: bytes) -> object:
    """Return what ``raw`` says.

    Raises RequestValidationError for what is no JSON, or says one thing twice.
    """
    try:
        _require_few(raw)
        value: object = json.loads(raw, object_pairs_hook=_once, parse_constant=_no_constant)
        _require_shallow(value)
    except _StrictError as exc:
        raise RequestValidationError(
            [
                {
                    "type": "value_error",
                    "loc": ("body",),
                    "msg": "",
                    "input": None,
                    "ctx": {"error": exc.sentence},
                }
            ]
        ) from exc
    except RecursionError as exc:
        raise RequestValidationError(
            [{"type": "recursion_loop", "loc": ("body",), "msg": "", "input": None}]
        ) from exc
    except ValueError as exc:  # no JSON, no UTF-8, or an integer of thousands of digits
        raise RequestValidationError(
            [{"type": "json_invalid", "loc": ("body",), "msg": "", "input": None}]
        ) from exc
    return value


def _require_few(raw: bytes) -> None:
    # Counted before anything is made of it: a million empty lists are few bytes and much memory.
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > _MOST_VALUES:
        raise _StrictError(lazy("has too many values; send it in smaller parts"))


def _once(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise _StrictError(lazy("has the key “{name}” twice; keep one", name=name[:60]))
        found[name] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise _StrictError(lazy("has the value {name}, which is no number of JSON", name=name))


def _require_shallow(value: object) -> None:
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            each
            for outer in level
            for each in (
                outer.values()
                if isinstance(outer, dict)
                else outer
                if isinstance(outer, list)
                else ()
            )
            if isinstance(each, (dict, list))
        ]
        if not level:
            return
    raise RecursionError
