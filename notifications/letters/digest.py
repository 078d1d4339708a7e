"""The words of a digest: what waits for its reader, and what has happened, one link for each item.

It says of each what that one's own mail would have said first. To decide on several at once takes a
session, so its button leads there by signing in.
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from notifications.mail_context import Action, Desk, LetterText, ListGroup, ListRow
from notifications.mail_parameters import DigestParameters
from notifications.messages import AnyMessage, OutboxMessage
from notifications.translation import translate

_Told = tuple[AnyMessage, LetterText]


def digest(
    desk: Desk, message: OutboxMessage[DigestParameters], letters: Sequence[LetterText]
) -> LetterText:
    """Bring what waited for an hour of its reader's choice; ``letters``: what each part says."""
    by_item: dict[object, list[_Told]] = {}
    for told in zip(message.parts, letters, strict=True):
        by_item.setdefault(told[0].item_id, []).append(told)
    asked = [each for each in by_item.values() if _asks(each)]
    happened = [each for each in by_item.values() if not _asks(each)]
    waiting = translate("{count} item waits", "{count} items wait", count=len(asked))
    news = translate("{count} item has news", "{count} items have news", count=len(happened))
    said = [*([waiting] if asked else []), *([news] if happened else [])]
    return LetterText(
        subject=f"[{translate('Gathered mails')}] {', '.join(said)}",
        heading=f"{', '.join(said)}.",
        context=desk.moment(message.parameters.at),
        groups=(
            *_group(translate("To be decided"), asked),
            *_group(translate("What has happened"), happened),
        ),
        action=_together(desk, [each for told in asked for each, _ in told]),
        small_print=(
            translate(
                "Each link was issued to {name} alone. Please do not forward this mail.",
                name=desk.recipient(message).name,
            ),
            translate(
                "This mail gathers others because that was chosen under My account, where it is "
                "ended too."
            ),
        ),
    )


def _asks(told: Sequence[_Told]) -> bool:
    return any(part.link is not None for part, _ in told)


def _group(heading: str, items: Sequence[Sequence[_Told]]) -> tuple[ListGroup, ...]:
    """Return a group with a line for each item; none where there are none."""
    if not items:
        return ()
    rows = tuple(_row(each) for each in items)
    return (ListGroup(heading=f"{heading} ({len(items)})", rows=rows),)


def _row(told: Sequence[_Told]) -> ListRow:
    """Return the line of an item: by what asks for a decision, else by what came last."""
    first = next((letter for part, letter in told if part.link is not None), told[-1][1])
    reasons = [fact.value for fact in first.facts if fact.label == translate("Reason")]
    notes = [first.heading, *reasons]
    notes += [letter.heading for _, letter in told if letter is not first]
    return ListRow(
        text=first.subject,
        note=" ".join(dict.fromkeys(notes)),
        url=first.action.url if first.action is not None else "",
    )


def _together(desk: Desk, parts: Sequence[AnyMessage]) -> Action:
    """Return the button: to deciding on all that waits, or to My work."""
    codes = sorted({desk.item(each).code for each in parts if each.link is not None})
    if len(codes) > 1:
        query = urlencode([("code", each) for each in codes])
        return desk.way(translate("Sign in and decide on several"), f"together?{query}")
    return desk.way(translate("Open My work"), "")
