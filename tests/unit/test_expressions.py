"""Expressions in definitions: which alternative is there, what a guard says, what is refused."""

import resource

import pytest

from notifications.translation import translate
from tests.unit.test_definitions import own_process
from workflow.checking import check_definition, graph_problems
from workflow.definition import load_definition
from workflow.errors import InvalidInputError
from workflow.rules import expressions, vocabulary
from workflow.rules.expressions import fault_of, holds

LONG_LEAVE = "- id: approve\n    when: size(fields.reason) > 20 || author.position == 'head'"
TO_DIRECTOR = """  - id: approve
    label: {vi: Đồng ý cho nghỉ, en: Approve}
    outcome: {vi: Người xin nghỉ được báo tin., en: The author is told.}
    from: [submitted]
    to: [approved]
    guards: [{name: not_the_author}]
  - id: refuse
"""
REASON = """    guards: [{name: content_complete}]
    requires:
      - expression: fields.reason != null && size(fields.reason) > 3
        message: {vi: "Lý do {ngắn} quá, cần viết rõ.", en: Say why.}
"""


def loaded(*replacements):
    text = own_process()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    return load_definition(text, "leave.yaml", vocabulary())


def with_alternatives():
    return loaded(
        ("- id: approve\n", f"{LONG_LEAVE}\n"),
        ("    to: [approved]", "    to: [refused, approved]"),
        ("  - id: refuse\n", TO_DIRECTOR),
    )


def test_the_first_alternative_whose_condition_holds_is_the_one_there(calendar):
    # The example's reason is short, so the scenarios still come to "approved", by the second way.
    assert check_definition(with_alternatives(), calendar).problems == ()


def test_the_other_alternative_where_its_condition_holds(calendar):
    long = loaded(
        ("example: Việc gia đình", "example: Việc gia đình ở quê xa và đi lại mất hai ngày"),
        ("- id: approve\n", f"{LONG_LEAVE}\n"),
        ("    to: [approved]", "    to: [refused, approved]"),
        ("  - id: refuse\n", TO_DIRECTOR),
    )
    (problem,) = check_definition(long, calendar).problems
    assert "mong đợi tới 'approved' nhưng hồ sơ tới 'refused'" in translate(problem)


def test_an_alternative_after_one_without_a_condition_is_shadowed():
    shadowed = loaded(("  - id: refuse\n", TO_DIRECTOR))
    (problem,) = graph_problems(shadowed.definition, shadowed.source)
    assert "không bao giờ tới lượt" in translate(problem)


def test_a_transition_whose_condition_does_not_hold_is_not_there(calendar):
    never = loaded(("- id: approve\n", "- id: approve\n    when: department == 'other'\n"))
    problems = [translate(each) for each in check_definition(never, calendar).problems]
    assert any("lý do là when" in each for each in problems)


def test_a_requirement_says_its_own_sentence(calendar):
    asks = loaded(
        ("    guards: [{name: content_complete}]\n", REASON),
        (
            "      - {do: submit, by: author, refused: content_complete}",
            (
                "      - {do: submit, by: author, refused: requires}\n"
                "      - {do: submit, by: author, then: submitted}"
            ),
        ),
    )
    (problem,) = check_definition(asks, calendar).problems
    assert "Lý do {ngắn} quá, cần viết rõ." in translate(problem)
    assert ("submit", "requires") in check_definition(asks, calendar).coverage.refusals


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("fields.nothing == 1", "trường không có trong 'fields': nothing"),
        ("os.system('x')", "tên không có: os"),
        ("__import__('os')", "hàm hoặc phép tính không được phép: __import__"),
        ("fields.reason + ", "không đọc được"),
        ("fields.reason", "không cho kết quả đúng hoặc sai"),
        ("fields.reason > 5", "không tính được"),
        ("[1, 2].all(x, x > 0)", "vòng lặp"),
        ("fields.reason.map(x, x)", "vòng lặp"),
        ("fields['reason'] == ''", "_[_]"),
        ("actor.password == ''", "actor.password"),
        ("1 / 0 == 1", "không tính được"),
    ],
)
def test_an_expression_that_cannot_serve_is_refused_at_load(expression, sentence):
    with pytest.raises(InvalidInputError) as caught:
        loaded(("- id: approve\n", f'- id: approve\n    when: "{expression}"\n'))
    (problem,) = caught.value.problems
    assert sentence in translate(problem)
    assert (problem.line, problem.column) != (1, 1)


def test_field_names_inside_quotes_are_only_text():
    assert fault_of("department == 'fields.nothing'", loaded().definition) is None


def test_what_nobody_filled_in_is_not_true_and_breaks_nothing():
    assert not holds("fields.n > 5", {"fields": {"n": None}})
    assert not holds("fields.n > 5", {"fields": {"n": "7"}})
    assert holds("fields.n == null", {"fields": {"n": None}})


def test_a_huge_expression_is_refused_by_its_length_and_never_read(monkeypatch):
    read = []
    compiled = expressions._compiled
    monkeypatch.setattr(
        expressions, "_compiled", lambda each: (read.append(each), compiled(each))[1]
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    huge = " && ".join(["true"] * 20_000)
    with pytest.raises(InvalidInputError) as caught:
        loaded(("- id: approve\n", f'- id: approve\n    when: "{huge}"\n'))
    deep = "(" * 450 + "true" + ")" * 450
    fault = fault_of(deep, loaded().definition)
    assert fault is None or "không đọc được" in translate(fault[0])
    assert "1000" in translate(caught.value) or "1.000" in translate(caught.value)
    assert deep in read
    assert max(map(len, read)) <= 1000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000
