"""History in sentences: who did what, for whom, when, by which channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from api.composition import Application
from api.web.dates import day_text, hour_and_day
from api.web.labels import METHODS, SIGNED_COPIES, VIA
from api.web.signature_words import verdict_words
from api.web.signatures import ground_words
from notifications.amendments_in_words import amended_words
from notifications.days_in_words import last_day_words
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.history import EntryType, Fact
from workflow.history.agency_payloads import ChangeUndone, DelegationAdded
from workflow.history.payloads import (
    DeliveryRecorded,
    Gathered,
    IssueAmended,
    SignedCopyAdded,
    SignedOff,
)
from workflow.messages import Message, lazy
from workflow.model import Method, Position, Via
from workflow.queries.timeline import EntryView

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
    EntryType.CREATED: lazy("drafted the item"),
    EntryType.EDITED: lazy("edited the content"),
    EntryType.MIGRATED: lazy("moved it to another version of the process"),
    EntryType.RECUSED: lazy("stood aside because of a connection"),
    EntryType.REASSIGNED: lazy("reassigned it"),
    EntryType.DUE_CHANGED: lazy("set anew until when the step is due"),
    EntryType.OPINION_ASKED: lazy("asked for an opinion"),
    EntryType.OPINION_GIVEN: lazy("gave an opinion"),
    EntryType.COMMENTED: lazy("commented"),
    EntryType.NOMINEE_DECIDED: lazy("recorded the result of a nominee who had waited"),
    EntryType.AWARD_WITHDRAWN: lazy("recorded that the award was withdrawn"),
    EntryType.GATHERED: lazy("gathered it into a consolidated report"),
    EntryType.ESCALATED: lazy("reminded because the item waited too long"),
    EntryType.SIGNED_COPY_ADDED: lazy("uploaded the signed document"),
    EntryType.ISSUE_AMENDED: lazy("recorded what became of the document that was issued"),
    EntryType.ARRIVED: lazy("recorded that the dossier arrived"),
    EntryType.LINK_REVOKED: lazy("took back the links to the dossier"),
    EntryType.HOLDERS_URGED: lazy("urged whoever holds the item, which is late"),
    EntryType.HOLDERS_CHANGED: lazy("changed who holds the item"),
    EntryType.DEADLINE_SET: lazy("set a deadline"),
    EntryType.DEADLINE_CHANGED: lazy("changed a deadline"),
    EntryType.REMINDED: lazy("reminded a department of its report"),
    EntryType.REMINDERS_SNOOZED: lazy("put off their own reminders"),
    EntryType.PERSON_ADDED: lazy("added a person"),
    EntryType.PERSON_CHANGED: lazy("changed a person's details"),
    EntryType.DELEGATION_ADDED: lazy("recorded a delegation"),
    EntryType.FACTOR_SET: lazy("set a password or a second factor"),
    EntryType.FACTOR_REMOVED: lazy("removed a second factor"),
    EntryType.FACTORS_RESEALED: lazy("sealed second factors under another key"),
    EntryType.CHANGE_UNDONE: lazy("took back a change of their account"),
    EntryType.TOKEN_MADE: lazy("made a token by which a program acts for a person"),
    EntryType.TOKEN_ENDED: lazy("ended a token"),
    EntryType.FEED_MADE: lazy("made an address for a private calendar"),
    EntryType.FEED_ENDED: lazy("revoked the address of a private calendar"),
    EntryType.EXTENSION_ASKED: lazy("asked for more time"),
    EntryType.EXTENSION_GRANTED: lazy("granted more time"),
    EntryType.EXTENSION_REFUSED: lazy("refused more time"),
    EntryType.ABSENCE_ADDED: lazy("recorded an absence"),
    EntryType.DELEGATION_ENDED: lazy("ended a delegation"),
    EntryType.ABSENCE_ENDED: lazy("ended an absence"),
    EntryType.MERIT_RECORDED: lazy("noted a good example"),
    EntryType.MERIT_NOTED: lazy("wrote a follow-up note on a good example"),
    EntryType.MERIT_NOMINATED: lazy("drafted a nomination from a good example"),
    EntryType.DEFINITION_PUBLISHED: lazy("published a process"),
    EntryType.DEPARTMENT_ADDED: lazy("added a department"),
    EntryType.DEPARTMENT_RENAMED: lazy("renamed a department"),
    EntryType.CHECKPOINT_KEY_ADDED: lazy("signs checkpoints with a new key"),
    EntryType.PROPOSAL_MADE: lazy("proposed something that gives power"),
    EntryType.PROPOSAL_CONFIRMED: lazy("confirmed a proposal"),
    EntryType.PROPOSAL_REJECTED: lazy("rejected a proposal"),
    EntryType.PROPOSAL_RULES_SET: lazy("set who proposes and who confirms"),
    EntryType.TEXT_ERASED: lazy("erased texts of the item"),
    EntryType.MERIT_ERASED: lazy("erased what a good example says"),
    EntryType.REQUEST_ERASED: lazy("erased what a request on personal data says"),
    EntryType.PERSON_ERASED: lazy("erased a person's name, address and factors"),
    EntryType.HOLD_PLACED: lazy("placed a hold: nothing of it is erased"),
    EntryType.HOLD_LIFTED: lazy("lifted a hold"),
    EntryType.REQUEST_RECEIVED: lazy("made a request on personal data"),
    EntryType.REQUEST_ANSWERED: lazy("answered a request on personal data"),
    EntryType.PRIVACY_RULES_SET: lazy("set due days and retention periods of personal data"),
    EntryType.RETENTION_APPLIED: lazy("erased what was past its retention period"),
    EntryType.AGENCY_CHANGED: lazy("changed how the agency is set up"),
    EntryType.CALENDAR_SET: lazy("set the working calendar by which due days are computed"),
    EntryType.CAMPAIGN_LAUNCHED: lazy("launched a campaign"),
    EntryType.CAMPAIGN_READ: lazy("read the campaign's plan"),
    EntryType.FINDING_OPENED: lazy("opened a finding"),
    EntryType.FINDING_NOTED: lazy("wrote a note on a finding"),
    EntryType.FINDING_CLOSED: lazy("closed a finding"),
    EntryType.INSPECTION_PLANNED: lazy("planned an inspection of a department"),
    EntryType.INSPECTION_RECORDED: lazy("wrote down what an inspection found"),
    EntryType.INSPECTION_ENDED: lazy("ended an inspection: mended, or given up"),
    EntryType.PAST_AWARD_IMPORTED: lazy("imported an award of earlier years"),
    EntryType.PAST_AWARD_WITHDRAWN: lazy("withdrew an imported award"),
    EntryType.PAST_AWARD_ERASED: lazy("erased to whom an imported award was given"),
    EntryType.PROCEEDING_OPENED: lazy("wrote down that something is pending"),
    EntryType.PROCEEDING_CLOSED: lazy("wrote down how what was pending ended"),
    EntryType.PROCEEDING_CORRECTED: lazy("corrected how what was pending ended"),
    EntryType.PROCEEDING_ERASED: lazy("erased what was written of a pending matter"),
    EntryType.DOCUMENT_REGISTERED: lazy("registered an outgoing document"),
    EntryType.ROUND_SET: lazy("set a round of the council: terms, members, nominations"),
    EntryType.BOX_KEY_TAKEN: lazy("took a key of the ballot box"),
    EntryType.VOTE_OPENED: lazy("put a round of the council to the vote"),
    EntryType.VOTE_CAST: lazy("cast a vote in the council"),
    EntryType.VOTE_COUNTED: lazy("counted the votes of the council"),
    EntryType.VOTE_RECOUNTED: lazy("counted the votes of the council again"),
    EntryType.COUNT_CHALLENGED: lazy("challenged a count of the council"),
    EntryType.CHALLENGE_ANSWERED: lazy("answered a challenge to a count"),
    EntryType.ROUND_CLOSED: lazy("closed a round of the council"),
    EntryType.ROUND_CANCELLED: lazy("gave a round of the council up"),
    EntryType.GENESIS: lazy("created the database"),
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
    "proposal": lazy("Proposal {name}"),
    "request": lazy("Request {name}"),
    "hold": lazy("Hold {name}"),
    "finding": lazy("Finding {name}"),
    "inspection": lazy("Inspection {name}"),
    "past_award": lazy("Imported award {name}"),
    "proceeding": lazy("Pending matter {name}"),
    "document": lazy("Outgoing document {name}"),
    "round": lazy("Round {name}"),
    "agency": lazy("Agency"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One entry, as a person reads it."""

    comment: str | None
    hash: str
    at: str
    subject: str
    seq: int
    code: str | None
    reference: str
    """By which the entry is named in an address."""
    day: str
    hour: str
    who: str
    what: str
    way: str
    title: str
    """What its subject is called; where nothing better is known, as ``subject`` says."""


