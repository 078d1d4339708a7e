"""The words of each mail.

Owns what a mail says: first what is asked and until when. A mail never carries the title or narrative of a nomination
(they may name a person), nor an attachment; subject and preview least of all. Text and HTML come from one Letter, so
they cannot differ in facts.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from notifications.letters.accounts import ACCOUNT_WRITERS
from notifications.letters.deadlines import DEADLINE_WRITERS
from notifications.mail_context import Action, Desk, Fact, LetterText
from notifications.messages import Kind, Message
from notifications.translation import translate
from workflow.definition import Definition, Label
from workflow.events import AbsenceChange, ReleaseReason, Saying, TaskReason
from workflow.links import token
from workflow.messages import lazy
from workflow.model import DispatchChannel
from workflow.store import held_items, item_contents
from workflow.store.instants import read_required

_CHANNELS = {
    DispatchChannel.MAIL: lazy("by mail"),
    DispatchChannel.POST: lazy("by post"),
    DispatchChannel.HAND: lazy("by hand"),
    DispatchChannel.AXIS: lazy("by the document exchange axis"),
}


def write_letter(desk: Desk, message: Message) -> LetterText:
    """Return what ``message`` says, and at its foot where replies go."""
    letter = _WRITERS[message.kind](desk, message)
    foot = (
        translate("A reply to this mail goes to the Office.")
        if desk.reply_to
        else translate(
            "This mail was sent automatically and nobody reads replies to it; to ask "
            "something, please contact the Office."
        )
    )
    return replace(letter, small_print=(*letter.small_print, foot))


def _task(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    state = next(each for each in definition.states if each.id == item.state)
    link = message.link
    if link is None:
        raise ValueError("a task mail is claimed with its link")
    due = translate(" by {day}", day=desk.day(item.due_at)[:5]) if item.due_at else ""
    verb = translate(_verb(definition, item.state) or lazy("handle"))
    why = translate(_WHY_AGAIN.get(message.params["why"], ""))
    return LetterText(
        agency=desk.agency.name,
        subject=translate("Please {verb}{due}: {code}", verb=verb, due=due, code=item.code),
        heading=translate(
            "Please {verb} the item {code}{due}.", verb=verb, code=item.code, due=due
        ),
        paragraphs=tuple(
            part
            for part in (
                why,
                translate(
                    "Open the link to read the content and choose a decision. Opening "
                    "it changes nothing; only what you choose and confirm is recorded."
                ),
            )
            if part
        ),
        facts=(
            Fact(label=translate("Kind of item"), value=translate(definition.label)),
            Fact(label=translate("Department"), value=desk.department(item.department)),
            Fact(label=translate("Author"), value=desk.person(item.author).name),
            Fact(label=translate("Now at the step"), value=translate(state.label)),
            *(
                (Fact(label=translate("Due by"), value=desk.day(item.due_at)),)
                if item.due_at
                else ()
            ),
        ),
        action=Action(
            label=translate("Read and decide"), url=f"{desk.base_url}/a/{token(desk.keys, link)}"
        ),
        small_print=(
            translate(
                "This link was issued to {name} alone and serves until {day}. Please "
                "do not forward it.",
                name=desk.person(message.person).name,
                day=desk.day(link.expires_at),
            ),
            translate(
                "You receive this mail because the item {code} waits for you.", code=item.code
            ),
        ),
    )


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


def _informed(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    transition = next(
        each for each in definition.transitions if each.id == message.params["transition"]
    )
    actor = message.params["actor"]
    who = desk.person(actor).name if actor is not None else translate("The system")
    return LetterText(
        agency=desk.agency.name,
        subject=f"{translate(transition.label)}: {item.code}",
        heading=translate("Item {code}: {label}.", code=item.code, label=transition.label),
        paragraphs=(
            translate(
                "{who} {did} “{label}” on your item.",
                who=who,
                did=translate("took back")
                if message.params.get("is_undone")
                else translate("chose"),
                label=transition.label,
            ),
            translate("Sign in to see the item and the comment, if there is one."),
        ),
        facts=(
            Fact(label=translate("Kind of item"), value=translate(definition.label)),
            Fact(label=translate("Department"), value=desk.department(item.department)),
        ),
        action=Action(label=translate("See the item"), url=f"{desk.base_url}/items/{item.code}"),
        small_print=(translate("You receive this mail because you drafted the item."),),
    )


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


def _confirmed(desk: Desk, message: Message) -> LetterText:
    item, params = desk.item(message), message.params
    definition = desk.context.rulebooks.of(desk.connection, params["definition_hash"]).definition
    transition = next(each for each in definition.transitions if each.id == params["transition"])
    at = (
        read_required(params["at"])
        .astimezone(desk.context.calendar.zone)
        .strftime(translate("%H:%M on %d/%m/%Y"))
    )
    undo = (
        translate(
            "Open the link of the earlier mail again to see the receipt, or to undo within "
            "ten minutes while nobody has handled the item further."
        )
        if transition.undo
        else ""
    )
    return LetterText(
        agency=desk.agency.name,
        subject=translate("Recorded: {label}, {code}", label=transition.label, code=item.code),
        heading=translate(
            "You chose “{label}” on the item {code} at {at}.",
            label=transition.label,
            code=item.code,
            at=at,
        ),
        paragraphs=tuple(
            part
            for part in (
                undo,
                translate(
                    "If it was not you: tell the Office at once, for somebody has read a mail "
                    "sent to you."
                ),
            )
            if part
        ),
        facts=(
            Fact(label=translate("Kind of item"), value=translate(definition.label)),
            Fact(label=translate("Department"), value=desk.department(item.department)),
        ),
        small_print=(
            translate("This mail goes to your registered address after each decision by a link."),
        ),
    )


def _said(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    who = desk.person(message.params["actor"]).name
    match message.params["what"]:
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
        agency=desk.agency.name,
        subject=subject,
        heading=heading,
        paragraphs=(what_to_do,),
        facts=(
            Fact(label=translate("Kind of item"), value=translate(definition.label)),
            Fact(label=translate("Department"), value=desk.department(item.department)),
        ),
        action=Action(label=translate("Open the item"), url=f"{desk.base_url}/items/{item.code}"),
        small_print=(why,),
    )


def _stuck(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    found = next((each for each in definition.states if each.id == message.params["state"]), None)
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
        agency=desk.agency.name,
        subject=translate("Nobody can handle the item {code}", code=item.code),
        heading=translate(
            "The item {code} is at the step “{state}” and nobody can handle it.",
            code=item.code,
            state=state,
        ),
        paragraphs=(remedy,),
        facts=(
            Fact(label=translate("Kind of item"), value=translate(definition.label)),
            Fact(label=translate("Department"), value=desk.department(item.department)),
        ),
        action=Action(label=translate("See the item"), url=f"{desk.base_url}/items/{item.code}"),
        small_print=(translate("This mail goes to the Office."),),
    )


def _disowned(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    owner = desk.person(message.params["owner"])
    return LetterText(
        agency=desk.agency.name,
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
            Fact(label=translate("Link issued to"), value=f"{owner.name} ({owner.email})"),
            Fact(label=translate("Department"), value=desk.department(item.department)),
        ),
        action=Action(label=translate("See the item"), url=f"{desk.base_url}/items/{item.code}"),
        small_print=(translate("This mail goes to the Office."),),
    )


def _told(desk: Desk, message: Message) -> LetterText:
    item, params = desk.item(message), message.params
    definition = desk.context.rulebooks.of(desk.connection, params["definition_hash"]).definition
    ways = [
        each
        for each in definition.transitions
        if each.id == params["transition"] and params["source"] in each.from_states
    ]
    transition = next(each for each in ways if len(each.tells) > params["place"])
    state = next(translate(each.label) for each in definition.states if each.id == params["state"])
    words = translate(transition.tells[params["place"]].message).format(
        code=item.code,
        kind=translate(definition.label),
        department=desk.department(item.department),
        state=state,
        actor=desk.person(params["actor"]).name
        if params["actor"] is not None
        else translate("The system"),
    )
    return LetterText(
        agency=desk.agency.name,
        subject=f"{translate(transition.label)}: {item.code}",
        heading=translate("Item {code}: {label}.", code=item.code, label=transition.label),
        paragraphs=tuple(line for line in words.splitlines() if line.strip()),
        facts=(
            Fact(label=translate("Kind of item"), value=translate(definition.label)),
            Fact(label=translate("Department"), value=desk.department(item.department)),
        ),
        action=Action(label=translate("See the item"), url=f"{desk.base_url}/items/{item.code}"),
        small_print=(
            translate(
                "You receive this mail because the process says to tell you at this step; "
                "you have nothing to decide."
            ),
        ),
    )


def _escalated(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    state = next(
        (translate(each.label) for each in definition.states if each.id == message.params["state"]),
        message.params["state"],
    )
    holders = held_items.holders_by_item(desk.connection, [item.id]).get(item.id, [])
    waiting = ", ".join(desk.person(each.person).name for each in holders) or translate(
        "nobody yet"
    )
    return LetterText(
        agency=desk.agency.name,
        subject=translate(
            "The item {code} has waited {days} working days",
            code=item.code,
            days=message.params["days"],
        ),
        heading=translate(
            "The item {code} has waited {days} working days at the step “{state}”.",
            code=item.code,
            days=message.params["days"],
            state=state,
        ),
        paragraphs=(
            translate(
                "This mail is for you to know and to urge; you have nothing to decide. "
                "Whoever holds the item was reminded too."
            ),
        ),
        facts=(
            Fact(label=translate("Kind of item"), value=translate(definition.label)),
            Fact(label=translate("Department"), value=desk.department(item.department)),
            Fact(label=translate("Waiting for"), value=waiting),
        ),
        action=Action(label=translate("See the item"), url=f"{desk.base_url}/items/{item.code}"),
        small_print=(
            translate(
                "You receive this mail because the process says to tell you when this step "
                "takes too long."
            ),
        ),
    )


def _released(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    return LetterText(
        agency=desk.agency.name,
        subject=translate("No longer waiting for you: {code}", code=item.code),
        heading=translate("The item {code} no longer waits for you.", code=item.code),
        paragraphs=(translate(_RELEASED[message.params.get("why", ReleaseReason.HOLDERS)]),),
        small_print=(translate("You receive this mail because the item waited for you before."),),
    )


def _notice(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    number, issued_on = (
        message.params["number"],
        date.fromisoformat(message.params["issued_on"]).strftime("%d/%m/%Y"),
    )
    found = item_contents.contents_of(desk.connection, [item]).get(item.id)
    contents = [
        translate(definition.document.label),
        *(
            translate("Enclosed file {place}", place=place)
            for place, _ in enumerate(found.files if found else (), 1)
        ),
    ]
    return LetterText(
        agency=desk.agency.name,
        subject=translate(
            "Notice of dispatch {number} of {issued_on}", number=number, issued_on=issued_on
        ),
        heading=translate(
            "{name} sends the dossier {number} of {issued_on}.",
            name=desk.agency.name,
            number=number,
            issued_on=issued_on,
        ),
        paragraphs=(
            translate("To: {name}.", name=message.params["name"]),
            translate(
                "This mail is a notice only and carries no content of the dossier. The "
                "dossier itself comes by the way stated below."
            ),
        ),
        facts=(
            Fact(label=translate("Number and symbol"), value=number),
            Fact(label=translate("Day"), value=issued_on),
            Fact(label=translate("Kind of document"), value=translate(definition.document.label)),
            Fact(
                label=translate("Way of sending"),
                value=translate(_CHANNELS[message.params["channel"]]),
            ),
            Fact(label=translate("List of contents"), value="; ".join(contents)),
        ),
        small_print=(
            translate("Item code at {name}: {code}.", name=desk.agency.name, code=item.code),
        ),
    )


def _delegation(desk: Desk, message: Message) -> LetterText:
    giver, taker = (
        desk.person(message.params["from_person"]),
        desk.person(message.params["to_person"]),
    )
    starts, ends = (
        date.fromisoformat(message.params[name]).strftime("%d/%m/%Y")
        for name in ("starts_on", "ends_on")
    )
    return LetterText(
        agency=desk.agency.name,
        subject=translate("Delegation from {starts} to {ends}", starts=starts, ends=ends),
        heading=translate(
            "{taker} may handle items for {giver} from {starts} to {ends}.",
            taker=taker.name,
            giver=giver.name,
            starts=starts,
            ends=ends,
        ),
        paragraphs=(
            translate(
                "During this time both receive and can handle items. The delegation ends "
                "by itself after its last day."
            ),
        ),
        facts=(Fact(label=translate("Document of delegation"), value=message.params["document"]),),
        small_print=(translate("If this delegation is wrong, tell the Office at once."),),
    )


def _absence(desk: Desk, message: Message) -> LetterText:
    away = desk.person(message.params["away"])
    stand_in = (
        desk.person(message.params["stand_in"]) if message.params["stand_in"] is not None else None
    )
    starts, ends = (
        date.fromisoformat(message.params[name]).strftime("%d/%m/%Y")
        for name in ("starts_on", "ends_on")
    )
    is_over = message.params["what"] == AbsenceChange.ENDED
    meanwhile = (
        translate("{name} handles items instead", name=stand_in.name)
        if stand_in
        else translate("Others with the same competence handle the items")
    )
    return LetterText(
        agency=desk.agency.name,
        subject=translate(
            "Absence over: {name}, {starts} to {ends}", name=away.name, starts=starts, ends=ends
        )
        if is_over
        else translate(
            "Absence: {name}, {starts} to {ends}", name=away.name, starts=starts, ends=ends
        ),
        heading=translate("{name} is back at work.", name=away.name)
        if is_over
        else translate(
            "{name} is away from {starts} to {ends}.", name=away.name, starts=starts, ends=ends
        ),
        paragraphs=(
            translate("Waiting items have gone back to them.")
            if is_over
            else translate(
                "{meanwhile} during this time; the absence ends by itself after its last day.",
                meanwhile=meanwhile,
            ),
        ),
        small_print=(translate("If this is wrong, tell the Office at once."),),
    )


_WRITERS: Mapping[Kind, Callable[[Desk, Message], LetterText]] = {
    Kind.TASK: _task,
    Kind.INFORMED: _informed,
    Kind.RELEASED: _released,
    Kind.NOTICE: _notice,
    Kind.DELEGATION: _delegation,
    Kind.ABSENCE: _absence,
    **ACCOUNT_WRITERS,
    **DEADLINE_WRITERS,
    Kind.ESCALATED: _escalated,
    Kind.STUCK: _stuck,
    Kind.DISOWNED: _disowned,
    Kind.TOLD: _told,
    Kind.CONFIRMED: _confirmed,
    Kind.OPINION: _said,
}
