"""Whether what is kept of tokens and calendars is what the entries of their persons tell.

Owns the verdict on the rows that history tells of: as they were made, and ended where their person
left, took a change back or set a password anew. Who opened the others, their seals say.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.history import EntryType
from workflow.history.verify_history import Body, require
from workflow.model import Method
from workflow.store import schema, whole_tables
from workflow.store.prepared import Row

_OPENS_NOTHING = ("position", "delegation", "absence")
"""The changes of an account that nobody signs in by: taken back, they end no token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _TokenTold:
    """What an entry tells of a token that was made."""

    subject: str
    scopes: list[str]
    until: str


class TokenFold:
    """What the entries of persons tell of tokens, and of the addresses of calendars."""

    def __init__(self) -> None:
        self._told: dict[str, _TokenTold] = {}
        self._ended: set[str] = set()
        self._addresses: dict[str, str] = {}

    def follow(self, body: Body) -> None:
        """Go on with the next entry of a person."""
        subject, data, kind = body["subject"], body["data"], body["type"]
        if kind == EntryType.TOKEN_MADE:
            said = _TokenTold(subject=subject, scopes=data["scopes"], until=data["until"])
            self._told[data["token"]] = said
        elif kind == EntryType.TOKEN_ENDED:
            self._ended.add(data["token"])
        elif kind == EntryType.FEED_MADE:
            self._addresses[subject] = data["address"]
        elif kind == EntryType.FEED_ENDED:
            self._addresses.pop(subject, None)
        elif _ends_all(body):
            self._addresses.pop(subject, None)
            self._ended |= {each for each, told in self._told.items() if told.subject == subject}

    def verify(self, connection: Connection) -> None:
        """Compare with every row. Raises TamperedError: the first that differs."""
        for row in whole_tables.rows(connection, schema.api_tokens):
            subject = f"person:{row.person}"
            name = f"{subject} token {row.id}"
            if told := self._told.get(str(row.id)):
                _require_told(row, name, told)
            is_open = row.revoked_at is None and row.id in self._ended
            require(not is_open, name, "is open, but its history says it ended")
        for row in whole_tables.rows(connection, schema.calendar_feeds):
            subject = f"person:{row.person}"
            is_told = self._addresses.get(subject) == row.token_hash
            require(is_told, f"{subject} calendar", "is at an address that no history tells of")


def _ends_all(body: Body) -> bool:
    """Return whether an entry ended all that its person had opened."""
    data, kind = body["data"], body["type"]
    if kind == EntryType.FACTOR_SET:  # with a code that was mailed; the server ends nothing by it
        return bool(data["factor"] == "password" and body["method"] == Method.LINK)
    if kind == EntryType.CHANGE_UNDONE:
        return data["what"] not in _OPENS_NOTHING
    return bool(kind == EntryType.PERSON_CHANGED and not data["is_active"])


def _require_told(row: Row, name: str, told: _TokenTold) -> None:
    require(told.subject == f"person:{row.person}", name, "was made for somebody else")
    kept = {"scopes": sorted((row.scopes or "").split()), "expires_at": row.expires_at}
    for column, said in {"scopes": sorted(told.scopes), "expires_at": told.until}.items():
        is_same = kept[column] == said
        require(is_same, name, f"has {column} {kept[column]}, but its history says {said}")
