"""What an entry may have changed of what is kept about its subject.

Owns the refusal to make good what was written past the program: an entry commits to every row of
its subject, so before it does, all that it is not about must be what the last one committed to.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection

from workflow.errors import AlteredError
from workflow.history import EntryType, Fact, data_of
from workflow.history.verify_history import IncompleteError, TamperedError
from workflow.lookups.kept_rows import Row, RowDifference, changes, committed_rows, differences
from workflow.model import Json
from workflow.store import history, subject_rows
from workflow.store.changing_columns import CHANGING
from workflow.store.subject_rows import ROW, ROWS_CHANGED, STEPWISE, Kept

_ANY = 1_000_000
"""As many rows as there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class May:
    """What an entry may change of the rows of a table.

    ``row``: the member of ``data`` that names the row; ``key``: the row itself; any one where
    neither is given. ``columns``: those of a row there is. ``adds``, ``takes``: how many rows.
    """

    table: str
    row: str = ""
    key: str = ""
    columns: tuple[str, ...] = ()
    adds: int = 0
    takes: int = 0


def _setting(name: str) -> May:
    return May(table="settings", key=name, columns=CHANGING["settings"], adds=1)


def _changing(table: str, row: str = "") -> May:
    """Return that every column of a row that ever changes may."""
    return May(table=table, row=row, columns=CHANGING[table])


