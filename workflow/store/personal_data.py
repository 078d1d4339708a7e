"""Statements that find everything kept about one person, as rows that a person can read.

Owns which columns of which tables are about somebody: what they did and when; of what is secret,
only that it is there. Never a secret or a hash, and never what a letter or link would open.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, RowMapping, or_, select

from workflow.model import ItemId, PersonId
from workflow.store import schema

_MOST = 10_000
"""Rows of one kind: more than most careers leave; one more is read, to know that there are more."""
Rows = list[dict[str, object]]


class _Section(NamedTuple):
    """Rows of a table that one of ``owners`` says are a person's.

    ``names_item``: with the code of their item. ``listed``: a column that lists people as JSON.
    """

    table: str
    owners: str
    columns: str
    names_item: bool = False
    listed: str = ""


_SECTIONS: Mapping[str, _Section] = {
    "person": _Section("people", "id", "id email name position department is_active"),
    "delegations": _Section(
        "delegations",
        "from_person to_person created_by",
        "id from_person to_person starts_on ends_on document created_by created_at",
    ),
    "absences": _Section(
        "absences", "person stand_in created_by", "id person stand_in starts_on ends_on created_at"
    ),
    "passkeys": _Section("passkeys", "person", "label created_at"),
    "sessions": _Section("sessions", "person", "created_at seen_at expires_at address agent"),
    "api_tokens": _Section(
        "api_tokens", "person", "id scopes created_at seen_at expires_at revoked_at"
    ),
    "account_changes": _Section("account_changes", "person", "what before until ended_at"),
    "calendar_feed": _Section("calendar_feeds", "person", "created_at"),
    "invitations": _Section("setup_codes", "person", "purpose expires_at used_at"),
    "preferences": _Section("preferences", "person", "name value"),
    "saved_views": _Section("saved_views", "person", "name query"),
    "typed_and_not_saved": _Section("typings", "person", "form body at"),
    "items_authored": _Section("items", "author", "code title state since"),
    "items_held": _Section("holders", "person on_behalf_of", "since due_at", names_item=True),
    "dossiers_sent": _Section("dossiers", "sent_by", "id sent_at", names_item=True),
    "files_attached": _Section("files", "added_by", "name size added_at", names_item=True),
    "opinions": _Section(
        "opinions", "asked_of asked_by", "asked_of asked_by asked_at answered_at", names_item=True
    ),
    "links": _Section(
        "links", "person", "created_at expires_at used_at revoked_at", names_item=True
    ),
    "merits_noted": _Section("merits", "recorded_by", "id what recorded_at"),
    "notes_on_merits": _Section("merit_notes", "person", "merit_id words at"),
    "plans_read": _Section("campaign_reads", "person", "campaign at"),
    "extensions": _Section(
        "extensions", "asked_by decided_by", "deadline_id why asked_at state decided_at"
    ),
    "reminders": _Section("reminders", "person", "deadline_id rung at state"),
    "reminders_put_off": _Section("snoozes", "person", "deadline_id until_on"),
    "mails": _Section("outbox", "person", "kind state created_at sent_at"),
    "accesses": _Section("accesses", "person", "at what note address"),
    "proposals": _Section(
        "proposals", "proposed_by decided_by", "id command state proposed_at decided_at"
    ),
    "proposal_links": _Section(
        "proposal_links", "person", "proposal created_at expires_at revoked_at"
    ),
    "findings": _Section(
        "findings", "opened_by addressee", "id about entry title opened_at closed_at"
    ),
    "notes_on_findings": _Section("finding_notes", "person", "finding_id words at"),
    "rounds": _Section(
        "rounds", "created_by counted_by ended_by", "id title held_on state counted_at ended_at"
    ),
    "seats_in_councils": _Section("round_seats", "person", "round_id role attendance voted_run"),
    "open_votes": _Section("round_votes", "person", "round_id run choice", names_item=True),
    "links_to_vote": _Section(
        "round_links", "person", "round_id run created_at expires_at revoked_at"
    ),
    "challenges": _Section(
        "round_challenges", "person answered_by", "round_id words at answer answered_at"
    ),
    "inspections": _Section(
        "inspections",
        "planned_by",
        "id campaign department on_day inspectors about planned_by planned_at",
        listed="inspectors",
    ),
    "notes_on_inspections": _Section(
        "inspection_notes", "person", "inspection_id outcome words to_mend mend_by at"
    ),
    "proceedings": _Section(
        "proceedings",
        "person",
        "id kind since document document_on words outcome ended_on end_document end_document_on "
        "served_on end_words",
    ),
    "proceedings_recorded": _Section(
        "proceedings", "opened_by closed_by", "id opened_at closed_at"
    ),
    "proceeding_corrections": _Section(
        "proceeding_corrections",
        "person",
        "proceeding_id outcome ended_on document document_on served_on words why corrected_at",
    ),
    "proceeding_corrections_recorded": _Section(
        "proceeding_corrections", "corrected_by confirmed_by", "proceeding_id corrected_at"
    ),
    "past_awards": _Section(
        "past_awards",
        "person",
        "id nominee award number decided_on authority reason imported_at withdrawn_at "
        "withdrawn_why",
    ),
    "past_awards_recorded": _Section(
        "past_awards",
        "imported_by confirmed_by withdrawn_by",
        "id imported_at withdrawn_at",
    ),
    "requests": _Section(
        "privacy_requests", "person", "id kind words received_on due_on state answer answered_at"
    ),
    "holds": _Section("legal_holds", "placed_by lifted_by", "id about placed_at lifted_at"),
}
_TABLES = schema.metadata.tables
_credentials, _history, _texts = (
    schema.credentials.c,
    schema.history.c,
    schema.history_texts.c,
)


def sections_about(connection: Connection, person: PersonId) -> dict[str, Rows]:
    """Return the rows that are about a person, by what they are."""
    found = {name: _rows(connection, each, person) for name, each in _SECTIONS.items()}
    found["factors"] = _factors(connection, person)
    found["acts"] = list(_acts(connection, person))
    return found


def is_cut(rows: Rows) -> bool:
    """Return whether there are more rows of a kind than these."""
    return len(rows) > _MOST


def _rows(connection: Connection, section: _Section, person: PersonId) -> Rows:
    table = _TABLES[section.table]
    columns = [table.c[each] for each in section.columns.split()]
    owned = or_(
        *(table.c[each] == person for each in section.owners.split()),
        *(table.c[section.listed].contains(each) for each in _in_list(person) if section.listed),
    )
    query = select(*columns).where(owned).order_by(*table.primary_key).limit(_MOST + 1)
    if section.names_item:
        items = schema.items
        query = query.add_columns(items.c.code).join(items, items.c.id == table.c.item_id)
    return [_plain(row) for row in connection.execute(query).mappings()]


def _in_list(person: PersonId) -> list[str]:
    """Return how a person stands in a list as it is kept: alone, first, last or between."""
    return [f"{before}{person}{after}" for before in "[," for after in ",]"]


def _plain(row: RowMapping) -> dict[str, object]:
    """Return a row as JSON takes it: the names of columns are more than plain text."""
    return {str(name): value for name, value in row.items()}


def _factors(connection: Connection, person: PersonId) -> Rows:
    """Return which factors a person has; never what they are."""
    query = select(
        _credentials.password_hash.is_not(None).label("password"),
        _credentials.pin_hash.is_not(None).label("pin"),
        _credentials.totp_secret.is_not(None).label("authenticator"),
    ).where(_credentials.person == person)
    return [
        {str(name): bool(value) for name, value in row.items()}
        for row in connection.execute(query).mappings()
    ]


def _acts(connection: Connection, person: PersonId) -> Iterator[dict[str, object]]:
    """Yield every entry that a person caused or that is about them, with what they wrote."""
    is_theirs = or_(_history.actor == person, _history.subject == f"person:{person}")
    words = _texts.name.in_(("comment", "message"))
    query = (
        select(_history.at, _history.subject, _history.seq, _history.type, _texts.text)
        .outerjoin(
            schema.history_texts,
            (_texts.subject == _history.subject) & (_texts.seq == _history.seq) & words,
        )
        .where(is_theirs)
        .order_by(_history.id)
        .limit(_MOST + 1)
    )
    for row in connection.execute(query).mappings():
        yield {name: value for name, value in _plain(row).items() if value is not None}


def items_naming(connection: Connection, folded: str) -> list[ItemId]:
    """Return the items whose words for search hold ``folded``."""
    search = schema.items.c.search
    query = (
        select(schema.items.c.id)
        .where(search.contains(folded, autoescape=True))
        .order_by(schema.items.c.id)
        .limit(_MOST)
    )
    return [ItemId(each) for each in connection.execute(query).scalars()]
