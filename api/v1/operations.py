"""Every operation of the interface as one table: its name, body, answer, refusals and headers.

The framework knows addresses and query parameters; the rest it cannot know, because routes read
and answer bytes themselves. Loaded for the OpenAPI document, never with a decision. The tests hold
every real answer against this table; an operation that is not in it is a failing test.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from api.v1.schemas import (
    answers,
    deadlines,
    item_actions,
    items,
    merits,
    office_answers,
    people,
)
from workflow.definition import Campaign
from workflow.rules import MEDIA_TYPES

_EVERYWHERE = (400, 429, 431, 503)
"""What any request may meet: a wrong host, too many at once, headers too large, a busy server."""
_WITH_BODY = (413, 422)
_MATCHED = (403, 404, 412, 422, 428)
_READ = (404,)
_ACTED = (403, 404, 409)
_OFFICE = (403, 404, 422)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation: its stable name, its answer, its body, its own refusals and its headers.

    ``answer``: a model, or the media types of what is no JSON. ``if_match``: whether the header is
    required; None: not read.
    """

    id: str
    answer: type[BaseModel] | tuple[str, ...]
    status: int = 200
    body: type[BaseModel] | None = None
    refusals: tuple[int, ...] = ()
    if_match: bool | None = None
    has_etag: bool = False
    is_open: bool = False

    def statuses(self, method: str) -> tuple[int, ...]:
        """Return every status that may be answered, without the one of success."""
        known = () if self.is_open else (401,)
        of_body = _WITH_BODY if self.body is not None else (413,) if method != "get" else ()
        return tuple(sorted({*self.refusals, *known, *of_body, *_EVERYWHERE}))


def _item(
    name: str,
    *,
    status: int = 200,
    body: type[BaseModel] | None = None,
    refusals: tuple[int, ...],
    if_match: bool | None = None,
) -> Operation:
    return Operation(
        id=name,
        answer=answers.ItemAnswer,
        status=status,
        body=body,
        refusals=refusals,
        if_match=if_match,
        has_etag=True,
    )


