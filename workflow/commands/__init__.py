"""The use cases. The only write path: each command type has one function that runs it, in sets."""

from collections.abc import Callable

from sqlalchemy import Connection

from workflow.commands import keep_calendar, seal_log
from workflow.commands.absences import EndAbsence, RecordAbsence, end_absence, record_absence
from workflow.commands.amend_sending import (
    AmendSending,
    RecordDelivery,
    RevokeRecipientLink,
    amend_sending,
    record_delivery,
    revoke_recipient_link,
)
from workflow.commands.answer_dossier import AnswerDossier, answer_dossier, recall_answered
from workflow.commands.apply_retention import ApplyRetention, apply_retention, recall_removed
from workflow.commands.cast_vote import CastVote, VoteRecorded, cast_vote
from workflow.commands.change_calendar import ChangeCalendar, change_calendar, recall_day
from workflow.commands.close_round import (
    AnswerChallenge,
    CancelRound,
    ChallengeCount,
    CloseRound,
    answer_challenge,
    cancel_round,
    challenge_count,
    close_round,
)
from workflow.commands.confirm_proposal import (
    ConfirmProposal,
    RejectProposal,
    confirm_proposal,
    reject_proposal,
)
from workflow.commands.correct_proceeding import CorrectProceeding, correct_proceeding
from workflow.commands.count_vote import CountVote, RecountVote, count_vote, recount_vote
from workflow.commands.create_item import CreateItem, create_item, recall_written
from workflow.commands.deadlines import (
    RemindGroup,
    RemindNow,
    SetDeadline,
    recall_group,
    recall_reminded,
    remind_group,
    remind_now,
    set_deadline,
)
from workflow.commands.decide import Decide, decide, recall_decided
from workflow.commands.decide_nominee import DecideNominee, decide_nominee
from workflow.commands.decision_inputs import asked_ahead
from workflow.commands.delegations import Delegate, EndDelegation, delegate, end_delegation
from workflow.commands.edit_item import EditItem, edit_item
from workflow.commands.erase_person import ErasePerson, erase_person
from workflow.commands.erase_text import EraseNote, EraseText, erase_note, erase_text
from workflow.commands.execute import UseCases, as_set, one_by_one
from workflow.commands.extensions import (
    AskExtension,
    DecideExtension,
    ask_extension,
    decide_extension,
)
from workflow.commands.findings import NoteFinding, OpenFinding, note_finding, open_finding
from workflow.commands.gather_reports import GatherReports, gather_reports
from workflow.commands.holds import LiftHold, PlaceHold, lift_hold, place_hold
from workflow.commands.inspections import (
    EndInspection,
    PlanInspection,
    RecordInspection,
    end_inspection,
    plan_inspection,
    record_inspection,
)
from workflow.commands.merits import (
    NominateMerit,
    NoteMerit,
    RecordMerit,
    nominate_merit,
    note_merit,
    record_merit,
)
from workflow.commands.migrate_items import (
    MigrateItem,
    MigrateItems,
    migrate_item,
    migrate_items,
    recall_moved,
)
from workflow.commands.open_vote import OpenedVote, OpenVote, open_vote
from workflow.commands.opinions import (
    AskOpinion,
    Comment,
    GiveOpinion,
    ask_opinion,
    comment_on_item,
    give_opinion,
)
from workflow.commands.organization import (
    AddDepartment,
    LaunchCampaign,
    RenameDepartment,
    add_department,
    launch_campaign,
    rename_department,
)
from workflow.commands.past_awards import (
    ImportAwards,
    NameAwardee,
    WithdrawPastAward,
    import_awards,
    name_awardee,
    recall_awards,
    withdraw_past_award,
)
from workflow.commands.people import (
    AddPerson,
    ChangeAddress,
    ChangePerson,
    ImportPeople,
    ResendLink,
    add_person,
    change_address,
    change_person,
    import_people,
    person_recorded,
    recall_import,
    resend_link,
)
from workflow.commands.prepare_round import (
    ChangeMembers,
    PrepareRound,
    change_members,
    prepare_round,
)
from workflow.commands.privacy_requests import (
    AnswerRequest,
    RecordRequest,
    answer_request,
    record_request,
)
from workflow.commands.proceedings import (
    CloseProceeding,
    OpenProceeding,
    close_proceeding,
    open_proceeding,
)
from workflow.commands.proposals import proposable
from workflow.commands.publish_definition import PublishDefinition, publish_definition
from workflow.commands.read_plan import ReadPlan, read_plan
from workflow.commands.reassign import Reassign, reassign
from workflow.commands.recuse import Recuse, recuse
from workflow.commands.refresh_holders import RefreshHolders, refresh_on_new_day
from workflow.commands.register_document import (
    RegisterDocument,
    recall_registered,
    register_document,
)
from workflow.commands.report_misdirected_link import DisownLink, disown_link
from workflow.commands.send_dossier import SendDossier, recall_sent, send_dossier
from workflow.commands.setup import SetUp, set_up
from workflow.commands.signed_copy import AddSignedCopy, add_signed_copy
from workflow.commands.snooze import SnoozeReminders, recall_snoozed, snooze_reminders
from workflow.commands.timers import FireTimer, fire_timer
from workflow.commands.undo import Undo, undo_decision
from workflow.commands.urge_items import UrgeItems, recall_urged, urge_items
from workflow.commands.withdraw_award import WithdrawAward, withdraw_award
from workflow.history.payloads import IssueAmended, narrow
from workflow.rules.outcomes import Decided
from workflow.store.history import StoredEntry