_DECIDED = _changing("extensions", row="extension")
_NOTED = May(table="merit_notes", adds=1)
_INSPECTED = May(table="inspection_notes", adds=1)
_FOUND = May(table="finding_notes", adds=1)
_COUNT = ("agree", "disagree", "blank", "base", "passed", "left_out")
MAY_CHANGE: Mapping[EntryType, tuple[May, ...]] = {
    EntryType.PERSON_ADDED: (May(table="people", adds=1),),
    EntryType.PERSON_CHANGED: (_changing("people"),),
    EntryType.DELEGATION_ADDED: (May(table="delegations", row="delegation", adds=1),),
    EntryType.DELEGATION_ENDED: (_changing("delegations", row="delegation"),),
    EntryType.ABSENCE_ADDED: (May(table="absences", row="absence", adds=1),),
    EntryType.ABSENCE_ENDED: (_changing("absences", row="absence"),),
    # Of which factor, the entry says: ``_rules``.
    EntryType.FACTOR_SET: (May(table="passkeys", adds=1),),
    EntryType.FACTOR_REMOVED: (May(table="passkeys", takes=1),),
    EntryType.FACTORS_RESEALED: (May(table="credentials", columns=("pin_hash", "totp_secret")),),
    EntryType.CHANGE_UNDONE: (),
    EntryType.TOKEN_MADE: (),
    EntryType.TOKEN_ENDED: (),
    EntryType.FEED_MADE: (),
    EntryType.FEED_ENDED: (),
    EntryType.DEADLINE_SET: (
        May(table="deadlines", adds=1),
        May(table="deadline_departments", adds=_ANY),
    ),
    EntryType.DEADLINE_CHANGED: (
        _changing("deadlines"),
        May(table="deadline_departments", adds=_ANY, takes=_ANY),
    ),
    EntryType.REMINDED: (),
    EntryType.REMINDERS_SNOOZED: (),
    EntryType.EXTENSION_ASKED: (May(table="extensions", row="extension", adds=1),),
    EntryType.EXTENSION_GRANTED: (_DECIDED,),
    EntryType.EXTENSION_REFUSED: (_DECIDED,),
    EntryType.DEPARTMENT_ADDED: (May(table="departments", adds=1),),
    EntryType.DEPARTMENT_RENAMED: (May(table="departments", columns=("name",)),),
    EntryType.MERIT_RECORDED: (May(table="merits", adds=1),),
    EntryType.MERIT_NOTED: (May(table="merits", columns=("standing",)), _NOTED),
    EntryType.MERIT_NOMINATED: (May(table="merits", columns=("standing", "code")), _NOTED),
    EntryType.CAMPAIGN_LAUNCHED: (May(table="campaigns", adds=1),),
    EntryType.CAMPAIGN_READ: (May(table="campaign_reads", adds=1),),
    EntryType.DEFINITION_PUBLISHED: (May(table="definitions", adds=1),),
    EntryType.MERIT_ERASED: (
        May(table="merits", columns=("whose", "what", "story")),
        _changing("merit_notes"),
    ),
    EntryType.PERSON_ERASED: (
        _changing("people"),
        May(table="credentials", takes=1),
        May(table="passkeys", takes=_ANY),
    ),
    EntryType.FINDING_OPENED: (May(table="findings", adds=1), _FOUND),
    EntryType.FINDING_NOTED: (_FOUND,),
    EntryType.FINDING_CLOSED: (_changing("findings"), _FOUND),
    EntryType.INSPECTION_PLANNED: (May(table="inspections", adds=1),),
    EntryType.INSPECTION_RECORDED: (_INSPECTED,),
    EntryType.INSPECTION_ENDED: (_INSPECTED,),
    EntryType.PROCEEDING_OPENED: (May(table="proceedings", adds=1),),
    EntryType.PROCEEDING_CLOSED: (
        May(
            table="proceedings",
            columns=(
                *("outcome", "ended_on", "end_document", "end_document_on", "served_on"),
                *("end_words", "closed_by", "closed_at"),
            ),
        ),
    ),
    EntryType.PROCEEDING_CORRECTED: (May(table="proceeding_corrections", adds=1),),
    EntryType.PROCEEDING_ERASED: (
        May(table="proceedings", columns=("document", "words", "end_document", "end_words")),
        _changing("proceeding_corrections"),
    ),
    EntryType.PAST_AWARD_IMPORTED: (May(table="past_awards", adds=1),),
    EntryType.PAST_AWARD_WITHDRAWN: (
        May(table="past_awards", columns=("withdrawn_by", "withdrawn_at", "withdrawn_why")),
    ),
    EntryType.PAST_AWARD_ERASED: (
        May(table="past_awards", columns=("known_as", "nominee", "reason", "withdrawn_why")),
    ),
    EntryType.DOCUMENT_REGISTERED: (May(table="documents", adds=1),),
    EntryType.REQUEST_RECEIVED: (May(table="privacy_requests", adds=1),),
    EntryType.REQUEST_ANSWERED: (
        May(
            table="privacy_requests",
            columns=("state", "answer", "answered_by", "answered_at", "due_on"),
        ),
    ),
    EntryType.REQUEST_ERASED: (
        May(table="privacy_requests", columns=("name", "contact", "words", "answer")),
    ),
    EntryType.HOLD_PLACED: (May(table="legal_holds", adds=1),),
    EntryType.HOLD_LIFTED: (_changing("legal_holds"),),
    EntryType.ROUND_SET: (
        May(table="rounds", columns=CHANGING["rounds"], adds=1),
        May(table="round_seats", columns=("role", "attendance"), adds=_ANY, takes=_ANY),
        May(table="round_cases", columns=CHANGING["round_cases"], adds=_ANY, takes=_ANY),
    ),
    EntryType.BOX_KEY_TAKEN: (May(table="rounds", columns=("box", "second_box")),),
    EntryType.VOTE_OPENED: (_changing("rounds"), _changing("round_cases")),
    EntryType.VOTE_CAST: (
        May(table="round_seats", columns=("voted_run",)),
        May(table="round_cases", columns=("concerned", "left_out")),
        May(table="round_votes", adds=_ANY),
    ),
    EntryType.VOTE_COUNTED: (
        _changing("rounds"),
        May(table="round_cases", columns=_COUNT),
        May(table="round_ballots", adds=_ANY),
        May(table="round_receipts", adds=_ANY),
    ),
    EntryType.VOTE_RECOUNTED: (),
    EntryType.COUNT_CHALLENGED: (May(table="round_challenges", row="challenge", adds=1),),
    EntryType.CHALLENGE_ANSWERED: (
        _changing("round_challenges", row="challenge"),
        May(table="rounds", columns=("state", "counted_by", "counted_at")),
        May(table="round_cases", columns=_COUNT),
    ),
    EntryType.ROUND_CLOSED: (May(table="rounds", columns=("state", "ended_by", "ended_at")),),
    EntryType.ROUND_CANCELLED: (
        May(table="rounds", columns=("state", "box", "second_box", "ended_by", "ended_at")),
    ),
    EntryType.PRIVACY_RULES_SET: (_setting("privacy_rules"),),
    EntryType.RETENTION_APPLIED: (),
    EntryType.AGENCY_CHANGED: (_setting("agency"),),
    EntryType.CALENDAR_SET: (_setting("calendar"),),
    EntryType.PROPOSAL_RULES_SET: (_setting("proposal_rules"),),
    EntryType.CHECKPOINT_KEY_ADDED: (),
    EntryType.GENESIS: (May(table="settings", key="deployment", adds=1),),
}
_COLUMNS = {"password": "password_hash", "pin": "pin_hash", "totp": "totp_secret"}


