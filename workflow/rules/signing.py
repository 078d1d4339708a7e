"""On what ground somebody signs for the head of the agency (Decree 30/2020/NĐ-CP, Điều 13).

Owns the one answer that an entry keeps, prints show and ``check`` asks. Pure.
"""

from dataclasses import dataclass
from enum import StrEnum, auto

from workflow.definition import Definition
from workflow.model import Delegation, Origin, Person, PersonId, Position, SignedFor
from workflow.people import OPEN_END, Directory


class Basis(StrEnum):
    """What a signature for the head rests on."""

    ASSIGNMENT = auto()
    """A deputy's field, or the deputy's charge for some days (khoản 1)."""
    REGULATION = auto()
    """The work regulation (khoản 4)."""
    AUTHORISATION = auto()
    """A written authorisation with a term and a content (khoản 3)."""
    ABSENCE = auto()
    """Named to stand in while the head is away."""
    PROCESS = auto()
    """The process lets a deputy sign, and no assignment is recorded."""


_OF_FORM = {
    SignedFor.KT: Basis.ASSIGNMENT,
    SignedFor.TL: Basis.REGULATION,
    SignedFor.TUQ: Basis.AUTHORISATION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The form of a signature, what it rests on, and the delegation whose document says so."""

    form: SignedFor
    basis: Basis
    delegation: int | None = None


def is_head_s_alone(definition: Definition) -> bool:
    """Return whether the law gives the documents of a process to the head: no order (TL.) signs it.

    Law 06/2022/QH15, Điều 80: it is the head who awards, and who puts forward to be awarded.
    """
    return definition.nominates is not None


def ground_of(
    definition: Definition,
    origin: Origin,
    signer: Person,
    on_behalf_of: PersonId | None,
    directory: Directory,
) -> Ground | None:
    """Return on what ``signer`` signs an item for the head; None: as the head, or on nothing.

    ``on_behalf_of`` None: the process itself lets them sign.
    """
    if signer.position is Position.DIRECTOR:
        return None
    heads = directory.in_positions([Position.DIRECTOR])
    givers = [each.id for each in heads] if on_behalf_of is None else [on_behalf_of]
    given = [
        each
        for each in directory.delegations
        if each.to_person == signer.id
        and each.from_person in givers
        and _covers(each, origin, directory.today)
        and not (each.form is SignedFor.TL and is_head_s_alone(definition))
    ]
    # A charge for some days comes before what stands for good.
    for found in sorted(given, key=lambda each: (each.ends_on == OPEN_END, -each.id)):
        return Ground(form=found.form, basis=_OF_FORM[found.form], delegation=found.id)
    is_deputy = signer.position in {Position.DEPUTY_DIRECTOR, Position.DEPUTY}
    form = SignedFor.KT if is_deputy else SignedFor.TUQ
    if on_behalf_of is not None and _stands_in(signer, on_behalf_of, directory):
        return Ground(form=form, basis=Basis.ABSENCE)
    if on_behalf_of is None and is_deputy:
        return Ground(form=form, basis=Basis.PROCESS)
    return None


def _covers(delegation: Delegation, origin: Origin, today: str) -> bool:
    return (
        delegation.starts_on <= today <= delegation.ends_on
        and (not delegation.kinds or origin.kind in delegation.kinds)
        and (not delegation.departments or origin.department in delegation.departments)
    )


def _stands_in(signer: Person, head: PersonId, directory: Directory) -> bool:
    return any(
        each.person == head
        and each.stand_in == signer.id
        and each.starts_on <= directory.today <= each.ends_on
        for each in directory.absences
    )
