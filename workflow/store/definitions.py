"""Statements about definitions, campaigns and settings."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, text, update

from workflow.store import schema
from workflow.store.genuine import genuine
from workflow.store.instants import read_required
from workflow.store.prepared import ByKeys, Prepared, Values

_definitions = schema.definitions.c
_ALL = Prepared(
    select(_definitions.id, _definitions.version, _definitions.hash, _definitions.body).order_by(
        _definitions.id, _definitions.version
    )
)
_PUBLISHED = Prepared(select(_definitions.hash, _definitions.published_at))
_BODY = Prepared(select(_definitions.body).where(_definitions.hash == bindparam("of_hash")))
_INSERT = Prepared(insert(schema.definitions))
_CAMPAIGNS = Prepared(
    select(schema.campaigns.c.id, schema.campaigns.c.hash, schema.campaigns.c.body).order_by(
        schema.campaigns.c.year, schema.campaigns.c.id
    )
)
_CAMPAIGN_NAMES = Prepared(
    select(schema.campaigns.c.id, schema.campaigns.c.name).order_by(
        schema.campaigns.c.year, schema.campaigns.c.id
    )
)
_INSERT_CAMPAIGN = Prepared(insert(schema.campaigns))
_settings = schema.settings.c
_TOUCH = Prepared(
    update(schema.settings).values(value=_settings.value).where(_settings.name == "deployment")
)
_LOCKED_SETTING = Prepared(
    select(_settings.value).where(_settings.name == bindparam("of_name")).with_for_update()
)
SETTING = ByKeys(select(_settings.value), _settings.name)
"""Settings, by their names."""
# As text, for both databases write it alike, and Core has a module for each, slow to load.
_NEW_SETTING = "INSERT INTO settings (name, value) VALUES (:name, :value) ON CONFLICT (name) DO"
_PUT_SETTING = Prepared(text(f"{_NEW_SETTING} UPDATE SET value = excluded.value"))
_PUT_SETTING_ONCE = Prepared(text(f"{_NEW_SETTING} NOTHING"))


def all_definitions(connection: Connection) -> list[tuple[str, int, str, str]]:
    """Return id, version, hash and canonical text of every definition, by id and version."""
    return [(row.id, row.version, row.hash, row.body) for row in _ALL.rows(connection, {})]


def publication_times(connection: Connection) -> dict[str, datetime]:
    """Return when each definition version was published, by its hash."""
    rows = _PUBLISHED.rows(connection, {})
    return {row.hash: read_required(row.published_at) for row in rows}


def definition_body(connection: Connection, definition_hash: str) -> str | None:
    """Return the canonical text with that hash, or None. Raises AlteredError for another text."""
    row = _BODY.one(connection, {"of_hash": definition_hash})
    return None if row is None else genuine(str(row.body), definition_hash, "definition")


def insert_definition(connection: Connection, values: Values) -> None:
    """Publish a definition version."""
    _INSERT.run(connection, values)


def all_campaigns(connection: Connection) -> list[tuple[str, str, str]]:
    """Return id, hash and JSON body of every campaign, by year."""
    return [(row.id, row.hash, row.body) for row in _CAMPAIGNS.rows(connection, {})]


def campaign_names(connection: Connection) -> list[tuple[str, str]]:
    """Return id and name of every campaign, by year."""
    return [(row.id, row.name) for row in _CAMPAIGN_NAMES.rows(connection, {})]


def insert_campaign(connection: Connection, values: Values) -> None:
    """Insert a campaign."""
    _INSERT_CAMPAIGN.run(connection, values)


def setting(connection: Connection, name: str) -> str | None:
    """Return a stored setting, or None."""
    rows = SETTING.rows(connection, [name])
    return str(rows[0].value) if rows else None


def touch_settings(connection: Connection) -> None:
    """Change nothing, and write it like any change: whether the database takes writes."""
    _TOUCH.run(connection, {})


def locked_setting(connection: Connection, name: str) -> str | None:
    """Return a stored setting, which no other process changes until the transaction ends."""
    row = _LOCKED_SETTING.one(connection, {"of_name": name})
    return None if row is None else str(row.value)


def put_setting(connection: Connection, name: str, value: str) -> None:
    """Store a setting; of two processes that store it for the first time at once, neither fails."""
    _PUT_SETTING.run(connection, {"name": name, "value": value})


def put_setting_once(connection: Connection, name: str, value: str) -> None:
    """Store a setting that is not there yet; of two processes the first one's stays."""
    _PUT_SETTING_ONCE.run(connection, {"name": name, "value": value})
