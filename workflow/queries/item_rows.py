"""Whether the rows of items say what the entries about them say.

Owns the folding of an item's entries into everything that is kept beside them: the columns of its
row, its contents, files, holders, opinions and dispatches. It decides nothing, and it names the
first row that does not follow.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from operator import attrgetter

import orjson
from sqlalchemy import Connection

from workflow.definition import Definition
from workflow.history import EntryType, body_hash, restore_content, verify_history
from workflow.history.verify_history import IncompleteError, TamperedError, require
from workflow.lookups.search_text import found_by, period_of
from workflow.lookups.signatures import COPY_TYPE, copy_name
from workflow.model import Content
from workflow.queries.proposal_rows import ProposalFold
from workflow.queries.register_rows import RegisterFold
from workflow.queries.spilled import SpilledRecords, SpillFile
from workflow.queries.token_rows import TokenFold
from workflow.store import item_contents, schema, whole_tables
from workflow.store.files import FileStore
from workflow.store.prepared import Row

_KEEPS_HOLDERS = frozenset({EntryType.HOLDERS_CHANGED, EntryType.RECUSED, EntryType.REASSIGNED})
_KEEPS_SINCE = frozenset({EntryType.MIGRATED, EntryType.SIGNED_OFF, EntryType.DUE_CHANGED})
"""Entries whose due date is the item's while its stay goes on."""
_TABLES = ("contents", "holders", "files", "dispatches", "dossiers", "opinions")
"""What items have rows of, besides their own."""
Values = tuple[object, ...]
RowBeside = tuple[int, object, Values]


@dataclass(slots=True)
class ItemFold:
    """What the entries of one item leave behind; ``rows`` by table and key.

    Every item has one until the end, most of them spilled.
    """

    author: object = None
    campaign: object = None
    department: object = None
    definition_hash: str = ""
    described_by: str = ""
    """The definition under which the content was written last."""
    due_at: object = None
    since: object = None
    recused: list[object] = field(default_factory=list)
    concerned: list[object] = field(default_factory=list)
    reassigned: list[list[object]] = field(default_factory=list)
    holders: dict[object, tuple[object, ...]] = field(default_factory=dict)
    """Who holds the item, and on whose behalf by any entry of their stay."""
    contents: dict[object, Values] = field(default_factory=dict)
    files: dict[object, Values] = field(default_factory=dict)
    file_entries: dict[str, object] = field(default_factory=dict)
    """Which entry named a file first."""
    file_names: frozenset[Values] = frozenset()
    """Hash, name, size and type of every file, as the contents say."""
    dispatches: dict[object, Values] = field(default_factory=dict)
    dossiers: dict[object, Values] = field(default_factory=dict)
    """With whose number, which, and by whom and when each version left that left."""
    opinions: dict[object, Values] = field(default_factory=dict)
    left: dict[object, object] = field(default_factory=dict)
    """The hash of what is left of each content that lost texts."""
    gathered_in: object = None
    erasures: int = 0

    def follow(self, body: verify_history.Body) -> None:
        """Go on with the next entry."""
        data, kind = body["data"], body["type"]
        if kind == EntryType.CREATED:
            self.author = body["actor"]
            self.campaign, self.department = data["campaign"], data["department"]
        if kind in {EntryType.CREATED, EntryType.EDITED}:
            self.described_by = body["definition_hash"] or ""
            if data.get("concerned") is not None:
                self.concerned = list(data["concerned"])
            self.contents.setdefault(body["content_hash"], (body["version"], body["at"]))
            for each in _listed(data.get("files")):
                self.files.setdefault(each, (body["actor"], body["at"]))
                self.file_entries.setdefault(str(each), body["seq"])
        self.definition_hash = body["definition_hash"] or ""
        if "due_at" in data and kind != EntryType.SIGNED_OFF:
            self.due_at = data["due_at"]
            self.since = self.since if kind in _KEEPS_SINCE else body["at"]
        if "holders" in data:
            before = self.holders if kind in _KEEPS_HOLDERS else {}
            self.holders = {}
            for person, behalf in _seats(data["holders"]).items():
                self.holders[person] = tuple({*before.get(person, ()), behalf})
        self._follow_acts(body)

    def _follow_acts(self, body: verify_history.Body) -> None:
        data, actor = body["data"], body["actor"]
        match body["type"]:
            case EntryType.SIGNED_COPY_ADDED:
                (added,) = data["files"]
                self.files.setdefault(added, (actor, body["at"]))
                self.file_entries.setdefault(added, body["seq"])
                called = copy_name(body["subject"].partition(":")[2])
                self.file_names |= {(added, called, data["size"], COPY_TYPE)}
            case EntryType.RECUSED:
                self.recused.append(actor)
            case EntryType.MIGRATED:
                self.recused.extend(_listed(data.get("kept_apart")))
            case EntryType.REASSIGNED:
                self.reassigned.append([body["step"], data["from"], data["to"]])
            case EntryType.OPINION_ASKED:
                self.opinions[data["opinion"]] = (data["of"], actor, False)
            case EntryType.OPINION_GIVEN:
                of, asked_by, _ = self.opinions[data["opinion"]]
                self.opinions[data["opinion"]] = (of, asked_by, True)
            case EntryType.GATHERED:
                self.gathered_in = data["into"]
            case EntryType.TEXT_ERASED:
                self.erasures += 1
                self.left |= dict(data.get("contents", ()))
                for each in data.get("files", ()):
                    self.files.pop(each, None)
                    self.file_entries.pop(str(each), None)
        sent = data.get("dispatch")
        if isinstance(sent, dict):
            own, by = body["subject"].partition(":")[2], data.get("carried_by")
            said = (sent["number"], sent["issued_on"], sent["channel"])
            self.dossiers[body["version"]] = (by or own, *said, body["at"], actor)
            if not by:
                self.dispatches[body["version"]] = said


