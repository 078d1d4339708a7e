"""What a definition may say.

Owns the pydantic models of a definition. They describe; they never act. Anything not named here is
refused (``extra="forbid"``).
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from workflow.definition.assurance import Guarantees, Scenario
from workflow.definition.document_kinds import DocumentKind
from workflow.definition.fields import Group, ItemField, LegalBasis
from workflow.definition.gathers import Carries, Gathers
from workflow.definition.nominations import Nominates
from workflow.definition.parts import Expression, Identifier, Label, Part, Slug, Words
from workflow.messages import lazy
from workflow.model import LEADERS, NEVER_DECIDE, Position

Days = Annotated[int, Field(ge=0, le=250)]


class HolderRule(Part):
    """One line of who holds the item in this state; the first that finds somebody wins.

    The author of an item is never found by a line. ``departments`` limits the line to items of
    those departments, ``except_departments`` to items of others; ``within: department`` looks only
    inside the item's department. ``stand_in``: the positions that may act for whom the line finds,
    by a delegation or an absence; where it says nothing, leaders and the line's own positions.
    ``where_concerned``: the line holds only where the author, or somebody whom a ``concerned``
    field names, is in one of these positions; ``unless_concerned``: only where nobody is. With
    ``within: department`` those of the item's department count.
    """

    positions: Annotated[tuple[Position, ...], Field(min_length=1)]
    within: Literal["department", "agency"] = "agency"
    departments: tuple[Slug, ...] = ()
    except_departments: tuple[Slug, ...] = ()
    stand_in: tuple[Position, ...] | None = None
    where_concerned: tuple[Position, ...] = ()
    unless_concerned: tuple[Position, ...] = ()

    def lets_stand_in(self, position: Position) -> bool:
        """Return whether somebody in ``position`` may act for whom this line finds."""
        named = LEADERS.union(self.positions) if self.stand_in is None else self.stand_in
        return position in named and position not in NEVER_DECIDE


class Share(Part):
    """How many must say so: a count, a percentage of all, or so many of each line of holders."""

    count: Annotated[int, Field(ge=1, le=50)] | None = None
    percent: Annotated[int, Field(ge=1, le=100)] | None = None
    of_each_group: Annotated[int, Field(ge=1, le=50)] | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if sum(each is not None for each in (self.count, self.percent, self.of_each_group)) != 1:
            raise ValueError(lazy("give exactly one of 'count', 'percent' and 'of_each_group'"))
        return self


class SignOff(Part):
    """Several people decide in a state: ``approve`` or ``reject`` is taken when enough say so.

    Without ``rejections``, ``reject`` is taken as soon as the approvals can no longer be reached;
    with them, also then. Everybody whom any line of ``holders`` finds is asked, each line being a
    group.
    """

    approve: Identifier
    reject: Identifier
    approvals: Literal["any", "all"] | Share
    rejections: Literal["any", "all"] | Share | None = None


class Timer(Part):
    """What happens when an item has waited ``days`` working days: a telling, or a transition.

    ``tell`` finds people as ``holders`` do; the holders themselves get their task again. ``take``
    names a transition ``by: clock``.
    """

    days: Annotated[int, Field(ge=1, le=250)]
    tell: tuple[HolderRule, ...] = ()
    take: Identifier | None = None

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if bool(self.tell) == (self.take is not None):
            raise ValueError(
                lazy(
                    "a timer either tells somebody ('tell') or takes a transition "
                    "('take'): give one of them"
                )
            )
        return self


class EditVoids(Part):
    """What an edit in a state does to approvals: the item goes back to ``to``, to be decided anew.

    An edit that changes nothing but the fields in ``unless`` leaves every approval standing.
    """

    to: Identifier
    unless: tuple[Identifier, ...] = ()


class Stage(StrEnum):
    """How far an item is: with its author, on its way, through, or given up."""

    DRAFTING = "drafting"
    ON_THE_WAY = "on_the_way"
    THROUGH = "through"
    GIVEN_UP = "given_up"


class Tone(StrEnum):
    """How a state is shown: being written, waiting, well ended, or ended without success."""

    PLAIN = "plain"
    WAITING = "waiting"
    DONE = "done"
    RETURNED = "returned"


class State(Part):
    """One state: its label, its article of NĐ 30/2020/NĐ-CP, how long it may take, its holders.

    ``editable``: its author may change the item; with ``editable_fields`` only those fields, and
    neither title nor files. ``label``: what was done; ``current``: what is awaited there, and
    ``awaited`` for whom, if not its holders. ``stage``, ``tone``: what the graph does not tell.
    ``held_by_author`` with ``holders``: it waits for its author alone, and whom those find may take
    what is open to the author there, so that what it holds does not wait for one person.
    """

    id: Identifier
    label: Label
    article: str | None = None
    working_days: Days | None = None
    link_days: Annotated[int, Field(ge=1, le=60)] = 14
    held_by_author: bool = False
    holders: tuple[HolderRule, ...] = ()
    sign_off: SignOff | None = None
    timers: tuple[Timer, ...] = ()
    editable: bool = False
    editable_fields: tuple[Identifier, ...] = ()
    edit_voids: EditVoids | None = None
    final: bool = False
    meets_deadline: bool = False
    awaited: Label | None = None
    current: Label | None = None
    stage: Stage | None = None
    tone: Tone | None = None

    @property
    def label_now(self) -> Label:
        """Return its name while an item is there."""
        return self.current or self.label


class GuardUse(Part):
    """A guard by name, with its parameters."""

    name: Identifier
    parameters: dict[str, str | int | bool] = Field(default_factory=dict)


class Requirement(Part):
    """A guard by expression: what must hold of the content, and what to say where it does not."""

    expression: Expression
    message: Label


class Telling(Part):
    """Who else hears of a transition, in the agency's own words; found as holders are.

    ``message`` may name ``{code}``, ``{kind}``, ``{department}``, ``{state}`` (where the item now
    is) and ``{actor}``; nothing of an item's content, which never stands in a mail.
    ``recipient``: a line of Nơi nhận; they hear of it where the campaign's plan has that line, and
    the document names it.
    """

    recipient: Slug | None = None
    to: Annotated[tuple[HolderRule, ...], Field(min_length=1)]
    message: Label


class Actor(StrEnum):
    """Who may take a transition."""

    HOLDER = "holder"
    AUTHOR = "author"
    CLOCK = "clock"


class Confirmation(StrEnum):
    """What a person confirms beside the decision itself, on every page that offers it."""

    NO_STATE_SECRET = "no_state_secret"  # noqa: S105 - a word of the language, not a password


class Transition(Part):
    """One way on: from which states, to which (the first is the default), by whom, what it asks.

    Several may share an id and a state: the first whose ``when`` holds is the one there; without
    ``when`` it always is. ``guards`` and ``requires`` are asked when it is taken, and say why not.
    ``undo``: whoever took it may take it back within ten minutes, while nobody has acted since.

    What it means, which no id can say: ``hands_in``, the author hands the item in for approval;
    ``is_return``, it is sent back to be mended, and counted so; ``signs``, whoever takes it is the
    signer of the document; ``confirms``, what its taker confirms; ``verb``, what a mail about a
    waiting item asks for ("Please {verb} the item"); ``result``, what became of a nomination;
    ``judged``, the rules of awards are asked. All that share an id mean the same. ``carries``:
    what the items that are gathered in this one do in the same decision. ``by_recipient``: whom
    the dossier was sent to may take it too, by the link that came with it.
    """

    id: Identifier
    label: Label
    outcome: Label
    from_states: Annotated[tuple[Identifier, ...], Field(alias="from", min_length=1)]
    to: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    when: Expression | None = None
    by: Actor = Actor.HOLDER
    comment: Literal["optional", "required"] = "optional"
    second_factor: bool = False
    by_email: bool = False
    by_recipient: bool = False
    numbered: bool = False
    sends: bool = False
    tells_author: bool = False
    tells: tuple[Telling, ...] = ()
    undo: bool = False
    hands_in: bool = False
    is_return: bool | None = None
    signs: bool = False
    confirms: tuple[Confirmation, ...] = ()
    verb: Label | None = None
    result: Literal["given", "refused"] | None = None
    judged: bool = False
    carries: Carries | None = None
    guards: tuple[GuardUse, ...] = ()
    requires: tuple[Requirement, ...] = ()

    @model_validator(mode="after")
    def _is_open_to_recipients(self) -> Self:
        is_own = self.second_factor or self.signs or self.numbered or self.sends
        if self.by_recipient and (is_own or self.by is not Actor.HOLDER or not self.by_email):
            raise ValueError(
                lazy(
                    "'{id}': 'by_recipient' goes with 'by_email: true' and 'by: holder', and never "
                    "with 'second_factor', 'signs', 'numbered' or 'sends'",
                    id=self.id,
                )
            )
        return self

    @property
    def needs_comment(self) -> bool:
        """Return whether nobody takes it without a reason."""
        return self.comment == "required"


class Definition(Part):
    """One kind of item: identified by id, version and content hash.

    ``answers``: the kind of deadline that a department answers with items of this type together:
    met once one of them is handed in and none is still being drafted. Without it an item answers
    the deadline whose kind its field ``period`` names, alone. ``suggested_title``: what an item is
    called whose author gives it no title, with fields of text or choice as ``{id}``, or as
    ``{id|id}`` of several the first that is filled.
    """

    id: Identifier
    version: Annotated[int, Field(ge=1)]
    code_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}$")]
    label: Label
    document: DocumentKind
    legal_basis: tuple[LegalBasis, ...] = ()
    initial: Identifier
    answers: Identifier | None = None
    nominates: Nominates | None = None
    gathers: Gathers | None = None
    groups: Annotated[tuple[Group, ...], Field(min_length=1)]
    fields: Annotated[tuple[ItemField, ...], Field(min_length=1)]
    states: Annotated[tuple[State, ...], Field(min_length=2)]
    transitions: Annotated[tuple[Transition, ...], Field(min_length=1)]
    example_title: Words
    suggested_title: Words | None = None
    guarantees: Guarantees = Field(default_factory=Guarantees)
    scenarios: tuple[Scenario, ...] = ()

    @property
    def unwritten(self) -> frozenset[str]:
        """Return the ids of the fields that no author writes: gathering does."""
        gathers = self.gathers
        return frozenset() if gathers is None else frozenset((gathers.sources, gathers.period))

    @property
    def copied_to(self) -> tuple[str, ...]:
        """Return the lines of a plan's Nơi nhận to which a copy of what is sent goes."""
        tells = (each for way in self.transitions if way.sends for each in way.tells)
        return tuple(each.recipient for each in tells if each.recipient is not None)
