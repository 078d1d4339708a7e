"""What entries about personal data say: erasures, holds, data subjects' requests, retention.

Erasing takes texts and their salts away; the entries that committed to them stay. So an entry says
exactly what is gone: a verifier accepts that, and nothing else, as missing.
"""

from dataclasses import dataclass
from typing import ClassVar

from workflow.history.entry_types import EntryType
from workflow.history.payloads import Confirmable, Payload
from workflow.model import PersonId, RequestKind, RequestState

TextName = tuple[int, str]
"""The number of an entry of the same subject, and the name of one of its texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure(Confirmable):
    """Texts of the subject's entries are gone; ``request``: the data subject's, which asked it."""

    texts: tuple[TextName, ...]
    request: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextErased(Erasure):
    """Texts of an item were erased.

    ``parts``: ids of fields, ``(title)``. ``contents``: the hash of each content that loses some,
    and of what is left of it. ``files``: by hash.
    """

    type: ClassVar[EntryType] = EntryType.TEXT_ERASED
    parts: tuple[str, ...] = ()
    contents: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeritErased(Erasure):
    """Whose a merit was and what it tells, with the notes on it, were erased."""

    type: ClassVar[EntryType] = EntryType.MERIT_ERASED


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestErased(Erasure):
    """Who asked what, and the answer, were erased."""

    type: ClassVar[EntryType] = EntryType.REQUEST_ERASED


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonErased(Erasure):
    """A person's name, address, factors and traces were erased; ``proposals``: whose words went."""

    type: ClassVar[EntryType] = EntryType.PERSON_ERASED
    proposals: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced(Payload):
    """What is kept about a subject (``item:…``, ``person:…``) is not to be erased."""

    type: ClassVar[EntryType] = EntryType.HOLD_PLACED
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLifted(HoldPlaced):
    """A hold has ended."""

    type: ClassVar[EntryType] = EntryType.HOLD_LIFTED


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReceived(Payload):
    """A data subject asked something; days in ISO; ``person`` None: somebody from outside."""

    type: ClassVar[EntryType] = EntryType.REQUEST_RECEIVED
    kind: RequestKind
    person: PersonId | None
    received_on: str
    due_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAnswered(Payload):
    """A request was acknowledged, granted or refused, or put off to another due day, once."""

    type: ClassVar[EntryType] = EntryType.REQUEST_ANSWERED
    state: RequestState
    due_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRulesSet(Payload):
    """Due days and retention periods, by the hash of the rules."""

    type: ClassVar[EntryType] = EntryType.PRIVACY_RULES_SET
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionApplied(Confirmable):
    """What was past its period on a day (ISO) was erased: how many of each kind."""

    type: ClassVar[EntryType] = EntryType.RETENTION_APPLIED
    day: str
    removed: tuple[tuple[str, int], ...]
