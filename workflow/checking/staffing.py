"""Ask whether the people who work here today can carry a definition: nobody missing, nobody twice.

Exact, not sampled: holders are a function of state, author and department, so every combination is
asked. Delegations and absences on the directory's day count.
"""

from collections.abc import Iterator
from itertools import product

from workflow.checking.graph import reachable_states
from workflow.definition import Actor, Definition, FileProblem, Source, State
from workflow.messages import lazy
from workflow.model import DRAFTERS, Department, Holder, Origin, Person, PersonId, Position
from workflow.people import OPEN_END, Directory, build_directory
from workflow.rules import Basis, ground_of, settled
from workflow.rules.holders import groups_of, holders_of


def staffing_problems(
    definition: Definition, source: Source, directory: Directory
) -> Iterator[FileProblem]:
    """Yield every step that nobody could take, and every two that one person could take."""
    yield from _nobody(definition, source, directory)
    yield from _groundless(definition, source, directory)
    yield from _too_few(definition, source, directory)
    yield from _twice(definition, source, _without_standing(directory))


def _without_standing(directory: Directory) -> Directory:
    """Return who acts for whom for some days alone.

    What stands for good would forbid every process with two steps for two people; whoever has
    acted before is refused when they would sign as well.
    """
    return build_directory(
        directory.people.values(),
        directory.departments.values(),
        [each for each in directory.delegations if each.ends_on != OPEN_END],
        directory.today,
        directory.absences,
    )


def _drafters(directory: Directory) -> list[tuple[Department, list[Person]]]:
    """Return who may draft in each department."""
    return [
        (
            department,
            [
                each
                for each in directory.people.values()
                if each.is_active and each.department == department.id and each.position in DRAFTERS
            ],
        )
        for department in directory.departments.values()
    ]


def _nobody(definition: Definition, source: Source, directory: Directory) -> Iterator[FileProblem]:
    found = reachable_states(definition)
    waiting = [
        (index, state)
        for index, state in enumerate(definition.states)
        if state.id in found and not state.final and not state.held_by_author
    ]
    for (index, state), (department, authors) in product(waiting, _drafters(directory)):
        held = [
            (author, _holding(state, _origin(definition, author, department), directory))
            for author in authors
        ]
        stuck = [author for author, holding in held if not holding]
        away = [author for author, holding in held if holding and holding <= directory.away]
        for those, why in (
            (stuck, lazy("nobody can hold")),
            (away, lazy("only people who are away hold")),
        ):
            if those:
                who = (
                    ""
                    if len(those) == len(authors)
                    else lazy(" drafted by {names}", names=", ".join(each.name for each in those))
                )
                yield source.problem(
                    ("states", index, "holders"),
                    lazy(
                        "with the present people, {why} the item of {name}{who} at the step '{id}'",
                        why=why,
                        name=department.name,
                        who=who,
                        id=state.id,
                    ),
                    lazy(
                        "add a fallback line to 'holders', appoint somebody, name a "
                        "stand-in or record a delegation"
                    ),
                )


def _groundless(
    definition: Definition, source: Source, directory: Directory
) -> Iterator[FileProblem]:
    """Name the steps that nobody may sign on any ground (Decree 30/2020/NĐ-CP, Điều 13).

    Somebody holds them, but none of those is the head, or signs for the head by an assignment, the
    work regulation or an authorisation.
    """
    signed = {state for each in definition.transitions if each.signs for state in each.from_states}
    for (index, state), (department, authors) in product(
        enumerate(definition.states), _drafters(directory)
    ):
        if state.id not in signed:
            continue
        for author in authors:
            origin = _origin(definition, author, department)
            held = holders_of(state, origin, directory)
            if held and not any(_may_sign(each, definition, origin, directory) for each in held):
                yield source.problem(
                    ("states", index, "holders"),
                    lazy(
                        "with the present people nobody may sign the item of {name} at the step "
                        "'{id}' on any ground",
                        name=department.name,
                        id=state.id,
                    ),
                    lazy(
                        "let the Director hold it, or record who signs for them: an assignment "
                        "(KT.), the work regulation (TL.) or a written authorisation (TUQ.)"
                    ),
                )
                break


def _may_sign(holder: Holder, definition: Definition, origin: Origin, directory: Directory) -> bool:
    signer = directory.people[holder.person]
    if signer.position is Position.DIRECTOR:
        return True
    ground = ground_of(definition, origin, signer, holder.on_behalf_of, directory)
    return ground is not None and ground.basis is not Basis.PROCESS


def _too_few(definition: Definition, source: Source, directory: Directory) -> Iterator[FileProblem]:
    """Name the sign-offs that could not approve if everybody who is asked agreed."""
    for (index, state), (department, authors) in product(
        enumerate(definition.states), _drafters(directory)
    ):
        if state.sign_off is None:
            continue
        for author in authors:
            groups = groups_of(state, _origin(definition, author, department), directory)
            everybody = {seat: state.sign_off.approve for group in groups for seat in group}
            if everybody and settled(state.sign_off, groups, everybody) != state.sign_off.approve:
                yield source.problem(
                    ("states", index, "sign_off"),
                    lazy(
                        "with the present people an item of {department} drafted by "
                        "{author} never gets enough approvals at '{id}'",
                        department=department.name,
                        author=author.name,
                        id=state.id,
                    ),
                    lazy(
                        "only {count} person can be asked now: ask for fewer answers, "
                        "or add people to 'holders'",
                        "only {count} people can be asked now: ask for fewer answers, "
                        "or add people to 'holders'",
                        count=len(everybody),
                    ),
                )
                break


def _twice(definition: Definition, source: Source, directory: Directory) -> Iterator[FileProblem]:
    for index, (first, second) in enumerate(definition.guarantees.different_people):
        both = sorted(_takers_of_both(definition, first, second, directory))
        if both:
            names = ", ".join(directory.people[each].name for each in both)
            yield source.problem(
                ("guarantees", "different_people", index),
                lazy(
                    "a guarantee does not hold: {names} can take both '{first}' and "
                    "'{second}' on one item",
                    names=names,
                    first=first,
                    second=second,
                ),
                lazy("mend the 'holders' of one of the two steps, or revoke a delegation"),
            )


def _takers_of_both(
    definition: Definition, first: str, second: str, directory: Directory
) -> set[PersonId]:
    origins = [
        _origin(definition, author, department)
        for department, authors in _drafters(directory)
        for author in authors
    ]
    return {
        person
        for origin in origins
        for person in _takers(definition, first, origin, directory)
        & _takers(definition, second, origin, directory)
    }


def _takers(
    definition: Definition, transition: str, origin: Origin, directory: Directory
) -> set[PersonId]:
    """Return who could take a transition on an item of ``origin``, in any state that offers it."""
    states = {state.id: state for state in definition.states}
    found: set[PersonId] = set()
    for each in definition.transitions:
        if each.id == transition and each.by is Actor.AUTHOR:
            found.add(origin.author)
        elif each.id == transition and each.by is Actor.HOLDER:
            found.update(*(_holding(states[name], origin, directory) for name in each.from_states))
    return found


def _origin(definition: Definition, author: Person, department: Department) -> Origin:
    return Origin(kind=definition.id, author=author.id, department=department.id)


def _holding(state: State, origin: Origin, directory: Directory) -> set[PersonId]:
    return {holder.person for holder in holders_of(state, origin, directory)}
