"""The closed vocabulary of history entries.

Owns the names alone; what an entry of each type says stands in ``payloads``. FORMAT.md and the
verifier list the same names. One that was ever written stays.
"""

from enum import StrEnum


class EntryType(StrEnum):
    """Every type of history entry."""

    CREATED = "created"
    EDITED = "edited"
    TRANSITION = "transition"
    SIGNED_OFF = "signed_off"
    UNDONE = "undone"
    MIGRATED = "migrated"
    HOLDERS_CHANGED = "holders_changed"
    RECUSED = "recused"
    REASSIGNED = "reassigned"
    OPINION_ASKED = "opinion_asked"
    OPINION_GIVEN = "opinion_given"
    COMMENTED = "commented"
    ESCALATED = "escalated"
    DEADLINE_SET = "deadline_set"
    DEADLINE_CHANGED = "deadline_changed"
    REMINDED = "reminded"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_GRANTED = "extension_granted"
    EXTENSION_REFUSED = "extension_refused"
    REMINDERS_SNOOZED = "reminders_snoozed"
    PERSON_ADDED = "person_added"
    PERSON_CHANGED = "person_changed"
    DELEGATION_ADDED = "delegation_added"
    DELEGATION_ENDED = "delegation_ended"
    ABSENCE_ADDED = "absence_added"
    ABSENCE_ENDED = "absence_ended"
    DEPARTMENT_ADDED = "department_added"
    DEPARTMENT_RENAMED = "department_renamed"
    MERIT_RECORDED = "merit_recorded"
    MERIT_NOTED = "merit_noted"
    MERIT_NOMINATED = "merit_nominated"
    DEFINITION_PUBLISHED = "definition_published"
    CAMPAIGN_LAUNCHED = "campaign_launched"
    CAMPAIGN_READ = "campaign_read"
    CHECKPOINT_KEY_ADDED = "checkpoint_key_added"
    PROPOSAL_MADE = "proposal_made"
    PROPOSAL_CONFIRMED = "proposal_confirmed"
    PROPOSAL_REJECTED = "proposal_rejected"
    PROPOSAL_RULES_SET = "proposal_rules_set"
    GENESIS = "genesis"
