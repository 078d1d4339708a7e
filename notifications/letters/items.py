"""The words of mails about an item: the task of its next step, and what its people are told.

Owns what such a mail says: first what is asked and until when. A mail never carries the title or
narrative of a nomination (they may name a person), nor an attachment; subject and heading, which a
preview shows, quote nobody. A writer takes the desk and a message, and changes nothing.
"""

from datetime import datetime

from notifications.letters.about_items import (
    addressed,
    approvals_fact,
    context_of,
    deciding_facts,
    label_of,
    named,
    route_fact,
    state_of,
    subject_of,
)
from notifications.mail_context import (
    Desk,
    LetterFact,
    LetterText,
    no_later_than,
    overdue,
)
from notifications.mail_parameters import (
    ConfirmedParameters,
    InformedParameters,
    TaskParameters,
)
from notifications.messages import OutboxMessage
from notifications.quoting import quoted
from notifications.translation import translate
from workflow.deadlines import WorkingCalendar
from workflow.definition import Definition, Label, Transition
from workflow.events import TaskReason
from workflow.links import token
from workflow.messages import lazy
from workflow.model import LEADERS, Item, Person
from workflow.queries.changes import mended_ids
from workflow.queries.timeline import EntryView

_WHY_AGAIN = {
    TaskReason.EDITED: lazy(
        "The author has just edited the item. The link in the earlier mail no longer "
        "serves; this mail has a new link for the new content."
    ),
    TaskReason.HOLDERS: lazy(
        "The item has just come here because the person in charge changed or by a delegation."
    ),
    TaskReason.RESENT: lazy("This is the fresh link that was asked for."),
}


def task(desk: Desk, message: OutboxMessage[TaskParameters]) -> LetterText:
    """Ask for the decision of a step, with the link to decide by."""
    item, reader = desk.item(message), desk.recipient(message)
    definition = desk.definition(item)
    if message.link is None:
        raise ValueError("a task mail is claimed with its link")
    verb = translate(verb_of(definition, item.state) or lazy("handle"))
    is_upwards = reader.position in LEADERS
    return LetterText(
        subject=subject_of(
            desk,
            item,
            translate("To {verb}", verb=verb)
            if is_upwards
            else translate("Please {verb}", verb=verb),
            desk.due_in_subject(item.due_at),
        ),
        heading=asked_of(reader, verb, item.due_at, calendar=desk.context.calendar, now=desk.at),
        context=context_of(desk, item),
        is_late=item.due_at is not None and item.due_at < desk.at,
        paragraphs=(translate(_WHY_AGAIN.get(message.parameters.why, "")),),
        facts=(
            *deciding_facts(desk, item),
            *route_fact(desk, item),
            LetterFact(label=translate("Author"), value=named(desk.person(item.author))),
            approvals_fact(desk, item),
            *_in_whose_place(desk, item, reader),
        ),
        action=desk.way(
            translate("See the item to {verb}", verb=verb), f"a/{token(desk.keys, message.link)}"
        ),
        small_print=(
            *filter(None, [_kept_out(definition)]),
            translate(
                "Opening the link changes nothing; only what is confirmed there is recorded."
            ),
            translate(
                "This link was issued to {name} alone and serves until {day}. Please "
                "do not forward it.",
                name=reader.name,
                day=desk.day(message.link.expires_at),
            ),
        ),
    )


def _kept_out(definition: Definition) -> str:
    """Return why a mail does not say who is put forward, and for what; empty for other items."""
    if definition.nominates is None:
        return ""
    return translate(
        "Whose nomination it is, and for what, stands behind the button: a mail names nobody who "
        "is put forward, to protect personal data."
    )


def asked_of(
    reader: Person, verb: str, due_at: datetime | None, *, calendar: WorkingCalendar, now: datetime
) -> str:
    """Return what is asked of whom, by when: submitted to a leader, asked of the others."""
    until = ""
    if due_at is not None:
        until = (
            translate(", already {overdue}", overdue=overdue(calendar, now, due_at))
            if due_at < now
            else f", {no_later_than(calendar, now, due_at)}"
        )
    return (
        translate(
            "Submitted to the {who} to {verb}{until}.",
            who=addressed(reader),
            verb=verb,
            until=until,
        )
        if reader.position in LEADERS
        else translate(
            "The {who} is asked to {verb}{until}.", who=addressed(reader), verb=verb, until=until
        )
    )


