"""A round of the council without a person: each member votes by the link in a mail that arrived.

On existing data it goes on where the round is. The vote is open: the keys of a secret ballot are
shown once, and a job that was interrupted could not count it.
"""

import re
import time
from collections.abc import Callable, Mapping
from typing import Final

from api.cli.demo.interface import WAIT_SECONDS, FailedError, Interface, fetch
from notifications.translation import translate

_OFFICER, _CHAIR, _SECRETARY = (f"{each}@so.example" for each in ("officer", "director", "chief"))
_MEMBERS: Final = ("head.htqt@so.example", "head.ls@so.example", "head.bg@so.example")
_BALLOT: Final = re.compile(r"https?://\S+(/a/b1\.\S+)")


def pass_council(
    interface: Interface, campaign: str, code: str, tell: Callable[[str], None]
) -> None:
    """Have the council pass a nomination. Raises FailedError."""
    terms = {
        "campaign": campaign,
        "title": code,
        "held_on": "2022-05-06",
        "voting": "open",
        "members": [
            {"email": _CHAIR, "role": "chair"},
            {"email": _SECRETARY, "role": "secretary"},
            *({"email": each} for each in _MEMBERS),
        ],
        "cases": [{"code": code}],
    }
    key = {"Idempotency-Key": f"headless-round-{code}"}
    path = f"/council-rounds/{interface.call(_OFFICER, 'POST /council-rounds', terms, key)['id']}"
    found = interface.call(_OFFICER, f"GET {path}")
    if found["state"] == "prepared":
        found = interface.call(_CHAIR, f"POST {path}/vote")
    if found["state"] == "voting":
        for each in found["members"]:
            if not each["has_voted"]:
                _vote_by_link(interface, found, each["email"], code)
        found = interface.call(_OFFICER, f"POST {path}/count", {"codes": []})
    if found["state"] == "counted":
        found = interface.call(_SECRETARY, f"POST {path}/close")
    (case,) = found["cases"]
    if not case["passed"]:
        raise FailedError(translate("{code}: the council did not pass it", code=code))
    tell(
        translate(
            "{code}: passed by {agree} of {base} of the council, each by their own link",
            code=code,
            agree=case["agree"],
            base=case["base"],
        )
    )


def _vote_by_link(interface: Interface, found: Mapping[str, object], email: str, code: str) -> None:
    ends_at = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < ends_at:
        for mail in reversed(interface.demo.mailbox.mails()):
            link = _BALLOT.search(mail.text)
            is_of_it = str(found["id"]) in re.findall(r"\d+", mail.subject)
            if mail.recipient == email and link and is_of_it:
                form = {"run": str(found["run"]), f"choice-{code}": "agree"}
                fetch(f"{interface.base_url}{link[1]}", form)
                return
        time.sleep(0.05)
    raise FailedError(translate("{name}: no mail with a link to vote arrived", name=email))
