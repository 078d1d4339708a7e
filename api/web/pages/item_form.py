"""The form of an item, new or edited: saved, or shown again with all that was typed."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId, application
from api.auth.sessions import Caller
from api.composition import Application
from api.problems import page_status
from api.visible_items import visible_view
from api.web.choices import (
    Choices,
    OfferedAward,
    award_choices,
    deadline_choices,
    department_choices,
    person_choices,
)
from api.web.errors import in_order, reasons_in_words
from api.web.flash import redirect_with_flash
from api.web.form_fields import text_in
from api.web.forms import (
    FormState,
    Typed,
    all_problems,
    content_fields,
    entered,
    form_version,
    from_content,
    key_again,
    page_cause,
    read_fields,
    read_form,
    read_title,
)
from api.web.item_flash import item_flash
from api.web.new_items import (
    AskedWhen,
    asked_in,
    asked_when,
    begun,
    form_sections,
    section_faults,
    section_mending,
    way_after_writing,
)
from api.web.pages.autosave import FormDraftNotice, forget, form_of, kept_for
from api.web.pages.item_files import attach_chosen, chosen_file
from api.web.pages.nominee_list import begun_as_list, list_asked, list_wanted
from api.web.rendering import Page, render_page
from api.web.typed_grounds import doubts_in_words
from api.web.typed_rows import RowGroup, row_groups
from api.web.typed_titles import typed_title
from notifications.translation import translate
from workflow import values
from workflow.awards import RuleFinding
from workflow.commands.create_item import CreateItem
from workflow.commands.edit_item import EditItem
from workflow.definition import Definition, Label, nominees_field, suggesting
from workflow.errors import NotFoundRefusal, Refusal
from workflow.lookups.held_nominees import holding
from workflow.lookups.merits import visible_merit
from workflow.messages import Message, lazy
from workflow.model import Content, Person, StoredFile
from workflow.queries.campaigns import campaign_names
from workflow.queries.changes import Returned, returned_of
from workflow.queries.items import ItemView
from workflow.rules import ExpressionScope, Rulebook

router = APIRouter(prefix="/items")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFormPage(Page):
    """The form of an item, or the kinds to choose from where none was chosen yet."""

    template: ClassVar[str] = "item_form.html"
    heading: str
    context_line: str
    button: str
    may_hand_in: bool = False
    """Whether what is written can go on to be read again and handed in."""
    back: str = "/"
    """Where who gives up what was begun is led."""
    definition: Definition | None
    definitions: Sequence[Definition] = ()
    campaigns: Choices = ()
    typing: FormDraftNotice | None = None
    typed: Typed
    errors: Sequence[str] = ()
    version: str = ""
    key: str
    files: Sequence[StoredFile] = ()
    asked: AbstractSet[str] = frozenset()
    """The fields that are asked for; the others stand folded, so that nothing typed is lost."""
    when: Mapping[str, AskedWhen] = field(default_factory=dict)
    """With which answers to a choice a field is asked for, where one choice decides that."""
    people: Choices = ()
    departments: Choices = ()
    deadlines: Sequence[tuple[str, Message]] = ()
    awards: Sequence[tuple[Message, Sequence[OfferedAward]]] = ()
    title_of: Sequence[Label] = ()
    """What a title that is left empty is made of."""
    faults: Mapping[str, int] = field(default_factory=dict)
    """How many errors each section has, by its address."""
    mending: Mapping[str, int] = field(default_factory=dict)
    """How much a return asks to mend in each section, by its address."""
    sections: Sequence[tuple[str, str, bool]] = ()
    """The sections of the form: the address, the name, and whether all that is asked is there."""
    nominees: Sequence[RowGroup] = ()
    """The rows of a list of nominees, by kind."""
    lists_by: AbstractSet[str] = frozenset()
    """What says that many are nominated: in a new form a link asks that, and no box again."""
    returned: Returned | None = None
    """By whom, when and why it came back, and what is to be mended."""
    held: Sequence[RuleFinding] = ()
    doubted: Sequence[str] = ()
    """What holds the nomination, as its reader may know it, and what doubts its ground."""


@router.get("/new")
async def new_item(
    request: Request,
    parts: Parts,
    asker: Asker,
    type: str = "",  # noqa: A002 - the address's name
    merit: RowId = 0,
    *,
    owed: RowId = 0,
    kept: bool = False,
) -> Response:
    """Choose a kind of item, or show its form.

    It begins with a merit that was noted, or with the report that a mail says is owed.
    """
    typed = await begun(parts, asker, type, merit, owed)
    typed = {**typed, **await list_wanted(request, parts, type)}
    return await _new_form(request, asker, type, FormState(typed=typed), is_kept=kept)


async def _new_form(
    request: Request, asker: Caller, kind: str, state: FormState, *, is_kept: bool = False
) -> Response:
    parts = application(request)

    def load_page(connection: Connection) -> ItemFormPage:
        newest = {
            each: book
            for each, book in parts.context.rulebooks.newest(connection).items()
            if book.definition.gathers is None
        }
        page = ItemFormPage(
            heading=translate("Draft a new item"),
            context_line=translate("Save the draft first; submit it once you have read it again."),
            button=translate("Save draft"),
            may_hand_in=True,
            definition=None,
            definitions=[each.definition for each in newest.values()],
            campaigns=campaign_names(connection),
            typed=state.typed,
            errors=state.errors,
            key=state.key,
        )
        if kind not in newest:
            return page
        definition = newest[kind].definition
        typing = kept_for(parts, connection, asker, form_of(definition), is_wanted=is_kept)
        page = _filled(parts, connection, page, definition, typing)
        return _within_campaign(parts, connection, asker.person, page, newest[kind])

    return render_page(request, asker, await parts.database.read(load_page), state.status)


def _filled(
    parts: Application,
    connection: Connection,
    page: ItemFormPage,
    definition: Definition,
    typing: FormDraftNotice,
) -> ItemFormPage:
    """Return the form of ``definition`` with what its fields may name, and what was being typed.

    After a refusal all that was typed is there again, so nothing kept is offered.
    """
    restored = typing.restored
    typed = page.typed if restored is None else entered(definition, restored)
    listed = nominees_field(definition)
    today = parts.context.calendar.local_day(parts.clock.now())
    return replace(
        page,
        awards=award_choices(parts.context.awards, today),
        definition=definition,
        typing=replace(typing, kept_at="") if page.errors else typing,
        typed=typed,
        nominees=row_groups(
            definition, listed, typed.get(f"f-{listed.id}"), str(typed.get("more") or "")
        )
        if listed
        else (),
        doubted=doubts_in_words(parts.context.awards, definition, typed, today),
        title_of=[each.label for each in suggesting(definition)],
        people=person_choices(connection),
        departments=department_choices(connection),
        deadlines=deadline_choices(connection),
    )


def _within_campaign(
    parts: Application,
    connection: Connection,
    author: Person,
    page: ItemFormPage,
    rulebook: Rulebook,
) -> ItemFormPage:
    """Return the form of a new item as the campaign chosen in it, else the first, makes it.

    What depends on a choice that nobody has made yet is asked for.
    """
    identity = str(page.typed.get("campaign") or next(iter(dict(page.campaigns)), ""))
    definition = parts.context.campaigns.definition_in(connection, rulebook, identity)
    scope = ExpressionScope(
        department=author.department or "",
        author=author,
        campaign=parts.context.campaigns.of(connection, identity),
    )
    asked = asked_in(definition, page.typed, scope)
    return replace(
        page,
        heading=translate("Draft: {label}", label=definition.label),
        definition=definition,
        asked=asked,
        when=asked_when(definition, scope),
        lists_by=frozenset(begun_as_list(definition)),
        faults=section_faults(definition, page.errors),
        sections=form_sections(definition, asked, page.typed),
    )


@router.post("/new")
async def create_item(
    request: Request,
    parts: Parts,
    asker: Asker,
    type: str = "",  # noqa: A002 - the address's name
) -> Response:
    """Save a draft; on refusal the form comes back with everything that was typed."""
    form = await read_form(request)
    newest = await parts.database.read(parts.context.rulebooks.newest)
    if type not in newest:
        raise NotFoundRefusal(lazy("this kind of item"))
    definition = newest[type].definition
    going_on = await list_asked(parts, definition, form)
    if going_on is not None:
        return await _new_form(request, asker, type, going_on)
    merit = values.counter(text_in(form, "merit"), most=values.LARGEST_ID)
    if merit is not None:
        await parts.database.read(lambda connection: visible_merit(connection, merit, asker.person))
    try:
        chosen = await chosen_file(form)
        written = await parts.database.write(_creation(asker, form, definition, merit))
        left_out = await attach_chosen(parts, asker, form, chosen, written)
        await forget(parts, asker, form_of(definition))
    except Refusal as refusal:
        typed = {**entered(definition, form), "merit": text_in(form, "merit")}
        errors, key = _errors(definition, form, refusal), key_again(form, refusal)
        state = FormState(typed=typed, errors=errors, status=page_status(refusal), key=key)
        return await _new_form(request, asker, type, state)
    said = " ".join(filter(None, (translate("The draft is saved."), left_out)))
    told = await item_flash(parts, asker, written.code, said)
    address = await way_after_writing(parts, asker, form, written.code)
    return redirect_with_flash(request, asker, address, told)


def _errors(
    definition: Definition, form: FormData, refusal: Refusal, shown: Content | None = None
) -> Sequence[str]:
    """Return all that is wrong with a form, each sentence with its field, in the page's order."""
    fields = content_fields(definition)
    said = reasons_in_words(all_problems(definition, form, refusal, shown), fields)
    return in_order(said, [*fields.values()])


