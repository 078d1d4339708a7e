"""The checker: what it proves, what it finds, and that another method comes to the same verdict."""

import json
import random
import resource
import time
from functools import cache
from itertools import pairwise

import pytest

from api.cli.definitions import directory_of
from notifications.translation import translate
from tests.unit.test_definitions import FOLDER, load, own_process
from workflow.checking import (
    check_definition,
    graph_problems,
    guarantee_problems,
    ladder_problem,
    play_scenarios,
    staffing_problems,
    timing_problems,
)
from workflow.definition import (
    Actor,
    EditVoids,
    Source,
    definition_schema,
    load_campaign,
    load_definition,
    load_organization,
)
from workflow.errors import InvalidInputError
from workflow.model import Absence
from workflow.people import build_directory
from workflow.rules import vocabulary

NAMES = ("consolidated_report", "nomination", "department_report", "nothing_to_nominate")
SAMPLE = FOLDER / "organization" / "sample.yaml"
NOWHERE = Source(name="mutant")


def organization(text=None):
    return load_organization(text or SAMPLE.read_text("utf-8"), "sample.yaml")


def sample():
    return directory_of(organization(), "2022-11-01")


def sentences(problems):
    return [translate(each) for each in problems]


@cache
def changed(name, *replacements):
    text = (FOLDER / f"{name}.yaml").read_text("utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return load_definition(text, f"{name}.yaml", vocabulary())


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_definition_is_proven_staffed_and_wholly_covered_by_its_scenarios(name, calendar):
    checked = check_definition(load(name), calendar, sample())
    assert sentences(checked.problems) == []
    assert checked.coverage.moves_unseen == ()
    assert checked.coverage.refusals_unseen == ()


def test_the_schema_for_editors_is_current():
    kept = json.loads((FOLDER / "schema" / "definition.json").read_text("utf-8"))
    assert kept == definition_schema(), (
        "run: thidua check --schema > definitions/schema/definition.json"
    )


def test_a_way_around_the_director_is_shown_with_its_place():
    loaded = changed(
        "nomination",
        (
            "from: [director_signed]\n    to: [sent_to_ban_tdkt]",
            "from: [director_signed, office_reviewed]\n    to: [sent_to_ban_tdkt]",
        ),
    )
    (problem,) = sentences(guarantee_problems(loaded.definition, loaded.source))
    assert "director_signed" in problem
    assert "office_reviewed → sent_to_ban_tdkt" in problem
    line = int(problem.split(":")[1])
    assert "through" in (FOLDER / "nomination.yaml").read_text("utf-8").splitlines()[line - 1]


def test_an_author_who_may_approve_is_found():
    loaded = changed(
        "nomination",
        (
            (
                "    to: [department_approved]\n    by_email: true\n    undo: true\n"
                "    guards:\n      - {name: not_the_author}\n"
                "      - {name: not_named_in, parameters: {field: nominee_person}}"
            ),
            "    to: [department_approved]\n    by: author",
        ),
    )
    (problem,) = sentences(guarantee_problems(loaded.definition, loaded.source))
    assert "approve_department" in problem


def test_a_loop_without_an_end_is_named():
    loaded = changed(
        "nomination",
        ("    from: [received]\n    to: [awarded]", "    from: [received]\n    to: [received]"),
        ("    from: [received]\n    to: [not_awarded]", "    from: [received]\n    to: [received]"),
        ("from: [sent_to_ban_tdkt, received]", "from: [sent_to_ban_tdkt]"),
    )
    assert any(
        "chỉ đi vòng" in each and "'received'" in each
        for each in sentences(graph_problems(loaded.definition, loaded.source))
    )


def test_todays_staff_must_be_able_to_carry_every_step():
    lines = [
        line
        for line in SAMPLE.read_text("utf-8").splitlines()
        if "ls@so.example" not in line or "staff" in line
    ]
    directory = directory_of(organization("\n".join(lines)), "2022-11-01")
    found = sentences(staffing_problems(load("nomination").definition, NOWHERE, directory))
    assert len(found) == 1
    assert "Phòng Lãnh sự" in found[0]
    assert "'submitted'" in found[0]


def test_one_person_in_two_steps_kept_apart_is_named():
    loaded = changed(
        "nomination", ("      - {positions: [clerk]}", "      - {positions: [director]}")
    )
    found = sentences(staffing_problems(loaded.definition, loaded.source, sample()))
    assert any("Giám đốc Sở" in each and "send_to_board" in each for each in found)


def test_a_scenario_that_comes_out_otherwise_says_what_came(calendar):
    loaded = changed(
        "nomination", ("then: submitted, due_on: 2022-12-05", "then: submitted, due_on: 2022-12-06")
    )
    (problem,) = sentences(
        play_scenarios(loaded.definition, loaded.hash, loaded.source, calendar).problems
    )
    assert "2022-12-06" in problem
    assert "2022-12-05" in problem


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("to: sent_to_ban_tdkt, through", "to: sent, through"),
        ("never_the_author: [approve_department", "never_the_author: [approve"),
        ("{do: submit,", "{do: submitt,"),
    ],
)
def test_what_guarantees_and_scenarios_name_must_exist(old, new):
    with pytest.raises(InvalidInputError) as caught:
        changed("nomination", (old, new))
    assert "không có trong quy trình" in translate(caught.value)


