"""What the makers of documents are given: who issues, what was issued, who signed, who is named.

Values alone, which queries fill from what they read. Nothing here is a sentence.
"""

from dataclasses import dataclass
from datetime import date

from workflow.definition import DocumentWords
from workflow.model import Position, SignedFor


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuingAgency:
    """The agency as its documents name it, and its words.

    ``office`` and ``office_unit``: the name of its Office and how it is abbreviated; ``board``:
    the body that dossiers go to.
    """

    agency: str
    superior: str
    symbol: str
    place: str
    office: str
    office_unit: str
    board: str
    words: DocumentWords


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Number with symbol, and day, of an issued document; ``year``: of one that is still open."""

    year: int
    notation: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signs: in which position, for the head in which form (None: as the head), the name."""

    position: Position
    name: str = ""
    form: SignedFor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementFacts:
    """The campaign as documents name it, and the plans that it carries out, the superior's first.

    ``outside``: the bodies outside that its plan sends documents to; ``copied``: whom inside it
    sends this document to.
    """

    name: str
    plans: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedNominee:
    """Somebody put forward or awarded: who, what stands beside the name, which award and why.

    ``authority``: who awards it; empty where that is the agency's own head.
    """

    name: str
    is_collective: bool
    beside: tuple[str, ...] = ()
    award: str = ""
    authority: str = ""
    merit: str = ""
    certificate_text: str = ""
