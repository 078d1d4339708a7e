"""The use cases. The only write path: each command type has one function that runs it, in sets."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from workflow.commands.campaigns import ReadPlan, read_plans
from workflow.commands.create_item import CreateItem, Written, create_items
from workflow.commands.deadlines import Reminded, RemindNow, SetDeadline, remind_now, set_deadlines
from workflow.commands.decide import Decide, decide, judge
from workflow.commands.delegations import (
    Delegate,
    EndAbsence,
    RecordAbsence,
    delegate,
    end_absences,
    record_absences,
)
from workflow.commands.dispatch import CHANNELS, DispatchRequest
from workflow.commands.edit_item import FILES_PER_ITEM, EditItem, edit_items
from workflow.commands.extensions import (
    AskExtension,
    DecideExtension,
    ask_extensions,
    decide_extensions,
)
from workflow.commands.merits import (
    NominateMerit,
    NoteMerit,
    RecordMerit,
    nominate_merits,
    note_merits,
    record_merits,
)
from workflow.commands.migrate_items import MigrateItem, judge_migration, migrate_items
from workflow.commands.opinions import (
    AskOpinion,
    Comment,
    GiveOpinion,
    ask_opinions,
    comment_on_items,
    give_opinions,
)
from workflow.commands.organization import (
    AddDepartment,
    LaunchCampaign,
    RenameDepartment,
    add_departments,
    launch_campaigns,
    rename_departments,
)
from workflow.commands.people import (
    ChangeAddress,
    ImportPeople,
    ImportReport,
    ResendLink,
    change_addresses,
    import_people,
    resend_links,
)
from workflow.commands.publish_definition import PublishDefinition, publish_definitions
from workflow.commands.reassign import Reassign, reassign
from workflow.commands.recuse import Recuse, recuse
from workflow.commands.refresh_holders import RefreshHolders, refresh_on_new_day
from workflow.commands.report_misdirected_link import DisownLink, disown_links
from workflow.commands.setup import DEPLOYMENT, Agency, Outside, SetUp, load_agency, set_up
from workflow.commands.snooze import SnoozeReminders, snooze_reminders
from workflow.commands.timers import FireTimer, due_timers, fire_timers
from workflow.commands.undo import Undo, undo_decisions, undoable_until
from workflow.context import (
    DIRECTORY_VERSION,
    Context,
    Publish,
    Rulebooks,
    code_in,
    search_of,
    searchable,
)
from workflow.lookups.deadline_terms import DeadlineTerms
from workflow.lookups.obligations import obligations
from workflow.people.staff_rows import ADDRESS_LIMIT, PersonRow
from workflow.rules.outcomes import Decided

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
