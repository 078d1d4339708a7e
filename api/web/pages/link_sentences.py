"""What a link's page says first: what is asked, what was recorded, or what became of the link.

Owns these sentences by the status of the link, in the reader's language. It reads nothing and
decides nothing.
"""

from api.composition import Application
from api.web.dates import hour_and_day
from api.web.pages.link_state import OpenedLink
from notifications.letters.items import asked_of, verb_of
from notifications.translation import translate
from workflow.links import LinkStatus
from workflow.messages import lazy
from workflow.model import Person
from workflow.queries.link import Receipt


def sentences_of(parts: Application, page: OpenedLink) -> tuple[str, list[str]]:
    """Return the page's first sentence and what follows it."""
    match page.link.status:
        case LinkStatus.USED if page.receipt is not None:
            return _recorded(parts, page, page.receipt)
        case LinkStatus.LIVE if page.answers:
            return _request_sentence(parts, page), []
        case LinkStatus.EXPIRED:
            at = hour_and_day(parts, page.link.link.expires_at)
            return translate("The link expired at {hour_and_day}.", hour_and_day=at), [
                _present_state_sentence(page)
            ]
        case LinkStatus.REVOKED:
            return translate("This link was revoked."), [_present_state_sentence(page)]
        case LinkStatus.CHANGED:
            return _changed(page)
        case LinkStatus.MOVED:
            return _moved(page), [*_happened(parts, page), _present_state_sentence(page)]
        case _:
            return translate("The item no longer waits for you."), [
                *_happened(parts, page),
                _present_state_sentence(page),
            ]


def _request_sentence(parts: Application, page: OpenedLink) -> str:
    item = page.view.item
    verb = verb_of(page.view.definition, item.state) or lazy("handle")
    return asked_of(
        page.link.person,
        translate(verb),
        item.due_at,
        calendar=parts.context.calendar,
        now=parts.clock.now(),
    )


def _recorded(parts: Application, page: OpenedLink, receipt: Receipt) -> tuple[str, list[str]]:
    is_own = receipt.actor is not None and receipt.actor.id == page.link.person.id
    did = translate(receipt.label) if receipt.label else ""
    at = hour_and_day(parts, receipt.at)
    heading = translate("Recorded: “{did}” was chosen at {at}.", did=did, at=at)
    if not is_own:
        who = _who(receipt.actor)
        heading = translate("Recorded: {who} chose “{did}” at {at}.", who=who, did=did, at=at)
    undone, comment = [], []
    if page.undone is not None:
        undone = [
            translate(
                "{by} undid this decision at {hour_and_day}.",
                by=_who(page.undone.actor),
                hour_and_day=hour_and_day(parts, page.undone.at),
            )
        ]
    if receipt.comment:
        comment = [translate("Your comment: {comment}", comment=receipt.comment)]
    state = (
        _waits_again(page)
        if page.holds_now
        else translate(
            "The item is now in the state “{label}”. You need do nothing more.",
            label=page.view.state.label_now,
        )
    )
    return heading, [*undone, *comment, state]


def _changed(page: OpenedLink) -> tuple[str, list[str]]:
    fresh = (
        [
            translate(
                "A link for the new content is sent to you, at the latest ten minutes "
                "after the author has finished editing."
            )
        ]
        if page.holds_now
        else []
    )
    heading = translate("The item's content has changed since this link was sent.")
    return heading, [*fresh, _present_state_sentence(page)]


def _moved(page: OpenedLink) -> str:
    if page.holds_now:
        return translate("The item waits for you again; this link belongs to an earlier time.")
    return translate("The item has moved to another step; you need do nothing more at this one.")


def _happened(parts: Application, page: OpenedLink) -> list[str]:
    """Return who did what last on the item, so that whoever comes too late sees it."""
    if page.last is None:
        return []
    return [
        translate(
            "{who} chose “{labels}” at {hour_and_day}.",
            who=_who(page.last.actor),
            labels=translate(page.last.label) if page.last.label else "",
            hour_and_day=hour_and_day(parts, page.last.at),
        )
    ]


def _present_state_sentence(page: OpenedLink) -> str:
    if page.holds_now:
        return _waits_again(page)
    return translate("The item is now in the state “{label}”.", label=page.view.state.label_now)


def _waits_again(page: OpenedLink) -> str:
    """Return where somebody decides who opened an older link.

    In the newest mail, in a fresh one, or after signing in.
    """
    return translate(
        "The item waits for you at the step “{label}”. Use the link in the newest "
        "mail, or one of the ways below.",
        label=page.view.state.label_now,
    )


def _who(person: Person | None) -> str:
    return person.name if person else translate("The system")