@pytest.mark.parametrize(("count", "is_refused"), [(0, False), (1, True)])
def test_files_may_be_required(calendar, count, is_refused):
    guard = f"{{name: files_at_least, parameters: {{count: {count}}}}}"
    loaded = changed(
        "department_report",
        ("{name: content_complete}", guard),
        ("refused: content_complete", "then: submitted"),
    )
    found = sentences(
        play_scenarios(loaded.definition, loaded.hash, loaded.source, calendar).problems
    )
    assert any("ít nhất 1 tệp" in each for each in found) == is_refused
    assert bool(found) == is_refused


def mutant(definition, chance):
    """Return ``definition`` with one random fault in its graph."""
    transitions = list(definition.transitions)
    place = chance.randrange(len(transitions))
    chosen = transitions[place]
    states = [state.id for state in definition.states]
    match chance.randrange(8):
        case 0:
            del transitions[place]
        case 1:
            transitions[place] = chosen.model_copy(update={"to": (chance.choice(states),)})
        case 2:
            transitions[place] = chosen.model_copy(
                update={"to": (*chosen.to, chance.choice(states))}
            )
        case 3:
            transitions[place] = chosen.model_copy(
                update={"from_states": (*chosen.from_states, chance.choice(states))}
            )
        case 4:
            transitions[place] = chosen.model_copy(
                update={"guards": (), "by": chance.choice(list(Actor))}
            )
        case 5:
            return with_state(
                definition, chance, editable=True, edit_voids=EditVoids(to=chance.choice(states))
            )
        case 6:
            transitions.append(
                chosen.model_copy(
                    update={
                        "by": Actor.CLOCK,
                        "to": (chance.choice(states),),
                        "when": "department == 'lanh-su'",
                    }
                )
            )
        case _:
            return with_state(definition, chance, holders=(), held_by_author=chance.random() < 0.5)
    return definition.model_copy(update={"transitions": tuple(transitions)})


def with_state(definition, chance, **changes):
    """Return ``definition`` with a random one of its states changed."""
    kept = list(definition.states)
    at = chance.randrange(len(kept))
    kept[at] = kept[at].model_copy(update=changes)
    return definition.model_copy(update={"states": tuple(kept)})


def net_breaks_passage(definition):
    """Judge the passages by firing a Petri net: one token, one place a state and one passed."""
    guarded = definition.guarantees.passages[0]
    firing = [
        (source, to)
        for each in definition.transitions
        for source in each.from_states
        for to in each.to
    ]
    firing += [(state.id, state.edit_voids.to) for state in definition.states if state.edit_voids]
    seen = {(definition.initial, frozenset({definition.initial}))}
    waiting = list(seen)
    while waiting:
        state, passed = waiting.pop()
        if state == guarded.to and not passed >= set(guarded.through):
            return True
        for source, to in firing:
            marking = (to, passed | ({to} & {*guarded.through, definition.initial}))
            if source == state and marking not in seen:
                seen.add(marking)
                waiting.append(marking)
    return False


def author_may_approve(definition):
    """Judge by playing: can the author take a step kept from authors anywhere?"""
    held = {state.id: state.held_by_author for state in definition.states}
    return any(
        each.id in definition.guarantees.never_the_author
        and not any(use.name == "not_the_author" for use in each.guards)
        and each.by is not Actor.CLOCK
        and (each.by is Actor.AUTHOR or any(held[source] for source in each.from_states))
        for each in definition.transitions
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_one_of_a_thousand_mutations_that_breaks_a_guarantee_is_found(name):
    chance = random.Random(2022)  # noqa: S311 - seeded faults
    original = load(name).definition
    broken = 0
    for _ in range(500):
        definition = original
        for _ in range(chance.randrange(1, 4)):
            definition = mutant(definition, chance)
        found = sentences(guarantee_problems(definition, NOWHERE))
        assert any("có thể tới" in each for each in found) == net_breaks_passage(definition)
        assert any("người soạn" in each for each in found) == author_may_approve(definition)
        broken += bool(found)
    assert broken > 50


@pytest.mark.parametrize("name", NAMES)
def test_a_state_without_holders_is_found_by_the_graph_or_by_the_staff(name):
    original = load(name).definition
    for at, state in enumerate(original.states):
        if state.holders and not state.held_by_author:
            kept = [
                *original.states[:at],
                state.model_copy(update={"holders": ()}),
                *original.states[at + 1 :],
            ]
            definition = original.model_copy(update={"states": tuple(kept)})
            assert any(
                f"'{state.id}'" in each for each in sentences(graph_problems(definition, NOWHERE))
            )


def bomb():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"a{later}: &a{later} [{', '.join([f'*a{earlier}'] * 10)}]"
        for earlier, later in pairwise(range(10))
    ]
    return "\n".join(lines)


