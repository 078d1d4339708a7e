"""What a definition may say, and how it is read and identified."""

from workflow.definition.language import (
    Actor,
    CalendarCorrections,
    Campaign,
    Definition,
    FieldType,
    GuardUse,
    HolderRule,
    ItemField,
    Label,
    Organization,
    State,
    Transition,
)
from workflow.definition.loading import (
    LoadedDefinition,
    Problem,
    load_campaign,
    load_corrections,
    load_definition,
    load_organization,
    restore_definition,
)

__all__ = [
    "Actor",
    "CalendarCorrections",
    "Campaign",
    "Definition",
    "FieldType",
    "GuardUse",
    "HolderRule",
    "ItemField",
    "Label",
    "LoadedDefinition",
    "Organization",
    "Problem",
    "State",
    "Transition",
    "load_campaign",
    "load_corrections",
    "load_definition",
    "load_organization",
    "restore_definition",
]
