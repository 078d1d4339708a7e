"""The words of mails about an item: the task of its next step, and what its people are told.

Owns what such a mail says: first what is asked and until when. A mail never carries the title or
narrative of a nomination (they may name a person), nor an attachment; subject and preview least of
all. A writer takes the desk and a message, and changes nothing.
"""

from notifications.mail_context import Action, Desk, LetterFact, LetterText
from notifications.mail_parameters import (
    ConfirmedParameters,
    EscalatedParameters,
    InformedParameters,
    OpinionParameters,
    OwnerParameters,
    ReleasedParameters,
    StuckParameters,
    TaskParameters,
    ToldParameters,
)
from notifications.messages import OutboxMessage
from notifications.quoting import Own, unlinked
from notifications.translation import translate
from workflow.definition import Definition, Label, State
from workflow.events import ReleaseReason, Saying, TaskReason
from workflow.links import token
from workflow.messages import lazy

_WHY_AGAIN = {
    TaskReason.EDITED: lazy(
        "The author has just edited the item. The link in the earlier mail no longer "
        "serves; this mail has a new link for the new content."
    ),
    TaskReason.HOLDERS: lazy(
        "The item has just come to you because the person in charge changed or by a delegation."
    ),
    TaskReason.RESENT: lazy("This is the fresh link that was asked for."),
}
_RELEASED = {
    ReleaseReason.HOLDERS: lazy(
        "The item has gone to somebody else because the person in charge changed or by "
        "a delegation. You need do nothing more."
    ),
    ReleaseReason.UNDONE: lazy(
        "The earlier decision was just undone, so the item went back a step. You need "
        "do nothing more."
    ),
    ReleaseReason.SETTLED: lazy(
        "The others' answers were enough to decide, so yours is no longer needed. You "
        "need do nothing more."
    ),
}


def task(desk: Desk, message: OutboxMessage[TaskParameters]) -> LetterText:
    """Ask for the decision of a step, with the link to decide by."""
    item = desk.item(message)
    definition = desk.definition(item)
    if message.link is None:
        raise ValueError("a task mail is claimed with its link")
    due = translate(" by {day}", day=desk.day(item.due_at)[:5]) if item.due_at else ""
    verb = translate(_verb(definition, item.state) or lazy("handle"))
    return LetterText(
        subject=translate("Please {verb}{due}: {code}", verb=verb, due=due, code=item.code),
        heading=translate(
            "Please {verb} the item {code}{due}.", verb=verb, code=item.code, due=due
        ),
        paragraphs=(
            translate(_WHY_AGAIN.get(message.parameters.why, "")),
            translate(
                "Open the link to read the content and choose a decision. Opening "
                "it changes nothing; only what you choose and confirm is recorded."
            ),
        ),
        facts=(
            *desk.facts(item, definition),
            LetterFact(label=translate("Author"), value=desk.person(item.author).name),
            LetterFact(label=translate("Now at the step"), value=_label(definition, item.state)),
            *(
                [LetterFact(label=translate("Due by"), value=desk.day(item.due_at))]
                if item.due_at
                else []
            ),
        ),
        action=Action(
            label=translate("Read and decide"),
            url=f"{desk.base_url}/a/{token(desk.keys, message.link)}",
        ),
        small_print=(
            translate(
                "This link was issued to {name} alone and serves until {day}. Please "
                "do not forward it.",
                name=desk.recipient(message).name,
                day=desk.day(message.link.expires_at),
            ),
            translate(
                "You receive this mail because the item {code} waits for you.", code=item.code
            ),
        ),
    )


def _verb(definition: Definition, state: str) -> Label | None:
    """Return what the first answer by mail that has a verb does to the item."""
    return next(
        (
            each.verb
            for each in definition.transitions
            if state in each.from_states and each.by_email and each.verb
        ),
        None,
    )


def _state(definition: Definition, state: str) -> State | None:
    """Return a state, or None where this version of the definition has none of that name."""
    return next((each for each in definition.states if each.id == state), None)


def _label(definition: Definition, state: str) -> str:
    """Return what a state is called."""
    found = _state(definition, state)
    return state if found is None else translate(found.label)


def informed(desk: Desk, message: OutboxMessage[InformedParameters]) -> LetterText:
    """Tell an author what was done to the item."""
    item, said = desk.item(message), message.parameters
    definition = desk.definition(item)
    transition = next(each for each in definition.transitions if each.id == said.transition)
    return LetterText(
        subject=f"{translate(transition.label)}: {item.code}",
        heading=translate("Item {code}: {label}.", code=item.code, label=transition.label),
        paragraphs=(
            translate(
                "{who} {did} “{label}” on your item.",
                who=desk.actor(said.actor),
                did=translate("took back") if said.is_undone else translate("chose"),
                label=transition.label,
            ),
            translate("Sign in to see the item and the comment, if there is one."),
        ),
        facts=desk.facts(item, definition),
        action=desk.see(item),
        small_print=(translate("You receive this mail because you drafted the item."),),
    )


def confirmed(desk: Desk, message: OutboxMessage[ConfirmedParameters]) -> LetterText:
    """Tell whoever decided by a link that it was done in their name."""
    item, said = desk.item(message), message.parameters
    definition = desk.definition_of(said.definition_hash)
    transition = next(each for each in definition.transitions if each.id == said.transition)
    at = said.at.astimezone(desk.context.calendar.zone)
    undo = (
        translate(
            "Open the link of the earlier mail again to see the receipt, or to undo within "
            "ten minutes while nobody has handled the item further."
        )
        if transition.undo
        else ""
    )
    return LetterText(
        subject=translate("Recorded: {label}, {code}", label=transition.label, code=item.code),
        heading=translate(
            "You chose “{label}” on the item {code} at {at}.",
            label=transition.label,
            code=item.code,
            at=at.strftime(translate("%H:%M on %d/%m/%Y")),
        ),
        paragraphs=(
            undo,
            translate(
                "If it was not you: tell the Office at once, for somebody has read a mail "
                "sent to you."
            ),
        ),
        facts=desk.facts(item, definition),
        small_print=(
            translate("This mail goes to your registered address after each decision by a link."),
        ),
    )


