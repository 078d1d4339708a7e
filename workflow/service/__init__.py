"""The use cases. The only write path: each command type has one function that runs it, in sets."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from workflow.service.campaigns import ReadPlan, read_plans
from workflow.service.consulting import AskOpinion, Comment, GiveOpinion, ask_opinions, comment_on_items, give_opinions
from workflow.service.context import DIRECTORY_VERSION, Context, Publish, Rulebooks, code_in, search_of, searchable
from workflow.service.deadline_terms import DeadlineTerms
from workflow.service.deadlines import Reminded, RemindNow, SetDeadline, obligations, remind_now, set_deadlines
from workflow.service.decide import Decide, Decided, decide, judge
from workflow.service.disowning import DisownLink, disown_links
from workflow.service.dispatching import CHANNELS, DispatchRequest
from workflow.service.editing import FILES_PER_ITEM, EditItem, edit_items
from workflow.service.extending import AskExtension, DecideExtension, ask_extensions, decide_extensions
from workflow.service.founding import AddDepartment, LaunchCampaign, RenameDepartment, add_departments, launch_campaigns, rename_departments
from workflow.service.holding import RefreshHolders, refresh_on_new_day
from workflow.service.items import CreateItem, Written, create_items
from workflow.service.merits import NominateMerit, NoteMerit, RecordMerit, nominate_merits, note_merits, record_merits
from workflow.service.migrating import MigrateItem, judge_migration, migrate_items
from workflow.service.people import (
    ADDRESS_LIMIT,
    ChangeAddress,
    ImportPeople,
    ImportReport,
    PersonRow,
    ResendLink,
    change_addresses,
    import_people,
    resend_links,
)
from workflow.service.publishing import PublishDefinition, publish_definitions
from workflow.service.reassigning import Reassign, reassign
from workflow.service.recusing import Recuse, recuse
from workflow.service.setup import DEPLOYMENT, Agency, Outside, SetUp, load_agency, set_up
from workflow.service.snoozing import SnoozeReminders, snooze_reminders
from workflow.service.standing_in import Delegate, EndAbsence, RecordAbsence, delegate, end_absences, record_absences
from workflow.service.timers import FireTimer, due_timers, fire_timers
from workflow.service.undoing import Undo, undo_decisions, undoable_until

_USE_CASES: Mapping[type, Callable[..., Sequence[Any]]] = {
    Decide: decide,
    RecordAbsence: record_absences,
    AskExtension: ask_extensions,
    SnoozeReminders: snooze_reminders,
    ReadPlan: read_plans,
    RecordMerit: record_merits,
    NoteMerit: note_merits,
    NominateMerit: nominate_merits,
    AskOpinion: ask_opinions,
    Comment: comment_on_items,
    GiveOpinion: give_opinions,
    DecideExtension: decide_extensions,
    EndAbsence: end_absences,
    CreateItem: create_items,
    EditItem: edit_items,
    SetDeadline: set_deadlines,
    RemindNow: remind_now,
    ImportPeople: import_people,
    ChangeAddress: change_addresses,
    Delegate: delegate,
    ResendLink: resend_links,
    RefreshHolders: refresh_on_new_day,
    SetUp: set_up,
    MigrateItem: migrate_items,
    FireTimer: fire_timers,
    Reassign: reassign,
    Recuse: recuse,
    DisownLink: disown_links,
    Undo: undo_decisions,
    AddDepartment: add_departments,
    RenameDepartment: rename_departments,
    LaunchCampaign: launch_campaigns,
    PublishDefinition: publish_definitions,
}


def runners(context: Context) -> dict[type, Callable[..., Sequence[Any]]]:
    """Return how the committer runs each command of the core."""
    return {command: partial(run, context) for command, run in _USE_CASES.items()}


__all__ = [
    "ADDRESS_LIMIT",
    "CHANNELS",
    "DEPLOYMENT",
    "DIRECTORY_VERSION",
    "FILES_PER_ITEM",
    "AddDepartment",
    "Agency",
    "AskExtension",
    "AskOpinion",
    "ChangeAddress",
    "Comment",
    "Context",
    "CreateItem",
    "DeadlineTerms",
    "Decide",
    "DecideExtension",
    "Decided",
    "Delegate",
    "DisownLink",
    "DispatchRequest",
    "EditItem",
    "EndAbsence",
    "FireTimer",
    "GiveOpinion",
    "ImportPeople",
    "ImportReport",
    "LaunchCampaign",
    "MigrateItem",
    "NominateMerit",
    "NoteMerit",
    "Outside",
    "PersonRow",
    "Publish",
    "PublishDefinition",
    "ReadPlan",
    "Reassign",
    "RecordAbsence",
    "RecordMerit",
    "Recuse",
    "RefreshHolders",
    "RemindNow",
    "Reminded",
    "RenameDepartment",
    "ResendLink",
    "Rulebooks",
    "SetDeadline",
    "SetUp",
    "SnoozeReminders",
    "Undo",
    "Written",
    "code_in",
    "due_timers",
    "judge",
    "judge_migration",
    "load_agency",
    "obligations",
    "runners",
    "search_of",
    "searchable",
    "undoable_until",
]
