"""What a process guarantees, in sentences."""

from notifications.translation import translate
from workflow.definition import Definition


def promises_of(definition: Definition) -> list[str]:
    """Return the guarantees of a process as sentences."""
    states = {state.id: translate(state.label) for state in definition.states}
    labels = {each.id: translate(each.label) for each in definition.transitions}
    given = definition.guarantees
    found = [
        translate(
            "Every way to “{states}” passes: {names}.",
            states=states[each.to],
            names=", ".join(states[one] for one in each.through),
        )
        for each in given.passages
    ]
    if given.never_the_author:
        found.append(
            translate(
                "Authors never take these themselves: {names}.",
                names=", ".join(labels[each] for each in given.never_the_author),
            )
        )
    found += [
        translate(
            "Nobody takes both “{first}” and “{second}” on one item.",
            first=labels[first],
            second=labels[second],
        )
        for first, second in given.different_people
    ]
    return found