OPERATIONS: Mapping[str, Operation] = {
    "post /api/v1/items": _item("create_item", status=201, body=items.NewItem, refusals=(403,)),
    "get /api/v1/items": Operation(
        id="list_items", answer=answers.Page[answers.ItemAnswer], refusals=(422,)
    ),
    "get /api/v1/items/{code}": _item("get_item", refusals=_READ),
    "patch /api/v1/items/{code}": _item(
        "edit_item", body=items.ItemChange, refusals=_MATCHED, if_match=True
    ),
    "get /api/v1/items/{code}/transitions": Operation(
        id="list_transitions", answer=answers.Page[answers.TransitionAnswer], refusals=_READ
    ),
    "post /api/v1/items/{code}/transitions": Operation(
        id="decide_item",
        answer=answers.DecidedItem,
        body=items.TransitionRequest,
        refusals=(*_MATCHED, 409),
        if_match=False,
        has_etag=True,
    ),
    "get /api/v1/items/{code}/history": Operation(
        id="item_history", answer=answers.Page[answers.EntryAnswer], refusals=_READ
    ),
    "get /api/v1/items/{code}/as-of/{instant}": Operation(
        id="item_as_of", answer=answers.DecidedItem, refusals=(404, 422)
    ),
    "get /api/v1/items/{code}/attachments": Operation(
        id="list_files", answer=answers.Page[answers.FileAnswer], refusals=_READ
    ),
    "post /api/v1/items/{code}/attachments": _item(
        "attach_file", status=201, body=answers.AttachFile, refusals=_MATCHED, if_match=True
    ),
    "get /api/v1/items/{code}/attachments/{sha256}": Operation(
        id="get_file", answer=tuple(sorted({*MEDIA_TYPES.values()})), refusals=_READ
    ),
    "post /api/v1/items/{code}/undo": Operation(
        id="undo_decision", answer=answers.DecidedItem, refusals=(*_ACTED, 422), has_etag=True
    ),
    "post /api/v1/items/{code}/recuse": _item("recuse", body=item_actions.Recusal, refusals=_ACTED),
    "post /api/v1/items/{code}/reassign": _item(
        "reassign", body=item_actions.Reassigning, refusals=_ACTED
    ),
    "post /api/v1/items/{code}/opinions": Operation(
        id="consult",
        answer=answers.RemarkAnswer,
        status=201,
        body=item_actions.Question,
        refusals=_ACTED,
    ),
    "post /api/v1/items/{code}/comments": Operation(
        id="comment",
        answer=answers.RemarkAnswer,
        status=201,
        body=item_actions.Remark,
        refusals=_ACTED,
    ),
    "post /api/v1/deadlines": Operation(
        id="set_deadline",
        answer=office_answers.DeadlineAnswer,
        status=201,
        body=deadlines.NewDeadline,
        refusals=(403, 409),
        has_etag=True,
    ),
    "get /api/v1/deadlines": Operation(
        id="list_deadlines", answer=answers.Page[office_answers.DeadlineAnswer]
    ),
    "post /api/v1/deadlines/preview": Operation(
        id="preview_deadline",
        answer=answers.Page[office_answers.ReminderAnswer],
        body=deadlines.NewDeadline,
        refusals=(403,),
    ),
    "get /api/v1/deadlines/backplan": Operation(
        id="plan_backwards", answer=office_answers.BackPlanAnswer, refusals=(403, 404, 422)
    ),
    "get /api/v1/deadlines/{deadline_id}": Operation(
        id="get_deadline", answer=office_answers.DeadlineAnswer, refusals=(404, 422), has_etag=True
    ),
    "patch /api/v1/deadlines/{deadline_id}": Operation(
        id="change_deadline",
        answer=office_answers.DeadlineAnswer,
        body=deadlines.DeadlineChange,
        refusals=(*_MATCHED, 409),
        if_match=True,
        has_etag=True,
    ),
    "post /api/v1/deadlines/{deadline_id}/remind": Operation(
        id="remind_department",
        answer=office_answers.RemindedAnswer,
        status=201,
        body=deadlines.Reminding,
        refusals=(*_OFFICE, 409),
    ),
    "post /api/v1/deadlines/{deadline_id}/snooze": Operation(
        id="snooze_reminders",
        answer=office_answers.SnoozedAnswer,
        body=deadlines.Snoozing,
        refusals=(*_OFFICE, 409),
    ),
    "post /api/v1/deadlines/{deadline_id}/extensions": Operation(
        id="ask_extension",
        answer=office_answers.ExtensionAnswer,
        status=201,
        body=deadlines.Asking,
        refusals=(*_OFFICE, 409),
    ),
    "get /api/v1/deadlines/{deadline_id}/extensions": Operation(
        id="list_extensions",
        answer=answers.Page[office_answers.ExtensionAnswer],
        refusals=(404, 422),
    ),
    "post /api/v1/extensions/{extension}": Operation(
        id="decide_extension",
        answer=office_answers.DeadlineAnswer,
        body=deadlines.ExtensionDecision,
        refusals=(*_OFFICE, 409),
    ),
    "get /api/v1/reminders": Operation(
        id="list_reminders", answer=answers.Page[office_answers.ReminderAnswer], refusals=(403,)
    ),
    "get /api/v1/me": Operation(id="who_am_i", answer=office_answers.MeAnswer),
    "get /api/v1/definitions": Operation(
        id="list_definitions", answer=answers.Page[office_answers.DefinitionAnswer]
    ),
    "get /api/v1/definitions/{identity}": Operation(
        id="get_definition", answer=office_answers.DefinitionAnswer, refusals=_READ
    ),
    "get /api/v1/definitions/{identity}/versions/{version}": Operation(
        id="get_definition_version", answer=office_answers.DefinitionAnswer, refusals=(404, 422)
    ),
    "get /api/v1/definitions/{identity}/example": Operation(
        id="get_example", answer=office_answers.NewItemExample, refusals=_READ
    ),
    "get /api/v1/campaigns": Operation(
        id="list_campaigns", answer=answers.Page[office_answers.CampaignAnswer]
    ),
    "post /api/v1/campaigns": Operation(
        id="launch_campaign",
        answer=office_answers.CampaignAnswer,
        status=201,
        body=Campaign,
        refusals=(403, 409),
    ),
    "get /api/v1/campaigns/{identity}": Operation(
        id="get_campaign", answer=office_answers.CampaignAnswer, refusals=_READ
    ),
    "get /api/v1/departments": Operation(
        id="list_departments", answer=answers.Page[office_answers.DepartmentAnswer]
    ),
    "post /api/v1/departments": Operation(
        id="add_department",
        answer=office_answers.DepartmentAnswer,
        status=201,
        body=people.NewDepartment,
        refusals=(403, 409),
    ),
    "patch /api/v1/departments/{department}": Operation(
        id="rename_department",
        answer=office_answers.DepartmentAnswer,
        body=people.DepartmentName,
        refusals=(403, 404, 409),
    ),
    "get /api/v1/people": Operation(
        id="list_people", answer=answers.Page[office_answers.PersonAnswer], refusals=(403,)
    ),
    "post /api/v1/people": Operation(
        id="add_person",
        answer=office_answers.PersonAnswer,
        status=201,
        body=people.NewPerson,
        refusals=(403, 409),
    ),
    "patch /api/v1/people/{email}": Operation(
        id="change_person",
        answer=office_answers.PersonAnswer,
        body=people.PersonChange,
        refusals=_ACTED,
    ),
    "post /api/v1/delegations": Operation(
        id="add_delegation",
        answer=office_answers.DelegationAnswer,
        status=201,
        body=people.NewDelegation,
        refusals=_ACTED,
    ),
    "get /api/v1/delegations": Operation(
        id="list_delegations", answer=answers.Page[office_answers.DelegationAnswer]
    ),
    "post /api/v1/absences": Operation(
        id="add_absence",
        answer=office_answers.AbsenceAnswer,
        status=201,
        body=people.NewAbsence,
        refusals=_ACTED,
    ),
    "get /api/v1/absences": Operation(
        id="list_absences", answer=answers.Page[office_answers.AbsenceAnswer]
    ),
    "post /api/v1/absences/{absence}/end": Operation(
        id="end_absence", answer=office_answers.AbsenceAnswer, refusals=(*_OFFICE, 409)
    ),
    "post /api/v1/merits": Operation(
        id="record_merit",
        answer=office_answers.MeritWithNotes,
        status=201,
        body=merits.NewMerit,
        refusals=(403, 404, 409),
    ),
    "get /api/v1/merits": Operation(
        id="list_merits", answer=answers.Page[office_answers.MeritAnswer]
    ),
    "get /api/v1/merits/{merit}": Operation(
        id="get_merit", answer=office_answers.MeritWithNotes, refusals=(404, 422)
    ),
    "post /api/v1/merits/{merit}/notes": Operation(
        id="note_merit",
        answer=office_answers.MeritWithNotes,
        status=201,
        body=merits.MeritNoting,
        refusals=(*_OFFICE, 409),
    ),
    "get /api/v1/history": Operation(
        id="list_history", answer=answers.Page[answers.EntryAnswer], refusals=(403, 422)
    ),
    "get /api/v1/history/export": Operation(
        id="export_history", answer=("application/zip",), refusals=(403,)
    ),
    "get /healthz/live": Operation(id="is_live", answer=answers.LiveAnswer, is_open=True),
    "get /healthz/ready": Operation(id="is_ready", answer=answers.ReadyAnswer, is_open=True),
    "get /metrics": Operation(id="show_metrics", answer=("text/plain",)),
}
