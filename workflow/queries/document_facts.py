"""What documents are made from, as it stands in the database: the agency, the number, the signer.

Also what a form says, as the parts of a report. What a reader may not read of an item is in none.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from workflow.context import Context
from workflow.definition import (
    NAMES,
    Campaign,
    Currency,
    Definition,
    DocumentWords,
    FieldType,
    ItemField,
)
from workflow.documents.facts import Issue, IssuingAgency, ListedNominee, MovementFacts, Signer
from workflow.documents.phrases import day_words, filled, lower_first, unit_symbol
from workflow.documents.sections import FieldWords, FormPart, figure_text, without_number
from workflow.lookups.agency import Agency
from workflow.lookups.campaigns import campaign_of
from workflow.lookups.held_nominees import waiting_rows
from workflow.lookups.nominee_cases import day_of
from workflow.lookups.nominees import nominee_of
from workflow.messages import Message
from workflow.model import Content, Department, Item, Json, Person, Position, SignedFor
from workflow.queries.items import ItemView
from workflow.queries.timeline import EntryView, signing_entries
from workflow.rules import NOBODY, ONE, NomineeRow, answered, asked_of_row, list_of, nominees_of
from workflow.store import people
from workflow.store.dispatches import Sending, dispatch_of
from workflow.store.dossiers import Dossier
from workflow.values import day as day_in

_FIGURES = {FieldType.INTEGER, FieldType.MONEY}
_LONG = {FieldType.LONG_TEXT, FieldType.RICH_TEXT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Who reads, and what documents are written with; ``say``: a message in their language.

    ``issue``: under which number an item left, where it left more than once; None: the last.
    """

    context: Context
    agency: Agency
    words: DocumentWords
    reader: Person
    say: Callable[[Message | str], str]
    issue: Issue | None = None


def issuing_agency(writing: Writing, connection: Connection) -> IssuingAgency:
    """Return the agency as its documents name it.

    The first body outside that its file names is the one that dossiers go to.
    """
    office = next((each for each in people.all_departments(connection) if each.is_office), None)
    return IssuingAgency(
        agency=writing.agency.name,
        superior=writing.agency.superior,
        symbol=writing.agency.symbol,
        place=writing.agency.place,
        office=office.name if office else "",
        office_unit=unit_code(writing, office),
        board=next((each.name for each in writing.agency.outside), ""),
        words=writing.words,
    )


def unit_code(writing: Writing, department: Department | None) -> str:
    """Return how a department is abbreviated in the symbol and in Nơi nhận."""
    if department is None:
        return ""
    return unit_symbol(writing.words.units, department.id, department.name)


def issue_of(sent: Sending | Dossier) -> Issue:
    """Return number and day of what left."""
    day = date.fromisoformat(sent.issued_on)
    return Issue(year=day.year, notation=sent.notation, day=day)


def item_issue(writing: Writing, connection: Connection, item: Item) -> Issue:
    """Return number and day of an item's own document, or room for them."""
    if writing.issue is not None:
        return writing.issue
    sent = dispatch_of(connection, item.id)
    if sent is None:
        return Issue(year=writing.context.calendar.local_day(item.since).year)
    return issue_of(sent)


def movement_facts(
    writing: Writing,
    connection: Connection,
    identity: str,
    issuer: IssuingAgency,
    copied: Collection[str] = (),
) -> MovementFacts:
    """Return a campaign as documents name it; the board is no further body outside.

    ``copied``: which lines of its Nơi nhận get a copy of the document, by their ids.
    """
    campaign = campaign_of(connection, identity)
    if campaign is None:
        return MovementFacts(name="")
    board = next((each.id for each in writing.agency.outside), "")
    outside = (each for each in campaign.recipients if each.outside and each.id != board)
    return MovementFacts(
        name=lower_first(campaign.name),
        plans=tuple(_plans(campaign, issuer)),
        outside=tuple(each.name for each in outside),
        copied=tuple(each.name for each in campaign.recipients if each.id in copied),
    )


