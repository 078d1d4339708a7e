"""The table of breaks fits the sources: each text stands exactly once, each test is there."""

import ast

import pytest

from tests.mutants import MUTANTS, ROOT, occurrences


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)
def test_what_a_mutant_replaces_stands_exactly_once(mutant):
    assert occurrences(mutant) == 1, (
        f"mend the text of the mutant “{mutant.name}” in tests/mutants.py"
    )
    assert mutant.new != mutant.old


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)
def test_the_tests_that_must_notice_a_mutant_are_there(mutant):
    assert mutant.tests
    for test in mutant.tests:
        file, _, name = test.partition("::")
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        assert not name or name in {
            each.name for each in tree.body if isinstance(each, ast.FunctionDef)
        }


def test_no_two_mutants_have_one_name():
    assert len({each.name for each in MUTANTS}) == len(MUTANTS) > 30
