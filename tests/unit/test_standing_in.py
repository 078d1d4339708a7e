"""Who gains by standing in: a step of any version that items still follow counts."""

from tests.unit.test_references import process
from workflow.model import Person, Position
from workflow.rules import Rulebook
from workflow.rules.standing_in import holds_as_much


def person(number, position, department="a"):
    return Person(
        id=number, email=f"{number}@so.example", name="P", position=position, department=department
    )


def book(*positions):
    definition = process().definition
    states = tuple(
        each.model_copy(
            update={
                "holders": tuple(
                    line.model_copy(update={"positions": positions}) for line in each.holders
                )
            }
        )
        for each in definition.states
    )
    return Rulebook(definition.model_copy(update={"states": states}), f"hash of {positions}")


HEAD, DEPUTY = person(1, Position.HEAD), person(2, Position.DEPUTY)
BOTH, HEAD_ALONE = book(Position.HEAD, Position.DEPUTY), book(Position.HEAD)


def test_whom_every_step_waits_for_too_gains_nothing():
    assert holds_as_much({"new": BOTH}, HEAD, DEPUTY)


def test_a_version_that_items_began_with_counts():
    assert not holds_as_much({"old": HEAD_ALONE, "new": BOTH}, HEAD, DEPUTY)


def test_the_deputy_of_another_department_gains():
    assert not holds_as_much({"new": BOTH}, HEAD, person(3, Position.DEPUTY, "b"))
