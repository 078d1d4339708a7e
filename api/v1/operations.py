"""Every operation of the interface as one table: its name, body, answer, refusals and headers.

The framework knows addresses and query parameters; the rest it cannot know, because routes read
and answer bytes themselves. Loaded for the OpenAPI document, never with a decision. The tests hold
every real answer against this table; an operation that is not in it is a failing test.
"""

from collections.abc import Mapping

from api.v1.award_operations import AWARDS
from api.v1.operation import Operation
from api.v1.outgoing_operations import OUTGOING
from api.v1.schemas import rounds
from api.v1.schemas.answers import (
    CheckpointAnswer,
    DecidedItem,
    EntryAnswer,
    EntryDifferenceAnswer,
    GrowthAnswer,
    HistoryAnswer,
    ItemAnswer,
    ItemProofAnswer,
    LiveAnswer,
    OpeningAnswer,
    Page,
    ReadyAnswer,
    RemarkAnswer,
    TransitionAnswer,
)
from api.v1.schemas.deadlines import (
    Asking,
    DeadlineChange,
    ExtensionDecision,
    NewDeadline,
    Reminding,
    Snoozing,
)
from api.v1.schemas.findings import FindingAnswer, FindingNoting, NewFinding
from api.v1.schemas.gathering import GatheredAnswer, Gathering, SideBySideAnswer
from api.v1.schemas.inspections import InspectionAnswer, InspectionNoting, NewInspection
from api.v1.schemas.item_actions import Question, Reassigning, Recusal, Remark
from api.v1.schemas.items import ItemChange, NewItem, TransitionRequest
from api.v1.schemas.merits import MeritNoting, NewMerit
from api.v1.schemas.office_answers import (
    AbsenceAnswer,
    BackPlanAnswer,
    CampaignAnswer,
    DeadlineAnswer,
    DefinitionAnswer,
    DelegationAnswer,
    DepartmentAnswer,
    EndedTokenAnswer,
    ExtensionAnswer,
    MeAnswer,
    MeritAnswer,
    MeritWithNotes,
    NewItemExample,
    OwnSessionAnswer,
    OwnTokenAnswer,
    PastAgencyAnswer,
    PersonAnswer,
    RemindedAnswer,
    ReminderAnswer,
    SnoozedAnswer,
)
from api.v1.schemas.people import (
    DepartmentName,
    NewAbsence,
    NewDelegation,
    NewDepartment,
    NewPerson,
    PersonChange,
)
from api.v1.schemas.privacy import (
    Answering,
    ErasedAnswer,
    Erasing,
    HoldAnswer,
    Lifting,
    NewHold,
    NewRequest,
    PersonalDataAnswer,
    RemovedAnswer,
    Removing,
    RequestAnswer,
    RetentionAnswer,
)
from api.v1.schemas.proceedings import (
    NewProceeding,
    Proceeding,
    ProceedingAnswer,
    ProceedingCorrecting,
    ProceedingEnding,
)
from api.v1.schemas.proposals import Confirming, ProposalAnswer, Rejecting
from workflow.definition import Campaign

_MATCHED = (403, 404, 412, 422, 428)
_READ = (404,)
_ACTED = (403, 404, 409)
_OFFICE = (403, 404, 422)


