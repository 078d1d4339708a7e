"""History in sentences: who did what, for whom, when, by which channel."""

from dataclasses import dataclass
from typing import Any

from api.composition import Application
from api.web.rendering import hour_and_day
from notifications.translation import translate
from workflow.messages import Message, lazy
from workflow.queries.items import EntryView

_VIA = {
    "page": lazy("on the web page"),
    "api": lazy("through the programming interface"),
    "link": lazy("by the link in a mail"),
    "clock": lazy("automatically on schedule"),
    "bulk": lazy("in bulk"),
    "import": lazy("on importing a list"),
    "cli": lazy("from the command line"),
}
_METHOD = {
    "pin": lazy(", confirmed with a PIN"),
    "totp": lazy(", confirmed with an authenticator code"),
    "passkey": lazy(", confirmed with a passkey"),
}
_TYPES = {
    "created": lazy("drafted the item"),
    "edited": lazy("edited the content"),
    "migrated": lazy("moved it to another version of the process"),
    "recused": lazy("stood aside because of a connection"),
    "reassigned": lazy("reassigned it"),
    "opinion_asked": lazy("asked for an opinion"),
    "opinion_given": lazy("gave an opinion"),
    "commented": lazy("commented"),
    "escalated": lazy("reminded because the item waited too long"),
    "holders_changed": lazy("changed who holds the item"),
    "deadline_set": lazy("set a deadline"),
    "deadline_changed": lazy("changed a deadline"),
    "reminded": lazy("reminded a department of its report"),
    "reminders_snoozed": lazy("put off their own reminders"),
    "person_added": lazy("added a person"),
    "person_changed": lazy("changed a person's details"),
    "delegation_added": lazy("recorded a delegation"),
    "extension_asked": lazy("asked for more time"),
    "extension_granted": lazy("granted more time"),
    "extension_refused": lazy("refused more time"),
    "absence_added": lazy("recorded an absence"),
    "absence_ended": lazy("ended an absence"),
    "merit_recorded": lazy("noted a good example"),
    "merit_noted": lazy("wrote a follow-up note on a good example"),
    "merit_nominated": lazy("drafted a nomination from a good example"),
    "definition_published": lazy("published a process"),
    "department_added": lazy("added a department"),
    "department_renamed": lazy("renamed a department"),
    "campaign_launched": lazy("launched a campaign"),
    "campaign_read": lazy("read the campaign's plan"),
    "genesis": lazy("created the database"),
}
_SOMETHING = lazy("recorded something")
_SUBJECTS = {
    "item": lazy("{name}"),
    "deadline": lazy("Deadline {name}"),
    "person": lazy("Person {name}"),
    "definition": lazy("Processes"),
    "campaign": lazy("Campaigns"),
    "department": lazy("Department"),
    "merit": lazy("Merit {name}"),
    "delegation": lazy("Delegation {name}"),
    "absence": lazy("Absence {name}"),
    "agency": lazy("Agency"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One entry, as a person reads it."""

    text: str
    comment: str | None
    hash: str
    at: str
    subject: str
    seq: int
    code: str | None


def sentence(parts: Application, view: EntryView) -> Sentence:
    """Return an entry in words; no id of a definition or of an entry's kind is ever shown to whoever reads it."""
    facts = view.facts
    actor = view.actor.name if view.actor else translate("The system")
    if view.on_behalf_of is not None:
        actor = translate("{actor} for {other}", actor=actor, other=view.on_behalf_of.name)
    what = (
        f"“{translate(view.label)}”"
        if view.label is not None
        else translate(_TYPES.get(str(facts["type"]), _SOMETHING))
    )
    if facts["type"] == "undone":
        what = translate("took back {what}", what=what)
    if facts["type"] == "signed_off":
        data: Any = facts["data"]
        what = translate(
            "answered {what} ({count}/{members} of those asked)",
            "answered {what} ({count}/{members} of those asked)",
            what=what,
            count=len(data["answers"]),
            members=data["members"],
        )
    at = hour_and_day(parts, view.entry.at)
    subject = view.entry.subject
    return Sentence(
        text=translate(
            "{actor}: {what} at {at}, {via}{method}.",
            actor=actor,
            what=what,
            at=at,
            via=_VIA[str(facts["via"])],
            method=_METHOD.get(str(facts["method"]), ""),
        ),
        comment=view.comment,
        hash=view.entry.hash.hex(),
        at=at,
        subject=_subject_words(subject),
        seq=view.entry.seq,
        code=subject.removeprefix("item:") if subject.startswith("item:") else None,
    )


def _subject_words(subject: str) -> str:
    """Return what an entry is about as people call it: its kind, and its number where it has one."""
    kind, _, name = subject.partition(":")
    return translate(Message(_SUBJECTS.get(kind, _SOMETHING).template, (("name", name),)))
