"""Each fault of a process's graph, named with its place, and the definition that has none."""

import pytest

from tests.unit.test_checking import sentences
from tests.unit.test_definitions import own_process
from workflow.checking import graph_problems
from workflow.definition import load_definition
from workflow.rules import vocabulary

HELD = """\
    holders:
      - {positions: [head, deputy], within: department}
      - {positions: [chief, deputy_director]}
"""
REFUSING = "    from: [submitted]\n    to: [refused]\n"


def problems(*changes):
    text = own_process().split("\nguarantees:")[0]
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    loaded = load_definition(text, "leave.yaml", vocabulary())
    return sentences(graph_problems(loaded.definition, loaded.source))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            [(REFUSING, "    from: [submitted]\n    to: [approved]\n")],
            ["không có đường nào tới trạng thái 'refused'"],
        ),
        (
            [(REFUSING, "    from: [submitted, approved]\n    to: [refused]\n")],
            ["trạng thái cuối 'approved'"],
        ),
        (
            [("en: Refused}, final: true}", "en: Refused}, held_by_author: true}")],
            ["'refused' không có bước chuyển"],
        ),
        ([(", final: true", ", held_by_author: true")], ["không có trạng thái kết thúc nào"]),
        (
            [(HELD, "")],
            ["'submitted' không có ai giữ", "thực hiện bước chuyển 'refuse'"],
        ),
        (
            [("  - id: refuse\n", "  - id: approve\n")],
            ["'approve' từ 'submitted' không bao giờ tới lượt"],
        ),
    ],
    ids=["unreachable", "left end", "dead end", "no end", "unheld", "shadowed"],
)
def test_a_fault_of_the_graph_is_named(changes, words):
    found = problems(*changes)
    for each in words:
        assert any(each in problem for problem in found), (each, found)
    assert all(problem.startswith("leave.yaml:") for problem in found)


def test_a_sound_graph_has_no_problem():
    assert problems() == []