def rows_to_commit(connection: Connection, fact: Fact) -> dict[str, str]:
    """Return what is kept about the subject of ``fact``, or has changed of it, as a text by name.

    Empty where nothing is kept. Raises AlteredError where more has changed since its last entry
    than ``fact`` tells of.
    """
    kept = subject_rows.kept_about(connection, fact.subject)
    before = _committed(connection, fact.subject) if fact.type in MAY_CHANGE else None
    found = [] if before is None else list(differences(before, kept))
    if found:
        _require_told(fact, found)
    if not kept:
        return {}
    if before is None or fact.subject.partition(":")[0] not in STEPWISE:
        return {ROW: _text(kept)}
    return {ROWS_CHANGED: _text(changes(found))}


def _text(rows: Mapping[str, object]) -> str:
    return orjson.dumps(rows, option=orjson.OPT_SORT_KEYS).decode()


def require_recorded(connection: Connection, subject: str) -> None:
    """Raise AlteredError unless what is kept of a subject is what its last entry committed to.

    For a change of many columns, whose entry would make good what was written past the program.
    """
    before = _committed(connection, subject)
    if before is None:
        return
    for difference in differences(before, subject_rows.kept_about(connection, subject)):
        raise _altered(subject, difference)


def _committed(connection: Connection, subject: str) -> Kept | None:
    """Return what the last entry committed to; None where it is older than such commitments."""
    entry = history.last_entry(connection, subject)
    if entry is None:
        return {}
    try:
        return committed_rows(connection, entry)
    except (TamperedError, IncompleteError) as exc:
        raise AlteredError(f"{subject} {entry.seq}") from exc


def _require_told(fact: Fact, found: list[RowDifference]) -> None:
    said = data_of(fact.payload)
    rules = _rules(fact.type, said)
    moved = Counter((each.table, each.before is None) for each in found if _is_whole(each))
    for each in found:
        if not any(_is_told(rule, said, each, moved) for rule in rules):
            raise _altered(fact.subject, each)


def _rules(of_type: EntryType, said: Mapping[str, Json]) -> tuple[May, ...]:
    """Return what an entry may change; of a factor in a column, that column alone."""
    column = _COLUMNS.get(str(said.get("factor")))
    return (May(table="credentials", columns=(column,)),) if column else MAY_CHANGE[of_type]


def _is_told(
    rule: May,
    said: Mapping[str, Json],
    change: RowDifference,
    moved: Mapping[tuple[str, bool], int],
) -> bool:
    """Return whether a change is what ``rule`` lets an entry with ``said`` tell of.

    ``moved``: how many rows came (True) and went, by table.
    """
    named = str(said[rule.row]) if rule.row else rule.key
    if rule.table != change.table or (named and named != change.key):
        return False
    if rule.columns and set(change.columns) <= set(rule.columns):
        return _is_whole(change) or _follows(change.table, change.before or {}, change.after or {})
    most = rule.adds if change.before is None else rule.takes
    return _is_whole(change) and moved[change.table, change.before is None] <= most


def _is_whole(change: RowDifference) -> bool:
    return change.before is None or change.after is None


def _follows(table: str, before: Row, after: Row) -> bool:
    """Return whether columns that a command makes out of what was there were made of that."""
    match table:
        case "deadlines":
            has_moved = any(before[each] != after[each] for each in ("due_at", "ladder"))
            is_planned = has_moved or before["planned_from"] == after["planned_from"]
            return is_planned and after["version"] == int(str(before["version"])) + 1
        case "delegations":
            return after["starts_on"] == min(str(before["starts_on"]), str(after["ends_on"]))
        case _:
            return True


def _altered(subject: str, difference: RowDifference) -> AlteredError:
    return AlteredError(f"{subject} {difference.table} {difference.key}")
