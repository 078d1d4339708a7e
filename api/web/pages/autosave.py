"""Forms that lose nothing: what is being typed is kept on the server and offered back.

Others see that somebody types, never what.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import PlainTextResponse, Response

from api.auth.callers import Asker, Parts
from api.auth.sessions import Caller
from api.composition import Application
from api.web.dates import hour_and_day
from api.web.flash import redirect_with_flash
from api.web.form_drafts import KeepTyping
from api.web.forms import entered, read_form
from api.web.typed_grounds import doubts_in_words
from notifications.translation import translate
from workflow.definition import Definition
from workflow.queries import people
from workflow.queries.personal import others_typing, typing_of
from workflow.rules import Rulebook
from workflow.values import DAMAGED

router = APIRouter(prefix="/typings")
_KEPT = re.compile(r"title|campaign|version|merit|f-[a-z0-9_]{1,60}|n-[0-9]{1,3}-[a-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormDraftNotice:
    """What is being typed into a form: kept since when, and by whom else."""

    form: str
    kept_at: str
    """When the reader's own was kept, where it is offered and not yet taken back."""
    others: Sequence[str]
    restored: FormData | None
    """What the reader had typed, where they take it back."""


def form_of(definition: Definition, code: str | None = None) -> str:
    """Return what a form is called: that of an item, or of a new one of its kind."""
    return f"item/{code}" if code else f"new/{definition.id}"


def kept_for(
    parts: Application, connection: Connection, asker: Caller, form: str, *, is_wanted: bool
) -> FormDraftNotice:
    """Return what a form shows about typing; what was kept is typed in again if wanted."""
    now = parts.clock.now()
    kept = typing_of(connection, form, asker.person.id)
    names = {each.id: each.name for each in people.all_people(connection)}
    is_shared = form.startswith("item/")
    others = others_typing(connection, form, asker.person.id, now) if is_shared else {}
    return FormDraftNotice(
        form=form,
        kept_at=hour_and_day(parts, kept.at) if kept is not None and not is_wanted else "",
        others=[
            translate(
                "{names} (at {hour_and_day})",
                names=names[person],
                hour_and_day=hour_and_day(parts, at),
            )
            for person, at in others.items()
        ],
        restored=FormData(list(kept.typed)) if kept is not None and is_wanted else None,
    )


async def forget(parts: Application, asker: Caller, form: str) -> None:
    """Forget what was typed: it was saved."""
    await parts.database.write(KeepTyping(form=form, person=asker.person.id, typed=None))


@router.post("")
async def keep(request: Request, parts: Parts, asker: Asker) -> Response:
    """Keep what is being typed; ``forget``: give it up.

    The answer is empty, or says what the rules have against what is typed.
    """
    given = await read_form(request)
    form = str(given.get("typing-form") or "")
    if given.get("typing-action") == "forget":
        await forget(parts, asker, form)
        address = (
            f"/items/{form[5:]}/edit" if form.startswith("item/") else f"/items/new?type={form[4:]}"
        )
        told = translate("What was kept of your typing is dropped.")
        return redirect_with_flash(request, asker, address, told)
    typed = [
        (name, str(value))
        for name, value in given.multi_items()
        if _KEPT.fullmatch(name) and isinstance(value, str) and DAMAGED not in value
    ]
    await parts.database.write(KeepTyping(form=form, person=asker.person.id, typed=typed))
    definition = _definition_of(form, await parts.database.read(parts.context.rulebooks.newest))
    if definition is None or definition.nominates is None:
        return Response(status_code=204)
    today = parts.context.calendar.local_day(parts.clock.now())
    doubts = doubts_in_words(parts.context.awards, definition, entered(definition, given), today)
    return PlainTextResponse("\n".join(doubts)) if doubts else Response(status_code=204)


def _definition_of(form: str, newest: Mapping[str, Rulebook]) -> Definition | None:
    """Return the process that a form belongs to, in its newest version."""
    which, _, name = form.partition("/")
    prefix = name.partition("-")[0]
    for kind, book in newest.items():
        if name == kind if which == "new" else prefix == book.definition.code_prefix:
            return book.definition
    return None
