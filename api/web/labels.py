"""What codes are called on pages: one table for each vocabulary that more than one page shows."""

from collections.abc import Mapping
from typing import Final

from workflow.history.payloads import SignatureForm
from workflow.messages import Message, lazy
from workflow.model import DispatchChannel, Method, Via

CHANNELS: Final[Mapping[DispatchChannel, Message]] = {
    DispatchChannel.MAIL: lazy("E-mail"),
    DispatchChannel.POST: lazy("Post"),
    DispatchChannel.HAND: lazy("By hand"),
    DispatchChannel.AXIS: lazy("Document exchange axis"),
}
"""The channels by which a document leaves."""

SIGNATURES: Final[Mapping[SignatureForm, Message]] = {
    SignatureForm.PAPER: lazy("signed on paper, the scan is kept"),
    SignatureForm.DIGITAL: lazy("signed digitally, the signed file is kept"),
}
"""On what a signature rests, beside the approval."""
SIGNED_COPIES: Final[Mapping[SignatureForm, Message]] = {
    SignatureForm.PAPER: lazy("uploaded the scan of the document signed on paper"),
    SignatureForm.DIGITAL: lazy("uploaded the digitally signed document"),
}

VIA: Final[Mapping[Via, Message]] = {
    Via.PAGE: lazy("Web page"),
    Via.API: lazy("Programming interface"),
    Via.LINK: lazy("Link in a mail"),
    Via.CLOCK: lazy("Automatically on schedule"),
    Via.BULK: lazy("In bulk"),
    Via.IMPORT: lazy("Import of a list"),
    Via.CLI: lazy("Command line"),
}
"""The channels by which something was done."""
METHODS: Final[Mapping[Method, Message]] = {
    Method.SESSION: lazy("Signed in"),
    Method.TOKEN: lazy("Token of a program"),
    Method.LINK: lazy("Link alone"),
    Method.PIN: lazy("PIN"),
    Method.TOTP: lazy("Authenticator code"),
    Method.PASSKEY: lazy("Passkey"),
    Method.NONE: lazy("Nobody was asked"),
}
"""How whoever did it was known, or proved it."""
_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def device_of(agent: str) -> str:
    """Return which browser on what somebody will know it by; else how the program names itself.

    In the order of the tables: what calls itself like others comes before those.
    """
    found = [
        next((name for sign, name in table.items() if sign in agent), "")
        for table in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or agent.partition(" ")[0][:60]