def sentence(
    parts: Application, view: EntryView, titles: Mapping[str, str] = MappingProxyType({})
) -> Sentence:
    """Return an entry in words; no id of a definition or of an entry's type is ever shown.

    ``titles``: what subjects are called.
    """
    fact = view.fact
    actor = view.actor.name if view.actor else view.recipient or translate("The system")
    if view.on_behalf_of is not None:
        actor = translate("{actor} for {other}", actor=actor, other=view.on_behalf_of.name)
    if view.signed_on is not None:
        actor = f"{actor} ({ground_words(view.signed_on)})"
    at = hour_and_day(parts, view.entry.at)
    local = view.entry.at.astimezone(parts.context.calendar.zone)
    subject, what = view.entry.subject, deed(view)
    return Sentence(
        comment=_comment(view),
        hash=view.entry.hash.hex(),
        at=at,
        subject=_about(view),
        seq=view.entry.seq,
        code=subject.removeprefix("item:") if subject.startswith("item:") else None,
        reference=f"{subject}@{view.entry.seq}",
        day=day_text(local),
        hour=local.strftime("%H:%M:%S"),
        who=actor,
        what=what,
        way=way(fact),
        title=titles.get(subject) or _about(view),
    )


def _comment(view: EntryView) -> str | None:
    return translate("(erased)") if view.is_erased else view.comment


