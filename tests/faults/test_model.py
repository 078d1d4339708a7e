"""The product against a naive reference, step by step, by whatever Hypothesis thinks of (concurrency.md, C-7)."""

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from api.clock import RunningClock
from api.composition import open_application
from tests.conftest import STARTS_AT, test_settings
from tests.faults.reference import AUTHOR, PEOPLE, Reference
from tests.founded import found_sample
from workflow.command import Cause
from workflow.commands.create_item import CreateItem
from workflow.commands.decide import Decide
from workflow.commands.delegations import Delegate
from workflow.commands.recuse import Recuse
from workflow.commands.setup import SetUp
from workflow.commands.undo import Undo
from workflow.definition import load_definition
from workflow.errors import Refusal
from workflow.model import Method, Via
from workflow.queries.audit import verify_database
from workflow.rules import vocabulary
from workflow.store import definitions, held_items, items, people

DEFINITION = """
id: model
version: 1
code_prefix: MH
label: {vi: Mô hình, en: Model}
document: {kind: TTr, label: {vi: Mô hình, en: Model}}
initial: drafted
example_title: Mô hình
groups: [{id: all, label: {vi: Chung, en: All}}]
fields: [{id: text, type: text, group: all, label: {vi: Nội dung, en: Text}, example: Nội dung}]
states:
  - {id: drafted, label: {vi: Dự thảo, en: Draft}, held_by_author: true, editable: true}
  - {id: checking, label: {vi: Kiểm tra, en: Checking}, holders: [{positions: [head, deputy], within: department}]}
  - id: council
    label: {vi: Lấy ý kiến, en: Council}
    holders: [{positions: [chief]}, {positions: [deputy_director, director]}]
    sign_off: {approve: agree, reject: refuse, approvals: {count: 2}}
  - {id: done, label: {vi: Đồng ý, en: Done}, final: true}
  - {id: ended, label: {vi: Không đồng ý, en: Ended}, final: true}
transitions:
  - {id: submit, label: {vi: Việc, en: Act}, outcome: {vi: Việc, en: Act}, from: [drafted], to: [checking], by: author}
  - {id: withdraw, label: {vi: Việc, en: Act}, outcome: {vi: Việc, en: Act}, from: [checking], to: [drafted], by: author}
  - {id: pass_on, label: {vi: Việc, en: Act}, outcome: {vi: Việc, en: Act}, from: [checking], to: [council], undo: true}
  - {id: return, label: {vi: Việc, en: Act}, outcome: {vi: Việc, en: Act}, from: [checking], to: [drafted], undo: true}
  - {id: return, label: {vi: Việc, en: Act}, outcome: {vi: Việc, en: Act}, from: [council], to: [drafted, checking], undo: true}
  - {id: agree, label: {vi: Việc, en: Act}, outcome: {vi: Việc, en: Act}, from: [council], to: [done]}
  - {id: refuse, label: {vi: Việc, en: Act}, outcome: {vi: Việc, en: Act}, from: [council], to: [ended]}
guarantees:
  different_people: [[pass_on, agree], [pass_on, refuse]]
"""
WAYS = [
    ("submit", "checking"),
    ("withdraw", "drafted"),
    ("pass_on", "council"),
    ("return", "drafted"),
    ("return", "checking"),
    ("agree", "done"),
    ("refuse", "ended"),
]
FROM = [
    ("drafted", ("submit", "checking")),
    ("checking", ("pass_on", "council")),
    ("checking", ("pass_on", "council")),
    ("checking", ("return", "drafted")),
    ("checking", ("withdraw", "drafted")),
    ("council", ("agree", "done")),
    ("council", ("refuse", "ended")),
    ("council", ("return", "checking")),
]
WHO = st.sampled_from(PEOPLE)


def address(who):
    return f"{who}@so.example"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A folder with the sample agency and the model's process, copied for every run."""
    folder = tmp_path_factory.mktemp("model")
    given = test_settings(folder, "")
    found_sample(given, RunningClock(STARTS_AT))
    parts = open_application(given, clock=RunningClock(STARTS_AT))
    loaded = load_definition(DEFINITION, "model.yaml", vocabulary())
    parts.database.write_blocking(
        SetUp(definitions=(loaded,), campaigns=(), organization=None, software="test")
    )
    parts.close()
    return folder


