"""What has happened between the agency and the body outside that its dossiers are sent to.

Owns these events; ``events`` names them among the others.
"""

from dataclasses import dataclass
from typing import TypeAlias

from workflow.model import ItemId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientInvited:
    """A dossier left by mail; whom it is for gets the links to its package and to the answer.

    ``link``: the id (in hex) of the row that both derive from; ``name``: of who gets it.
    """

    item: ItemId
    code: str
    address: str
    name: str
    link: str
    number: str
    issued_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientAnswered:
    """Whom a dossier was sent to answered it by its link; ``person`` held it.

    ``item``: the first that was answered, in ``version`` afterwards; ``codes``: all of them.
    """

    item: ItemId
    code: str
    person: PersonId
    version: int
    transition: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingAmended:
    """What left with the number ``of`` was corrected, replaced or recalled by another document.

    ``how``: correction, replacement or recall; ``seq``: of the entry that tells of it.
    """

    item: ItemId
    code: str
    seq: int
    how: str
    of: str
    of_day: str
    number: str
    issued_on: str


SendingEvent: TypeAlias = RecipientInvited | RecipientAnswered | SendingAmended