OPERATIONS: Mapping[str, Operation] = {
    "post /api/v1/items": Operation(
        "create_item", ItemAnswer, has_etag=True, status=201, body=NewItem, refusals=(403,)
    ),
    "get /api/v1/items": Operation("list_items", Page[ItemAnswer], refusals=(422,)),
    "get /api/v1/items/{code}": Operation("get_item", ItemAnswer, has_etag=True, refusals=_READ),
    "patch /api/v1/items/{code}": Operation(
        "edit_item", ItemAnswer, has_etag=True, body=ItemChange, refusals=_MATCHED, if_match=True
    ),
    "get /api/v1/items/{code}/transitions": Operation(
        "list_transitions", Page[TransitionAnswer], refusals=_READ
    ),
    "post /api/v1/items/{code}/transitions": Operation(
        "decide_item",
        DecidedItem,
        body=TransitionRequest,
        refusals=(*_MATCHED, 409),
        if_match=False,
        has_etag=True,
    ),
    "get /api/v1/items/{code}/history": Operation(
        "item_history", Page[EntryAnswer], refusals=_READ
    ),
    "get /api/v1/items/{code}/as-of/{instant}": Operation(
        "item_as_of", DecidedItem, refusals=(404, 422)
    ),
    "post /api/v1/items/{code}/undo": Operation(
        "undo_decision", DecidedItem, refusals=(*_ACTED, 422), has_etag=True
    ),
    "post /api/v1/items/{code}/recuse": Operation(
        "recuse", ItemAnswer, has_etag=True, body=Recusal, refusals=_ACTED
    ),
    "post /api/v1/items/{code}/reassign": Operation(
        "reassign", ItemAnswer, has_etag=True, body=Reassigning, refusals=_ACTED
    ),
    "post /api/v1/items/{code}/opinions": Operation(
        "consult", RemarkAnswer, status=201, body=Question, refusals=_ACTED
    ),
    "post /api/v1/items/{code}/comments": Operation(
        "comment", RemarkAnswer, status=201, body=Remark, refusals=_ACTED
    ),
    "post /api/v1/deadlines": Operation(
        "set_deadline",
        DeadlineAnswer,
        status=201,
        body=NewDeadline,
        refusals=(403, 409),
        has_etag=True,
    ),
    "get /api/v1/deadlines": Operation("list_deadlines", Page[DeadlineAnswer]),
    "post /api/v1/deadlines/preview": Operation(
        "preview_deadline", Page[ReminderAnswer], body=NewDeadline, refusals=(403,)
    ),
    "get /api/v1/deadlines/backplan": Operation(
        "plan_backwards", BackPlanAnswer, refusals=(403, 404, 422)
    ),
    "get /api/v1/deadlines/{deadline_id}": Operation(
        "get_deadline", DeadlineAnswer, refusals=(404, 422), has_etag=True
    ),
    "patch /api/v1/deadlines/{deadline_id}": Operation(
        "change_deadline",
        DeadlineAnswer,
        body=DeadlineChange,
        refusals=(*_MATCHED, 409),
        if_match=True,
        has_etag=True,
    ),
    "post /api/v1/deadlines/{deadline_id}/remind": Operation(
        "remind_department", RemindedAnswer, status=201, body=Reminding, refusals=(*_OFFICE, 409)
    ),
    "post /api/v1/deadlines/{deadline_id}/snooze": Operation(
        "snooze_reminders", SnoozedAnswer, body=Snoozing, refusals=(*_OFFICE, 409)
    ),
    "post /api/v1/deadlines/{deadline_id}/gather": Operation(
        "gather_reports",
        GatheredAnswer,
        status=201,
        body=Gathering,
        refusals=(*_OFFICE, 409, 428),
        has_etag=True,
    ),
    "get /api/v1/items/{code}/gathered": Operation(
        "get_gathered", SideBySideAnswer, refusals=_READ
    ),
    "post /api/v1/deadlines/{deadline_id}/extensions": Operation(
        "ask_extension", ExtensionAnswer, status=201, body=Asking, refusals=(*_OFFICE, 409)
    ),
    "get /api/v1/deadlines/{deadline_id}/extensions": Operation(
        "list_extensions", Page[ExtensionAnswer], refusals=(404, 422)
    ),
    "post /api/v1/extensions/{extension}": Operation(
        "decide_extension", DeadlineAnswer, body=ExtensionDecision, refusals=(*_OFFICE, 409)
    ),
    "get /api/v1/reminders": Operation("list_reminders", Page[ReminderAnswer], refusals=(403,)),
    "get /api/v1/me": Operation("who_am_i", MeAnswer),
    "get /api/v1/me/sessions": Operation("list_own_sessions", Page[OwnSessionAnswer]),
    "post /api/v1/me/sessions/{session}/end": Operation(
        "end_own_session", OwnSessionAnswer, refusals=(404, 422)
    ),
    "get /api/v1/me/tokens": Operation("list_own_tokens", Page[OwnTokenAnswer]),
    "post /api/v1/me/tokens/{token}/end": Operation(
        "end_own_token", EndedTokenAnswer, refusals=(404, 422)
    ),
    "get /api/v1/definitions": Operation("list_definitions", Page[DefinitionAnswer]),
    "get /api/v1/definitions/{identity}": Operation(
        "get_definition", DefinitionAnswer, refusals=_READ
    ),
    "get /api/v1/definitions/{identity}/versions/{version}": Operation(
        "get_definition_version", DefinitionAnswer, refusals=(404, 422)
    ),
    "get /api/v1/definitions/{identity}/example": Operation(
        "get_example", NewItemExample, refusals=_READ
    ),
    "get /api/v1/campaigns": Operation("list_campaigns", Page[CampaignAnswer]),
    "post /api/v1/campaigns": Operation(
        "launch_campaign", CampaignAnswer, status=201, body=Campaign, refusals=(403, 409)
    ),
    "get /api/v1/campaigns/{identity}": Operation("get_campaign", CampaignAnswer, refusals=_READ),
    "get /api/v1/departments": Operation("list_departments", Page[DepartmentAnswer]),
    "post /api/v1/departments": Operation(
        "add_department", DepartmentAnswer, status=201, body=NewDepartment, refusals=(403, 409)
    ),
    "patch /api/v1/departments/{department}": Operation(
        "rename_department", DepartmentAnswer, body=DepartmentName, refusals=(403, 404, 409)
    ),
    "get /api/v1/people": Operation("list_people", Page[PersonAnswer], refusals=(403, 422)),
    "post /api/v1/people": Operation(
        "add_person",
        PersonAnswer,
        status=201,
        body=NewPerson,
        refusals=(403, 409),
        proposes=True,
    ),
    "patch /api/v1/people/{email}": Operation(
        "change_person", PersonAnswer, body=PersonChange, refusals=_ACTED, proposes=True
    ),
    "get /api/v1/proposals": Operation("list_proposals", Page[ProposalAnswer], refusals=(422,)),
    "post /api/v1/proposals/{proposal}/confirm": Operation(
        "confirm_proposal", ProposalAnswer, body=Confirming, refusals=_ACTED
    ),
    "post /api/v1/proposals/{proposal}/reject": Operation(
        "reject_proposal", ProposalAnswer, body=Rejecting, refusals=_ACTED
    ),
    "get /api/v1/me/data": Operation("get_my_data", PersonalDataAnswer),
    "get /api/v1/people/{email}/data": Operation(
        "get_personal_data", PersonalDataAnswer, refusals=(403, 404)
    ),
    "get /api/v1/privacy/requests": Operation(
        "list_requests", Page[RequestAnswer], refusals=(422,)
    ),
    "post /api/v1/privacy/requests": Operation(
        "record_request", RequestAnswer, status=201, body=NewRequest, refusals=(403, 409)
    ),
    "post /api/v1/privacy/requests/{number}": Operation(
        "answer_request", RequestAnswer, body=Answering, refusals=_ACTED
    ),
    "get /api/v1/privacy/holds": Operation("list_holds", Page[HoldAnswer], refusals=(403, 422)),
    "post /api/v1/privacy/holds": Operation(
        "place_hold", HoldAnswer, status=201, body=NewHold, refusals=_ACTED
    ),
    "post /api/v1/privacy/holds/{hold}/lift": Operation(
        "lift_hold", HoldAnswer, body=Lifting, refusals=_ACTED
    ),
    "post /api/v1/privacy/erasures": Operation(
        "erase", ErasedAnswer, body=Erasing, refusals=_ACTED, proposes=True
    ),
    "get /api/v1/privacy/retention": Operation("get_retention", RetentionAnswer, refusals=(403,)),
    "post /api/v1/privacy/retention": Operation(
        "apply_retention", RemovedAnswer, body=Removing, refusals=(403, 409), proposes=True
    ),
    "post /api/v1/delegations": Operation(
        "add_delegation",
        DelegationAnswer,
        status=201,
        body=NewDelegation,
        refusals=_ACTED,
        proposes=True,
    ),
    "post /api/v1/delegations/{delegation}/end": Operation(
        "end_delegation", DelegationAnswer, refusals=(*_OFFICE, 409)
    ),
    "get /api/v1/delegations": Operation("list_delegations", Page[DelegationAnswer]),
    "post /api/v1/absences": Operation(
        "add_absence", AbsenceAnswer, status=201, body=NewAbsence, refusals=_ACTED
    ),
    "get /api/v1/absences": Operation("list_absences", Page[AbsenceAnswer]),
    "post /api/v1/absences/{absence}/end": Operation(
        "end_absence", AbsenceAnswer, refusals=(*_OFFICE, 409)
    ),
    "post /api/v1/merits": Operation(
        "record_merit", MeritWithNotes, status=201, body=NewMerit, refusals=(403, 404, 409)
    ),
    "get /api/v1/merits": Operation("list_merits", Page[MeritAnswer]),
    "get /api/v1/merits/{merit}": Operation("get_merit", MeritWithNotes, refusals=(404, 422)),
    "post /api/v1/merits/{merit}/notes": Operation(
        "note_merit", MeritWithNotes, status=201, body=MeritNoting, refusals=(*_OFFICE, 409)
    ),
    "get /api/v1/findings": Operation("list_findings", Page[FindingAnswer], refusals=(422,)),
    "get /api/v1/findings/{finding}": Operation("get_finding", FindingAnswer, refusals=_READ),
    "post /api/v1/findings": Operation(
        "open_finding", FindingAnswer, status=201, body=NewFinding, refusals=(403, 404, 422)
    ),
    "post /api/v1/findings/{finding}/notes": Operation(
        "note_finding", FindingAnswer, status=201, body=FindingNoting, refusals=(403, 404, 422)
    ),
    "get /api/v1/inspections": Operation("list_inspections", Page[InspectionAnswer]),
    "get /api/v1/inspections/{inspection}": Operation(
        "get_inspection", InspectionAnswer, refusals=_READ
    ),
    "post /api/v1/inspections": Operation(
        "plan_inspection", InspectionAnswer, status=201, body=NewInspection, refusals=(403, 422)
    ),
    "post /api/v1/inspections/{inspection}/notes": Operation(
        "note_inspection", InspectionAnswer, status=201, body=InspectionNoting, refusals=_OFFICE
    ),
    "get /api/v1/proceedings": Operation("list_proceedings", Page[Proceeding], refusals=_OFFICE),
    "get /api/v1/proceedings/{proceeding}": Operation(
        "get_proceeding", ProceedingAnswer, refusals=_OFFICE
    ),
    "post /api/v1/proceedings": Operation(
        "open_proceeding", ProceedingAnswer, status=201, body=NewProceeding, refusals=(403, 422)
    ),
    "post /api/v1/proceedings/{proceeding}/end": Operation(
        "close_proceeding", ProceedingAnswer, body=ProceedingEnding, refusals=_OFFICE
    ),
    "post /api/v1/proceedings/{proceeding}/corrections": Operation(
        "correct_proceeding",
        ProceedingAnswer,
        body=ProceedingCorrecting,
        refusals=_ACTED,
        proposes=True,
    ),
    **OUTGOING,
    **AWARDS,
    "get /api/v1/council-rounds": Operation("list_rounds", Page[rounds.RoundRow], refusals=(422,)),
    "get /api/v1/council-rounds/{round_id}": Operation(
        "get_round", rounds.RoundAnswer, refusals=_READ
    ),
    "post /api/v1/council-rounds": Operation(
        "add_round", rounds.RoundAnswer, status=201, body=rounds.NewRound, refusals=(403, 409)
    ),
    "post /api/v1/council-rounds/{round_id}": Operation(
        "set_round", rounds.RoundAnswer, body=rounds.NewRound, refusals=_ACTED
    ),
    "post /api/v1/council-rounds/{round_id}/members": Operation(
        "change_members", rounds.RoundAnswer, body=rounds.RoundMembers, refusals=_ACTED
    ),
    "post /api/v1/council-rounds/{round_id}/vote": Operation(
        "open_vote", rounds.OpenedVoteAnswer, status=201, refusals=(*_OFFICE, 409)
    ),
    "post /api/v1/council-rounds/{round_id}/papers": Operation(
        "cast_vote", rounds.CastAnswer, status=201, body=rounds.CastPaper, refusals=_ACTED
    ),
    "post /api/v1/council-rounds/{round_id}/count": Operation(
        "count_vote", rounds.RoundAnswer, body=rounds.BoxCodes, refusals=_ACTED
    ),
    "post /api/v1/council-rounds/{round_id}/recount": Operation(
        "recount_vote", rounds.RoundAnswer, refusals=(*_OFFICE, 409)
    ),
    "post /api/v1/council-rounds/{round_id}/challenges": Operation(
        "challenge_count", rounds.RoundAnswer, status=201, body=rounds.RoundWords, refusals=_ACTED
    ),
    "post /api/v1/council-rounds/{round_id}/challenges/{challenge}/answer": Operation(
        "answer_challenge", rounds.RoundAnswer, body=rounds.ChallengeReply, refusals=_ACTED
    ),
    "post /api/v1/council-rounds/{round_id}/close": Operation(
        "close_round", rounds.RoundAnswer, refusals=(*_OFFICE, 409)
    ),
    "post /api/v1/council-rounds/{round_id}/cancel": Operation(
        "cancel_round", rounds.RoundAnswer, body=rounds.RoundWords, refusals=_ACTED
    ),
    "get /api/v1/history": Operation("list_history", HistoryAnswer, refusals=(403, 422)),
    "get /api/v1/history/as-of/{instant}": Operation(
        "agency_as_of", PastAgencyAnswer, refusals=(403, 422)
    ),
    "get /api/v1/history/difference": Operation(
        "compare_entries", Page[EntryDifferenceAnswer], refusals=(403, 404, 422)
    ),
    "get /api/v1/history/openings": Operation(
        "list_openings", Page[OpeningAnswer], refusals=(403, 422)
    ),
    "get /api/v1/history/export": Operation(
        "export_history", ("application/zip",), refusals=(403,)
    ),
    "get /api/v1/history/proof/{code}": Operation(
        "prove_item", ItemProofAnswer, refusals=(403, 404)
    ),
    "get /api/v1/checkpoints": Operation(
        "list_checkpoints", Page[CheckpointAnswer], refusals=(403, 422)
    ),
    "get /api/v1/checkpoints/proof": Operation("prove_growth", GrowthAnswer, refusals=(403, 422)),
    "get /healthz/live": Operation("is_live", LiveAnswer, is_open=True),
    "get /healthz/ready": Operation("is_ready", ReadyAnswer, is_open=True),
    "get /metrics": Operation("show_metrics", ("text/plain",)),
}
