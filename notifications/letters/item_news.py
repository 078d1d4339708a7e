"""The words of mails that tell of an item: to whom it matters beside author and holder.

Each says what has happened, and leads to the item; a writer changes nothing.
"""

from urllib.parse import quote

from notifications.letters.about_items import (
    approvals_fact,
    context_of,
    due_fact,
    label_of,
    named,
    state_of,
    subject_of,
)
from notifications.mail_context import Desk, LetterFact, LetterText
from notifications.mail_parameters import (
    EscalatedParameters,
    OpinionParameters,
    OwnerParameters,
    ReleasedParameters,
    StuckParameters,
    ToldParameters,
)
from notifications.messages import OutboxMessage
from notifications.quoting import Own, unlinked
from notifications.translation import translate
from workflow.events import ReleaseReason, Saying
from workflow.history.payloads import Decision
from workflow.lookups.items import pending_holders
from workflow.messages import lazy
from workflow.people import scope_of
from workflow.queries.timeline import EntryView

_RELEASED = {
    ReleaseReason.HOLDERS: lazy(
        "The item has gone to somebody else because the person in charge changed or by "
        "a delegation. Nothing more is to be done."
    ),
    ReleaseReason.UNDONE: lazy(
        "The earlier decision was just undone, so the item went back a step. "
        "Nothing more is to be done."
    ),
    ReleaseReason.SETTLED: lazy(
        "The others' answers were enough to decide, so one more is not needed. Nothing "
        "more is to be done."
    ),
}


def released(desk: Desk, message: OutboxMessage[ReleasedParameters]) -> LetterText:
    """Tell a person that an item no longer waits for them."""
    item = desk.item(message)
    return LetterText(
        subject=subject_of(desk, item, translate("Waits no longer")),
        heading=translate("The item {code} waits here no longer.", code=item.code),
        context=context_of(desk, item),
        paragraphs=(translate(_RELEASED[message.parameters.why]),),
        action=desk.way(translate("Open My work"), ""),
        small_print=(translate("This mail goes to whomever the item waited for before."),),
    )


def escalated(desk: Desk, message: OutboxMessage[EscalatedParameters]) -> LetterText:
    """Tell that an item has waited long."""
    item, said = desk.item(message), message.parameters
    definition = desk.definition(item)
    holders = [named(desk.person(each.person)) for each in desk.holders.get(item.id, [])]
    waited = translate(
        "waiting for {count} working day", "waiting for {count} working days", count=said.days
    )
    return LetterText(
        subject=subject_of(desk, item, translate("Slow"), waited),
        heading=translate(
            "“{state}”: {waited}.", state=label_of(definition, said.state), waited=waited
        ),
        context=context_of(desk, item),
        paragraphs=(
            translate(
                "This mail is to know and to urge; nothing is to be decided. "
                "Whoever holds the item was urged too."
            ),
        ),
        facts=(
            LetterFact(
                label=translate("Waiting for"), value="\n".join(holders) or translate("nobody yet")
            ),
            *due_fact(desk, item),
            approvals_fact(desk, item),
        ),
        action=desk.see(item),
        small_print=(
            translate("This mail goes to whom the process names where this step takes too long."),
        ),
    )


def stuck(desk: Desk, message: OutboxMessage[StuckParameters]) -> LetterText:
    """Tell the Office that nobody can handle an item."""
    item = desk.item(message)
    found = state_of(desk.definition(item), message.parameters.state)
    state = translate(found.label) if found is not None else ""
    remedy = translate(
        "Nobody holds a position that may decide at this step. Update the people or "
        "record a delegation; the item then comes to that person by itself."
    )
    if pending_holders(desk.connection, item):
        remedy = translate(
            "Whoever holds it took a step that the process keeps apart from this one. Put somebody "
            "else in their place, or record a delegation."
        )
    if found is not None and found.held_by_author:
        remedy = translate(
            "The author no longer works here. Have somebody else of the department "
            "draft it anew, or open the author's account again."
        )
    return LetterText(
        subject=subject_of(desk, item, translate("Nobody can handle it")),
        heading=translate("“{state}”: nobody can handle the item.", state=state),
        context=context_of(desk, item),
        paragraphs=(remedy,),
        facts=(
            LetterFact(label=translate("Author"), value=named(desk.person(item.author))),
            approvals_fact(desk, item),
        ),
        action=desk.see(item),
        small_print=(translate("This mail goes to the Office."),),
    )


