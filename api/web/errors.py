"""What pages say of refusals and errors: the reasons beside a form, and the page for an error.

Owns how they are told to people; which status they have, ``problems`` decides.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, Self

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import RedirectResponse, Response

from api.auth.callers import known_caller
from api.auth.sessions import Caller
from api.problems import SessionFactorRefusal, UnauthenticatedError
from api.web.rendering import PageLink, SentencePage, render_page
from api.web.return_path import (
    FIRST_PAGE,
    asked_for,
    code_address,
    sign_in_address,
    where_it_stood,
)
from notifications.translation import translate
from workflow.errors import InvalidInputError, Reason, Refusal

_UNAVAILABLE = 503
ITEM_FIELD: Final = "field"
"""The rule that says what is wrong with a field of an item; its sentence names it."""


class FormError(str):
    """A sentence of why a form was refused, and the id of the field that it is about."""

    __slots__ = ("field",)

    field: str

    @classmethod
    def at(cls, field: str, sentence: str) -> Self:
        """Return ``sentence`` about the field with the id ``field``; empty: about the whole."""
        said = cls(sentence)
        said.field = field
        return said


def reasons_in_words(
    refusal: Refusal | InvalidInputError, fields: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """Return why something was refused, in the reader's language.

    ``fields``: by the rule of a reason, the id of the field that a page's form has for it.
    """
    reasons = refusal.reasons if isinstance(refusal, Refusal) else refusal.problems
    return [FormError.at(_field_of(each, fields), translate(each)) for each in reasons]


def in_order(said: Sequence[str], fields: Sequence[str]) -> list[str]:
    """Return sentences in the order in which a page has their fields; the rest goes first."""
    places = {field: place for place, field in enumerate(fields)}
    return sorted(said, key=lambda each: places.get(getattr(each, "field", ""), -1))


def _field_of(problem: object, fields: Mapping[str, str]) -> str:
    if not isinstance(problem, Reason):
        return ""
    if problem.rule == ITEM_FIELD:
        named = dict(problem.message.values).get("name")
        return fields.get(f"f-{named}", "")
    return fields.get(problem.rule, "")


async def page_for_error(request: Request, error: Exception, status: int, detail: str) -> Response:
    """Return the page for an error: what happened, what to do.

    Who is not signed in is led to the sign-in page.
    """
    if isinstance(error, UnauthenticatedError):
        return RedirectResponse(sign_in_address(request), status_code=303)
    if isinstance(error, SessionFactorRefusal):
        return RedirectResponse(code_address(asked_for(request)), status_code=303)
    if isinstance(error, RequestValidationError):
        detail = translate(
            "Something in the page's address or in what was sent is not right. Go back "
            "to the page before, look again, then try again."
        )
    if status == HTTPStatus.NOT_FOUND and not isinstance(error, Refusal):
        detail = translate("The address may be mistyped, or what stood there is gone.")
    headings = {
        403: translate("You cannot do this"),
        404: translate("This page was not found"),
        409: translate("The content has changed"),
        413: translate("The file or content is too large"),
        422: translate("What was sent is not valid yet"),
        429: translate("Tried too often"),
        503: translate("The server is busy"),
    }
    is_ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    other = translate("The server had an error") if is_ours else translate("Not possible")
    heading = headings.get(status, other)
    # Who asks lies in the database too: while that is away, nobody waits for it again.
    caller = None if status == _UNAVAILABLE else await _caller_or_none(request)
    shown = SentencePage(
        heading=heading,
        sentences=detail.splitlines(),
        links=_ways_on(request, caller, status),
        is_error=True,
    )
    return render_page(request, caller, shown, status)


def _ways_on(request: Request, caller: Caller | None, status: int) -> list[PageLink]:
    """Return where to go from an error: what was being done comes before one's work."""
    before = where_it_stood(request)
    work = PageLink(href="/", label=translate("To My work"))
    if caller is None:
        return [work]
    if request.method != "GET" and before != FIRST_PAGE:
        return [PageLink(href=before, label=translate("Back to the page before")), work]
    if status == HTTPStatus.NOT_FOUND:
        return [work, PageLink(href="/items", label=translate("Search the items"))]
    return [work, PageLink(href="/help", label=translate("Help"))]


async def _caller_or_none(request: Request) -> Caller | None:
    try:
        return await known_caller(request)
    except Exception:  # noqa: BLE001 - the page about an error must not fail on the same error
        return None
