"""People: the directory, who holds an item, who may see what."""

from workflow.people.directory import OPEN_END, Directory, build_directory, with_addresses
from workflow.people.names import by_given_name
from workflow.people.permissions import (
    Scope,
    has_wide_power,
    may_draft,
    may_edit_definitions,
    may_manage_people,
    may_place_holds,
    may_read_evaluation,
    may_read_history,
    may_read_proceedings,
    may_see_deadline,
    may_set_deadlines,
    may_watch,
    require_definition_editor,
    require_office,
    require_people_manager,
    scope_of,
    signs_in_with_factor,
)

__all__ = [
    "OPEN_END",
    "Directory",
    "Scope",
    "build_directory",
    "by_given_name",
    "has_wide_power",
    "may_draft",
    "may_edit_definitions",
    "may_manage_people",
    "may_place_holds",
    "may_read_evaluation",
    "may_read_history",
    "may_read_proceedings",
    "may_see_deadline",
    "may_set_deadlines",
    "may_watch",
    "require_definition_editor",
    "require_office",
    "require_people_manager",
    "scope_of",
    "signs_in_with_factor",
    "with_addresses",
]
