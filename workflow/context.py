"""What every use case is given.

The agency's rules as values, and the few doors outward as plain callables.

Owns the caches of definitions and people of one process. Nothing here writes.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from workflow.awards import Awards, with_awards
from workflow.deadlines import WorkingCalendar
from workflow.definition import (
    Campaign,
    Definition,
    OutgoingRules,
    in_campaign,
    restore_definition,
)
from workflow.errors import InvalidRefusal, NotFoundRefusal, reason
from workflow.history import SALT_BYTES, Entry, Fact, append
from workflow.messages import lazy
from workflow.model import Content, Item, ItemId
from workflow.people import Directory
from workflow.rules import CountedNominee, Rulebook, counted_among, nominees_of
from workflow.store import definitions, durations, history, item_contents, items, people
from workflow.store.durations import Running, Stay
from workflow.store.prepared import Question, Row
from workflow.values import searchable, tidy

DIRECTORY_VERSION = "directory_version"
"""Setting: exchanged whenever people, delegations or the calendar's days change."""
CALENDAR = "calendar"
"""Setting: the working calendar as it was recorded last, as canonical JSON."""


class SetBrokenError(Exception):
    """Somebody else changed an item between lock and update; the set runs again one by one."""


@dataclass(frozen=True, slots=True)
class Rulebooks:
    """The rulebooks of all published definitions, built once each.

    Published definitions never change.
    """

    awards: Awards | None = None
    _by_hash: dict[str, Rulebook] = field(default_factory=dict)
    _gathering: set[str] = field(default_factory=set)
    """The ids of transitions of processes that gather."""

    def of(self, connection: Connection, definition_hash: str) -> Rulebook:
        """Return the rulebook of that definition.

        Raises NotFoundRefusal where it was never published.
        """
        found = self._by_hash.get(definition_hash)
        if found is None:
            body = definitions.definition_body(connection, definition_hash)
            if body is None:
                raise NotFoundRefusal(lazy("the item's process"))
            definition = with_awards(restore_definition(body), self.awards)
            found = Rulebook(definition, definition_hash)
            if definition.gathers is not None:
                self._gathering.update(found.fields_taken)
            self._by_hash[definition_hash] = found
        return found

    def known(self, definition_hash: str) -> Rulebook | None:
        """Return the rulebook of a definition that this process has met before, else None."""
        return self._by_hash.get(definition_hash)

    def may_gather(self, transition: str) -> bool:
        """Return whether a process met so far that gathers items has a transition of this id."""
        return transition in self._gathering

    def keeps_apart(self, transition: str) -> bool:
        """Return whether a process met so far keeps a transition from who took another one."""
        return any(book.apart.get(transition) for book in tuple(self._by_hash.values()))

    def newest(self, connection: Connection) -> dict[str, Rulebook]:
        """Return the newest version of every definition by id."""
        newest = {
            identity: definition_hash
            for identity, _, definition_hash, _ in definitions.all_definitions(connection)
        }
        return {
            identity: self.of(connection, definition_hash)
            for identity, definition_hash in newest.items()
        }

    def published_at(self, connection: Connection) -> dict[str, datetime]:
        """Return when each version was published, by its hash."""
        return definitions.publication_times(connection)

    def text_of(self, connection: Connection, definition_hash: str) -> str:
        """Return the canonical text with that hash; empty where there is none."""
        return definitions.definition_body(connection, definition_hash) or ""

    def newest_of(self, connection: Connection, identity: str) -> Rulebook:
        """Return the newest version of one definition. Raises NotFoundRefusal."""
        found = self.newest(connection).get(identity)
        if found is None:
            raise NotFoundRefusal(lazy("this process"))
        return found

    def versions_of(self, connection: Connection, identity: str) -> dict[int, Rulebook]:
        """Return every version of one definition, by its number."""
        versions = (each for each in self.all(connection) if each.definition.id == identity)
        return {each.definition.version: each for each in versions}

    def all(self, connection: Connection) -> list[Rulebook]:
        """Return every version of every definition."""
        return [
            self.of(connection, definition_hash)
            for _, _, definition_hash, _ in definitions.all_definitions(connection)
        ]


