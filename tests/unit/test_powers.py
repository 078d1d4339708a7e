"""Which changes give power, and who confirms them: every proposer, confirmer and gainer."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.test_references import process
from workflow.definition import Actor, ProposalRules
from workflow.model import Absence, Delegation, Grant, Person, Position, SignedFor
from workflow.people import build_directory
from workflow.people.powers import (
    CONFIRMS_AFTER,
    Account,
    Asked,
    Gain,
    confirmers,
    gain_of,
    gaining_positions,
    may_propose,
    why_not,
)
from workflow.people.staff_rows import row_of

P = Position
NOW = datetime(2022, 6, 15, 1, tzinfo=UTC)
PEOPLE = [
    Person(id=number, email=f"{each}@so.example", name=each, position=each, department=None)
    for number, each in enumerate([*P, P.DIRECTOR, P.CHIEF, P.OFFICER, P.ADMIN], 1)
]
AGENCY = build_directory(PEOPLE, [], [], "2022-06-15")
OLD = {
    each.id: Account(since=NOW - timedelta(days=900), made_by=frozenset(), is_founding=False)
    for each in PEOPLE
}
RULES = ProposalRules()


def asked(grant, proposer, *gainers, rules=RULES, named=()):
    gain = Gain(grants=frozenset({grant}), gainers=frozenset(each.id for each in gainers))
    return Asked(gain=gain, proposer=proposer.id, rules=rules, now=NOW, named=named)


@pytest.mark.parametrize("grant", Grant)
@pytest.mark.parametrize("proposer", PEOPLE, ids=lambda each: f"{each.position}-{each.id}")
def test_every_proposer_confirmer_and_gainer(grant, proposer):
    """The whole matrix: who confirms is named by the rules, and is neither of the other two."""
    rule = RULES.of(grant)
    for gainer in [None, *PEOPLE]:
        wish = asked(grant, proposer, *([gainer] if gainer else []))
        able = confirmers(wish, AGENCY, OLD)
        assert may_propose(proposer, wish.gain, RULES) == (proposer.position in rule.propose)
        barred = {proposer, gainer}
        first = [each for each in PEOPLE if each.position in rule.confirm and each not in barred]
        second = [each for each in PEOPLE if each.position in rule.otherwise and each not in barred]
        assert able == (first or second)
        for confirmer in PEOPLE:
            if confirmer in barred:
                assert confirmer not in able
                assert why_not(confirmer, wish, OLD[confirmer.id])


def test_a_young_account_and_one_made_by_the_proposer_do_not_confirm():
    director, other = (each for each in PEOPLE if each.position is P.DIRECTOR)
    officer = next(each for each in PEOPLE if each.position is P.OFFICER)
    wish = asked(Grant.POSITIONS, officer)
    for since, made_by, is_able in (
        (NOW - CONFIRMS_AFTER, (), True),
        (NOW - CONFIRMS_AFTER + timedelta(microseconds=1), (), False),
        (NOW + timedelta(days=1), (), False),
        (NOW - timedelta(days=900), (officer.id,), False),
        (NOW - timedelta(days=900), (other.id,), True),
    ):
        account = Account(since=since, made_by=frozenset(made_by), is_founding=False)
        able = confirmers(wish, AGENCY, {**OLD, director.id: account})
        assert (director in able) is is_able
        assert bool(why_not(director, wish, account)) is not is_able
        founding = replace(account, is_founding=True)
        assert director in confirmers(wish, AGENCY, {**OLD, director.id: founding})


def test_who_is_named_confirms_instead_of_positions():
    officer = next(each for each in PEOPLE if each.position is P.OFFICER)
    head = next(each for each in PEOPLE if each.position is P.HEAD)
    wish = asked(Grant.DELEGATIONS, officer, named=(head.id,))
    assert confirmers(wish, AGENCY, OLD) == [head]


def test_of_several_kinds_whoever_confirms_all_of_them():
    admin = next(each for each in PEOPLE if each.position is P.ADMIN)
    gain = Gain(grants=frozenset({Grant.POSITIONS, Grant.DEFINITIONS}))
    wish = Asked(gain=gain, proposer=admin.id, rules=RULES, now=NOW)
    assert confirmers(wish, AGENCY, OLD) == []


def person(position=P.STAFF, department="a", **more):
    return Person(
        id=1, email="a@so.example", name="A", position=position, department=department, **more
    )


@pytest.mark.parametrize("before, after", [*itertools.product(P, P)])
def test_another_position_than_staff_gives_power_unless_it_is_lower(before, after):
    lower = {(P.HEAD, P.DEPUTY), (P.CHIEF, P.OFFICER), (P.DIRECTOR, P.DEPUTY_DIRECTOR)}
    gains = after not in {P.STAFF, before} and (before, after) not in lower
    changed = replace(row_of(person(before)), position=after.value)
    found = gain_of([(person(before), changed)], AGENCY)
    assert found.grants == ({Grant.POSITIONS} if gains else set())
    assert found.gainers == ({1} if gains else set())


@pytest.mark.parametrize(
    "before, change, grants",
    [
        (None, {"position": "head"}, {Grant.POSITIONS}),
        (None, {"position": "staff"}, set()),
        (None, {"position": "head", "is_active": False}, set()),
        (person(P.HEAD), {"is_active": False}, set()),
        (person(P.HEAD), {"name": "B"}, set()),
        (person(P.HEAD), {"email": "A@so.example "}, set()),
        (person(P.HEAD), {"email": "b@so.example"}, {Grant.ADDRESSES}),
        (person(P.HEAD), {"department": "b"}, {Grant.POSITIONS}),
        (
            person(P.HEAD),
            {"department": "b", "email": "b@so.example"},
            {Grant.POSITIONS, Grant.ADDRESSES},
        ),
        (person(P.HEAD), {"position": "staff", "email": "b@so.example"}, set()),
        (person(P.HEAD, is_active=False), {"is_active": True}, {Grant.POSITIONS}),
        (person(), {"email": "b@so.example"}, set()),
        (person(), {"department": "b"}, set()),
        (person(is_active=False), {"is_active": True}, set()),
    ],
)
def test_what_a_change_of_a_person_gives(before, change, grants):
    row = replace(row_of(before or person()), **change)
    assert gain_of([(before, row)], AGENCY).grants == grants


@pytest.mark.parametrize("last, has_power", [("2022-06-14", False), ("2022-06-15", True)])
def test_whoever_stands_in_has_power(last, has_power):
    delegation = Delegation(
        id=1,
        from_person=2,
        to_person=1,
        starts_on="2022-06-01",
        ends_on=last,
        document="1/UQ",
        form=SignedFor.TUQ,
    )
    absence = Absence(id=1, person=2, starts_on="2022-06-01", ends_on=last, stand_in=1)
    moved = replace(row_of(person()), email="b@so.example")
    for delegations, absences in (([delegation], []), ([], [absence])):
        directory = build_directory(PEOPLE, [], delegations, "2022-06-15", absences)
        found = gain_of([(person(), moved)], directory)
        assert found.grants == ({Grant.ADDRESSES} if has_power else set())


def test_a_step_that_leads_elsewhere_or_from_another_state_is_another_power():
    before = process().definition
    place, step = next(
        (place, each)
        for place, each in enumerate(before.transitions)
        if each.by is Actor.HOLDER and any(each.from_states)
    )
    elsewhere = next(each.id for each in before.states if each.id not in step.to)

    def with_step(**change):
        steps = list(before.transitions)
        steps[place] = step.model_copy(update=change)
        return before.model_copy(update={"transitions": tuple(steps)})

    assert not gaining_positions(before, before)
    assert gaining_positions(before, with_step(to=(*step.to, elsewhere)))
    assert not gaining_positions(before, with_step(second_factor=True))
    assert gaining_positions(with_step(second_factor=True), with_step(second_factor=False))


def test_a_kind_of_earlier_files_says_nothing_any_more():
    """Nobody sets the factor of another, so there is nothing to propose."""
    rule = {"propose": ["officer"], "confirm": ["director"]}
    earlier = {"factors": rule, "addresses": rule, "relaxed": ["factors", "addresses"]}
    rules = ProposalRules.model_validate(earlier)
    assert rules.relaxed == (Grant.ADDRESSES,)
    assert "factors" not in {each.value for each in Grant}
    assert rules.of(Grant.ADDRESSES).propose == (P.OFFICER,)