def _creation(
    asker: Caller, form: FormData, definition: Definition, merit: int | None
) -> CreateItem:
    fields = read_fields(definition, form)
    return CreateItem(
        cause=page_cause(asker, form),
        type=definition.id,
        campaign=text_in(form, "campaign"),
        department=None,
        title=typed_title(definition, form, fields),
        merit=merit,
        fields={name: value for name, value in fields.items() if value is not None},
    )


@router.get("/{code}/edit")
async def edit_form(
    request: Request, parts: Parts, asker: Asker, code: str, *, kept: bool = False
) -> Response:
    """Show the form with the present content, or with what was being typed."""
    view = await visible_view(parts, asker, code)
    state = FormState(typed=from_content(view.definition, view.content))
    return await _edit_form(request, asker, view, state, is_kept=kept)


async def _edit_form(
    request: Request, asker: Caller, view: ItemView, state: FormState, *, is_kept: bool = False
) -> Response:
    parts = application(request)

    def load_page(connection: Connection) -> ItemFormPage:
        form = form_of(view.definition, view.item.code)
        typing = kept_for(parts, connection, asker, form, is_wanted=is_kept)
        page = ItemFormPage(
            heading=translate("Edit {code}", code=view.item.code),
            context_line=translate(
                "If the item waits for approval, approvers receive a new link for the new content."
            ),
            button=translate("Save the changes"),
            may_hand_in=view.state.held_by_author,
            back=f"/items/{view.item.code}",
            definition=view.definition,
            typed=state.typed,
            errors=state.errors,
            key=state.key,
            files=view.content.files,
            asked=view.asked,
            returned=next(iter(returned_of(parts.context, connection, [view])), None),
            held=holding(parts.context, connection, asker.person, view.item, view.content),
        )
        restored = typing.restored
        version = restored.get("version") if restored is not None else None
        filled = _filled(parts, connection, page, view.definition, typing)
        scope = ExpressionScope(
            department=view.item.department,
            author=view.author,
            campaign=parts.context.campaigns.of(connection, view.item.campaign),
        )
        mending = section_mending(view.definition, page.returned)
        return replace(
            filled,
            mending=mending,
            when=asked_when(view.definition, scope),
            version=str(version or view.item.version),
            faults=section_faults(view.definition, state.errors),
            sections=form_sections(
                view.definition,
                filled.asked,
                filled.typed,
                has_files=bool(filled.files),
                mending=mending,
            ),
        )

    return render_page(request, asker, await parts.database.read(load_page), state.status)


