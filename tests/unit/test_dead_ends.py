"""Every item can be decided to its end, or its author hears before handing it in why it cannot."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from api.cli.definitions import directory_of
from notifications.translation import translate
from tests.unit.test_checking import changed, organization, sample
from tests.unit.test_definitions import load
from workflow.checking import tried_item
from workflow.definition import Actor
from workflow.model import (
    DRAFTERS,
    Content,
    Delegation,
    Method,
    SignedFor,
)
from workflow.people import build_directory
from workflow.rules import NOTHING, Past, Plan, Request, Rulebook, Surroundings, plan_decision
from workflow.rules.dead_ends import able

AT = datetime(2022, 11, 1, 2, tzinfo=UTC)
INDIVIDUAL = {
    "nominee_kind": "individual",
    "nominee_sex": "female",
    "nominee_position": "Trưởng phòng",
    "nominee_class": "leader",
}


def around(directory, calendar):
    return Surroundings(directory=directory, calendar=calendar, now=AT)


def person(directory, address):
    return next(each for each in directory.people.values() if each.email == f"{address}@so.example")


def drafters(directory):
    return [each for each in directory.people.values() if each.position in DRAFTERS]


def draft(loaded, author, nominee=None):
    """Return the example drafted by ``author``, for one person where one is given."""
    definition = loaded.definition
    fields = {each.id: each.example for each in definition.fields if each.example is not None}
    if nominee is not None:
        fields |= {**INDIVIDUAL, "nominee_person": nominee.email}
    content = Content(title="Hồ sơ", fields=fields, files=(), salt="")
    item = tried_item(Rulebook(definition, loaded.hash), author, since=AT)
    return replace(item, concerned=(nominee.id,) if nominee is not None else ()), content


class Played:
    """Plays one item in every way forward, each step by each of its holders."""

    def __init__(self, loaded, surroundings):
        self.rulebook = Rulebook(loaded.definition, loaded.hash)
        self.around = surroundings
        self.places = list(self.rulebook.states)

    def take(self, item, content, transition, actor, acts, to):
        past = Past(
            taken=frozenset(each for who, _, each in acts if who == actor),
            acts=acts,
            council_passed=True,
        )
        request = Request(
            transition=transition.id, actor=actor, version=1, to=to, method=Method.PIN
        )
        return plan_decision(self.rulebook, item, content, request, self.around, past)

    def forward(self, item, content, acts):
        """Yield each step forward that a holder, or the author, may take now."""
        holders = self.rulebook.holders(item.state, item, self.around.directory)
        for transition in self.rulebook.offers(item.state):
            for to in transition.to:
                if self.places.index(to) <= self.places.index(item.state) or to in {
                    "withdrawn",
                    "rejected",
                    "not_awarded",
                }:
                    continue
                takers = [item.author] if transition.by is Actor.AUTHOR else []
                for actor in takers or [each.person for each in holders]:
                    plan = self.take(item, content, transition, actor, acts, to)
                    if isinstance(plan, Plan):
                        yield transition.id, actor, plan

    def stuck(self, item, content):
        """Return the states in which the item could come to nobody who takes it on."""
        found, seen, open_ones = set(), set(), [(item.state, frozenset())]
        while open_ones:
            key = state, acts = open_ones.pop()
            if key in seen:
                continue
            seen.add(key)
            here = replace(item, state=state)
            steps = list(self.forward(here, content, acts))
            if not steps and not self.rulebook.states[state].final:
                found.add(state)
            open_ones += [(plan.to, acts | {(who, who, what)}) for what, who, plan in steps]
        assert len(seen) > 1 or found
        return found


def nominees(loaded, directory):
    return [None, *(directory.people.values() if loaded.definition.nominates else ())]


@pytest.mark.parametrize(
    "name", ["nomination", "department_report", "nothing_to_nominate", "consolidated_report"]
)
def test_every_author_s_item_for_every_nominee_is_decided_to_its_end_whoever_decides(
    name, calendar
):
    loaded, directory = load(name), sample()
    play = Played(loaded, around(directory, calendar))
    combinations = list(product(drafters(directory), nominees(loaded, directory)))
    stuck = {
        (author.email, nominee and nominee.email): found
        for author, nominee in combinations
        if (found := play.stuck(*draft(loaded, author, nominee)))
    }
    assert stuck == {}
    assert len(combinations) >= len(drafters(directory)) > 10


def without(*addresses):
    """Return the sample agency in which nobody has these addresses any more."""
    found = directory_of(organization(), "2022-11-01")
    gone = {f"{each}@so.example" for each in addresses}
    left = [each for each in found.people.values() if each.email not in gone]
    return build_directory(left, found.departments.values(), (), found.today)


def submitted(directory, calendar, author, nominee=None, past=NOTHING):
    loaded = load("nomination")
    named = person(directory, nominee) if nominee else None
    item, content = draft(loaded, person(directory, author), named)
    return plan_decision(
        Rulebook(loaded.definition, loaded.hash),
        item,
        content,
        Request(transition="submit", actor=item.author, version=1),
        around(directory, calendar),
        past,
    )


@pytest.mark.parametrize(
    ("gone", "author", "nominee", "label"),
    [
        (["deputy.director"], "staff.htqt", "director", "Chờ Giám đốc duyệt"),
        (["chief", "deputy.director"], "head.htqt", None, "Chờ lãnh đạo phòng duyệt"),
        (["chief"], "head.ls", "deputy.director", "Chờ lãnh đạo phòng duyệt"),
        (["officer"], "head.ls", "deputy.director", "Chờ Văn phòng thẩm định"),
    ],
)
def test_who_hands_in_what_nobody_could_decide_to_the_end_is_told_at_once(
    gone, author, nominee, label, calendar
):
    refusal = submitted(without(*gone), calendar, author, nominee)
    assert [each.rule for each in refusal.reasons] == ["dead_end"]
    assert label in translate(refusal.reasons[0].message)


def test_that_the_agency_lacks_somebody_stops_no_author(calendar):
    """The Office is told when the item comes there; it may have appointed somebody by then."""
    assert isinstance(submitted(without("director"), calendar, "staff.htqt"), Plan)
    assert isinstance(submitted(without("clerk"), calendar, "staff.ls", "head.bg"), Plan)


def test_who_decided_before_it_came_back_counts(calendar):
    """A head's draft: the deputy director approved it, it came back, and now names the Director."""
    directory = sample()
    chief = person(directory, "chief").id
    past = Past(acts=frozenset({(chief, chief, "review_office")}))
    refusal = submitted(directory, calendar, "head.htqt", "director", past)
    assert [each.rule for each in refusal.reasons] == ["dead_end"]
    assert isinstance(submitted(directory, calendar, "head.htqt", "director"), Plan)


