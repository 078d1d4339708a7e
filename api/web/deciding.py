"""What a form that decides offers and asks for: answers, and what belongs to which of them.

Owns what an item's page, the page of one decision and the page of a link show alike. It judges
nothing: which answers are open, the core has said.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection
from starlette.datastructures import FormData

from api.auth.credentials import find_secrets
from api.auth.second_factor import passkey_options
from api.composition import Application
from api.web.confirmations import Box, boxes
from workflow.definition import Actor, Definition, OutgoingRules, State, Transition
from workflow.lookups.nominations import Examination
from workflow.model import Item, PersonId

_MOST_ANSWERS: Final = 5
"""How many answers the style sheets can follow; with more, all that any asks for is shown."""
FIELDS: Final = (
    {
        name: name
        for name in ("comment", "to", "until", "number", "issued_on", "channel", "decision")
    }
    | {name: name for name in ("award", "authority", "decision_number", "decided_on")}
    | {"confirm": "no_secret", "second-factor": "pin", "nominees": "results"}
)
"""The ids of the fields of such a form, by the rules of what may be wrong with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFactors:
    """By what the reader can prove a decision: only what they have is offered."""

    has_pin: bool = False
    has_totp: bool = False
    passkey_options: str = ""

    @property
    def is_none(self) -> bool:
        """Return whether they have nothing yet."""
        return not (self.has_pin or self.has_totp or self.passkey_options)


NO_FACTORS: Final = OwnFactors()
"""Of whom nothing is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """The answers of a form, in order, and the classes of what is shown with some of them."""

    answers: Sequence[Transition]
    targets: Sequence[State]
    """To which step it may go, where an answer leaves that open."""
    confirmations: Sequence[Box]
    mending: frozenset[str]
    """The answers that may name what is to be mended."""
    factors: OwnFactors
    outgoing: OutgoingRules
    """Who gives the number of what leaves, and how it usually leaves."""
    reports_awards: bool = False
    """Whether what is sent may tell of a decision on awards by the agency's own head."""
    listed: Sequence[Examination] = ()
    """The rows of a list of nominees, each of which has an outcome of its own."""

    @property
    def authorities(self) -> list[tuple[str, object]]:
        """Return who decides on the awards that a list asks for, each once."""
        routes = [each.route for each in self.listed if each.route is not None]
        return list({each.competence.authority: each.authority for each in routes}.items())

    @property
    def is_one(self) -> bool:
        """Return whether there is nothing to choose: the page is that of one decision."""
        return len(self.answers) == 1

    @property
    def is_at_once(self) -> bool:
        """Return whether its button alone records it: nothing else is asked, and it is undoable."""
        answer = self.answers[0]
        asked = (self.asks_factor, self.asks_number, self.asks_award, self.asks_reported)
        return (
            self.is_one
            and answer.undo
            and not answer.needs_comment
            and not any((*asked, self.asks_target, self.asks_until, self.confirmations))
        )

    @property
    def asks_factor(self) -> str:
        """Return the classes of what proves a decision; empty where no answer needs that."""
        return self._with(lambda each: each.second_factor)

    @property
    def asks_number(self) -> str:
        """Return the classes of number, day and way of sending."""
        return self._with(lambda each: each.numbered)

    @property
    def asks_award(self) -> str:
        """Return the classes of award, authority, number and day of the decision."""
        return self._with(lambda each: each.result == "given")

    @property
    def asks_reported(self) -> str:
        """Return the classes of number and day of the decision that a dossier reports."""
        return self._with(lambda each: each.sends) if self.reports_awards else ""

    @property
    def asks_target(self) -> str:
        """Return the classes of the choice of a step."""
        wanted = [each.id for each in self.targets]
        return self._with(lambda each: len(each.to) > 1 and [*each.to] == wanted)

    @property
    def asks_until(self) -> str:
        """Return the classes of the day by which a supplement is wanted."""
        return self._with(lambda each: each.by_recipient and each.needs_comment)

    @property
    def asks_mending(self) -> str:
        """Return the classes of the checklist of what is to be mended."""
        return self._with(lambda each: each.id in self.mending)

    def of(self, box: Box) -> str:
        """Return the classes of one confirmation."""
        return self._with(lambda each: box in boxes(each.confirms))

    def _with(self, is_asked: Callable[[Transition], bool]) -> str:
        places = [place for place, each in enumerate(self.answers, 1) if is_asked(each)]
        if not places:
            return ""
        if self.is_one or len(self.answers) > _MOST_ANSWERS:
            return "asked-for"
        return " ".join(["with", *(f"n{place}" for place in places)])


def deciding(
    definition: Definition,
    answers: Sequence[Transition],
    factors: OwnFactors,
    outgoing: OutgoingRules,
    examined: Sequence[Examination] = (),
) -> Deciding:
    """Return what a form with ``answers`` shows; ``examined``: the nominees of the item."""
    several = next((each.to for each in answers if len(each.to) > 1), ())
    states = {each.id: each for each in definition.states}
    return Deciding(
        answers=answers,
        targets=[states[each] for each in several],
        confirmations=boxes(confirmed for each in answers for confirmed in each.confirms),
        mending=frozenset(
            each.id
            for each in answers
            if each.by is Actor.HOLDER
            and each.needs_comment
            and any(states[to].editable for to in each.to)
        ),
        factors=factors,
        reports_awards=definition.nominates is not None,
        outgoing=outgoing,
        listed=[each for each in examined if each.nominee.row],
    )


def only_asked(form: FormData, ways: Sequence[Transition]) -> FormData:
    """Return what an answer takes of a form that holds the fields of all answers."""
    left_out: set[str] = set()
    if not any(len(each.to) > 1 for each in ways):
        left_out |= {"to"}
    if not any(each.by_recipient and each.needs_comment for each in ways):
        left_out |= {"until"}
    if not any(each.numbered for each in ways):
        left_out |= {"number", "issued_on", "channel"}
    if not any(each.result == "given" for each in ways):
        left_out |= {"award", "authority"}
        left_out |= set() if any(each.sends for each in ways) else {"decision_number", "decided_on"}
    if not any(each.needs_comment for each in ways):
        left_out |= {"mend"}
    return FormData([(name, value) for name, value in form.multi_items() if name not in left_out])


def own_factors(
    parts: Application,
    connection: Connection,
    person: PersonId,
    item: Item,
    answers: Iterable[Transition],
) -> OwnFactors:
    """Return by what a person can prove one of ``answers``; nothing where none asks for it."""
    if not any(each.second_factor for each in answers):
        return NO_FACTORS
    return factors_of(connection, person, passkey_options(parts, connection, person, item))


def factors_of(connection: Connection, person: PersonId, options: str) -> OwnFactors:
    """Return what a person has; ``options``: by which a passkey of theirs is asked to sign."""
    kept = find_secrets(connection, person)
    return OwnFactors(
        has_pin=kept is not None and kept.pin_hash is not None,
        has_totp=kept is not None and kept.totp_secret is not None,
        passkey_options=options,
    )
