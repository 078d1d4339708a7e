"""What mails about an item say of it alike: subject, context, the facts that decide, approvals.

No title and no personal field: they may name a person, and a mail is read on many screens.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from notifications.mail_context import Desk, LetterFact, days_left
from notifications.position_names import POSITIONS
from notifications.translation import translate, within_sentence
from workflow.definition import Definition, FieldType, ItemField, State
from workflow.lookups.nominations import route_of
from workflow.messages import Message
from workflow.model import LEADERS, Item, Person
from workflow.queries.approvals import approvals_of
from workflow.queries.items import names_in
from workflow.rules import ONE, NomineeRow, counted_kinds, nominees_of
from workflow.rules.diff import in_words

_SHORT = {
    FieldType.CHOICE,
    FieldType.DATE,
    FieldType.DEPARTMENT,
    FieldType.INTEGER,
    FieldType.MONEY,
}
_LONG = {
    FieldType.FILE,
    FieldType.LONG_TEXT,
    FieldType.RICH_TEXT,
    FieldType.TABLE,
    FieldType.NOMINEES,
}


def subject_of(desk: Desk, item: Item, tag: str, more: str = "") -> str:
    """Return a subject: what is asked or has happened, of what, from whom, by when."""
    definition = desk.definition(item)
    about = [translate(definition.label), desk.department(item.department), *filter(None, [more])]
    return f"[{capital(tag)}] {', '.join(about)} ({item.code})"


def context_of(desk: Desk, item: Item) -> str:
    """Return which item it is: its code, kind and department."""
    label = translate(desk.definition(item).label)
    return " · ".join((item.code, label, desk.department(item.department)))


def deciding_facts(desk: Desk, item: Item) -> list[LetterFact]:
    """Return what of its content whoever decides looks at first."""
    content = desk.contents.get(item.id)
    if content is None:
        return []
    definition = desk.definition(item)
    names: Mapping[str, str | Message] = {**desk.kinds, **names_in(definition, desk.directory)}
    found: list[LetterFact] = []
    before: ItemField | None = None
    for field in _deciding(definition):
        value = in_words(field, content.fields.get(field.id), names, translate)
        if value:
            found = _with_fact(found, before, field, capital(" ".join(value.split())))
            before = field
    return found


def route_fact(desk: Desk, item: Item) -> list[LetterFact]:
    """Return who decides on the award that is asked for; nothing for what is no nomination."""
    handed_in = (
        each.entry.at
        for each in desk.timeline(item)
        if each.transition is not None and each.transition.hands_in
    )
    day = desk.context.calendar.local_day(next(handed_in, desk.at))
    content, definition = desk.contents.get(item.id), desk.definition(item)
    if content is None:
        return []
    nominees = nominees_of(definition, content)
    routes = [
        route
        for each in nominees
        if (route := route_of(desk.context.awards, definition, each.content, day)) is not None
    ]
    if not routes:
        return []
    label = translate("Competence")
    if nominees[0].row == ONE:
        return [LetterFact(label=label, value=translate(routes[0].words))]
    counts = Counter(translate(each.words) for each in routes)
    words = "\n".join(f"{who}: {count}" for who, count in counts.items())
    return [_list_fact(nominees), LetterFact(label=label, value=words)]


def _list_fact(nominees: Sequence[NomineeRow]) -> LetterFact:
    """Return how many a list puts forward."""
    collectives, individuals = counted_kinds(nominees)
    value = translate(
        "{collectives} collectives, {individuals} individuals",
        collectives=collectives,
        individuals=individuals,
    )
    return LetterFact(label=translate("List of nominees"), value=value)


def _with_fact(
    found: list[LetterFact], before: ItemField | None, field: ItemField, value: str
) -> list[LetterFact]:
    """Return the facts with one more; a date right after a date ends its span, on the same line."""
    label = translate(field.label)
    dates = {FieldType.DATE}
    if before is not None and {before.type, field.type} == dates and before.group == field.group:
        span = f"{found[-1].value} {within_sentence(label)} {value}"
        return [*found[:-1], LetterFact(label=found[-1].label, value=span)]
    return [*found, LetterFact(label=label, value=value)]


def _deciding(definition: Definition) -> list[ItemField]:
    """Return the fields that decide; of an older definition, those that say much in a word."""
    may = [each for each in definition.fields if not each.personal and not each.seen_by]
    said = definition.nominates
    if said is not None:
        # How a nomination was come to, the page says: the mail says what is asked.
        wanted = (said.kind, said.award, said.first_day, said.last_day)
        return [each for each in may if each.id in wanted]
    chosen = [each for each in may if each.decides and each.type not in _LONG]
    return chosen or [each for each in may if each.required and each.type in _SHORT]


def approvals_fact(desk: Desk, item: Item) -> LetterFact:
    """Return who has approved before, or that nobody has."""
    lines = [
        translate(
            "{who}: {what}, {day}",
            who=_with_principal(named(each.who), each.on_behalf_of),
            what=each.what,
            day=desk.short_day(each.at),
        )
        for each in approvals_of(item, desk.timeline(item))
    ]
    return LetterFact(
        label=translate("Approved before"),
        value="\n".join(" ".join(each.split()) for each in lines) or translate("nobody yet"),
    )


def _with_principal(name: str, behalf: Person | None) -> str:
    return translate("{who} for {other}", who=name, other=behalf.name) if behalf else name


def due_fact(desk: Desk, item: Item) -> list[LetterFact]:
    """Return until when the step is due, and how far that is."""
    if item.due_at is None:
        return []
    left = days_left(desk.context.calendar, desk.at, item.due_at)
    value = f"{desk.moment(item.due_at)} ({left})"
    return [LetterFact(label=translate("Due by"), value=value)]


def named(person: Person) -> str:
    """Return a person's name and position, once where the name is the position's."""
    position = translate(POSITIONS[person.position])
    return person.name if person.name.startswith(position) else f"{person.name}, {position}"


def addressed(person: Person) -> str:
    """Return a reader by position, within a sentence."""
    position = translate(POSITIONS[person.position])
    return position if person.position in LEADERS else within_sentence(position)


def capital(text: str) -> str:
    """Return ``text`` with its first letter large."""
    return text[:1].upper() + text[1:]


def state_of(definition: Definition, state: str) -> State | None:
    """Return a state, or None where this version of the definition has none of that name."""
    return next((each for each in definition.states if each.id == state), None)


def label_of(definition: Definition, state: str) -> str:
    """Return what a state is called."""
    found = state_of(definition, state)
    return state if found is None else translate(found.label)