def released(desk: Desk, message: OutboxMessage[ReleasedParameters]) -> LetterText:
    """Tell a person that an item no longer waits for them."""
    item = desk.item(message)
    return LetterText(
        subject=translate("No longer waiting for you: {code}", code=item.code),
        heading=translate("The item {code} no longer waits for you.", code=item.code),
        paragraphs=(translate(_RELEASED[message.parameters.why]),),
        small_print=(translate("You receive this mail because the item waited for you before."),),
    )


def escalated(desk: Desk, message: OutboxMessage[EscalatedParameters]) -> LetterText:
    """Tell that an item has waited long."""
    item, said = desk.item(message), message.parameters
    definition = desk.definition(item)
    holders = ", ".join(desk.person(each.person).name for each in desk.holders.get(item.id, []))
    return LetterText(
        subject=translate(
            "The item {code} has waited {days} working days",
            code=item.code,
            days=said.days,
        ),
        heading=translate(
            "The item {code} has waited {days} working days at the step “{state}”.",
            code=item.code,
            days=said.days,
            state=_label(definition, said.state),
        ),
        paragraphs=(
            translate(
                "This mail is for you to know and to urge; you have nothing to decide. "
                "Whoever holds the item was reminded too."
            ),
        ),
        facts=(
            *desk.facts(item, definition),
            LetterFact(label=translate("Waiting for"), value=holders or translate("nobody yet")),
        ),
        action=desk.see(item),
        small_print=(
            translate(
                "You receive this mail because the process says to tell you when this step "
                "takes too long."
            ),
        ),
    )


def stuck(desk: Desk, message: OutboxMessage[StuckParameters]) -> LetterText:
    """Tell the Office that nobody can handle an item."""
    item = desk.item(message)
    definition = desk.definition(item)
    found = _state(definition, message.parameters.state)
    state = translate(found.label) if found is not None else ""
    remedy = translate(
        "Nobody holds a position that may decide at this step. Update the people or "
        "record a delegation; the item then comes to that person by itself."
    )
    if found is not None and found.held_by_author:
        remedy = translate(
            "The author no longer works here. Have somebody else of the department "
            "draft it anew, or open the author's account again."
        )
    return LetterText(
        subject=translate("Nobody can handle the item {code}", code=item.code),
        heading=translate(
            "The item {code} is at the step “{state}” and nobody can handle it.",
            code=item.code,
            state=state,
        ),
        paragraphs=(remedy,),
        facts=desk.facts(item, definition),
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
    words = translate(transition.tells[said.place].message).format(
        code=item.code,
        kind=translate(definition.label),
        department=desk.department(item.department),
        state=_label(definition, said.state),
        actor=desk.actor(said.actor),
    )
    return LetterText(
        subject=f"{translate(transition.label)}: {item.code}",
        heading=translate("Item {code}: {label}.", code=item.code, label=transition.label),
        paragraphs=tuple(words.splitlines()),
        facts=desk.facts(item, definition),
        action=desk.see(item),
        small_print=(
            translate(
                "You receive this mail because the process says to tell you at this step; "
                "you have nothing to decide."
            ),
        ),
    )


def disowned(desk: Desk, message: OutboxMessage[OwnerParameters]) -> LetterText:
    """Tell the Office that a link reached somebody else."""
    item = desk.item(message)
    owner = desk.person(message.parameters.owner)
    return LetterText(
        subject=translate("A link to the item {code} reached the wrong person", code=item.code),
        heading=translate(
            "Somebody reported that the link to the item {code} is not theirs.", code=item.code
        ),
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
            LetterFact(label=translate("Department"), value=desk.department(item.department)),
        ),
        action=desk.see(item),
        small_print=(translate("This mail goes to the Office."),),
    )


def opinion(desk: Desk, message: OutboxMessage[OpinionParameters]) -> LetterText:
    """Tell what somebody said or asked of an item."""
    item = desk.item(message)
    definition = desk.definition(item)
    who = desk.person(message.parameters.actor).name
    match message.parameters.what:
        case Saying.OPINION_ASKED:
            subject = translate("Opinion asked: {code}", code=item.code)
            heading = translate(
                "{who} asks for your opinion on the item {code}.", who=who, code=item.code
            )
            what_to_do = translate(
                "Sign in to read the item, the question and to answer. Your opinion "
                "does not move the item."
            )
            why = translate("You receive this mail because you were asked about this item.")
        case Saying.OPINION_GIVEN:
            subject = translate("Opinion given: {code}", code=item.code)
            heading = translate(
                "{who} gave an opinion on the item {code}.", who=who, code=item.code
            )
            what_to_do, why = (
                translate("Sign in to read it."),
                translate("You receive this mail because you asked about this item."),
            )
        case _:
            subject = translate("Comment: {code}", code=item.code)
            heading = translate("{who} commented on the item {code}.", who=who, code=item.code)
            what_to_do, why = (
                translate("Sign in to read and answer it."),
                translate("You receive this mail because you drafted the item or hold it."),
            )
    return LetterText(
        subject=subject,
        heading=heading,
        paragraphs=(what_to_do,),
        facts=desk.facts(item, definition),
        action=Action(label=translate("Open the item"), url=f"{desk.base_url}/items/{item.code}"),
        small_print=(why,),
    )