def machine_on(template, folder):
    class Item(RuleBasedStateMachine):
        runs = 0

        def __init__(self):
            super().__init__()
            Item.runs += 1
            self.folder = folder / str(Item.runs)
            shutil.copytree(template, self.folder)
            self.clock = RunningClock(STARTS_AT)
            self.parts = open_application(test_settings(self.folder, ""), clock=self.clock)
            self.ids = {
                each.email: each.id
                for each in self.parts.database.report_blocking(people.all_people)
            }
            self.reference = Reference()
            self.count = 0
            campaign = self.parts.database.report_blocking(definitions.all_campaigns)[0][0]
            create = CreateItem(
                cause=Cause(
                    actor=self.ids[address(AUTHOR)],
                    via=Via.API,
                    method=Method.TOKEN,
                    command_id="create",
                    digest="d",
                ),
                type="model",
                campaign=campaign,
                department=None,
                title="Mô hình",
                fields={},
            )
            self.code = self.parts.database.write_blocking(create).code

        def cause(self, who):
            self.count += 1
            return Cause(
                actor=self.ids[address(who)],
                via=Via.API,
                method=Method.TOKEN,
                command_id=f"c{self.count}",
                digest="d",
            )

        def does(self, command):
            try:
                self.parts.database.write_blocking(command)
            except Refusal:
                return False
            return True

        def item(self):
            return self.parts.database.report_blocking(
                lambda connection: items.find_item(connection, self.code)
            )

        @rule(who=WHO, way=st.sampled_from(WAYS))
        def decide(self, who, way):
            command = Decide(
                code=self.code,
                transition=way[0],
                to=way[1],
                version=self.item().version,
                cause=self.cause(who),
            )
            assert self.does(command) == self.reference.decide(who, *way)

        @rule(pick=st.integers(0, 2**30))
        def somebody_who_may(self, pick):
            """Most of what anybody tries is refused; here whoever holds the item does what its state offers, or takes it back."""
            ways = [way for source, way in FROM if source == self.reference.state]
            holders = sorted(
                self.reference.holders()
                | ({AUTHOR} if self.reference.state == "checking" else set())
            )
            if ways and holders:
                self.decide(holders[pick % len(holders)], ways[pick // 8 % len(ways)])
            elif self.reference.last is not None:
                self.undo(self.reference.last[0])

        @rule()
        def whoever_decided_takes_it_back(self):
            if self.reference.last is not None:
                self.undo(self.reference.last[0])

        @rule(who=WHO)
        def undo(self, who):
            assert self.does(Undo(code=self.code, cause=self.cause(who))) == self.reference.undo(
                who
            )

        @rule(who=WHO)
        def recuse(self, who):
            assert self.does(
                Recuse(code=self.code, why="Có liên quan", cause=self.cause(who))
            ) == self.reference.recuse(who)

        @rule(giver=WHO, taker=WHO)
        def delegate(self, giver, taker):
            day = STARTS_AT.date().isoformat()
            terms = {
                "from_email": address(giver),
                "to_email": address(taker),
                "starts_on": day,
                "ends_on": "2022-12-31",
                "document": "12/QĐ",
            }
            proven = replace(self.cause(giver), method=Method.PIN)
            if self.does(Delegate(**terms, cause=proven)):
                self.reference.stands_in.setdefault(giver, []).append(taker)

        @rule(minutes=st.integers(1, 9))
        def wait(self, minutes):
            self.clock._offset += timedelta(minutes=minutes)
            self.reference.minutes += minutes

        @rule(who=WHO)
        def an_old_page_decides_nothing(self, who):
            before = self.item()
            old = before.version - 1
            if old >= 1:
                assert not self.does(
                    Decide(
                        code=self.code,
                        transition="return",
                        to="drafted",
                        version=old,
                        cause=self.cause(who),
                    )
                )
                assert self.item() == before

        @invariant()
        def is_as_the_reference_says(self):
            item = self.item()
            held = self.parts.database.report_blocking(
                lambda connection: held_items.holders_by_item(connection, [item.id]).get(
                    item.id, []
                )
            )
            names = {number: email for email, number in self.ids.items()}
            assert (item.state, item.version, item.step) == (
                self.reference.state,
                self.reference.version,
                self.reference.step,
            )
            assert {names[each.person] for each in held} == {
                address(each) for each in self.reference.holders()
            }

        def teardown(self):
            assert self.parts.database.report_blocking(verify_database).status == 0
            self.parts.close()
            shutil.rmtree(self.folder)

    return Item


def test_the_product_does_what_the_reference_does(template, tmp_path, is_long):
    runs, steps = (2000, 100) if is_long else (30, 60)
    run_state_machine_as_test(
        machine_on(template, tmp_path),
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            phases=[Phase.generate],
            database=None,
            derandomize=not is_long,
            suppress_health_check=list(HealthCheck),
        ),
    )
