"""What a definition may say, and how it is read and identified."""

from workflow.definition.agency import CalendarCorrections, Campaign, Organization
from workflow.definition.assurance import Guarantees, Passage, Scenario, ScenarioStep
from workflow.definition.diagrams.drawing import Visit, duration_words, time_spent, to_dot, to_mermaid, to_svg
from workflow.definition.language import (
    Actor,
    Definition,
    EditVoids,
    FieldType,
    GuardUse,
    HolderRule,
    ItemField,
    LegalBasis,
    Requirement,
    Share,
    SignOff,
    State,
    Telling,
    Timer,
    Transition,
)
from workflow.definition.loading import (
    LoadedDefinition,
    load_campaign,
    load_corrections,
    load_deadline,
    load_definition,
    load_organization,
    read_campaign,
    restore_definition,
)
from workflow.definition.parts import Label
from workflow.definition.schema import definition_schema
from workflow.definition.sources import GuardSignature, Problem, Source, Vocabulary
from workflow.definition.stages import Stage, awaited_in, stages_of

__all__ = [
    "Actor",
    "CalendarCorrections",
    "Campaign",
    "Definition",
    "EditVoids",
    "FieldType",
    "Guarantees",
    "GuardSignature",
    "GuardUse",
    "HolderRule",
    "ItemField",
    "Label",
    "LegalBasis",
    "LoadedDefinition",
    "Organization",
    "Passage",
    "Problem",
    "Requirement",
    "Scenario",
    "ScenarioStep",
    "Share",
    "SignOff",
    "Source",
    "Stage",
    "State",
    "Telling",
    "Timer",
    "Transition",
    "Visit",
    "Vocabulary",
    "awaited_in",
    "definition_schema",
    "duration_words",
    "load_campaign",
    "load_corrections",
    "load_deadline",
    "load_definition",
    "load_organization",
    "read_campaign",
    "restore_definition",
    "stages_of",
    "time_spent",
    "to_dot",
    "to_mermaid",
    "to_svg",
]
