"""What became of a document after it was issued, in words (NĐ 30/2020/NĐ-CP, Điều 18)."""

from notifications.days_in_words import day_text
from notifications.translation import translate
from workflow.history.payloads import Amendment, IssueAmended
from workflow.messages import lazy

_DONE = {
    Amendment.CORRECTION: lazy("Corrected by {number} of {day}"),
    Amendment.REPLACEMENT: lazy("Replaced by {number} of {day}"),
    Amendment.RECALL: lazy("Recalled by {number} of {day}"),
}
_DOES = {
    Amendment.CORRECTION: lazy("Corrects {number} of {day}"),
    Amendment.REPLACEMENT: lazy("Replaces {number} of {day}"),
    Amendment.RECALL: lazy("Recalls {number} of {day}"),
}


def amended_words(said: IssueAmended) -> str:
    """Return by what a document was amended."""
    return translate(
        _DONE[said.how], number=said.registered.number, day=day_text(said.registered.issued_on)
    )


def amends_words(said: IssueAmended) -> str:
    """Return what the amending document does to which one."""
    return translate(_DOES[said.how], number=said.of, day=day_text(said.of_day))