_values_of: Callable[[ItemFold], Values] = attrgetter(*(each.name for each in fields(ItemFold)))


class ItemFolds:
    """The folds of all items, while their entries pass; then every row beside them."""

    def __init__(self, file: SpillFile) -> None:
        self._folds = SpilledRecords(file, _values_of, ItemFold)
        self._left: Counter[str] = Counter()
        """By table, the sum of the hashes of the rows that there are to be, less those found."""
        self._codes: dict[int, str] = {}
        self._register = RegisterFold()
        self._proposals = ProposalFold()
        self._tokens = TokenFold()

    def following(self, lines: Iterable[verify_history.Line]) -> Iterator[verify_history.Line]:
        """Yield ``lines``; each that was verified before the next is asked for is folded."""
        for line in lines:
            yield line
            name = line["subject"]
            kind = name.partition(":")[0]
            if kind == "proposal":
                self._proposals.follow(orjson.loads(line["body"]))
            if kind == "person":
                self._tokens.follow(orjson.loads(line["body"]))
            if kind in {"item", "document"}:
                body = orjson.loads(line["body"])
                self._register.follow(body)
                if kind == "item":
                    self._fold(name).follow(body)

    def _fold(self, name: str) -> ItemFold:
        found = self._folds.get(name)
        if found is None:
            found = self._folds[name] = ItemFold()
        return found

    def verify(self, connection: Connection, definitions: Mapping[str, Definition]) -> None:
        """Compare with every row. Raises TamperedError, IncompleteError: the first that differs."""
        self._folds.settle()
        for name, fold in self._folds.items():
            for table in _TABLES:
                self._left[table] += sum(hash((name, key)) for key in getattr(fold, table))
        self._verify_items(connection)
        self._verify_contents(connection, definitions)
        self._verify_holders(connection)
        self._verify_beside("files", partial(self._files, connection))
        self._verify_beside("dispatches", partial(_dispatches, connection))
        self._verify_beside("dossiers", partial(self._dossiers, connection))
        self._verify_beside("opinions", partial(_opinions, connection))
        self._register.verify(connection, self._codes)
        self._proposals.verify(connection)
        self._tokens.verify(connection)

    def verify_bytes(self, store: FileStore) -> None:
        """Compare the bytes of every attached file with the hash that its entry named."""
        seen: set[str] = set()
        for subject, fold in self._folds.items():
            for each, seq in fold.file_entries.items():
                if each in seen:
                    continue
                seen.add(each)
                name, is_whole = f"{subject} entry {seq}", store.is_whole(each)
                if is_whole is None:
                    raise IncompleteError(f"{name}: the file {each} is missing")
                require(is_whole, name, f"named the file {each}, which is another")

    def _verify_items(self, connection: Connection) -> None:
        """Compare the columns that entries say."""
        for row in whole_tables.rows(connection, schema.items):
            self._codes[row.id] = row.code
            name = f"item:{row.code}"
            fold = self._folds.get(name) or ItemFold()
            for column in ("author", "campaign", "department", "definition_hash", "due_at"):
                _same(name, column, getattr(row, column), getattr(fold, column))
            _same(name, "since", row.since, fold.since)
            _same(name, "erasures", row.erasures, fold.erasures)
            _same(name, "gathered_in", row.gathered_in, fold.gathered_in)
            _same(name, "recused", orjson.loads(row.recused or "[]"), fold.recused)
            _same(name, "concerned", orjson.loads(row.concerned or "[]"), fold.concerned)
            _same(name, "reassigned", orjson.loads(row.reassigned or "[]"), fold.reassigned)

    def _verify_contents(
        self, connection: Connection, definitions: Mapping[str, Definition]
    ) -> None:
        """Compare every content with its hash, and the columns that come from the present one."""
        for row in item_contents.all_contents(connection):
            code = self._code("contents", row.item_id)
            subject = f"item:{code}"
            fold, name = self._folds[subject], f"{subject} content {row.hash[:12]}"
            is_whole = body_hash(row.body) == fold.left.get(row.hash, row.hash)
            require(is_whole, name, "does not have the hash that it is kept by")
            made = fold.contents.get(row.hash)
            _same(name, "version and time", (row.version, row.created_at), made)
            self._left["contents"] -= hash((subject, row.hash))
            content = restore_content(row.body)
            if content.files:
                called = {(e.sha256, e.name, e.size, e.media_type) for e in content.files}
                fold.file_names |= called
                self._folds[subject] = fold
            if row.hash == row.content_hash:
                _verify_described(row, code, content, definitions[fold.described_by])
        kept = ((row.item_id, row.hash) for row in whole_tables.rows(connection, schema.contents))
        for name, each in self._missing("contents", kept):
            raise IncompleteError(f"{name} content {str(each)[:12]} is missing")

    def _verify_holders(self, connection: Connection) -> None:
        """Compare who holds an item, for whom and until when."""
        for row in whole_tables.rows(connection, schema.holders):
            subject = f"item:{self._code('holders', row.item_id)}"
            fold, name = self._folds[subject], f"{subject} holder {row.person}"
            is_known = row.on_behalf_of in fold.holders.get(row.person, ())
            require(is_known, name, "is none by its history")
            _same(name, "due_at", row.due_at, fold.due_at)
            self._left["holders"] -= hash((subject, row.person))
        kept = ((row.item_id, row.person) for row in whole_tables.rows(connection, schema.holders))
        for name, person in self._missing("holders", kept):
            raise IncompleteError(f"{name} holder {person} is missing")

    def _verify_beside(self, table: str, rows: Callable[[], Iterable[RowBeside]]) -> None:
        """Compare the rows of a table, which are given as item, key and what they say."""
        for item, key, says in rows():
            name = f"item:{self._code(table, item)}"
            _same(name, f"{table} {key}", says, getattr(self._folds[name], table).get(key))
            self._left[table] -= hash((name, key))
        for name, key in self._missing(table, ((item, key) for item, key, _ in rows())):
            raise IncompleteError(f"{name} {table} {key} is missing")

    def _missing(
        self, table: str, kept: Iterable[tuple[int, object]]
    ) -> Iterator[tuple[str, object]]:
        """Yield the rows that entries say and that are not kept, in order.

        Where the hashes of what is kept, which no other process can foretell, sum up to those of
        what there is to be, none is missing, and none is there twice where the key was taken away.
        Raises TamperedError where one is there twice.
        """
        if self._left[table]:
            there = {(f"item:{self._codes[item]}", key) for item, key in kept}
            said = {
                (name, key) for name, fold in self._folds.items() for key in getattr(fold, table)
            }
            yield from sorted(said - there, key=str)
            raise TamperedError(f"{table}: a row is there twice")

    def _files(self, connection: Connection) -> Iterator[tuple[int, object, Values]]:
        """Yield the rows of files; each is called as a content calls it."""
        for row in whole_tables.rows(connection, schema.files):
            code = self._code("files", row.item_id)
            called = (row.sha256, row.name, row.size, row.media_type)
            fold = self._folds[f"item:{code}"]
            if row.sha256 in fold.files:
                is_known = called in fold.file_names
                require(is_known, f"item:{code} file {row.name}", "is called so by no content")
            yield row.item_id, row.sha256, (row.added_by, row.added_at)

    def _dossiers(self, connection: Connection) -> Iterator[tuple[int, object, Values]]:
        """Yield what each item left in, with what its dossier says of all that it holds."""
        sent = {
            (row.item_id, row.version): (row.notation, row.issued_on, row.channel)
            for row in whole_tables.rows(connection, schema.dispatches)
        }
        kept = {row.id: row for row in whole_tables.rows(connection, schema.dossiers)}
        leads = {(row.item_id, row.version, row.id) for row in kept.values()}
        for row in whole_tables.rows(connection, schema.dossier_items):
            found = kept.get(row.dossier_id)
            if found is None:
                raise IncompleteError(f"dossier {row.dossier_id} is missing")
            leads.discard((row.item_id, row.version, row.dossier_id))
            lead, said = self._code("dossiers", found.item_id), sent[found.item_id, found.version]
            yield row.item_id, row.version, (lead, *said, found.sent_at, found.sent_by)
        for _, _, each in leads:
            raise TamperedError(f"dossier {each} does not hold what gave it its number")

    def _code(self, table: str, item: int) -> str:
        if item not in self._codes:
            raise TamperedError(f"{table}: a row is of the item {item}, which there is not")
        return self._codes[item]