def _plans(campaign: Campaign, issuer: IssuingAgency) -> Iterator[str]:
    """Yield the plans that are carried out: the superior's, then the agency's own."""
    common = issuer.words.common
    above, own = campaign.parent_plan, campaign.launch_document
    if above is not None:
        about = lower_first(above.subject or "")
        day = day_words(issuer, above.issued_on, campaign.year)
        facts = {"number": above.number, "day": day, "agency": above.issuer, "text": about}
        yield filled(common.plan_about if about else common.plan_alone, facts)
    title = own.title.removeprefix(NAMES[own.kind]).strip()
    number = filled(common.numbered, {"number": own.number}) if own.number else ""
    day = day_words(issuer, own.issued_on, campaign.year) if own.issued_on else ""
    facts = {
        "number": " ".join(filter(None, (number, day))),
        "agency": campaign.owner,
        "text": lower_first(title),
    }
    yield " ".join(filled(common.own_plan, facts).split())


def listed_nominees(
    writing: Writing, connection: Connection, view: ItemView
) -> list[tuple[NomineeRow, ListedNominee]]:
    """Return whom an item puts forward, as lists name them, with who awards each.

    Who waited when it left, or waits today, is none of them.
    """
    nominates = view.definition.nominates
    if nominates is None:
        return []
    left = item_issue(writing, connection, view.item).day
    waiting = waiting_rows(writing.context, connection, view.item, view.content, left)
    directory = writing.context.directory(connection, writing.context.clock())
    awards = writing.context.awards
    day = day_of(writing.context, connection, view.item)
    found = []
    for row in nominees_of(view.definition, view.content):
        if row.row in waiting:
            continue
        fields = answered(view.definition, row.content).fields
        asked = awards.find(text_in(fields, nominates.award))
        authority = awards.authority(asked.id, day) if asked else None
        named = nominee_of(view.definition, directory, view.item, row.content).called
        found.append(
            (
                row,
                ListedNominee(
                    name=named,
                    is_collective=row.is_collective,
                    beside=besides(named, (text_in(fields, each) for each in nominates.beside)),
                    award=asked.label.vi if asked else "",
                    authority=""
                    if authority is None or authority.decides_here
                    else authority.label.vi,
                    merit=text_in(fields, nominates.deed),
                ),
            )
        )
    return found


def signer_of(writing: Writing, connection: Connection, item: Item) -> Signer:
    """Return who signed an item, for the head in which form; else the head, who is to sign."""
    signed = signing_entries(writing.context, connection, item)
    if not signed:
        return head_of_agency(connection)
    last = signed[-1]
    position = Position(str(last.fact.position)) if last.fact.position else Position.DIRECTOR
    name = last.actor.name if last.actor else ""
    if position is Position.DIRECTOR:
        return Signer(position=position, name=name)
    return Signer(position=position, name=name, form=signed_form(writing.context, connection, last))


def head_of_agency(connection: Connection) -> Signer:
    """Return the agency's head as who is to sign."""
    head = director(connection)
    return Signer(position=Position.DIRECTOR, name=head.name if head else "")


def director(connection: Connection) -> Person | None:
    """Return the agency's head, or None where nobody is."""
    heads = (
        each
        for each in people.all_people(connection)
        if each.is_active and each.position is Position.DIRECTOR
    )
    return next(heads, None)


def head_of_unit(connection: Connection, department: Department) -> Signer:
    """Return the head of a department as who is to sign its own papers."""
    held = (Position.CHIEF,) if department.is_office else (Position.HEAD,)
    heads = [
        each
        for each in people.all_people(connection)
        if each.is_active and each.department == department.id and each.position in held
    ]
    return Signer(position=held[0], name=heads[0].name if heads else "")


def signed_form(context: Context, connection: Connection, signed: EntryView) -> SignedFor:
    """Return how somebody signed for the head, by the entry or, in an older one, by what was given.

    By the rule itself: a deputy signs for the head where the head is concerned.
    """
    if signed.signed_on is not None:
        return signed.signed_on.form
    if signed.on_behalf_of is None or signed.actor is None:
        return SignedFor.KT
    day = context.calendar.local_day(signed.entry.at).isoformat()
    pair = (signed.on_behalf_of.id, signed.actor.id)
    forms = [
        each.form
        for each in people.all_delegations(connection)
        if (each.from_person, each.to_person) == pair and each.starts_on <= day <= each.ends_on
    ]
    return forms[-1] if forms else SignedFor.KT


def bases_of(view: ItemView, day: date) -> tuple[str, ...]:
    """Return what the process of an item rests on by the law of ``day``."""
    return tuple(str(each.text) for each in view.definition.legal_basis if each.is_in_force(day))


