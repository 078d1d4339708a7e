"""Keep a view of a list under a name: the answer, whichever list it is of."""

from fastapi import Request
from starlette.responses import Response

from api.auth.callers import application
from api.auth.sessions import Caller
from api.problems import page_status
from api.web.errors import reasons_in_words
from api.web.flash import redirect_with_flash
from api.web.rendering import PageLink, SentencePage, render_page
from api.web.saved_views import SaveView
from notifications.translation import translate
from workflow.errors import InvalidRefusal


async def save_shown(
    request: Request, asker: Caller, command: SaveView, page: str, told: str
) -> Response:
    """Keep a view of the list at ``page`` and show it; refused, say why and give the name back."""
    address = f"{page}?{command.query}"
    try:
        await application(request).database.write(command)
    except InvalidRefusal as refusal:
        shown = SentencePage(
            heading=translate("The view was not saved"),
            sentences=reasons_in_words(refusal),
            typed=[(translate("Name"), command.name)],
            links=[PageLink(href=address, label=translate("Back to the list"))],
        )
        return render_page(request, asker, shown, page_status(refusal))
    return redirect_with_flash(request, asker, address, told)