@router.post("/{code}/edit")
async def edit_item(request: Request, parts: Parts, asker: Asker, code: str) -> Response:
    """Save changes made to the version that was shown; on conflict nothing typed is lost."""
    form = await read_form(request)
    view = await visible_view(parts, asker, code)
    going_on = await list_asked(parts, view.definition, form)
    if going_on is not None:
        return await _edit_form(request, asker, view, going_on)
    try:
        command = EditItem(
            code=code,
            cause=page_cause(asker, form),
            version=form_version(form),
            title=read_title(view.definition, form, view.content),
            fields=read_fields(view.definition, form, view.content),
        )
        chosen = await chosen_file(form)
        written = await parts.database.write(command)
        left_out = await attach_chosen(parts, asker, form, chosen, written)
        await forget(parts, asker, form_of(view.definition, code))
    except Refusal as refusal:
        typed = entered(view.definition, form)
        errors = _errors(view.definition, form, refusal, view.content)
        state = FormState(typed=typed, errors=errors, status=page_status(refusal))
        return await _edit_form(request, asker, view, state)
    said = " ".join(filter(None, (translate("The changes are saved."), left_out)))
    told = await item_flash(parts, asker, code, said)
    address = await way_after_writing(parts, asker, form, code)
    return redirect_with_flash(request, asker, address, told)
