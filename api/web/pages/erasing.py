"""Choose what is erased for good: parts of an item, a note, a request, a pending matter, a person.

Owns the page; whether it may go, and who confirms that, the command says.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.composition import Application
from api.personal_data import AskedErasure, erasing
from api.problems import page_status
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import page_cause, read_form, shown_again
from api.web.pages.proposals import to_proposal
from api.web.rendering import FormPage, render_page
from notifications.requests_in_words import outside_words
from notifications.translation import translate
from workflow.commands.proposals import Proposed
from workflow.errors import NotFoundRefusal, Refusal
from workflow.history import TITLE
from workflow.messages import Message
from workflow.people import require_office
from workflow.queries import privacy
from workflow.queries.timeline import timeline
from workflow.rules.erasing import Wanted
from workflow.values import counter

router = APIRouter(prefix="/privacy")
_ERASABLE = frozenset({"item", "person", "merit", "request", "proceeding", "past_award"})
"""Kinds of subject that the page erases; others are said to be missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasableText:
    """One thing that can be erased: the name and value of its box, and what it is."""

    name: str
    value: str
    label: Message | str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasingPage(FormPage):
    """What can be erased of a subject, with the form to propose it."""

    template: ClassVar[str] = "privacy_erase.html"
    of: str
    called: str
    choices: Sequence[ErasableText]
    hold: str
    outside: str
    chosen: Sequence[tuple[str, str]]
    missing: str = ""


@router.get("/erase")
async def show(
    request: Request, parts: Parts, asker: Asker, of: str = "", what: str = "", about: str = ""
) -> Response:
    """Show what can be erased of ``of``; without one, the form that asks for it."""
    require_office(asker.person)
    named = of.strip() or (f"{what}:{about.strip()}" if about.strip() else "")
    shown = await _page(parts, named)
    is_missing = bool(named) and not shown.of
    shown = replace(shown, missing=named.partition(":")[2] if is_missing else "")
    return render_page(request, asker, shown, 404 if is_missing else 200)


@router.post("/erase")
async def propose(request: Request, parts: Parts, asker: Asker) -> Response:
    """Propose to erase what was chosen; refused, the form comes back."""
    require_office(asker.person)
    form = await read_form(request)
    of = text_in(form, "of").strip()
    try:
        subject = await parts.database.read(lambda c: privacy.subject_named(c, of))
        command = erasing(_asked_erasure(form, subject), page_cause(asker, form))
        done: object = await parts.database.write(command)
    except Refusal as refusal:
        again = shown_again(await _page(parts, of), form, refusal)
        shown = replace(again, chosen=[(name, str(each)) for name, each in form.multi_items()])
        return render_page(request, asker, shown, page_status(refusal))
    if isinstance(done, Proposed):
        return to_proposal(request, asker, done.id)
    told = translate("It is erased for good.")
    return redirect_with_flash(request, asker, "/privacy", told)


def _asked_erasure(form: FormData, subject: str) -> AskedErasure:
    numbers = [counter(str(each)) for each in form.getlist("entry")]
    wanted = Wanted(
        entries=tuple(each for each in numbers if each is not None),
        parts=tuple(str(each) for each in form.getlist("field")),
        files=tuple(str(each) for each in form.getlist("file")),
    )
    request = counter(text_in(form, "request"))
    return AskedErasure(subject=subject, wanted=wanted, why=text_in(form, "why"), request=request)


async def _page(parts: Application, of: str) -> ErasingPage:
    kind, _, name = of.partition(":")

    def load(connection: Connection) -> ErasingPage:
        empty = ErasingPage(
            of="",
            called="",
            choices=(),
            hold="",
            outside=outside_words(privacy.privacy_rules(connection)),
            chosen=(),
        )
        if kind not in _ERASABLE:
            return empty
        try:
            subject = privacy.subject_named(connection, of)
            choices = _choices(parts, connection, name) if kind == "item" else []
        except NotFoundRefusal:
            return empty
        hold = privacy.present_hold(connection, subject)
        why = (
            translate("Under hold {number}: {why}", number=hold.id, why=hold.reason) if hold else ""
        )
        return replace(empty, of=of, called=name, choices=choices, hold=why)

    return await parts.database.report(load)


def _choices(parts: Application, connection: Connection, code: str) -> list[ErasableText]:
    """Return the boxes of an item: the title, its fields, files and words. NotFoundRefusal."""
    found = privacy.erasable_item(parts.context, connection, code)
    book = parts.context.rulebooks.of(connection, found.item.definition_hash)
    labels = {each.id: each.label for each in book.definition.fields}
    words = {
        each.entry.seq: each.comment for each in timeline(parts.context, connection, found.item)
    }
    return [
        ErasableText(
            name="field", value=TITLE, label=translate("Title: {title}", title=found.item.title)
        ),
        *(
            ErasableText(
                name="field", value=each, label=translate("Field: {label}", label=labels[each])
            )
            for each in found.fields
        ),
        *(
            ErasableText(name="file", value=sha256, label=translate("File: {name}", name=called))
            for sha256, called in found.files
        ),
        *(
            ErasableText(
                name="entry",
                value=str(seq),
                label=translate("Entry {number}: {words}", number=seq, words=words.get(seq) or "…"),
            )
            for seq in sorted({seq for seq, _ in found.entries})
        ),
    ]
