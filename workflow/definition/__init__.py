"""What a definition may say, and how it is read and identified."""

from workflow.definition.assurance import Guarantees, Passage, Scenario, ScenarioStep
from workflow.definition.drawing import Visit, duration_words, time_spent, to_dot, to_mermaid, to_svg
from workflow.definition.language import (
    Actor,
    CalendarCorrections,
    Campaign,
    Definition,
    FieldType,
    GuardUse,
    HolderRule,
    ItemField,
    Organization,
    Requirement,
    State,
    Transition,
)
from workflow.definition.loading import (
    GuardSignature,
    LoadedDefinition,
    Problem,
    Source,
    Vocabulary,
    load_campaign,
    load_corrections,
    load_definition,
    load_organization,
    restore_definition,
)
from workflow.definition.parts import Label
from workflow.definition.schema import definition_schema

__all__ = [
    "Actor",
    "CalendarCorrections",
    "Campaign",
    "Definition",
    "FieldType",
    "Guarantees",
    "GuardSignature",
    "GuardUse",
    "HolderRule",
    "ItemField",
    "Label",
    "LoadedDefinition",
    "Organization",
    "Passage",
    "Problem",
    "Requirement",
    "Scenario",
    "ScenarioStep",
    "Source",
    "State",
    "Transition",
    "Visit",
    "Vocabulary",
    "definition_schema",
    "duration_words",
    "load_campaign",
    "load_corrections",
    "load_definition",
    "load_organization",
    "restore_definition",
    "time_spent",
    "to_dot",
    "to_mermaid",
    "to_svg",
]
