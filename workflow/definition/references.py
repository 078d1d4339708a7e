"""Check what the parts of a definition name: ids of nothing, ids twice, parts that cannot work.

One function for each kind of part; each yields all that is wrong, with its place in the file.
"""

from collections.abc import Iterator, Mapping, Sequence

from workflow.definition.language import Actor, Definition, GuardUse, SignOff
from workflow.definition.sources import FileProblem, GuardSignature, Path, Source, Vocabulary
from workflow.definition.suggested_titles import suggestion_problems
from workflow.messages import lazy
from workflow.model import NEVER_DECIDE
from workflow.wording import unknown_places


def naming_problems(
    source: Source, definition: Definition, vocabulary: Vocabulary
) -> list[FileProblem]:
    """Return everything that ``definition`` names and does not have.

    Expressions are looked at where the rest is right.
    """
    problems = [
        *_reference_problems(source, definition),
        *_decider_problems(source, definition),
        *_guard_problems(source, definition, vocabulary.guards),
    ]
    return problems or list(_expression_problems(source, definition, vocabulary))


def _reference_problems(source: Source, definition: Definition) -> Iterator[FileProblem]:
    """Yield every id that names nothing, and every id given twice."""
    for key, parts in _identified(definition):
        yield from _duplicate_problems(source, key, parts)
    states = {each.id for each in definition.states}
    groups = {each.id for each in definition.groups}
    known = lazy("use one of: {names}", names=", ".join(each.id for each in definition.states))
    if definition.initial not in states:
        yield source.problem(
            ("initial",),
            lazy("the first state '{initial}' is not among 'states'", initial=definition.initial),
            known,
        )
    for index, each in enumerate(definition.fields):
        if each.group not in groups:
            yield source.problem(
                ("fields", index, "group"),
                lazy("the group '{group}' is not among 'groups'", group=each.group),
                lazy("use one of: {names}", names=", ".join(groups)),
            )
    for index, transition in enumerate(definition.transitions):
        for key, names in (("from", transition.from_states), ("to", transition.to)):
            for place, name in enumerate(names):
                if name not in states:
                    path = ("transitions", index, key, place)
                    yield source.problem(
                        path,
                        lazy(
                            "the transition '{id}' uses the state '{name}', which is "
                            "not among 'states'",
                            id=transition.id,
                            name=name,
                        ),
                        known,
                    )
    yield from _editing_problems(source, definition)
    yield from _sign_off_problems(source, definition)
    yield from _timer_problems(source, definition)
    yield from _undo_problems(source, definition)
    yield from _clock_problems(source, definition)
    yield from _telling_problems(source, definition)
    yield from _assurance_problems(source, definition)
    yield from suggestion_problems(source, definition)


def _decider_problems(source: Source, definition: Definition) -> Iterator[FileProblem]:
    """Yield every place that would let somebody decide who never may."""
    for index, state in enumerate(definition.states):
        for place, rule in enumerate(state.holders):
            for key, positions in (("positions", rule.positions), ("stand_in", rule.stand_in)):
                for each in NEVER_DECIDE.intersection(positions or ()):
                    yield source.problem(
                        ("states", index, "holders", place, key),
                        lazy(
                            "the state '{id}' lets the position '{position}' decide, which only "
                            "watches or keeps the product",
                            id=state.id,
                            position=each.value,
                        ),
                        lazy("take '{position}' out of '{key}'", position=each.value, key=key),
                    )


TOLD = ("code", "kind", "department", "state", "actor")
"""What the message of a telling may name."""


def _telling_problems(source: Source, definition: Definition) -> Iterator[FileProblem]:
    """Yield every message that names what no mail may say, or whose braces do not close."""
    for index, transition in enumerate(definition.transitions):
        for place, telling in enumerate(transition.tells):
            for language, text in (("vi", telling.message.vi), ("en", telling.message.en)):
                path: Path = ("transitions", index, "tells", place, "message", language)
                unknown = unknown_places(text, TOLD)
                if unknown is None:
                    yield source.problem(
                        path,
                        lazy("the message has a brace that is not closed"),
                        lazy("write {{ and }} for the braces themselves"),
                    )
                elif unknown:
                    known = ", ".join(f"{{{name}}}" for name in TOLD)
                    yield source.problem(
                        path,
                        lazy("the message uses unknown places: {names}", names=", ".join(unknown)),
                        lazy("use: {known}", known=known),
                    )


