"""What an entry may have changed of what is kept about its subject.

Owns the refusal to make good what was written past the program: an entry commits to every row of
its subject, so before it does, all that it is not about must be what the last one committed to.
"""

from collections.abc import Iterator, Mapping

import orjson
from sqlalchemy import Connection

from workflow.errors import AlteredError
from workflow.history import EntryType, Fact, commit, data_of
from workflow.store import history, subject_rows
from workflow.store.subject_rows import ROW, Kept

_Change = tuple[str, str, str]
"""Table, key and column."""
_FINDING = (("findings", None), ("finding_notes", None))
_TERMS = (("deadlines", None), ("deadline_departments", None))
MAY_CHANGE: Mapping[EntryType, tuple[tuple[str, str | None], ...]] = {
    EntryType.PERSON_ADDED: (("people", None),),
    EntryType.PERSON_CHANGED: (("people", None),),
    EntryType.DELEGATION_ADDED: (("delegations", "delegation"),),
    EntryType.DELEGATION_ENDED: (("delegations", "delegation"),),
    EntryType.ABSENCE_ADDED: (("absences", "absence"),),
    EntryType.ABSENCE_ENDED: (("absences", "absence"),),
    EntryType.FACTOR_SET: (("credentials", "factor"), ("passkeys", "factor")),
    EntryType.FACTOR_REMOVED: (("credentials", "factor"), ("passkeys", "factor")),
    EntryType.FACTORS_RESEALED: (("credentials", None),),
    EntryType.CHANGE_UNDONE: (),
    EntryType.DEADLINE_SET: _TERMS,
    EntryType.DEADLINE_CHANGED: _TERMS,
    EntryType.REMINDED: (),
    EntryType.REMINDERS_SNOOZED: (),
    EntryType.EXTENSION_ASKED: (("extensions", "extension"),),
    EntryType.EXTENSION_GRANTED: (("extensions", "extension"),),
    EntryType.EXTENSION_REFUSED: (("extensions", "extension"),),
    EntryType.DEPARTMENT_ADDED: (("departments", None),),
    EntryType.DEPARTMENT_RENAMED: (("departments", None),),
    EntryType.MERIT_RECORDED: (("merits", None), ("merit_notes", None)),
    EntryType.MERIT_NOTED: (("merits", None), ("merit_notes", None)),
    EntryType.MERIT_NOMINATED: (("merits", None), ("merit_notes", None)),
    EntryType.CAMPAIGN_LAUNCHED: (("campaigns", None),),
    EntryType.CAMPAIGN_READ: (("campaign_reads", None),),
    EntryType.DEFINITION_PUBLISHED: (("definitions", None),),
    EntryType.MERIT_ERASED: (("merits", None), ("merit_notes", None)),
    EntryType.PERSON_ERASED: tuple(
        (each, None) for each in ("people", "delegations", "absences", "credentials", "passkeys")
    ),
    EntryType.REQUEST_RECEIVED: (("privacy_requests", None),),
    EntryType.REQUEST_ANSWERED: (("privacy_requests", None),),
    EntryType.REQUEST_ERASED: (("privacy_requests", None),),
    EntryType.HOLD_PLACED: (("legal_holds", None),),
    EntryType.HOLD_LIFTED: (("legal_holds", None),),
    EntryType.FINDING_OPENED: _FINDING,
    EntryType.FINDING_NOTED: _FINDING,
    EntryType.FINDING_CLOSED: _FINDING,
    EntryType.PRIVACY_RULES_SET: (("settings", "=privacy_rules"),),
    EntryType.RETENTION_APPLIED: (),
    EntryType.AGENCY_CHANGED: (("settings", "=agency"),),
    EntryType.CALENDAR_SET: (("settings", "=calendar"),),
    EntryType.PROPOSAL_RULES_SET: (("settings", "=proposal_rules"),),
    EntryType.CHECKPOINT_KEY_ADDED: (),
    EntryType.GENESIS: (("settings", "=deployment"),),
}
"""By the type of entry: the tables, and the member of ``data`` that names the row or the factor.

After ``=`` stands the row itself; None: any of them.
"""
_COLUMNS = {"password": "password_hash", "pin": "pin_hash", "totp": "totp_secret"}


def row_to_commit(connection: Connection, fact: Fact) -> str | None:
    """Return what is kept about the subject of ``fact``, as a text; None where nothing is.

    Raises AlteredError where more has changed since its last entry than ``fact`` tells of.
    """
    kept = subject_rows.kept_about(connection, fact.subject)
    allowed = MAY_CHANGE.get(fact.type)
    before = None if allowed is None else _recorded(connection, fact.subject)
    if before is not None:
        said = data_of(fact.payload)
        for table, key, column in _changes(before, kept):
            if not any(_is_told(each, said, (table, key, column)) for each in allowed or ()):
                raise AlteredError(f"{fact.subject} {table} {key}")
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode() if kept else None


def require_recorded(connection: Connection, subject: str) -> None:
    """Raise AlteredError unless what is kept of a subject is what its last entry committed to.

    For a change of many columns, whose entry would make good what was written past the program.
    """
    before = _recorded(connection, subject)
    if before is None:
        return
    for table, key, _ in _changes(before, subject_rows.kept_about(connection, subject)):
        raise AlteredError(f"{subject} {table} {key}")


def _recorded(connection: Connection, subject: str) -> Kept | None:
    """Return what the last entry committed to; None where it is older than such commitments."""
    entry = history.last_entry(connection, subject)
    if entry is None:
        return {}
    commitment = orjson.loads(entry.body)["commitments"].get(ROW)
    if commitment is None:
        return None
    text = history.text_at(connection, subject, entry.seq, ROW)
    if text is None or commit(text.salt, text.text) != commitment:
        raise AlteredError(f"{subject} {entry.seq}")
    kept: Kept = orjson.loads(text.text)
    return kept


def _changes(before: Kept, after: Kept) -> Iterator[_Change]:
    for table in sorted({*before, *after}):
        old, new = before.get(table, {}), after.get(table, {})
        for key in sorted({*old, *new}):
            was, now = old.get(key, {}), new.get(key, {})
            if (key in old) != (key in new) and not was and not now:
                yield table, key, ""
            for column in sorted({*was, *now}):
                if was.get(column) != now.get(column):
                    yield table, key, column


def _is_told(may: tuple[str, str | None], said: Mapping[str, object], change: _Change) -> bool:
    """Return whether a change is one that an entry with ``said`` tells of."""
    (table, named), (in_table, key, column) = may, change
    if table != in_table:
        return False
    if named is None or named[0] == "=":
        return named is None or named[1:] == key
    if named == "factor":
        is_passkey = said[named] == "passkey"
        return is_passkey if table == "passkeys" else _COLUMNS.get(str(said[named])) == column
    return str(said[named]) == key
