"""What the bench says of a run: goals, and what is worse than the committed ratios."""

from tests.bench import __main__ as bench
from tests.bench import report, sets
from tests.bench.connections import KINDS
from tests.bench.results import GOALS, LIMITS, Line, median, ratio


def test_a_ratio_is_the_median_of_rounds_and_tells_whether_its_goal_is_reached():
    line = ratio("P1 SQLite, 1 caller", [80, 60, 100], [100, 100, 100], B=100)
    assert (line.value, line.spread, line.is_met) == (0.8, (0.6, 1.0), True)
    assert median("P7 one pure decision, µs", [40, 29, 50]).is_met is False
    assert Line(name="unknown", value=1).is_met is None
    assert "MISSED" in report.line_of(Line(name="P13 memory, idle, MB", value=151))


def test_a_ratio_that_is_worse_by_more_than_15_per_cent_is_named_and_no_machine_s_figure(
    tmp_path, monkeypatch
):
    kept = ("P1 SQLite, 1 caller", "P10 first answer, times the bare stack")
    unknown = "P7 one pure decision, µs"
    for name in ("KEPT", "CHART", "README"):
        monkeypatch.setattr(report, name, tmp_path / name)
    report.README.write_text("before\n<!-- speed -->\nold\n<!-- /speed -->\nafter\n", "utf-8")
    lines = [Line(name=each, value=1, spread=(0.5, 2)) for each in (*kept, unknown)]
    report.keep(lines[:1], "a machine", "2026-11-26")
    report.keep(lines[1:], "a machine", "2026-11-27")
    assert report.kept_lines() == {each.name: each for each in lines}
    text = report.README.read_text("utf-8")
    assert text.startswith("before\n<!-- speed -->\n| 2026-11-27, a machine |")
    assert text.endswith("<!-- /speed -->\nafter\n")
    slower = [Line(name=each, value=1.1) for each in kept]
    assert report.worse_than_kept(slower) == []
    much = [
        Line(name="P1 SQLite, 1 caller", value=0.84),
        Line(name="P10 first answer, times the bare stack", value=1.2),
        Line(name=unknown, value=900),
    ]
    assert [each.split(" is ")[0] for each in report.worse_than_kept(much)] == [
        f"worse: {each}" for each in kept
    ]


def test_the_table_of_the_readme_names_lines_that_a_run_makes():
    names = [
        each[place].format(kind)
        for _, figures in report.ROWS
        for each in figures
        for place, kind in enumerate(KINDS)
    ]
    assert set(names) | {name for _, name in report.ALONE} <= set(GOALS | LIMITS)
    lines = {name: Line(name=name, value=0.1) for name in names}
    table = report.table_of(lines, "a machine", "2026-11-27")
    assert "**0.1** (≥ 0.7)" in table
    assert all(row.count("|") == 4 for row in table.splitlines())


def test_every_part_of_the_bench_can_be_asked_for():
    assert list(bench.PARTS)
    assert bench.machine()
    assert sets.Sets().count == 0


def test_the_chart_has_a_bar_for_each_that_was_measured():
    rates = {"ours": 100.0, "a peer": 50.0}
    lines = [
        Line(name="P14 best peer, 1 caller, SQLite", value=2, beside=rates),
        Line(name="P1 SQLite, 1 caller", value=0.5, beside={"A": 400, "B": 200, "ours": 100}),
    ]
    drawn = report.chart({each.name: each for each in lines})
    assert drawn.count("<rect") == 1 + 4
    assert 'class="ours"' in drawn