def _entry_number(_connection: Connection, _command: object, made: StoredEntry) -> int:
    return made.seq


def _number_of_subject(_connection: Connection, _command: object, made: StoredEntry) -> int:
    return int(made.subject.partition(":")[2])


def _number_in_entry(name: str) -> Callable[[Connection, object, StoredEntry], int]:
    def recall(_connection: Connection, _command: object, made: StoredEntry) -> int:
        return int(getattr(made.fact.payload, name))

    return recall


USE_CASES: UseCases = {
    Decide: as_set(Decide, decide, recall_decided, asked_ahead),
    Undo: one_by_one(
        Undo,
        undo_decision,
        lambda _, command, made: Decided(code=command.code, seq=made.seq, hash=made.hash.hex()),
    ),
    CreateItem: one_by_one(CreateItem, create_item, recall_written),
    EditItem: one_by_one(EditItem, edit_item, recall_written),
    GatherReports: one_by_one(GatherReports, gather_reports, recall_written),
    MigrateItem: one_by_one(MigrateItem, migrate_item, _entry_number),
    MigrateItems: proposable(MigrateItems, migrate_items, recall_moved),
    ConfirmProposal: one_by_one(ConfirmProposal, confirm_proposal, _number_of_subject),
    RejectProposal: one_by_one(RejectProposal, reject_proposal, _number_of_subject),
    Reassign: one_by_one(Reassign, reassign, _entry_number),
    Recuse: one_by_one(Recuse, recuse, _entry_number),
    AskOpinion: one_by_one(AskOpinion, ask_opinion, _entry_number),
    GiveOpinion: one_by_one(GiveOpinion, give_opinion, _entry_number),
    Comment: one_by_one(Comment, comment_on_item, _entry_number),
    AmendSending: one_by_one(
        AmendSending,
        amend_sending,
        lambda _, __, made: narrow(made.fact.payload, IssueAmended).registered,
    ),
    RecordDelivery: one_by_one(RecordDelivery, record_delivery, _entry_number),
    RevokeRecipientLink: one_by_one(RevokeRecipientLink, revoke_recipient_link, _entry_number),
    AnswerDossier: one_by_one(AnswerDossier, answer_dossier, recall_answered),
    AddSignedCopy: one_by_one(AddSignedCopy, add_signed_copy, _entry_number),
    WithdrawAward: one_by_one(WithdrawAward, withdraw_award, _entry_number),
    DecideNominee: one_by_one(DecideNominee, decide_nominee, _entry_number),
    FireTimer: one_by_one(FireTimer, fire_timer, lambda *_: True),
    RefreshHolders: one_by_one(RefreshHolders, refresh_on_new_day),
    ResendLink: one_by_one(ResendLink, resend_link),
    DisownLink: one_by_one(DisownLink, disown_link),
    SetDeadline: one_by_one(SetDeadline, set_deadline, _number_of_subject),
    RemindNow: one_by_one(RemindNow, remind_now, recall_reminded),
    RemindGroup: one_by_one(RemindGroup, remind_group, recall_group),
    UrgeItems: one_by_one(UrgeItems, urge_items, recall_urged),
    SnoozeReminders: one_by_one(SnoozeReminders, snooze_reminders, recall_snoozed),
    AskExtension: one_by_one(AskExtension, ask_extension, _number_in_entry("extension")),
    DecideExtension: one_by_one(DecideExtension, decide_extension, _number_in_entry("deadline")),
    ReadPlan: one_by_one(ReadPlan, read_plan, lambda *_: True),
    RecordMerit: one_by_one(RecordMerit, record_merit, _number_of_subject),
    NoteMerit: one_by_one(NoteMerit, note_merit, _number_of_subject),
    NominateMerit: one_by_one(NominateMerit, nominate_merit, _number_of_subject),
    Delegate: proposable(Delegate, delegate, _number_in_entry("delegation")),
    EndDelegation: one_by_one(EndDelegation, end_delegation, _number_in_entry("delegation")),
    RecordAbsence: one_by_one(RecordAbsence, record_absence, _number_in_entry("absence")),
    EndAbsence: one_by_one(EndAbsence, end_absence, _number_in_entry("absence")),
    ImportPeople: proposable(ImportPeople, import_people, recall_import),
    AddPerson: proposable(AddPerson, add_person, person_recorded),
    ChangePerson: proposable(ChangePerson, change_person, person_recorded),
    ChangeAddress: proposable(ChangeAddress, change_address, person_recorded),
    EraseText: proposable(EraseText, erase_text, _entry_number),
    EraseNote: proposable(EraseNote, erase_note, _number_of_subject),
    ErasePerson: proposable(ErasePerson, erase_person, person_recorded),
    ApplyRetention: proposable(ApplyRetention, apply_retention, recall_removed),
    PlaceHold: one_by_one(PlaceHold, place_hold, _number_of_subject),
    LiftHold: one_by_one(LiftHold, lift_hold, _number_of_subject),
    RecordRequest: one_by_one(RecordRequest, record_request, _number_of_subject),
    AnswerRequest: one_by_one(AnswerRequest, answer_request, _number_of_subject),
    AddDepartment: one_by_one(AddDepartment, add_department, lambda _, command, __: command.id),
    RenameDepartment: one_by_one(
        RenameDepartment, rename_department, lambda _, command, __: command.id
    ),
    LaunchCampaign: one_by_one(
        LaunchCampaign, launch_campaign, lambda _, command, __: command.campaign.id
    ),
    PublishDefinition: proposable(
        PublishDefinition,
        publish_definition,
        lambda _, command, __: command.loaded.definition.version,
    ),
    SetUp: one_by_one(SetUp, set_up),
    **keep_calendar.USE_CASES,
    ChangeCalendar: one_by_one(ChangeCalendar, change_calendar, recall_day),
    OpenFinding: one_by_one(OpenFinding, open_finding, _number_of_subject),
    NoteFinding: one_by_one(NoteFinding, note_finding, _number_of_subject),
    PlanInspection: one_by_one(PlanInspection, plan_inspection, _number_of_subject),
    RecordInspection: one_by_one(RecordInspection, record_inspection, _number_of_subject),
    EndInspection: one_by_one(EndInspection, end_inspection, _number_of_subject),
    OpenProceeding: one_by_one(OpenProceeding, open_proceeding, _number_of_subject),
    CloseProceeding: one_by_one(CloseProceeding, close_proceeding, _number_of_subject),
    SendDossier: one_by_one(SendDossier, send_dossier, recall_sent),
    CorrectProceeding: proposable(CorrectProceeding, correct_proceeding, _number_of_subject),
    ImportAwards: proposable(ImportAwards, import_awards, recall_awards),
    NameAwardee: proposable(NameAwardee, name_awardee, _number_of_subject),
    WithdrawPastAward: proposable(WithdrawPastAward, withdraw_past_award, _number_of_subject),
    RegisterDocument: one_by_one(RegisterDocument, register_document, recall_registered),
    PrepareRound: one_by_one(PrepareRound, prepare_round, _number_of_subject),
    ChangeMembers: one_by_one(ChangeMembers, change_members, _number_of_subject),
    OpenVote: one_by_one(
        OpenVote, open_vote, lambda _, command, __: OpenedVote(round=command.round)
    ),
    CastVote: one_by_one(
        CastVote, cast_vote, lambda _, command, __: VoteRecorded(round=command.round)
    ),
    CountVote: one_by_one(CountVote, count_vote, _number_of_subject),
    RecountVote: one_by_one(RecountVote, recount_vote, _number_of_subject),
    ChallengeCount: one_by_one(ChallengeCount, challenge_count, _number_in_entry("challenge")),
    AnswerChallenge: one_by_one(AnswerChallenge, answer_challenge, _number_of_subject),
    CloseRound: one_by_one(CloseRound, close_round, _number_of_subject),
    CancelRound: one_by_one(CancelRound, cancel_round, _number_of_subject),
    **seal_log.USE_CASES,
}
"""Each command of the core, its handler, and how its outcome is read again from its entry."""
