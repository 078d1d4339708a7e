"""What pages say of refusals and errors: the reasons beside a form, and the page for an error.

Owns how they are told to people; which status they have, ``problems`` decides.
"""

from http import HTTPStatus

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import RedirectResponse, Response

from api.auth.callers import known_caller
from api.auth.sessions import Caller
from api.problems import SessionFactorRefusal, UnauthenticatedError
from api.web.rendering import PageLink, SentencePage, render_page
from api.web.return_path import asked_for, code_address, sign_in_address
from notifications.translation import translate
from workflow.errors import InvalidInputError, Refusal

_UNAVAILABLE = 503


def reasons_in_words(refusal: Refusal | InvalidInputError) -> list[str]:
    """Return why something was refused, in the reader's language."""
    reasons = refusal.reasons if isinstance(refusal, Refusal) else refusal.problems
    return [translate(each) for each in reasons]


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
        links=[PageLink(href="/", label=translate("To My work"))],
    )
    return render_page(request, caller, shown, status)


async def _caller_or_none(request: Request) -> Caller | None:
    try:
        return await known_caller(request)
    except Exception:  # noqa: BLE001 - the page about an error must not fail on the same error
        return None