def told(desk: Desk, message: OutboxMessage[ToldParameters]) -> LetterText:
    """Tell what the definition says to tell at a transition."""
    item, said = desk.item(message), message.parameters
    definition = desk.definition_of(said.definition_hash)
    ways = [
        each
        for each in definition.transitions
        if each.id == said.transition and said.source in each.from_states
    ]
    transition = next(each for each in ways if len(each.tells) > said.place)
    taken = (e for e in reversed(desk.timeline(item)) if e.fact.transition == said.transition)
    made = next(taken, None)
    who = desk.actor(said.actor, made)
    words = translate(transition.tells[said.place].message).format(
        code=item.code,
        kind=translate(definition.label),
        department=desk.department(item.department),
        state=label_of(definition, said.state),
        actor=who,
    )
    return LetterText(
        subject=subject_of(desk, item, translate(transition.label)),
        heading=translate("{what}.", what=transition.label),
        context=context_of(desk, item),
        paragraphs=tuple(words.splitlines()),
        facts=(
            LetterFact(label=translate("By"), value=who),
            LetterFact(label=translate("Now"), value=label_of(definition, said.state)),
            *_issued(made),
        ),
        action=desk.see(item)
        if scope_of(desk.recipient(message)).covers(item.department)
        else None,
        small_print=(
            translate(
                "This mail goes to whom the process names at this step; nothing is to be decided."
            ),
        ),
    )


def _issued(made: EntryView | None) -> tuple[LetterFact, ...]:
    """Return number and day, where a document was given them."""
    payload = made.fact.payload if made is not None else None
    sent = payload.dispatch if isinstance(payload, Decision) else None
    if sent is None:
        return ()
    day = "/".join(reversed(sent.issued_on.split("-")))
    return (
        LetterFact(label=translate("Number and symbol"), value=sent.number),
        LetterFact(label=translate("Day"), value=day),
    )


def disowned(desk: Desk, message: OutboxMessage[OwnerParameters]) -> LetterText:
    """Tell the Office that a link reached somebody else."""
    item = desk.item(message)
    owner = desk.person(message.parameters.owner)
    return LetterText(
        subject=subject_of(desk, item, translate("A link reached the wrong person")),
        heading=translate("Somebody reported that the link to this item is not theirs."),
        context=context_of(desk, item),
        paragraphs=(
            translate(
                "Those links no longer serve. Check the mail address of the person below; "
                "they may ask for a fresh link."
            ),
        ),
        facts=(
            LetterFact(
                label=translate("Link issued to"),
                value=Own(f"{unlinked(owner.name)} ({owner.email})"),
            ),
        ),
        action=desk.way(translate("Check the address"), f"people/{quote(owner.email)}"),
        small_print=(translate("This mail goes to the Office."),),
    )


def opinion(desk: Desk, message: OutboxMessage[OpinionParameters]) -> LetterText:
    """Tell what somebody said or asked of an item."""
    item = desk.item(message)
    who = desk.person(message.parameters.actor).name
    match message.parameters.what:
        case Saying.OPINION_ASKED:
            tag = translate("Opinion asked")
            heading = translate("{who} asks for an opinion on the item.", who=who)
            what_to_do = translate(
                "The question stands on the item's page and is answered there. An opinion "
                "does not move the item."
            )
            why = translate("This mail goes to whoever was asked about this item.")
            button = translate("Read and answer")
        case Saying.OPINION_GIVEN:
            tag = translate("Opinion given")
            heading = translate("{who} gave an opinion on the item.", who=who)
            what_to_do = translate("It stands on the item's page.")
            why = translate("This mail goes to whoever asked about this item.")
            button = translate("Read the opinion")
        case _:
            tag = translate("A comment")
            heading = translate("{who} commented on the item.", who=who)
            what_to_do = translate("The comment stands on the item's page and is answered there.")
            why = translate("This mail goes to whoever drafted the item or holds it.")
            button = translate("Read the comment")
    return LetterText(
        subject=subject_of(desk, item, tag),
        heading=heading,
        context=context_of(desk, item),
        paragraphs=(what_to_do,),
        facts=(
            LetterFact(label=translate("Author"), value=named(desk.person(item.author))),
            LetterFact(label=translate("Now"), value=label_of(desk.definition(item), item.state)),
        ),
        action=desk.way(button, f"items/{item.code}"),
        small_print=(why,),
    )