class Campaigns:
    """The campaigns met so far, and definitions with what a campaign gives their fields to choose.

    A campaign never changes once it is launched.
    """

    def __init__(self) -> None:
        self._known: dict[str, Campaign] = {}
        self._definitions: dict[tuple[str, str], Definition] = {}

    def of(self, connection: Connection, identity: str) -> Campaign | None:
        """Return a campaign, whole, or None."""
        if identity not in self._known:
            self._known = {
                known: Campaign.model_validate_json(body)
                for known, _, body in definitions.all_campaigns(connection)
            }
        return self._known.get(identity)

    def names(self, connection: Connection, identity: str, recipient: str) -> bool:
        """Return whether the plan of a campaign has a line of Nơi nhận with that id."""
        found = self.of(connection, identity)
        return found is not None and any(each.id == recipient for each in found.recipients)

    def known(self, identity: str) -> Campaign | None:
        """Return a campaign that this process has met before, else None."""
        return self._known.get(identity)

    def definition_in(
        self, connection: Connection, rulebook: Rulebook, identity: str
    ) -> Definition:
        """Return the definition of ``rulebook`` as it is within a campaign."""
        self.of(connection, identity)
        return self.known_definition(rulebook, identity)

    def known_definition(self, rulebook: Rulebook, identity: str) -> Definition:
        """Return the same, within a campaign that this process has met before."""
        key, campaign = (rulebook.hash, identity), self.known(identity)
        if campaign is None:
            return rulebook.definition
        if key not in self._definitions:
            self._definitions[key] = in_campaign(rulebook.definition, campaign)
        return self._definitions[key]


class Contents:
    """Contents lately read or decided on, by item and hash.

    A content changes under its hash only where texts of it are erased, which its item counts.
    """

    _MOST = 1024

    def __init__(self) -> None:
        self._known: dict[tuple[ItemId, str, int], Content] = {}

    def of(self, connection: Connection, wanted: Sequence[Item]) -> dict[ItemId, Content]:
        """Return the present content of each item, by id."""
        known = self._known
        missing = [item for item in wanted if _key(item) not in known]
        read = item_contents.contents_of(connection, missing) if missing else {}
        found = {item.id: read.get(item.id) or known[_key(item)] for item in wanted}
        for item in missing:
            known[_key(item)] = read[item.id]
        if len(known) > self._MOST:
            # Dropped whole rather than one by one: both threads read it, and what is missing is
            # read again.
            self._known = {}
        return found


def _key(item: Item) -> tuple[ItemId, str, int]:
    return item.id, item.content_hash, item.erasures


class Counted:
    """Whom nominations lately met put forward, counted, by item, content and process version.

    Each page of a nomination asks for its whole movement: reading 300 contents took 60 ms.
    """

    _MOST = 8192

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], list[CountedNominee]] = {}

    def of(
        self, connection: Connection, rulebooks: Rulebooks, rows: Sequence[Row]
    ) -> list[CountedNominee]:
        """Return the nominees of the items ``rows``, as ``store.campaigns.states_of`` has them."""
        keys = {
            row.id: (row.id, row.definition_hash, row.content_hash, row.erasures) for row in rows
        }
        known = self._known
        missing = [each for each, key in keys.items() if key not in known]
        read = items.items_by_id(connection, missing)
        for each, content in item_contents.contents_of(connection, [*read.values()]).items():
            definition = rulebooks.of(connection, read[each].definition_hash).definition
            known[keys[each]] = counted_among(definition, nominees_of(definition, content))
        found = [one for key in keys.values() for one in known.get(key, ())]
        if len(known) > self._MOST:
            # As with contents: both threads read it, and what is missing is read again.
            self._known = {}
        return found


class Stays:
    """The stays that items lately asked about have ended, by item and newest entry.

    Figures ask for some three thousand items each time: to read their histories took 0.4 s.
    """

    _MOST = 4096

    def __init__(self) -> None:
        self._known: dict[tuple[ItemId, int], list[Stay]] = {}

    def of(self, connection: Connection, wanted: Sequence[Running]) -> list[Stay]:
        """Return every stay that those items have ended, by item and in order."""
        known = self._known
        missing = {
            each.item: each.department for each in wanted if (each.item, each.seq) not in known
        }
        read: dict[ItemId, list[Stay]] = {each: [] for each in missing}
        for stay in durations.stays_of(connection, missing):
            read[stay.item].append(stay)
        known |= {(each.item, each.seq): read[each.item] for each in wanted if each.item in read}
        found = [stay for each in wanted for stay in known[each.item, each.seq]]
        if len(known) > self._MOST:
            # As with contents: both threads read it, and what is missing is read again.
            self._known = {}
        return found