def _editing_problems(source: Source, definition: Definition) -> Iterator[FileProblem]:
    """Yield every rule on edits that names nothing, or stands where there is nothing to rule."""
    fields = {each.id for each in definition.fields}
    states = {each.id for each in definition.states}
    for index, state in enumerate(definition.states):
        path: Path = ("states", index)
        voids = state.edit_voids
        named: list[tuple[Path, str]] = [
            (("editable_fields", place), name) for place, name in enumerate(state.editable_fields)
        ]
        named += [
            (("edit_voids", "unless", place), name)
            for place, name in enumerate(voids.unless if voids else ())
        ]
        for where, name in named:
            if name not in fields:
                yield source.problem(
                    (*path, *where),
                    lazy("the field '{name}' is not among 'fields'", name=name),
                    lazy("use one of: {names}", names=", ".join(sorted(fields))),
                )
        if (voids or state.editable_fields) and not state.editable:
            yield source.problem(
                path,
                lazy("the state '{id}' says how to edit but does not allow editing", id=state.id),
                lazy("add 'editable: true', or remove the rule about editing"),
            )
        if voids and voids.to not in states:
            known = lazy(
                "use one of: {names}", names=", ".join(each.id for each in definition.states)
            )
            yield source.problem(
                (*path, "edit_voids", "to"),
                lazy("the state '{to}' is not among 'states'", to=voids.to),
                known,
            )
        elif voids and voids.to == state.id:
            yield source.problem(
                (*path, "edit_voids", "to"),
                lazy("'{to}' is this very state", to=voids.to),
                lazy("choose an earlier state"),
            )


def _sign_off_problems(source: Source, definition: Definition) -> Iterator[FileProblem]:
    """Yield every sign-off without holders, and every answer that is no plain way out."""
    for index, state in enumerate(definition.states):
        if state.sign_off is None:
            continue
        if state.final or state.held_by_author or not state.holders:
            yield source.problem(
                ("states", index, "sign_off"),
                lazy("the state '{id}' has no 'holders' to answer together", id=state.id),
                lazy("add 'holders'"),
            )
        answers = (state.sign_off.approve, state.sign_off.reject)
        for key, name in zip(SignOff.model_fields, answers, strict=False):
            ways = [
                each
                for each in definition.transitions
                if each.id == name and state.id in each.from_states
            ]
            if (
                len(ways) != 1
                or len(ways[0].to) != 1
                or ways[0].when
                or ways[0].numbered
                or ways[0].by is not Actor.HOLDER
            ):
                yield source.problem(
                    ("states", index, "sign_off", key),
                    lazy(
                        "'{name}' is not a simple transition of the holder from '{id}'",
                        name=name,
                        id=state.id,
                    ),
                    lazy(
                        "use a transition with exactly one 'to', without 'when', without a number"
                    ),
                )


def _timer_problems(source: Source, definition: Definition) -> Iterator[FileProblem]:
    """Yield every timer that takes no transition of the clock's, or has another's day."""
    for index, state in enumerate(definition.states):
        for place, timer in enumerate(state.timers):
            path: Path = ("states", index, "timers", place)
            ways = [
                each
                for each in definition.transitions
                if each.id == timer.take and state.id in each.from_states
            ]
            if timer.take is not None and (
                len(ways) != 1 or ways[0].by is not Actor.CLOCK or len(ways[0].to) != 1
            ):
                yield source.problem(
                    path,
                    lazy(
                        "'{take}' is not a transition of the clock from '{id}'",
                        take=timer.take,
                        id=state.id,
                    ),
                    lazy("write 'by: clock' and one 'to'"),
                )
            if timer.days in [each.days for each in state.timers[:place]]:
                yield source.problem(
                    path,
                    lazy("two timers with {days} days", days=timer.days),
                    lazy("join them, or change the number of days"),
                )


def _undo_problems(source: Source, definition: Definition) -> Iterator[FileProblem]:
    """Yield every transition that says it can be undone and cannot."""
    answers = {
        name
        for state in definition.states
        if state.sign_off
        for name in (state.sign_off.approve, state.sign_off.reject)
    }
    for index, each in enumerate(definition.transitions):
        if each.undo and (
            each.numbered or each.sends or each.by is Actor.CLOCK or each.id in answers
        ):
            remedy = lazy(
                "remove 'undo'; a step that takes a number, that sends, of the clock "
                "or of several people cannot be undone"
            )
            yield source.problem(
                ("transitions", index, "undo"),
                lazy("the transition '{id}' cannot be undone", id=each.id),
                remedy,
            )


def _clock_problems(source: Source, definition: Definition) -> Iterator[FileProblem]:
    """Yield every transition of the clock's that no timer takes."""
    timed = {(state.id, timer.take) for state in definition.states for timer in state.timers}
    for index, each in enumerate(definition.transitions):
        if each.by is Actor.CLOCK and any(
            (state, each.id) not in timed for state in each.from_states
        ):
            yield source.problem(
                ("transitions", index),
                lazy("no timer takes '{id}'", id=each.id),
                lazy("add 'timers' to the states in 'from'"),
            )


