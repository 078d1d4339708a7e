"""The filters of the history, by the same names in a page's address and in the interface.

Owns what each of them may be and how it becomes a filter of the store. It judges nobody's rights.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, time, timedelta
from typing import Final, Self
from urllib.parse import urlencode

from sqlalchemy import Connection

from api.composition import Application
from notifications.translation import Number, translate
from workflow import values
from workflow.errors import InvalidRefusal, NotFoundRefusal, Reason, reason
from workflow.history import EntryType
from workflow.messages import Message, lazy
from workflow.model import Method, PersonId, Via
from workflow.queries import people
from workflow.queries.history import EntryFilter, StoredEntry, entry_at
from workflow.queries.patterns import TYPES, Pattern, terms_of

_NAMED: Final[Mapping[str, frozenset[EntryType]]] = {
    "decisions": frozenset({EntryType.TRANSITION, EntryType.SIGNED_OFF, EntryType.UNDONE}),
    "content": frozenset({EntryType.CREATED, EntryType.EDITED}),
    "holders": frozenset(
        {
            EntryType.HOLDERS_CHANGED,
            EntryType.RECUSED,
            EntryType.REASSIGNED,
            EntryType.ESCALATED,
            EntryType.HOLDERS_URGED,
            EntryType.AWARD_WITHDRAWN,
            EntryType.NOMINEE_DECIDED,
            EntryType.GATHERED,
            EntryType.DUE_CHANGED,
        }
    ),
    "discussion": frozenset(
        {EntryType.OPINION_ASKED, EntryType.OPINION_GIVEN, EntryType.COMMENTED}
    ),
    "people": frozenset(
        {
            EntryType.PERSON_ADDED,
            EntryType.PERSON_CHANGED,
            EntryType.DELEGATION_ADDED,
            EntryType.DELEGATION_ENDED,
            EntryType.ABSENCE_ADDED,
            EntryType.ABSENCE_ENDED,
            EntryType.FACTOR_SET,
            EntryType.FACTOR_REMOVED,
            EntryType.FACTORS_RESEALED,
            EntryType.CHANGE_UNDONE,
            EntryType.TOKEN_MADE,
            EntryType.TOKEN_ENDED,
            EntryType.FEED_MADE,
            EntryType.FEED_ENDED,
        }
    ),
    "proposals": frozenset(
        {EntryType.PROPOSAL_MADE, EntryType.PROPOSAL_CONFIRMED, EntryType.PROPOSAL_REJECTED}
    ),
    "deadlines": frozenset(
        {
            EntryType.DEADLINE_SET,
            EntryType.DEADLINE_CHANGED,
            EntryType.REMINDED,
            EntryType.EXTENSION_ASKED,
            EntryType.EXTENSION_GRANTED,
            EntryType.EXTENSION_REFUSED,
            EntryType.REMINDERS_SNOOZED,
        }
    ),
    "merits": frozenset(
        {
            EntryType.MERIT_RECORDED,
            EntryType.MERIT_NOTED,
            EntryType.MERIT_NOMINATED,
            EntryType.CAMPAIGN_READ,
        }
    ),
    "findings": frozenset(
        {EntryType.FINDING_OPENED, EntryType.FINDING_NOTED, EntryType.FINDING_CLOSED}
    ),
    "inspections": frozenset(
        {
            EntryType.INSPECTION_PLANNED,
            EntryType.INSPECTION_RECORDED,
            EntryType.INSPECTION_ENDED,
        }
    ),
    "past_awards": frozenset(
        {
            EntryType.PAST_AWARD_IMPORTED,
            EntryType.PAST_AWARD_WITHDRAWN,
            EntryType.PAST_AWARD_ERASED,
        }
    ),
    "proceedings": frozenset(
        {
            EntryType.PROCEEDING_OPENED,
            EntryType.PROCEEDING_CLOSED,
            EntryType.PROCEEDING_CORRECTED,
            EntryType.PROCEEDING_ERASED,
        }
    ),
    "register": frozenset(
        {
            EntryType.DOCUMENT_REGISTERED,
            EntryType.SIGNED_COPY_ADDED,
            EntryType.ISSUE_AMENDED,
            EntryType.ARRIVED,
            EntryType.LINK_REVOKED,
        }
    ),
    "council": frozenset(
        {
            EntryType.ROUND_SET,
            EntryType.BOX_KEY_TAKEN,
            EntryType.VOTE_OPENED,
            EntryType.VOTE_CAST,
            EntryType.VOTE_COUNTED,
            EntryType.VOTE_RECOUNTED,
            EntryType.COUNT_CHALLENGED,
            EntryType.CHALLENGE_ANSWERED,
            EntryType.ROUND_CLOSED,
            EntryType.ROUND_CANCELLED,
        }
    ),
    "privacy": frozenset(
        {
            EntryType.TEXT_ERASED,
            EntryType.MERIT_ERASED,
            EntryType.REQUEST_ERASED,
            EntryType.PERSON_ERASED,
            EntryType.HOLD_PLACED,
            EntryType.HOLD_LIFTED,
            EntryType.REQUEST_RECEIVED,
            EntryType.REQUEST_ANSWERED,
            EntryType.PRIVACY_RULES_SET,
            EntryType.RETENTION_APPLIED,
        }
    ),
}
KINDS: Final[Mapping[str, frozenset[EntryType]]] = {
    **_NAMED,
    "configuration": frozenset(EntryType).difference(*_NAMED.values()),
}
"""What entries are about, as an auditor asks for them: every type is of one kind."""
KIND_LABELS: Final[Mapping[str, Message]] = {
    "decisions": lazy("Decisions"),
    "content": lazy("Drafting and editing"),
    "holders": lazy("Who holds an item"),
    "discussion": lazy("Opinions and comments"),
    "configuration": lazy("Processes and the agency"),
    "people": lazy("People, delegations, second factors"),
    "proposals": lazy("Proposals"),
    "deadlines": lazy("Deadlines and reminders"),
    "merits": lazy("Good examples, campaigns"),
    "findings": lazy("Findings"),
    "register": lazy("Outgoing documents"),
    "council": lazy("Rounds of the council"),
    "inspections": lazy("Inspections"),
    "past_awards": lazy("Imported awards of earlier years"),
    "proceedings": lazy("Discipline, inspections, complaints pending"),
    "privacy": lazy("Personal data: erasures, requests, holds"),
}
PATTERN_LABELS: Final[Mapping[Pattern, Message]] = {
    Pattern.QUICK: lazy("Decided within ten seconds of opening"),
    Pattern.TWICE: lazy("The same person in two parts of one item"),
    Pattern.NIGHT: lazy("Many decisions at night"),
    Pattern.UNCHANGED: lazy("Handed in again without a change"),
    Pattern.CONFIRMED_AT_ONCE: lazy("Proposals confirmed within a minute"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuery:
    """Which entries are wanted, as typed; an empty filter takes all.

    ``who``: a mail address, or the number of a person. ``since`` and ``until``: days, both within.
    ``beside``: of one item, also what was configured since it began.
    """

    code: str = ""
    who: str = ""
    department: str = ""
    kind: str = ""
    transition: str = ""
    via: str = ""
    method: str = ""
    since: str = ""
    until: str = ""
    pattern: str = ""
    beside: bool = False

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Self:
        """Return the query that an address has; what names no filter is left out."""
        known = {each.name: said.get(each.name, "") for each in fields(cls)}
        is_beside = bool(known.pop("beside"))
        return cls(**known, beside=is_beside)

    @property
    def address(self) -> str:
        """Return the query of an address that asks for the same."""
        said = {name: "1" if value is True else value for name, value in asdict(self).items()}
        return urlencode({name: value for name, value in said.items() if value})

    def without(self, name: str) -> Self:
        """Return the query that one filter is left out of."""
        return self.of({each: value for each, value in asdict(self).items() if each != name})


def entry_filter(parts: Application, connection: Connection, query: HistoryQuery) -> EntryFilter:
    """Return the filter that an address asks for. Raises InvalidRefusal with all that is wrong."""
    problems = [
        *_unknown("kind", query.kind, KINDS),
        *_unknown("via", query.via, list(Via)),
        *_unknown("method", query.method, list(Method)),
        *_unknown("pattern", query.pattern, list(Pattern)),
    ]
    person = _person(connection, query.who, problems)
    since = _start(parts, "since", query.since, problems)
    until = _start(parts, "until", query.until, problems)
    if problems:
        raise InvalidRefusal(*problems)
    until = until and until + timedelta(days=1)
    code = query.code.strip().upper()
    found = EntryFilter(
        subject=f"item:{code}" if code else None,
        person=person,
        department=query.department or None,
        types=KINDS.get(query.kind),
        transition=query.transition or None,
        via=query.via or None,
        method=query.method or None,
        since=since,
        until=until,
        beside=query.beside,
    )
    if not query.pattern:
        return found
    pattern = Pattern(query.pattern)
    types = TYPES[pattern] if found.types is None else found.types & TYPES[pattern]
    terms = terms_of(parts.context, connection, pattern, until or parts.clock.now())
    return replace(found, types=types, pattern=terms)


def parse_reference(text: str) -> tuple[str, int]:
    """Return subject and number of an entry named ``SUBJECT@NUMBER``. Raises NotFoundRefusal."""
    subject, _, number = text.rpartition("@")
    seq = values.counter(number)
    if not subject or seq is None:
        raise NotFoundRefusal(lazy("this entry"))
    return subject, seq


def entry_pair(
    connection: Connection, references: Sequence[str]
) -> tuple[StoredEntry, StoredEntry]:
    """Return the two entries that are named, the earlier one first.

    Raises InvalidRefusal where there are not two, NotFoundRefusal for one that is not there.
    """
    named = list(dict.fromkeys(references))
    if len(named) != 2:  # noqa: PLR2004 - a difference is of two
        raise InvalidRefusal(reason("entry", "Choose two entries to compare."))
    found = [entry_at(connection, *parse_reference(each)) for each in named]
    if found[0] is None or found[1] is None:
        raise NotFoundRefusal(lazy("this entry"))
    one, other = found[0], found[1]
    return (one, other) if one.id < other.id else (other, one)


def _unknown(name: str, value: str, known: Collection[str]) -> list[Reason]:
    if not value or value in known:
        return []
    return [
        reason(
            name,
            "“{value}” is no such filter. Choose one of: {known}.",
            value=value[:60],
            known=", ".join(known),
        )
    ]


def _person(connection: Connection, who: str, problems: list[Reason]) -> PersonId | None:
    wanted = values.line(who)
    number = values.counter(wanted, most=values.LARGEST_ID)
    if number is not None:
        return PersonId(number)
    if not wanted:
        return None
    found = people.person_by_email(connection, wanted)
    if found is None:
        problems.append(
            reason("who", "Nobody has the address “{who}”. Choose somebody.", who=wanted[:80])
        )
    return found.id if found else None


def _start(parts: Application, name: str, text: str, problems: list[Reason]) -> datetime | None:
    """Return the instant at which a day begins where the agency is, or None."""
    if not text:
        return None
    day = values.day(text)
    if day is None:
        problems.append(
            reason(name, "The day must be real, as 15/06/2022 or 2022-06-15. Write it again.")
        )
        return None
    return datetime.combine(day, time.min, tzinfo=parts.context.calendar.zone)


def count_in_words(count: int, most: int) -> str:
    """Return how many entries a list has, as far as they are counted."""
    if count > most:
        return translate("More than {most} entries", most=f"{Number(most):,.0f}")
    return translate("{count} entry", "{count} entries", count=count)