def _verify_described(row: Row, code: str, content: Content, definition: Definition) -> None:
    """Compare the columns of an item that come from its content."""
    said = {
        "title": content.title,
        "period": period_of(definition, content.fields),
        "type": definition.id,
    }
    for column, value in said.items():
        _same(f"item:{code}", column, getattr(row, column), value)
    # Its words stand in the order in which the fields were sent, which the content does not keep.
    words = sorted(found_by(code, definition, content).split())
    _same(f"item:{code}", "words in search", sorted(row.search.split()), words)


def _dispatches(connection: Connection) -> Iterator[tuple[int, object, Values]]:
    for each in whole_tables.rows(connection, schema.dispatches):
        numbers = (each.notation.split("-")[0], int(each.issued_on[:4]))
        is_whole = numbers == (f"{each.number:02d}/{each.series}", each.year)
        require(is_whole, f"dispatch {each.notation}", "has other numbers than its notation says")
        yield each.item_id, each.version, (each.notation, each.issued_on, each.channel)


def _opinions(connection: Connection) -> Iterator[tuple[int, object, Values]]:
    for each in whole_tables.rows(connection, schema.opinions):
        yield each.item_id, each.id, (each.asked_of, each.asked_by, each.answered_at is not None)


def _same(name: str, what: str, kept: object, said: object) -> None:
    """Raise TamperedError unless a row keeps what its history says."""
    require(kept == said, name, f"has {what} {kept!s:.80}, but its history says {said!s:.80}")


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _seats(value: object) -> dict[object, object]:
    """Return on whose behalf each of a body's holders holds the item."""
    return dict(value) if isinstance(value, list) else {}