def _assurance_problems(source: Source, definition: Definition) -> Iterator[FileProblem]:
    """Yield what guarantees and scenarios name and the definition does not have."""
    states = {each.id for each in definition.states}
    transitions = {each.id for each in definition.transitions}
    for path, name, known in _assured(definition, states, transitions):
        if name not in known:
            kind = lazy("state") if known is states else lazy("transition")
            yield source.problem(
                path,
                lazy("the {kind} '{name}' is not in the process", kind=kind, name=name),
                lazy("use one of: {names}", names=", ".join(sorted(known))),
            )


def _assured(
    definition: Definition, states: set[str], transitions: set[str]
) -> Iterator[tuple[Path, str, set[str]]]:
    for index, passage in enumerate(definition.guarantees.passages):
        yield ("guarantees", "passages", index, "to"), passage.to, states
        for place, each in enumerate(passage.through):
            yield ("guarantees", "passages", index, "through", place), each, states
    for index, each in enumerate(definition.guarantees.never_the_author):
        yield ("guarantees", "never_the_author", index), each, transitions
    for index, pair in enumerate(definition.guarantees.different_people):
        for place, each in enumerate(pair):
            yield ("guarantees", "different_people", index, place), each, transitions
    for index, scenario in enumerate(definition.scenarios):
        for place, step in enumerate(scenario.steps):
            yield ("scenarios", index, "steps", place, "do"), step.do, transitions
            for key, name in (("to", step.to), ("then", step.then)):
                if name is not None:
                    yield ("scenarios", index, "steps", place, key), name, states


def _identified(definition: Definition) -> Sequence[tuple[str, Sequence[str]]]:
    return (
        ("states", [each.id for each in definition.states]),
        ("fields", [each.id for each in definition.fields]),
        ("groups", [each.id for each in definition.groups]),
    )


def _duplicate_problems(source: Source, key: str, ids: Sequence[str]) -> Iterator[FileProblem]:
    for index, each in enumerate(ids):
        if each in ids[:index]:
            yield source.problem(
                (key, index, "id"),
                lazy("the id '{each}' was used before in '{key}'", each=each, key=key),
                lazy("use another id"),
            )


def _guard_problems(
    source: Source, definition: Definition, guards: Mapping[str, GuardSignature]
) -> Iterator[FileProblem]:
    for index, transition in enumerate(definition.transitions):
        for place, use in enumerate(transition.guards):
            path: Path = ("transitions", index, "guards", place, "name")
            if use.name not in guards:
                yield source.problem(
                    path,
                    lazy("there is no guard '{name}'", name=use.name),
                    lazy("use one of: {names}", names=", ".join(sorted(guards))),
                )
            else:
                yield from _parameter_problems(
                    source, path, use, guards[use.name], {field.id for field in definition.fields}
                )


def _expression_problems(
    source: Source, definition: Definition, vocabulary: Vocabulary
) -> Iterator[FileProblem]:
    for index, field in enumerate(definition.fields):
        if field.shown_when and (fault := vocabulary.fault(field.shown_when, definition)):
            yield source.problem(("fields", index, "shown_when"), *fault)
    for index, transition in enumerate(definition.transitions):
        written: list[tuple[Path, str]] = [(("when",), transition.when)] if transition.when else []
        written += [
            (("requires", place, "expression"), each.expression)
            for place, each in enumerate(transition.requires)
        ]
        for path, expression in written:
            fault = vocabulary.fault(expression, definition)
            if fault is not None:
                yield source.problem(("transitions", index, *path), *fault)


def _parameter_problems(
    source: Source, path: Path, use: GuardUse, signature: GuardSignature, fields: set[str]
) -> Iterator[FileProblem]:
    allowed = ", ".join(sorted(signature.parameters)) or lazy("it takes no parameters")
    if unknown := set(use.parameters) - signature.parameters:
        yield source.problem(
            path,
            lazy(
                "the guard '{name}' does not take the parameters {names}",
                name=use.name,
                names=", ".join(sorted(unknown)),
            ),
            lazy("it takes: {allowed}", allowed=allowed),
        )
    if missing := signature.parameters - set(use.parameters):
        yield source.problem(
            path,
            lazy(
                "the guard '{name}' lacks the parameters {names}",
                name=use.name,
                names=", ".join(sorted(missing)),
            ),
            lazy("it needs: {allowed}", allowed=allowed),
        )
    for name in sorted(signature.naming_fields & set(use.parameters)):
        if use.parameters[name] not in fields:
            what = lazy(
                "the guard '{name}' names the field '{parameters}', which is not among 'fields'",
                name=use.name,
                parameters=use.parameters[name],
            )
            yield source.problem(
                path, what, lazy("use one of: {names}", names=", ".join(sorted(fields)))
            )
