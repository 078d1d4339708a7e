"""Every kind of mail, as one table: what causes it, its key, what it is written from, by whom.

A new kind of mail is a row here, a ``Kind``, its parameters, and a writer under ``letters``; the
occasion is an event of the core, or one of ``occasions``. Elsewhere a kind is named only by the two
statements that look for one in the outbox: waiting tasks, and digests planned ahead of time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, Generic, TypeVar

from sqlalchemy import Connection

from notifications import mail_parameters as params
from notifications.batch import Batch
from notifications.coalescing import coalesce
from notifications.letters import (
    accounts,
    calendar_moves,
    checkpoints,
    deadlines,
    digest,
    dossiers,
    findings,
    inspections,
    item_news,
    items,
    people,
    privacy,
    proposals,
    rounds,
    urging,
    weekly,
)
from notifications.mail_context import Desk, LetterText, ListGroup
from notifications.messages import AnyMessage, Carried, Kind, OutboxMessage, P_co
from notifications.occasions import (
    AmendmentNoted,
    AnchorDue,
    DigestDue,
    DispatchNoted,
    FactorLocked,
    PasskeyAdded,
    RemindersDue,
    ResetAsked,
    WeekBegan,
)
from notifications.quoting import unlinked
from notifications.relevance import (
    Overtaken,
    always,
    digest_overtaken,
    proposal_overtaken,
    reminders_overtaken,
    request_overtaken,
    round_overtaken,
    task_overtaken,
)
from notifications.translation import translate
from workflow import events, voting
from workflow.messages import Message as Text
from workflow.messages import lazy
from workflow.office_events import DepartmentReminded, ItemsUrged, VisitSet
from workflow.recipient_events import RecipientAnswered, RecipientInvited

O_co = TypeVar("O_co", covariant=True)
_MAIL = lazy("Mail")


def at_once(_connection: Connection, _occasion: object, now: datetime) -> datetime | None:
    """Let a mail leave when it is written."""
    return now


def as_due(_connection: Connection, due: RemindersDue, _now: datetime) -> datetime | None:
    """Let a mail leave when its occasion says: what is not urgent in working hours."""
    return due.leaves_at


def at_its_hour(_connection: Connection, due: DigestDue, _now: datetime) -> datetime | None:
    """Let a digest leave at the hour that its reader chose."""
    return due.at


def _digest(desk: Desk, message: OutboxMessage[params.DigestParameters]) -> LetterText:
    """Write what a digest gathers, each as its own mail would say it."""
    return digest.digest(
        desk, message, [MAILS[each.kind].write(desk, each) for each in message.parts]
    )


@dataclass(frozen=True, slots=True)
class Mail(Generic[O_co, P_co]):
    """One kind of mail.

    ``key`` is filled from the occasion: under one key a mail goes once, however often it is caused.
    The type parameters keep the columns of a row together; a message goes only to its own row.
    """

    kind: Kind
    occasion: type[O_co]
    key: str
    parameters: type[P_co]
    write: Callable[[Desk, OutboxMessage[P_co]], LetterText]
    """What it says, in the language spoken then."""
    overtaken: Callable[[Batch, OutboxMessage[P_co]], Overtaken | None] = always
    """Why it need not go any more, or None."""
    carries: Carried = Carried.NOTHING
    schedule: Callable[[Connection, O_co, datetime], datetime | None] = at_once
    """When it may leave; None where a mail that has not left yet says it too."""
    is_gathered: bool = False
    """Whether a digest may bring it, to whoever chose that: it can wait for some hours."""
    label: Text = _MAIL
    """What the Office reads of one that could not be delivered."""

    def key_of(self, occasion: object) -> str:
        """Return what makes the mail of an occasion unique."""
        return self.key.format_map(params.FieldsOf(occasion))


# fmt: off
_ROWS = (
    # About an item
    Mail(Kind.TASK, events.TaskAssigned,
         "task:{code}:{step}:{content_hash:.16}:{person}:{occurrence}",
         params.TaskParameters, items.task, task_overtaken, Carried.LINK, coalesce, True,
         label=lazy("Mail about a task")),
    Mail(Kind.INFORMED, events.AuthorInformed, "informed:{code}:{version}:{person}",
         params.InformedParameters, items.informed, is_gathered=True),
    Mail(Kind.CONFIRMED, events.DecisionConfirmed, "confirmed:{code}:{version}:{person}",
         params.ConfirmedParameters, items.confirmed),
    Mail(Kind.RELEASED, events.HolderReleased, "released:{code}:{occurrence}:{person}",
         params.ReleasedParameters, item_news.released, is_gathered=True),
    Mail(Kind.ESCALATED, events.Escalated, "escalated:{code}:{occurrence}:{person}",
         params.EscalatedParameters, item_news.escalated, is_gathered=True),
    Mail(Kind.STUCK, events.ItemStuck, "stuck:{code}:{occurrence}:{person}",
         params.StuckParameters, item_news.stuck),
    Mail(Kind.TOLD, events.TransitionTold, "told:{code}:{version}:{place}:{person}",
         params.ToldParameters, item_news.told, is_gathered=True),
    Mail(Kind.DISOWNED, events.LinkDisowned, "disowned:{code}:{step}:{owner}:{person}",
         params.OwnerParameters, item_news.disowned),
    Mail(Kind.OPINION, events.SaidOfItem, "opinion:{code}:{occurrence}:{person}",
         params.OpinionParameters, item_news.opinion, is_gathered=True),
    Mail(Kind.NOTICE, DispatchNoted, "notice:{code}:{version}:{outside}",
         params.NoticeParameters, dossiers.notice, label=lazy("Notice of dispatch")),
    Mail(Kind.PACKAGE, RecipientInvited, "package:{link}",
         params.PackageParameters, dossiers.package, label=lazy("Links to a dossier")),
    Mail(Kind.ANSWERED, RecipientAnswered, "answered:{code}:{version}:{person}",
         params.AnsweredParameters, dossiers.answered, label=lazy("Answer to a dossier")),
    Mail(Kind.AMENDED, AmendmentNoted, "amended:{code}:{seq}:{outside}",
         params.AmendedParameters, dossiers.amended, label=lazy("Notice of an amendment")),
    Mail(Kind.DIGEST, DigestDue, "digest:{person}:{at}",
         params.DigestParameters, _digest, digest_overtaken, Carried.GATHERED, at_its_hour,
         label=lazy("Mails gathered")),
    # About deadlines
    Mail(Kind.REMINDER, RemindersDue, "reminder:{day}:{person}:{deadline}:{rung}:{due_on}",
         params.Parameters, deadlines.reminder, reminders_overtaken, schedule=as_due,
         label=lazy("Reminder of a deadline")),
    Mail(Kind.REMIND_NOW, DepartmentReminded,
         "remind-now:{deadline}:{department}:{occurrence}:{person}",
         params.RemindNowParameters, deadlines.remind_now, label=lazy("Reminder by the Office")),
    Mail(Kind.URGED, ItemsUrged, "urged:{person}:{occurrence}",
         params.UrgedParameters, urging.urged, label=lazy("Urging by the Office")),
    Mail(Kind.INSPECTION, VisitSet, "inspection:{inspection}:{what}:{person}",
         params.VisitParameters, inspections.visit, label=lazy("Mail about an inspection")),
    Mail(Kind.EXTENSION, events.ExtensionMoved, "extension:{extension}:{state}:{person}",
         params.ExtensionParameters, deadlines.extension),
    Mail(Kind.CALENDAR, events.CalendarMoved, "calendar:{day}:{occurrence}:{person}",
         params.CalendarParameters, calendar_moves.calendar_moved,
         label=lazy("Change of due days")),
    Mail(Kind.WEEKLY, WeekBegan, "weekly:{week}:{person}", params.WeeklyParameters, weekly.weekly),
    # About people and accounts
    Mail(Kind.DELEGATION, events.DelegationStarted, "delegation:{delegation}:{person}",
         params.DelegationParameters, people.delegation),
    Mail(Kind.DELEGATION_ENDED, events.DelegationCutShort, "delegation-ended:{delegation}:{person}",
         params.DelegationEndedParameters, people.delegation_ended),
    Mail(Kind.ABSENCE, events.AbsenceRecorded, "absence:{absence}:{what}:{person}",
         params.AbsenceParameters, people.absence),
    Mail(Kind.INVITATION, events.PersonInvited, "invitation:{person}:{at}",
         params.Parameters, accounts.invitation, carries=Carried.SETUP_CODE,
         label=lazy("Mail to set a password")),
    Mail(Kind.RESET, ResetAsked, "reset:{person}:{at}",
         params.Parameters, accounts.reset, carries=Carried.SETUP_CODE),
    Mail(Kind.ACCOUNT, events.AccountChanged, "account:{what}:{owner}:{person}:{at}:{place}",
         params.AccountParameters, accounts.changed,
         label=lazy("Mail about a change of an account")),
    Mail(Kind.UNDONE, events.AccountChangeUndone, "undone:{owner}:{seq}:{person}",
         params.UndoneParameters, accounts.undone),
    Mail(Kind.PROPOSAL, events.ProposalMade, "proposal:{proposal}:{person}{occurrence}",
         params.ProposalParameters, proposals.proposal, proposal_overtaken,
         label=lazy("Mail about a proposal")),
    Mail(Kind.PRIVACY, events.RequestMoved, "privacy:{request}:{moment}:{person}",
         params.RequestParameters, privacy.request, request_overtaken,
         label=lazy("Mail about a request on personal data")),
    Mail(Kind.AUDITOR, events.AuditorTold, "auditor:{subject}:{seq}:{person}",
         params.EntryParameters, privacy.for_auditor,
         label=lazy("Mail about an erasure or a hold")),
    Mail(Kind.FINDING, events.FindingMoved, "finding:{finding}:{occurrence}:{person}",
         params.FindingParameters, findings.finding, label=lazy("Mail about a finding")),
    Mail(Kind.ROUND, voting.RoundMoved, "round:{round}:{what}:{occurrence}:{person}",
         params.RoundParameters, rounds.council_round, round_overtaken,
         label=lazy("Mail about a round of the council")),
    Mail(Kind.LOCKED, FactorLocked, "locked:{owner}:{at}:{person}",
         params.OwnerParameters, accounts.locked),
    Mail(Kind.PASSKEY, PasskeyAdded, "passkey:{credential_id:.40}:{person}",
         params.PasskeyParameters, accounts.passkey),
    # About the history
    Mail(Kind.ANCHOR, AnchorDue, "anchor:{size}:{reader:.160}",
         params.AnchorParameters, checkpoints.anchor,
         label=lazy("Checkpoint of the history")),
)
# fmt: on

MAILS: Final[Mapping[Kind, Mail[object, params.Parameters]]] = MappingProxyType(
    {each.kind: each for each in _ROWS}
)
CAUSED_BY: Final[Mapping[type[object], Mail[object, params.Parameters]]] = MappingProxyType(
    {each.occasion: each for each in _ROWS}
)


def write_letter(desk: Desk, message: AnyMessage) -> LetterText:
    """Return what ``message`` says, with no link but its own, and at its foot where replies go."""
    letter = MAILS[message.kind].write(desk, message)
    foot = (
        translate("A reply to this mail goes to the Office.")
        if desk.reply_to
        else translate(
            "This mail was sent automatically and nobody reads replies to it; to ask "
            "something, please contact the Office."
        )
    )
    # Names, reasons and what else people typed come in at many places; the product's own addresses
    # stand in fields of their own, or say that they are.
    return replace(
        letter,
        subject=unlinked(letter.subject),
        heading=unlinked(letter.heading),
        context=unlinked(letter.context),
        agency=unlinked(desk.agency.name),
        paragraphs=tuple(unlinked(each) for each in letter.paragraphs if each.strip()),
        facts=tuple(
            replace(each, value=unlinked(each.value)) for each in letter.facts if each.value
        ),
        groups=tuple(map(_unlinked, letter.groups)),
        small_print=(*map(unlinked, letter.small_print), foot),
    )


def _unlinked(group: ListGroup) -> ListGroup:
    rows = tuple(
        replace(each, text=unlinked(each.text), note=unlinked(each.note)) for each in group.rows
    )
    return replace(group, heading=unlinked(group.heading), note=unlinked(group.note), rows=rows)
