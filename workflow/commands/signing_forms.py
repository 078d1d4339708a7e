"""What each form of signing for another needs (Decree 30/2020/NĐ-CP, Điều 13).

The three are three things: a deputy signs (KT.) by an assignment, which may stand until it is ended
(khoản 1); the head of a unit signs by order (TL.) what the agency's work regulation names (khoản
4), and never what the law gives to the head alone; everybody else by a written authorisation
(TUQ.) with a term and a content (khoản 3). Writes nothing.
"""

from collections.abc import Iterator
from typing import Protocol

from workflow import values
from workflow.commands.execute import Transaction
from workflow.definition import WorkRegulation
from workflow.errors import Reason, reason
from workflow.lookups.agency import load_agency
from workflow.messages import listed
from workflow.model import Person, Position, SignedFor
from workflow.people import OPEN_END
from workflow.rules import is_head_s_alone

_UNIT_HEADS = frozenset({Position.HEAD, Position.CHIEF})


class _Delegating(Protocol):
    """What a delegation says that matters here."""

    @property
    def starts_on(self) -> str: ...
    @property
    def ends_on(self) -> str: ...
    @property
    def kinds(self) -> tuple[str, ...]: ...
    @property
    def terms(self) -> str: ...


def form_problems(
    transaction: Transaction, command: _Delegating, form: SignedFor, giver: Person, taker: Person
) -> Iterator[Reason]:
    """Yield what Điều 13 says against signing for ``giver`` so."""
    if form is SignedFor.TUQ and command.ends_on == OPEN_END:
        yield reason(
            "dates", "A sub-delegation (TUQ.) has a term (Article 13.3). Write its last day."
        )
    if giver.position is not Position.DIRECTOR:
        return
    if form is SignedFor.KT:
        if taker.position is not Position.DEPUTY_DIRECTOR:
            yield reason(
                "form",
                "Only a deputy signs on behalf of (KT.) the Director (Decree "
                "30/2020/NĐ-CP, Article 13.1). Choose a deputy director.",
            )
    elif taker.position not in _UNIT_HEADS:
        yield reason(
            "form",
            "Signing by order (TL.) or by sub-delegation (TUQ.) of the Director goes "
            "to the head of a unit only (Article 13.3, 13.4). Choose somebody else.",
        )
    elif form is SignedFor.TL:
        yield from _by_order(transaction, command, taker)
    elif not values.is_filled(values.lines(command.terms)):
        yield reason(
            "terms",
            "A sub-delegation (TUQ.) must be limited in content (Article 13.3). Write "
            "what may be signed.",
        )


def _by_order(transaction: Transaction, command: _Delegating, taker: Person) -> Iterator[Reason]:
    """Yield why the work regulation does not let ``taker`` sign by order."""
    regulation = load_agency(transaction.connection).signing.regulation
    if command.ends_on != OPEN_END or not _names(regulation, command, taker):
        yield reason(
            "form",
            "By order (TL.) somebody signs what the work regulation names for their position, for "
            "as long as it holds (Article 13.4), not by a delegation. Write it into the "
            "organization file; for some days give a sub-delegation (TUQ.).",
        )
    newest = transaction.context.rulebooks.newest(transaction.connection)
    alone = [
        newest[each].definition.label
        for each in command.kinds
        if each in newest and is_head_s_alone(newest[each].definition)
    ]
    if alone:
        yield reason(
            "kinds",
            "The law gives this to the head alone, so nobody signs it by order (TL.): {kinds}.",
            kinds=listed(alone),
        )


def _names(regulation: WorkRegulation | None, command: _Delegating, taker: Person) -> bool:
    return (
        regulation is not None
        and regulation.starts_on.isoformat() <= command.starts_on
        and regulation.lets_sign(taker.position, command.kinds)
    )
