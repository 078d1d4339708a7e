"""What a data subject asks and how that stands, in words: for mails, pages and the list alike."""

from collections.abc import Mapping
from typing import Final

from notifications.translation import translate
from workflow.definition import PrivacyRules
from workflow.messages import Message, lazy
from workflow.model import KeptKind, RequestKind, RequestState

KINDS: Final[Mapping[RequestKind, Message]] = {
    RequestKind.ACCESS: lazy("see what is held"),
    RequestKind.CORRECTION: lazy("correct it"),
    RequestKind.ERASURE: lazy("erase it"),
    RequestKind.RESTRICTION: lazy("restrict its use"),
    RequestKind.OBJECTION: lazy("object to its use"),
    RequestKind.COMPLAINT: lazy("complain"),
}
STATES: Final[Mapping[RequestState, Message]] = {
    RequestState.RECEIVED: lazy("has come in"),
    RequestState.ACKNOWLEDGED: lazy("acknowledged"),
    RequestState.GRANTED: lazy("granted"),
    RequestState.REFUSED: lazy("refused"),
}
KEPT: Final[Mapping[KeptKind, Message]] = {
    KeptKind.DRAFTS: lazy("drafts that were never handed in"),
    KeptKind.ENDED: lazy("items that were given up or rejected and never sent"),
    KeptKind.LEAVERS: lazy("people who no longer work here"),
    KeptKind.REQUESTS: lazy("answered requests on personal data"),
}


def left_words(left: int) -> str:
    """Return how much is past its period beside what goes this time; nothing where none is."""
    return (
        translate(
            "{count} more is past its period and waits for the next time.",
            "{count} more are past their period and wait for the next time.",
            count=left,
        )
        if left
        else ""
    )


def cut_words(label: Message) -> str:
    """Return that not all of one kind was handed out, and what to do."""
    return translate(
        "“{label}” is longer than what is handed out here: ask the administrator for the rest.",
        label=label,
    )


def source_words(source: str) -> str:
    """Return by which text a number stands in the organization file; by none: that it must be."""
    return source or translate("the program's own number; the organization file names no text")


def outside_words(rules: PrivacyRules) -> str:
    """Return what no erasure here reaches, and how long that is kept."""
    return translate(
        "Outside this database nothing is reached: backups keep what was erased for up to "
        "{months} months ({source}), and exports and mails that have left stay where they are.",
        months=rules.backups.months,
        source=source_words(rules.backups.source),
    )
