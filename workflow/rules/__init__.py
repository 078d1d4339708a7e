"""Rules: guards, field checks, the rulebook, and the planning of a decision."""

from workflow.rules.conditional_fields import (
    NOBODY,
    ExpressionScope,
    answered,
    asked_fields,
    asked_of_row,
    missing_fields,
    suits,
)
from workflow.rules.council import asks_council, council_guards
from workflow.rules.dead_ends import able, incomplete_reasons
from workflow.rules.diff import Difference, Piece, differences
from workflow.rules.expressions import fields_named
from workflow.rules.fields import (
    MOST_NOMINEES,
    cell_faults,
    checked_fields,
    checked_title,
    concerned_by,
    names_deadline,
    suggested_title,
    untitled,
)
from workflow.rules.gathering import (
    Drafted,
    GatheredSource,
    drafted_from,
    gathered_anew,
    gathered_fields,
    goes_along,
    inspected_anew,
    sources_in,
    takes,
)
from workflow.rules.guards import GUARDS, days_within_campaign, vocabulary
from workflow.rules.nominees import (
    ONE,
    CountedNominee,
    NomineeRow,
    as_one,
    counted_among,
    counted_kinds,
    fields_and_rows,
    list_of,
    nominees_of,
    repeated_nominees,
    rows_in,
)
from workflow.rules.past_awards import KnownHere, PastAwardRow, ReadAward, known_as, read_awards
from workflow.rules.planning import Plan, Request, Surroundings, plan_decision
from workflow.rules.reasons import (
    closed_reasons,
    missing_factor,
    not_offered,
    offered,
)
from workflow.rules.rulebook import Rulebook
from workflow.rules.sign_off import NOTHING, Past, settled, waiting
from workflow.rules.signed_files import SHORTFALLS, demand_problems
from workflow.rules.signing import Basis, Ground, ground_of, is_head_s_alone
from workflow.rules.situation import Situation
from workflow.rules.uploads import FILE_LIMIT, MEDIA_TYPES, bears_signature, kept_as, named_upload
from workflow.rules.visibility import readable, withheld_fields

__all__ = [
    "FILE_LIMIT",
    "GUARDS",
    "MEDIA_TYPES",
    "MOST_NOMINEES",
    "NOBODY",
    "NOTHING",
    "ONE",
    "SHORTFALLS",
    "Basis",
    "CountedNominee",
    "Difference",
    "Drafted",
    "ExpressionScope",
    "GatheredSource",
    "Ground",
    "KnownHere",
    "NomineeRow",
    "Past",
    "PastAwardRow",
    "Piece",
    "Plan",
    "ReadAward",
    "Request",
    "Rulebook",
    "Situation",
    "Surroundings",
    "able",
    "answered",
    "as_one",
    "asked_fields",
    "asked_of_row",
    "asks_council",
    "bears_signature",
    "cell_faults",
    "checked_fields",
    "checked_title",
    "closed_reasons",
    "concerned_by",
    "council_guards",
    "counted_among",
    "counted_kinds",
    "days_within_campaign",
    "demand_problems",
    "differences",
    "drafted_from",
    "fields_and_rows",
    "fields_named",
    "gathered_anew",
    "gathered_fields",
    "goes_along",
    "ground_of",
    "incomplete_reasons",
    "inspected_anew",
    "is_head_s_alone",
    "kept_as",
    "known_as",
    "list_of",
    "missing_factor",
    "missing_fields",
    "named_upload",
    "names_deadline",
    "nominees_of",
    "not_offered",
    "offered",
    "plan_decision",
    "read_awards",
    "readable",
    "repeated_nominees",
    "rows_in",
    "settled",
    "sources_in",
    "suggested_title",
    "suits",
    "takes",
    "untitled",
    "vocabulary",
    "waiting",
    "withheld_fields",
]
