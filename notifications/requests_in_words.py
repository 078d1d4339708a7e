"""What a data subject asks and how that stands, in words: for mails, pages and the list alike."""

from collections.abc import Mapping
from typing import Final

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