def form_parts(
    writing: Writing, view: ItemView, without: Iterable[str] = ()
) -> tuple[FormPart, ...]:
    """Return what an item says in its groups, without some fields and those that say nothing."""
    left_out = {*without, *view.definition.unwritten}
    fields = [each for each in view.fields if each.id not in left_out]
    return tuple(
        FormPart(
            title=str(group.label),
            entries=tuple(
                entry
                for each in fields
                if each.group == group.id
                for entry in [_entry(writing, view, each)]
                if entry is not None
            ),
        )
        for group in view.definition.groups
    )


def _entry(writing: Writing, view: ItemView, field: ItemField) -> FieldWords | None:
    """Return what one field says; None where it says nothing that a document repeats."""
    value = view.content.fields.get(field.id)
    if value in (None, "", [], False) or field.type in {FieldType.FILE, FieldType.NOMINEES}:
        return None
    label = str(field.label)
    if field.type is FieldType.TABLE:
        rows = tuple(
            tuple(str(row.get(column.id) or "") for column in field.columns)
            for row in (value if isinstance(value, list) else [])
            if isinstance(row, dict)
        )
        return FieldWords(
            label=label, columns=tuple(str(each.label) for each in field.columns), rows=rows
        )
    return FieldWords(
        label=label,
        text=value_text(writing, view.names, field, value),
        is_long=field.type in _LONG,
        is_figure=field.type in _FIGURES,
    )


def as_nominee(view: ItemView, row: NomineeRow) -> ItemView:
    """Return an item as it reads for one nominee: what is said of this one, then of all."""
    if row.row == ONE:
        return view
    listed = list_of(view.definition, view.content)
    own = asked_of_row(view.definition, row.content, NOBODY)
    shared = [each for each in view.fields if each != listed and each not in own]
    return replace(view, content=row.content, find_fields=lambda: (*own, *shared))


def value_text(
    writing: Writing, names: Mapping[str, str | Message], field: ItemField, value: Json
) -> str:
    """Return what a field holds, as a document writes it."""
    words = writing.words.movement_report
    match field.type:
        case FieldType.CHOICE | FieldType.CHOICES:
            chosen = value if isinstance(value, list) else [value]
            return "; ".join(_choice(writing, names, field, str(each)) for each in chosen)
        case FieldType.BOOLEAN:
            return ""
        case FieldType.DATE:
            day = day_in(str(value))
            return day.strftime("%d/%m/%Y") if day else str(value)
        case FieldType.INTEGER:
            return figure_text(value) if isinstance(value, int) else str(value)
        case FieldType.MONEY:
            count = {"count": figure_text(value) if isinstance(value, int) else str(value)}
            return filled(words.money if field.currency is Currency.VND else words.dollars, count)
        case FieldType.PERSON | FieldType.DEPARTMENT:
            return writing.say(names.get(str(value), str(value)))
        case _:
            return str(value)


def _choice(
    writing: Writing, names: Mapping[str, str | Message], field: ItemField, chosen: str
) -> str:
    labels = (each.label.vi for each in field.choices if each.id == chosen)
    named = next(map(without_number, labels), None)
    return named if named is not None else writing.say(names.get(chosen, chosen))


def besides(name: str, beside: Iterable[str]) -> tuple[str, ...]:
    """Return what stands beside a name, without the name where that begins with it."""
    without = (
        each.removeprefix(name).lstrip(", ") if each.startswith(name) else each for each in beside
    )
    return tuple(filter(None, without))


def period_of(writing: Writing, definition: Definition, content: Content) -> str:
    """Return the period that a report is of, as a document writes it; "" where it is of none."""
    field = next((each for each in definition.fields if each.or_deadline), None)
    value = content.fields.get(field.id) if field else None
    return value_text(writing, {}, field, value) if field and value else ""


def text_in(fields: Mapping[str, Json], name: str | None) -> str:
    """Return what a field says as text; empty where there is no such field."""
    value = fields.get(name) if name else None
    return value if isinstance(value, str) else ""


def day_of_field(fields: Mapping[str, Json], name: str | None) -> date | None:
    """Return the day that a field says, or None."""
    return day_in(text_in(fields, name)) if text_in(fields, name) else None


def first_of_type(fields: Sequence[ItemField], kind: FieldType) -> ItemField | None:
    """Return the first field of a type, or None."""
    return next((each for each in fields if each.type is kind), None)