HOSTILE = {
    "a bomb of aliases": bomb(),
    "ten megabytes": "id: a\nlabel: " + "x" * 10_000_000,
    "ten megabytes of list": "a: [" + "1," * 5_000_000 + "]",
    "deep nesting": "a: " + "[" * 5_000 + "]" * 5_000,
    "an object of Python": "id: !!python/object/apply:os.system ['true']",
    "an anchor to itself": "a: &a [*a]",
    "a tab": "id: a\n\tversion: 1",
    "a key given twice": "id: a\nid: b",
    "a Vietnamese id": "id: hồ_sơ",
    "nothing": "",
    "a number with a thousand digits": "version: " + "9" * 1000,
}


@pytest.fixture(scope="module")
def shipped_seconds():
    """What this machine, as busy as it is, takes to load a definition that is shipped."""
    text, began = (FOLDER / "nomination.yaml").read_text("utf-8"), time.process_time()
    load_definition(text, "nomination.yaml", vocabulary())
    return time.process_time() - began


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_definition_ends_in_a_clear_problem_in_little_time_and_memory(
    text, shipped_seconds
):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    with pytest.raises(InvalidInputError) as caught:
        load_definition(text, "hostile.yaml", vocabulary())
    assert all(
        translate(problem).startswith("hostile.yaml:") and "→" in translate(problem)
        for problem in caught.value.problems
    )
    assert time.process_time() - began < 20 * shipped_seconds  # nothing explodes
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


def test_a_timer_that_another_always_forestalls_is_named(calendar):
    timers = "    timers: [{days: 2, take: lapse}, {days: 5, tell: [{positions: [chief]}]}]\n"
    lapse = (
        "  - {id: lapse, label: {vi: Hết hạn, en: Lapse}, outcome: {vi: Trả lại., en: Back.}, "
        "from: [submitted], to: [drafted], by: clock}\n"
    )
    text = (
        own_process()
        .replace("    working_days: 1\n", f"    working_days: 1\n{timers}")
        .replace("\nguarantees:", f"{lapse}\nguarantees:")
    )
    loaded = load_definition(text, "leave.yaml", vocabulary())
    (problem,) = sentences(timing_problems(loaded.definition, loaded.source))
    assert "sau 5 ngày" in problem
    assert "leave.yaml:1:1" not in problem


def test_a_definition_whose_law_has_lapsed_on_the_day_of_a_scenario_is_named():
    text = own_process().replace(
        "initial: drafted",
        "legal_basis: [{text: Luật cũ, in_force_until: 2022-06-30}]\ninitial: drafted",
    )
    loaded = load_definition(text, "leave.yaml", vocabulary())
    found = sentences(timing_problems(loaded.definition, loaded.source))
    assert len(found) == 3
    assert all("01/07/2022" in each for each in found)


def test_a_campaign_too_short_for_its_ladder_is_named(calendar):
    (path,) = (FOLDER / "campaigns").glob("*.yaml")
    text = path.read_text("utf-8")
    assert ladder_problem(load_campaign(text, path.name), path.name, calendar) is None
    short = load_campaign(text.replace("ends_on: 2022-12-31", "ends_on: 2022-05-09"), path.name)
    assert "5 ngày làm việc" in translate(ladder_problem(short, path.name, calendar))


def test_the_checker_names_a_step_that_only_people_who_are_away_could_take():
    here = sample()
    gone = [
        Absence(id=each.id, person=each.id, starts_on="2022-10-01", ends_on="2022-12-01")
        for each in here.people.values()
        if each.email in {"head.ls@so.example", "deputy.ls@so.example"}
    ]
    directory = build_directory(
        list(here.people.values()), list(here.departments.values()), (), "2022-11-01", gone
    )
    found = sentences(staffing_problems(load("nomination").definition, NOWHERE, directory))
    assert len(found) == 1
    assert "chỉ có người đang vắng mặt giữ" in found[0]
    assert "Phòng Lãnh sự" in found[0]
