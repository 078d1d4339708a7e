"""What the verbs of ``privacy`` take. It must never do anything itself."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from notifications.translation import translate
from workflow.model import RequestKind, RequestState


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyArguments:
    """How numbers, addresses and files on the command line are read."""

    number: Callable[[str], int]
    address: Callable[[str], str]
    file: Callable[[str], Path]


def add_privacy_verbs(
    add: Callable[[str, str, str], argparse.ArgumentParser], kinds: PrivacyArguments
) -> None:
    """Add each verb by ``add``, which takes its name, the function that runs it and its help."""
    named = translate("item:CODE, merit:NUMBER, request:NUMBER or person:ADDRESS")
    held = add("held", "privacy:show_held", translate("what is held on a person (JSON)"))
    held.add_argument("email", type=kinds.address)
    held.add_argument("file", type=kinds.file, nargs="?")
    erase = add("erase", "privacy:erase", translate("erases for good, at once"))
    for name, kind in (("--entry", kinds.number), ("--field", str), ("--file", str)):
        erase.add_argument(name, type=kind, action="append", default=[])
    erase.add_argument("--request", type=kinds.number)
    hold = add("hold", "privacy:hold", translate("keeps what must not be erased"))
    lift = add("lift", "privacy:lift", translate("ends a hold"))
    requests = add("requests", "privacy:list_requests", translate("the register"))
    requests.add_argument("--json", action="store_true")
    record = add("record", "privacy:record", translate("writes down a request"))
    record.add_argument("kind", choices=[each.value for each in RequestKind])
    for name in ("--name", "--contact", "--words"):
        record.add_argument(name, required=True)
    answer = add("answer", "privacy:answer", translate("answers a request"))
    retention = add("retention", "privacy:retention", translate("what is past its period"))
    retention.add_argument("--apply", action="store_true")
    for verb in (erase, hold):
        verb.add_argument("of", help=named)
    for verb in (lift, answer):
        verb.add_argument("number", type=kinds.number)
    for verb in (erase, hold, lift, retention):
        verb.add_argument("--why", default="", help=translate("the reason, which is recorded"))
    answer.add_argument("state", choices=[each.value for each in RequestState][1:])
    answer.add_argument("--words", default="")
    answer.add_argument("--put-off", action="store_true")