def _in_whose_place(desk: Desk, item: Item, reader: Person) -> list[LetterFact]:
    """Return for whom the reader holds the item, where that is by a delegation."""
    behalf = {
        each.on_behalf_of for each in desk.holders.get(item.id, []) if each.person == reader.id
    }
    names = [named(desk.person(each)) for each in behalf if each is not None]
    return [LetterFact(label=translate("In place of"), value="\n".join(names))] if names else []


def verb_of(definition: Definition, state: str) -> Label | None:
    """Return what the first answer by mail that has a verb does to the item."""
    return next(
        (
            each.verb
            for each in definition.transitions
            if state in each.from_states and each.by_email and each.verb
        ),
        None,
    )


def informed(desk: Desk, message: OutboxMessage[InformedParameters]) -> LetterText:
    """Tell an author what was done to the item: where it came back, why and what to mend."""
    item, said = desk.item(message), message.parameters
    definition = desk.definition(item)
    transition = next(each for each in definition.transitions if each.id == said.transition)
    entry = next((e for e in desk.timeline(item) if e.fact.version == said.version), None)
    what, who = _happened(definition, transition, entry), desk.actor(said.actor, entry)
    mend = mended_labels(definition, entry) if entry is not None else []
    count = (
        translate("{count} matter to mend", "{count} matters to mend", count=len(mend))
        if mend
        else ""
    )
    if said.is_undone:
        what, count = translate("Taken back: {label}", label=transition.label), ""
    state = state_of(definition, item.state)
    is_back = state is not None and state.held_by_author and state.editable and not said.is_undone
    return LetterText(
        subject=subject_of(desk, item, what, count),
        heading=translate("{what}.", what=", ".join(filter(None, [what, count]))),
        context=context_of(desk, item),
        facts=(
            LetterFact(label=translate("Decision"), value=translate(transition.label)),
            LetterFact(label=translate("By"), value=who),
            *([] if entry is None or said.is_undone else _decision_facts(desk, who, entry)),
            *(
                [LetterFact(label=translate("Fields to mend"), value="\n".join(mend))]
                if mend
                else []
            ),
            LetterFact(label=translate("Now"), value=label_of(definition, item.state)),
        ),
        action=desk.way(translate("Mend the item"), f"items/{item.code}/edit")
        if is_back
        else desk.see(item),
        small_print=(translate("This mail goes to whoever drafted the item."),),
    )


def _happened(definition: Definition, transition: Transition, entry: EntryView | None) -> str:
    """Return what was done, as what has happened."""
    if transition.is_return:
        return translate("The item was returned")
    entered = state_of(definition, entry.fact.to_state or "") if entry is not None else None
    is_reached = entered is not None and (entered.final or transition.sends)
    return translate(entered.label if entered is not None and is_reached else transition.label)


def _decision_facts(desk: Desk, who: str, entry: EntryView) -> list[LetterFact]:
    """Return when a decision was made, and its words."""
    words = quoted(who, entry.comment or "")
    return [
        LetterFact(label=translate("At"), value=desk.moment(entry.entry.at)),
        *([LetterFact(label=translate("Reason"), value=words)] if words else []),
    ]


def mended_labels(definition: Definition, entry: EntryView) -> list[str]:
    """Return what the fields are called that an entry asks to mend."""
    labels = {each.id: each.label for each in definition.fields}
    return [translate(labels.get(each, lazy("Attachments"))) for each in mended_ids(entry)]


def confirmed(desk: Desk, message: OutboxMessage[ConfirmedParameters]) -> LetterText:
    """Tell whoever decided by a link that it was done in their name."""
    item, said = desk.item(message), message.parameters
    definition = desk.definition_of(said.definition_hash)
    transition = next(each for each in definition.transitions if each.id == said.transition)
    undo = (
        translate(
            "Open the link of the earlier mail again to see the receipt, or to undo within "
            "ten minutes while nobody has handled the item further."
        )
        if transition.undo
        else ""
    )
    return LetterText(
        subject=subject_of(desk, item, translate("Recorded"), translate(transition.label)),
        heading=translate("Recorded: {label}.", label=transition.label),
        context=context_of(desk, item),
        paragraphs=(
            undo,
            translate(
                "If it was not {name}: tell the Office at once, for somebody has read a mail "
                "sent here.",
                name=desk.recipient(message).name,
            ),
        ),
        facts=(
            LetterFact(label=translate("Decided by"), value=named(desk.recipient(message))),
            LetterFact(label=translate("At"), value=desk.moment(said.at)),
        ),
        action=desk.see(item),
        small_print=(
            translate("This mail goes to the registered address after each decision by a link."),
        ),
    )
