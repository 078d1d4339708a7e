"""Play the scenarios of a definition by its own rules, without a database, and say what they cover.

The people are made up: one of every position in every department that the definition or the
scenario names. So a scenario says the same in every agency; whether today's staff suffices is
another check.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from workflow.canonical import nfc
from workflow.deadlines import WorkingCalendar
from workflow.definition import Campaign, Definition, FileProblem, Scenario, ScenarioStep, Source
from workflow.errors import NotPermittedRefusal, Refusal, reason
from workflow.messages import Message, lazy, listed
from workflow.model import (
    Content,
    ContentHash,
    Department,
    DepartmentId,
    Item,
    ItemId,
    Method,
    Person,
    PersonId,
    Position,
)
from workflow.people import Directory, build_directory
from workflow.rules import Past, Plan, Request, Rulebook, Surroundings, plan_decision

_OFFICE_POSITIONS = (Position.CHIEF, Position.OFFICER)
_DEPARTMENT_POSITIONS = (Position.HEAD, Position.DEPUTY, Position.STAFF)
_AGENCY_POSITIONS = (Position.CLERK, Position.DIRECTOR, Position.DEPUTY_DIRECTOR)
_NINE = time(9)
_CARRIER = "the consolidated report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Which moves and refusals the scenarios of a definition have seen, and which not.

    A move is (state, transition), a refusal (transition, guard).
    """

    moves: frozenset[tuple[str, str]]
    moves_unseen: tuple[tuple[str, str], ...]
    refusals: frozenset[tuple[str, str]]
    refusals_unseen: tuple[tuple[str, str], ...]

    def with_unseen(self, line: Message) -> Message:
        """Return ``line`` and, after it, what no scenario has seen, if anything."""
        names = [
            lazy("{transition} from {state}", transition=transition, state=state)
            for state, transition in self.moves_unseen
        ]
        names += [
            lazy("{guard} of {transition}", guard=guard, transition=transition)
            for transition, guard in self.refusals_unseen
        ]
        return (
            lazy("{line} Not passed: {names}.", line=line, names=listed(names)) if names else line
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of all scenarios."""

    problems: tuple[FileProblem, ...]
    coverage: Coverage


@dataclass(slots=True, kw_only=True)
class _Run:
    """One scenario as it is played."""

    rulebook: Rulebook
    directory: Directory
    calendar: WorkingCalendar
    item: Item
    content: Content
    day: date
    campaigns: Mapping[str, Campaign]
    answers: dict[PersonId, str] = field(default_factory=dict)
    answered: int = 0
    taken: dict[PersonId | None, set[str]] = field(default_factory=dict)

    def person(self, by: str, of: str | None) -> Person | None:
        """Return who acts: the author, or the first in that position.

        Of the department ``of``, else of the item's, else of the agency.
        """
        if by == "author":
            return self.directory.people[self.item.author]
        wanted = [Position(by)]
        if of is not None:
            others = self.directory.in_positions(wanted, DepartmentId(of))
        else:
            others = [
                *self.directory.in_positions(wanted, self.item.department),
                *self.directory.in_positions(wanted),
            ]
        return next((each for each in others if each.id != self.item.author), None)

    def take(self, step: ScenarioStep) -> Plan | Refusal | None:
        """Return what comes of ``step``; None where nobody has that position."""
        actor = self.person(step.by, step.of) if step.by != "clock" else None
        if actor is None and step.by != "clock":
            return None
        self.day = step.on or self.day
        around = Surroundings(
            directory=self.directory,
            calendar=self.calendar,
            now=self.calendar.at(self.day, _NINE),
            campaigns=self.campaigns,
        )
        request = Request(
            transition=step.do,
            actor=actor.id if actor else None,
            version=self.item.version,
            to=step.to,
            comment=step.comment,
            method=Method.PIN if step.second_factor else Method.LINK,
        )
        if actor is None and not self.is_timed(step.do, around.now):
            return NotPermittedRefusal(
                reason("timer", "It is not yet time for the clock to take “{step}”.", step=step.do)
            )
        taken = self.taken.setdefault(actor.id if actor else None, set())
        past = Past(answers=self.answers, answered=self.answered, taken=frozenset(taken))
        item = replace(self.item, gathered_in=_CARRIER) if step.gathered else self.item
        plan = plan_decision(self.rulebook, item, self.content, request, around, past)
        if isinstance(plan, Plan):
            taken.add(step.do)
        return plan

    def is_timed(self, transition: str, now: datetime) -> bool:
        """Return whether a timer of the present state takes ``transition`` by now."""
        timers = self.rulebook.states[self.item.state].timers
        dues = [
            self.calendar.step_due(self.item.since, timer.days)
            for timer in timers
            if timer.take == transition
        ]
        return any(due is not None and due <= now for due in dues)

    def follow(self, plan: Plan) -> None:
        """Move the item as ``plan`` says, or note the answer that leaves it where it is."""
        step = self.item.step + 1 if plan.moves else self.item.step
        self.item = replace(
            self.item,
            state=plan.to,
            version=self.item.version + 1,
            step=step,
            due_at=plan.due_at,
            since=self.calendar.at(self.day, _NINE) if plan.moves else self.item.since,
        )
        self.answers = {} if plan.moves or plan.answer is None else dict(plan.answer.answers)
        self.answered = 0 if plan.moves else self.answered + 1


def play_scenarios(
    definition: Definition, definition_hash: str, source: Source, calendar: WorkingCalendar
) -> Played:
    """Play every scenario; a step that comes out otherwise than it says ends it as a problem."""
    rulebook = Rulebook(definition, definition_hash)
    moves: set[tuple[str, str]] = set()
    refusals: set[tuple[str, str]] = set()
    problems: list[FileProblem] = []
    for index, scenario in enumerate(definition.scenarios):
        run = _begin(rulebook, scenario, calendar)
        for place, step in enumerate(scenario.steps):
            state = run.item.state
            result = run.take(step)
            wrong = _difference(step, result, calendar)
            if wrong:
                problem = lazy(
                    "scenario “{name}”, step {place} ({do}): {wrong}",
                    name=scenario.name,
                    place=place + 1,
                    do=step.do,
                    wrong=wrong,
                )
                problems.append(
                    source.problem(
                        ("scenarios", index, "steps", place),
                        problem,
                        lazy("mend the process or the expected outcome"),
                    )
                )
                break
            if isinstance(result, Plan):
                moves.add((state, step.do))
                run.follow(result)
            elif step.refused is not None:
                refusals.add((step.do, step.refused))
    return Played(
        problems=tuple(problems),
        coverage=_coverage(definition, frozenset(moves), frozenset(refusals)),
    )


def _begin(rulebook: Rulebook, scenario: Scenario, calendar: WorkingCalendar) -> _Run:
    definition = rulebook.definition
    directory = _made_up(definition, scenario)
    department = DepartmentId(scenario.department)
    author = (
        next(iter(directory.in_positions([scenario.author], department)), None)
        or directory.in_positions([Position.OFFICER, Position.STAFF])[0]
    )
    examples: dict[str, Any] = {
        field.id: field.example for field in definition.fields if field.example is not None
    }
    chosen: dict[str, Any] = {
        **(examples if scenario.content == "example" else {}),
        **scenario.fields,
    }
    given = {name: nfc(value) for name, value in chosen.items()}
    content = Content(title=definition.example_title, fields=given, files=(), salt="")
    began: datetime = calendar.at(scenario.on, _NINE)
    item = replace(
        tried_item(rulebook, author, since=began),
        department=department,
        concerned=_concerned(definition, scenario, directory),
    )
    return _Run(
        rulebook=rulebook,
        directory=directory,
        calendar=calendar,
        item=item,
        content=content,
        day=scenario.on,
        campaigns=_campaigns(scenario),
    )


def tried_item(rulebook: Rulebook, author: Person, *, since: datetime) -> Item:
    """Return an item as ``author`` has just drafted it, to try a process with; it is never kept."""
    definition = rulebook.definition
    return Item(
        id=ItemId(0),
        code=f"{definition.code_prefix}-0000-0000",
        type=definition.id,
        definition_hash=rulebook.hash,
        campaign="",
        department=author.department or DepartmentId(""),
        author=author.id,
        title=definition.example_title,
        period=None,
        state=definition.initial,
        version=1,
        step=1,
        content_hash=ContentHash(""),
        due_at=None,
        since=since,
        seq=1,
        head=b"",
    )


def _concerned(
    definition: Definition, scenario: Scenario, directory: Directory
) -> tuple[PersonId, ...]:
    """Return whom the item names as concerned: one in each position that the scenario says."""
    places = {None, scenario.department, *_offices(definition)}
    return tuple(
        next(each.id for each in directory.in_positions([position]) if each.department in places)
        for position in scenario.concerned
    )


def _campaigns(scenario: Scenario) -> dict[str, Campaign]:
    """Return the campaign of the item, of which a scenario says only its days."""
    if scenario.movement is None:
        return {}
    made_up = Campaign.model_construct(id="", content=(), **scenario.movement.model_dump())
    return {"": made_up}


def _offices(definition: Definition) -> list[str]:
    """Return the departments that lines of holders name, as the Office's."""
    named = {
        each for state in definition.states for rule in state.holders for each in rule.departments
    }
    return sorted(named) or ["office"]


def _made_up(definition: Definition, scenario: Scenario) -> Directory:
    """Return one person of every position in every department named."""
    offices = _offices(definition)
    others = sorted(
        {
            scenario.department,
            *(step.of for step in scenario.steps if step.of),
            *(
                each
                for state in definition.states
                for rule in state.holders
                for each in rule.except_departments
            ),
        }
    )
    places: list[tuple[Position, str | None]] = [(position, None) for position in _AGENCY_POSITIONS]
    places += [(position, each) for each in offices for position in _OFFICE_POSITIONS]
    places += [
        (position, each)
        for each in others
        if each not in offices
        for position in _DEPARTMENT_POSITIONS
    ]
    people = [
        Person(
            id=PersonId(number),
            email=f"{position.value}.{department or 'agency'}@scenario.invalid",
            name=f"{position.value} {department or ''}".strip(),
            position=position,
            department=DepartmentId(department) if department else None,
        )
        for number, (position, department) in enumerate(places, 1)
    ]
    departments = [
        Department(id=DepartmentId(each), name=each, is_office=each in offices)
        for each in dict.fromkeys([*offices, *others])
    ]
    return build_directory(people, departments, (), scenario.on.isoformat())


def _difference(
    step: ScenarioStep, result: Plan | Refusal | None, calendar: WorkingCalendar
) -> Message | None:
    """Return how ``result`` differs from what ``step`` expects; None where it does not."""
    if result is None:
        return lazy("nobody holds the position '{by}'", by=step.by)
    if isinstance(result, Refusal):
        rules = [each.rule for each in result.reasons]
        if step.refused is None:
            return lazy(
                "expected to reach '{then}' but was refused: {result}",
                then=step.then,
                result=result,
            )
        return (
            None
            if step.refused in rules
            else lazy(
                "expected to be refused by '{refused}' but the reason is {found}",
                refused=step.refused,
                found=", ".join(rules) or type(result).__name__,
            )
        )
    if step.refused is not None:
        return lazy(
            "expected to be refused by '{refused}' but the item went to '{to}'",
            refused=step.refused,
            to=result.to,
        )
    if result.to != step.then:
        return lazy(
            "expected to reach '{then}' but the item went to '{to}'", then=step.then, to=result.to
        )
    due_on = calendar.local_day(result.due_at) if result.due_at else None
    if step.due_on is not None and due_on != step.due_on:
        return lazy(
            "expected to be due {due_on} but is due {found}",
            due_on=step.due_on,
            found=due_on or lazy("none"),
        )
    return None


def _coverage(
    definition: Definition, moves: frozenset[tuple[str, str]], refusals: frozenset[tuple[str, str]]
) -> Coverage:
    all_moves = dict.fromkeys(
        (state, each.id) for each in definition.transitions for state in each.from_states
    )
    all_refusals = dict.fromkeys(
        (each.id, use.name) for each in definition.transitions for use in each.guards
    )
    all_refusals |= dict.fromkeys(
        (each.id, "requires") for each in definition.transitions if each.requires
    )
    all_refusals |= dict.fromkeys((each.id, "when") for each in definition.transitions if each.when)
    return Coverage(
        moves=moves,
        moves_unseen=tuple(each for each in all_moves if each not in moves),
        refusals=refusals.intersection(all_refusals),
        refusals_unseen=tuple(each for each in all_refusals if each not in refusals),
    )
