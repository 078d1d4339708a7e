"""People: the directory, who holds an item, who may see what."""

from workflow.people.access import Scope, may_draft, may_edit_definitions, may_manage_people, may_read_history, may_set_deadlines, may_watch, scope_of
from workflow.people.directory import Directory, StandIn, build_directory
from workflow.people.holders import found_by, groups_of, holders_of, with_moves
from workflow.people.names import by_given_name

__all__ = [
    "Directory",
    "Scope",
    "StandIn",
    "build_directory",
    "by_given_name",
    "found_by",
    "groups_of",
    "holders_of",
    "may_draft",
    "may_edit_definitions",
    "may_manage_people",
    "may_read_history",
    "may_set_deadlines",
    "may_watch",
    "scope_of",
    "with_moves",
]
