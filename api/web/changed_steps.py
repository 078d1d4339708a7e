"""Steps of a process added, moved and taken away by a form: what was asked, what is wrong with it.

Owns the words that a new step begins with, and the judgement: a change is taken where the checks
find nothing that they did not find before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from api.composition import Application
from api.web.examination import read_text
from notifications.translation import LANGUAGES, speaking, translate
from workflow.checking import check_definition
from workflow.definition import Definition, FileProblem
from workflow.definition.parts import Label
from workflow.definition.steps import (
    NewStep,
    rooms,
    with_earlier_step,
    with_step,
    without_step,
)
from workflow.errors import InvalidRefusal, reason
from workflow.messages import Message, lazy
from workflow.model import NEVER_DECIDE, Position
from workflow.rules import GUARDS
from workflow.values import counter

NEW: Final = "new"
"""The row in which a step is described that is not there yet; its fields begin so."""
_ACTS: Final = ("add", "earlier", "later", "remove")
_MOST_DAYS: Final = 250
_MOST_LETTERS: Final = 200
Given = Mapping[str, tuple[str, ...]]
"""The values of a form, by the names of its settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedSteps:
    """A text with other steps: which one is to be looked at, and what is told."""

    text: str
    step: str
    told: str


def asks_for_steps(action: str) -> bool:
    """Return whether a form's button is one for steps: an act, a full stop, the step's id."""
    return action.partition(".")[0] in _ACTS


def changed_steps(text: str, action: str, given: Given, newer_than: int) -> ChangedSteps:
    """Return a text that can be loaded with its steps as ``action`` asks.

    Raises InvalidRefusal for what the form lacks or the process has no room for.
    """
    act, _, step = action.partition(".")
    if act == "add":
        return _added(text, given, newer_than)
    room = rooms(text)
    found = room.get(step)
    if found is None or not {"earlier": found.rises, "later": found.sinks}.get(act, found.goes):
        raise InvalidRefusal(
            reason("step", "The process has other steps meanwhile. Look at it, then choose again.")
        )
    if act == "remove":
        told = translate(
            "The step is taken out of the draft. What led to it leads to the step behind it."
        )
        order = list(room)
        before = order[order.index(step) - 1]
        return ChangedSteps(text=without_step(text, step, newer_than), step=before, told=told)
    rising = step if act == "earlier" else list(room)[list(room).index(step) + 1]
    told = translate(
        "The step is moved in the draft. See whether its buttons still say where an item goes."
    )
    return ChangedSteps(text=with_earlier_step(text, rising, newer_than), step=step, told=told)


def _added(text: str, given: Given, newer_than: int) -> ChangedSteps:
    name = next(iter(given.get("new.name", ())), "")
    after = next(iter(given.get("new.after", ())), "")
    typed_days = next(iter(given.get("new.days", ())), "")
    chosen = set(given.get("new.positions", ()))
    positions = tuple(
        each for each in Position if each.value in chosen and each not in NEVER_DECIDE
    )
    days = counter(typed_days, most=_MOST_DAYS)
    wrong = [
        (not name, reason("new.name", "Say what the new step is called.")),
        (
            len(name) > _MOST_LETTERS,
            reason("new.name", "A name has at most {number} characters.", number=_MOST_LETTERS),
        ),
        (
            not getattr(rooms(text).get(after), "adds", False),
            reason("new.after", "Choose behind which step the new one stands."),
        ),
        (not positions, reason("new.positions", "Choose who handles an item in the new step.")),
        (
            bool(typed_days) and not days,
            reason("new.days", "Working days: write a number from 1 to {most}.", most=_MOST_DAYS),
        ),
    ]
    if any(is_wrong for is_wrong, _ in wrong):
        raise InvalidRefusal(*(why for is_wrong, why in wrong if is_wrong))
    new = _described(Label(vi=name, en=name), positions, days)
    kept = [each for each, guard in GUARDS.items() if guard.is_about_person]
    changed, identity = with_step(text, after, new, kept, newer_than)
    told = translate(
        "The step is in the draft, with its button, its mail and its way back as beside it. "
        "Change them below."
    )
    return ChangedSteps(text=changed, step=identity, told=told)


def _described(name: Label, positions: tuple[Position, ...], days: int | None) -> NewStep:
    return NewStep(
        current=name,
        label=_in_both(lazy("Passed on: {name}", name=name)),
        act=_in_both(lazy("Approve and pass on")),
        outcome=_in_both(lazy("The item goes on to the next step.")),
        verb=_in_both(lazy("approve")),
        positions=positions,
        working_days=days,
    )


def _in_both(said: Message) -> Label:
    """Return a sentence of ours as a definition keeps it: in each language."""
    found = {}
    for code in LANGUAGES:
        with speaking(code):
            found[code] = translate(said)
    return Label(**found)


def new_faults(
    parts: Application, connection: Connection, texts: tuple[str, str], name: str
) -> list[str]:
    """Return what the checks say of the second of two texts and not of the first, in words."""
    directory = parts.context.directory(connection, parts.clock.now())
    said: list[list[str]] = []
    for text in texts:
        read = read_text(text, name)
        problems = read.problems
        if read.loaded is not None:
            problems = check_definition(read.loaded, parts.context.calendar, directory).problems
        said.append([_sentence(each, read.definition) for each in problems])
    return [each for each in said[1] if each not in said[0]]


def _sentence(problem: FileProblem | str, definition: Definition | None) -> str:
    """Return what is wrong, with the names that people see in place of ids; no word of the text."""
    if isinstance(problem, str):
        return problem
    said = translate(problem.problem)
    if definition is not None:
        for state in definition.states:
            said = said.replace(f"'{state.id}'", f"“{translate(state.label_now)}”")
        for each in definition.transitions:
            said = said.replace(f"'{each.id}'", f"“{translate(each.label)}”")
    return said[:1].upper() + said[1:]