def test_a_delegation_opens_the_way(calendar):
    found = without("officer")
    given = Delegation(
        id=1,
        from_person=person(found, "chief").id,
        to_person=person(found, "head.bg").id,
        starts_on="2022-01-01",
        ends_on="2022-12-31",
        document="1/UQ",
        form=SignedFor.TUQ,
    )
    directory = build_directory(
        found.people.values(), found.departments.values(), [given], found.today
    )
    assert isinstance(submitted(directory, calendar, "head.ls", "deputy.director"), Plan)


def test_only_who_may_take_an_item_on_is_asked_to(calendar):
    """The chief approved for a head: among those who review for the Office the officer is left."""
    loaded, directory = load("nomination"), sample()
    author, nominee = person(directory, "head.ls"), person(directory, "director")
    chief, officer = person(directory, "chief").id, person(directory, "officer").id
    item, content = draft(loaded, author, nominee)
    play = Played(loaded, around(directory, calendar))
    here = replace(item, state="submitted")
    (_, actor, plan), *others = play.forward(here, content, frozenset())
    assert (actor, others) == (chief, [])
    assert [each.person for each in plan.holders] == [chief, officer]
    assert [each.person for each in plan.able] == [officer]
    acts = {(chief, chief, "approve_department")}
    left = able(play.rulebook, "department_approved", plan.holders, acts)
    assert [each.person for each in left] == [officer]


def test_a_definition_that_keeps_nobody_apart_holds_nobody_back():
    text = "    - [approve_department, review_office]\n    - [approve_department, sign_director]\n    - [review_office, sign_director]\n    - [sign_director, send_to_board]\n"
    loaded = changed("department_report", (f"  different_people:\n{text}", ""))
    rulebook, directory = Rulebook(loaded.definition, loaded.hash), sample()
    item, _ = draft(loaded, person(directory, "staff.ls"))
    holders = rulebook.holders("submitted", item, directory)
    acts = {(each.person, each.person, "review_office") for each in holders}
    assert holders
    assert able(rulebook, "submitted", holders, acts) == holders
