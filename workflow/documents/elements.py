"""What an official document says, whatever draws it (Decree 30/2020/NĐ-CP, Phụ lục I).

Owns the elements of a document, in the order of the decree, as finished words: what is upper case
stands so, every basis ends as it must, and room for a number or a day is made of spaces that do not
break. A renderer chooses no word; it owns fonts, sizes and places alone. Pure.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Literal, cast

from workflow.model import Json


class Align(StrEnum):
    """Where the words of a column stand."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """The head of a document: who issues it, under which number, where and when.

    ``superior`` empty: nobody stands above the issuer. ``number`` and ``place_day`` are whole lines
    with room where something is still to be written; empty, the document bears none. ``about``: of
    a letter, which has no name of its kind (công văn), the line below its number. ``form``: the
    code of the form it follows, for the corner.
    """

    superior: str
    issuer: str
    number: str
    place_day: str
    about: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph of running text; ``lead``: its first words, bold (“Điều 1.”)."""

    text: str
    lead: str = ""
    block: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line in the middle, bold: “QUYẾT ĐỊNH:”."""

    text: str
    block: Literal["line"] = "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The title of a part; ``level`` 1: of a section (I., II.), 2: of what is below (1., 2.)."""

    text: str
    level: Literal[1, 2] = 1
    block: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """A column of a table: its head, its share of the width, and where its words stand."""

    head: str
    share: int
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A row of a table, a cell for each column; ``is_group``: one bold cell across all of them."""

    cells: tuple[str, ...]
    is_group: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableBlock:
    """A table, its head on every page; ``about``: what it holds, for a screen reader."""

    columns: tuple[TableColumn, ...]
    rows: tuple[TableRow, ...]
    about: str
    block: Literal["table"] = "table"


Block = Paragraph | Line | Heading | TableBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureSpace:
    """Where somebody signs: for whom and as what, a line each; what to do there; room; the name.

    “KT. GIÁM ĐỐC” and “PHÓ GIÁM ĐỐC” are two lines (Phụ lục I, mục II.7). ``name`` empty: nobody
    is known yet.
    """

    lines: tuple[str, ...]
    name: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachedList:
    """What is attached and signed with the document: a list with its title and its reference.

    ``is_wide``: its table stands on pages that lie across.
    """

    title: str
    about: str
    reference: str
    blocks: tuple[Block, ...]
    is_wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialDocument:
    """One document. ``kind``: its name, upper case, empty of a letter; ``subject``: below it.

    ``authority``: who decides, of a decision. ``addressees``: whom it is to (Kính gửi), as
    finished; ``bases``: what it rests on, in order, a line each. ``signatures``: one, or two side
    by side, the left one first. ``recipients``: the lines of Nơi nhận; none, and the document has
    no such element. ``title``: what a reader's window calls it.
    """

    title: str
    head: Letterhead
    kind: str
    subject: str
    body: tuple[Block, ...]
    signatures: tuple[SignatureSpace, ...]
    authority: str = ""
    addressees: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    lists: tuple[AttachedList, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardCertificate:
    """The text of one certificate (Giấy khen), for its printed form, from the top down."""

    title: str
    authority: str
    verb: str
    award: str
    name: str
    beside: str
    merit: str
    place_day: str
    signature: SignatureSpace
    reference: str


def data_of(document: OfficialDocument | AwardCertificate) -> dict[str, Json]:
    """Return a document as what a template reads: mappings, lists and texts alone."""
    return cast("dict[str, Json]", asdict(document))
