"""Choosing the language that pages and letters speak."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.auth.callers import Parts, known_caller
from api.locale import remember_language
from api.web.forms import read_form
from api.web.return_path import where_it_stood
from notifications.preferences import LANGUAGE, Prefer
from notifications.translation import LANGUAGES
from workflow.errors import InvalidRefusal, reason

router = APIRouter()


@router.post("/language")
async def choose_language(request: Request, parts: Parts) -> Response:
    """Speak the chosen language from here on, in mails too, and lead back to the page."""
    code = str((await read_form(request)).get("language") or "")
    if code not in LANGUAGES:
        raise InvalidRefusal(
            reason(
                "language",
                "This language is not available. Choose one of: {names}.",
                names=", ".join(LANGUAGES.values()),
            )
        )
    caller = await known_caller(request)
    if caller is not None:
        await parts.database.write(Prefer(person=caller.person.id, name=LANGUAGE, value=code))
    response = RedirectResponse(where_it_stood(request), status_code=303)
    remember_language(response, parts.settings, code)
    return response