class People:
    """The directory as it is now: read again when somebody changed it or the day turned."""

    def __init__(self) -> None:
        # One attribute, assigned at once: the committer's thread and the event loop both read it.
        self._known: tuple[tuple[str | None, str], Directory] | None = None

    def of_version(self, connection: Connection, version: str | None, day: str) -> Directory:
        """Return the directory whose version the caller has just read from the database."""
        key = (version, day)
        known = self._known
        if known is None or known[0] != key:
            known = self._known = (key, people.load_directory(connection, day))
        return known[1]


class Recorded:
    """The latest instant that this process knows an entry to bear.

    None until the first is asked for.
    """

    def __init__(self) -> None:
        self.latest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The surroundings of the use cases in one process."""

    calendar: WorkingCalendar
    clock: Callable[[], datetime]
    entropy: Callable[[int], bytes]
    symbol: str
    """The agency's abbreviation in document numbers, like ``SNgV``."""
    outgoing: OutgoingRules = field(default_factory=OutgoingRules)
    """Who numbers the documents that leave."""
    awards: Awards
    rulebooks: Rulebooks
    people: People = field(default_factory=People)
    contents: Contents = field(default_factory=Contents)
    counted: Counted = field(default_factory=Counted)
    stays: Stays = field(default_factory=Stays)
    campaigns: Campaigns = field(default_factory=Campaigns)
    recorded: Recorded = field(default_factory=Recorded)
    told_by: tuple[Question, ...] = ()
    """What whoever publishes events asks the database, to be asked ahead."""

    def directory(self, connection: Connection, now: datetime) -> Directory:
        """Return who works here on the local day of ``now``."""
        version = definitions.setting(connection, DIRECTORY_VERSION)
        return self.directory_of_version(connection, version, now)

    def directory_of_version(
        self, connection: Connection, version: str | None, now: datetime
    ) -> Directory:
        """Return the directory of the day of ``now``, whose version the caller has just read.

        The calendar follows what another process recorded by then.
        """
        if self.calendar.version != version:
            self.calendar.follow(definitions.setting(connection, CALENDAR), version)
        return self.people.of_version(connection, version, self.calendar.local_day(now).isoformat())

    def stamp(self, connection: Connection, subject: str, now: datetime) -> datetime:
        """Return ``now``, or the instant of the last entry of ``subject`` where that is later.

        A clock that was set back (or a ``tick --now`` in the past) must not date an entry before
        the one it follows.
        """
        if self.recorded.latest is None:
            self.recorded.latest = history.latest_instant(connection) or now
        if now >= self.recorded.latest:
            self.recorded.latest = now
            return now
        return max(now, history.last_instant_of(connection, subject) or now)

    def salted(self, fact: Fact) -> dict[str, bytes]:
        """Return a fresh salt for each text of ``fact``."""
        return {name: self.entropy(SALT_BYTES) for name in fact.texts}

    def entry(self, fact: Fact, seq: int, prev: bytes) -> Entry:
        """Return ``fact`` as entry ``seq`` after the entry whose hash is ``prev``."""
        return append(fact, seq=seq, prev=prev, salts=self.salted(fact))

    def next_entry(self, item: Item, fact: Fact) -> Entry:
        """Return ``fact`` as the next entry of the chain of ``item``."""
        return self.entry(fact, item.seq + 1, item.head)


_CODE = re.compile(r"[A-ZĐ]{1,5}-[0-9]{4}-[0-9]{4,}")


_LONGEST_SEARCH = 200
_MOST_WORDS = 12


def search_of(query: str) -> str | None:
    """Return what a search looks for, folded, or None for everything.

    Raises InvalidRefusal where it asks for too much at once.
    """
    query = tidy(query)
    if len(query) > _LONGEST_SEARCH or len(query.split()) > _MOST_WORDS:
        raise InvalidRefusal(
            reason(
                "search",
                "The search is longer than {characters} characters or {words} words. "
                "Please search by fewer words.",
                characters=_LONGEST_SEARCH,
                words=_MOST_WORDS,
            )
        )
    return searchable(query) or None


def code_in(query: str) -> str | None:
    """Return the code that a search is for, or None.

    A whole code is looked up, and nothing has to be searched through.
    """
    code = query.strip().upper()
    return code if _CODE.fullmatch(code) else None