def cells(parts: Application, view: EntryView) -> list[str]:
    """Return an entry as the cells of a row, one for each thing that it says."""
    fact = view.fact
    return [
        view.entry.at.astimezone(parts.context.calendar.zone).strftime("%d/%m/%Y %H:%M:%S"),
        _about(view),
        str(view.entry.seq),
        deed(view),
        view.actor.name if view.actor else view.recipient or translate("The system"),
        view.on_behalf_of.name if view.on_behalf_of else "",
        translate(POSITIONS[Position(fact.position)]) if fact.position else "",
        translate(view.from_label) if view.from_label else "",
        translate(view.to_label) if view.to_label else "",
        translate(VIA[Via(fact.via)]),
        translate(METHODS[Method(fact.method)]),
        _comment(view) or "",
        fact.content_hash or "",
        view.entry.hash.hex(),
    ]


def deed(view: EntryView) -> str:
    """Return what was done, in words."""
    fact = view.fact
    what = f"“{translate(view.label)}”" if view.label is not None else _act(view)
    if fact.type is EntryType.UNDONE:
        what = translate("took back {what}", what=what)
    if isinstance(fact.payload, ChangeUndone) and fact.payload.meanwhile:
        named = (each.rpartition("/") for each in fact.payload.meanwhile)
        decided = (f"{subject_words(subject)}/{seq}" for subject, _, seq in named)
        what = translate(
            "{what}; decided meanwhile: {decided}", what=what, decided=", ".join(decided)
        )
    if isinstance(fact.payload, SignedOff):
        what = translate(
            "answered {what} ({count}/{members} of those asked)",
            "answered {what} ({count}/{members} of those asked)",
            what=what,
            count=len(fact.payload.answers),
            members=fact.payload.members,
        )
    return what


def _act(view: EntryView) -> str:
    """Return what was done by an entry that is no decision, as its payload says it."""
    payload = view.fact.payload
    if isinstance(payload, SignedCopyAdded):
        what = (
            translate("added the agency's digital signature")
            if payload.is_sealed_here
            else translate(SIGNED_COPIES[payload.form])
        )
        if payload.verdict is None:
            return what
        return translate(
            "{what} (signatures: {verdict})", what=what, verdict=verdict_words(payload.verdict)
        )
    if isinstance(payload, IssueAmended):
        return amended_words(payload)
    if isinstance(payload, DeliveryRecorded):
        return translate(
            "recorded that {number} arrived on {day}: {reference}",
            number=payload.of,
            day=day_text(payload.delivered_on),
            reference=payload.reference,
        )
    if isinstance(payload, Gathered) and payload.into is None:
        return translate("took it out of the consolidated report")
    if isinstance(payload, DelegationAdded) and view.taker is not None:
        return translate(
            "recorded a delegation to {taker} ({form} from {first} to {last})",
            taker=view.taker.name,
            form=payload.form,
            first=day_text(payload.starts_on),
            last=last_day_words(date.fromisoformat(payload.ends_on)),
        )
    return translate(_TYPES.get(view.fact.type, _SOMETHING))


def way(fact: Fact) -> str:
    """Return by which channel something was done, and how its doer was known."""
    return f"{translate(_VIA[fact.via])}{translate(_METHOD.get(fact.method, ''))}"


def _about(view: EntryView) -> str:
    """Return what an entry is about; a person by name, and by the number that an export has."""
    subject = view.entry.subject
    if view.about is None:
        return subject_words(subject)
    number = subject.partition(":")[2]
    return translate("{name} (person {number})", name=view.about.name, number=number)


def subject_words(subject: str) -> str:
    """Return what an entry is about: its kind, and its number where it has one."""
    kind, _, name = subject.partition(":")
    return translate(Message(_SUBJECTS.get(kind, _SOMETHING).template, (("name", name),)))
