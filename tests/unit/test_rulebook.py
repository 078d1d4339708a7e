"""The machine decides each move: the definition's conditions hang on its transitions."""

import logging
import timeit
from dataclasses import replace
from datetime import datetime

import pytest
from transitions import Machine

from tests.unit.test_checking import load, sample
from tests.unit.test_expressions import with_alternatives
from workflow.checking import play_scenarios, tried_item
from workflow.model import Content
from workflow.rules import Rulebook
from workflow.rules.rulebook import MachineModel
from workflow.rules.situation import Situation

DAY = datetime.fromisoformat("2022-05-04T08:00:00+07:00")
PEOPLE = {person.email: person for person in sample().people.values()}
STAFF, HEAD = PEOPLE["staff.htqt@so.example"], PEOPLE["head.htqt@so.example"]


def situation(book, state, actor, fields=None):
    """An item of the staff's in ``state``, on which ``actor`` acts."""
    item = replace(tried_item(book, STAFF, since=DAY), state=state)
    content = Content(title="", fields=fields or {}, files=(), salt="")
    return Situation(
        definition=book.definition, item=item, content=content, actor=actor, directory=sample()
    )


def book_of(loaded):
    return Rulebook(loaded.definition, loaded.hash)


@pytest.mark.parametrize(("actor", "reached"), [(HEAD, "department_approved"), (STAFF, None)])
def test_the_machine_itself_keeps_the_author_out(actor, reached):
    book = book_of(load("nomination"))
    move = ("submitted", "approve_department", "department_approved")
    assert book.target(*move, situation(book, "submitted", actor)) == reached
    assert book.target(*move) == "department_approved", "the graph alone"


def test_the_machine_does_not_move_what_is_incomplete():
    book = book_of(load("nomination"))
    filled = {field.id: field.example for field in book.definition.fields}
    move = ("drafted", "submit", "submitted")
    assert book.target(*move, situation(book, "drafted", STAFF, filled)) == "submitted"
    assert book.target(*move, situation(book, "drafted", STAFF)) is None
    backwards = {**filled, "period_from": "2022-11-30", "period_to": "2022-04-28"}
    assert book.target(*move, situation(book, "drafted", STAFF, backwards)) is None


@pytest.mark.parametrize(
    ("reason", "reached"),
    [("Việc gia đình", None), ("Việc gia đình ở quê xa và đi lại mất hai ngày", "refused")],
)
def test_of_several_under_one_id_only_the_first_whose_condition_holds_moves(reason, reached):
    book = book_of(with_alternatives())
    first, second = book.alternatives("submitted", "approve")
    assert (first.to, second.to) == (("refused", "approved"), ("approved",))
    at = situation(book, "submitted", HEAD, {"reason": reason})
    assert book.target("submitted", "approve", "refused", at) == reached
    assert book.target("submitted", "approve", "approved", at) == "approved"


def test_a_destination_or_a_step_that_is_not_there_leads_nowhere():
    book = book_of(load("nomination"))
    assert book.target("submitted", "return", "office_reviewed") is None
    assert book.target("awarded", "return", "drafted") is None
    assert book.target("submitted", "vanish", "drafted") is None


@pytest.mark.parametrize("name", ["nomination", "department_report"])
def test_each_planned_decision_is_one_move_of_the_machine(name, calendar, caplog):
    loaded = load(name)
    caplog.set_level(logging.DEBUG, logger="transitions.core")
    played = play_scenarios(loaded.definition, loaded.hash, loaded.source, calendar)
    assert played.problems == ()
    moves = [each for each in caplog.messages if "Executed callback after transition" in each]
    taken = [step for each in loaded.definition.scenarios for step in each.steps if step.then]
    assert len(moves) == len(taken) > 20


def test_a_move_costs_little_more_than_a_bare_trigger():
    book = book_of(load("nomination"))
    at = situation(book, "submitted", HEAD)
    bare = Machine(
        model=None,
        states=["a", "b"],
        initial="a",
        auto_transitions=False,
        transitions=[{"trigger": "go", "source": "a", "dest": "b"}],
    ).events["go"]

    def best(work):
        return min(timeit.repeat(work, number=1000, repeat=9))

    move = ("submitted", "approve_department", "department_approved", at)
    assert best(lambda: book.target(*move)) < 4 * best(lambda: bare.trigger(MachineModel("a")))
