"""One process, as those who work by it may read it: drawing, steps, who may do what, what it promises."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auth.callers import application
from api.web.pages.people import POSITIONS
from api.web.rendering import Asker, page
from notifications.translation import translate
from workflow.definition import Definition, to_svg
from workflow.errors import NotFoundRefusal
from workflow.messages import Message, lazy
from workflow.queries.permission_matrix import permission_matrix
from workflow.rules import Rulebook

router = APIRouter(prefix="/definitions")
POSITION_NAMES: Mapping[str, Message] = {
    "author": lazy("Author"),
    "clock": lazy("The system, when the time of the step is over"),
    **{each.value: name for each, name in POSITIONS.items()},
}


@router.get("/{identity}")
async def show_process(request: Request, asker: Asker, identity: str) -> Response:
    """Show the newest version of a process."""
    parts = application(request)
    newest = await parts.database.read(parts.context.rulebooks.newest)
    if identity not in newest:
        raise NotFoundRefusal(lazy("this process"))
    rulebook = newest[identity]
    definition = rulebook.definition
    values = {
        "definition": definition,
        "hash": rulebook.hash,
        "svg": to_svg(definition, words=translate),
        "steps": [_step(rulebook, state.id) for state in definition.states],
        "promises": _promises(definition),
    }
    return page(request, asker, "process.html", values)


def _step(rulebook: Rulebook, state_id: str) -> dict[str, Any]:
    """Return a state with who may do what in it."""
    state = rulebook.states[state_id]
    labels = {each.id: translate(each.label) for each in rulebook.definition.transitions}
    rows = [each for each in permission_matrix(rulebook) if each.state == state_id]
    return {
        "label": translate(state.label),
        "article": state.article,
        "working_days": state.working_days,
        "is_final": state.final,
        "rows": [
            {
                "who": POSITION_NAMES.get(each.position, each.position),
                "what": [labels[name] for name in each.transitions],
            }
            for each in rows
        ],
    }


def _promises(definition: Definition) -> list[str]:
    """Return the guarantees as sentences."""
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
