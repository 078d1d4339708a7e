"""The pure layers are one list: what import-linter keeps pure is what the unit tests must reach."""

import tomllib

from api.bootstrap import ROOT

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]


def test_what_is_kept_pure_is_what_coverage_is_measured_of():
    (pure,) = (
        each["source_modules"]
        for each in SETTINGS["importlinter"]["contracts"]
        if each["name"] == "below the store everything is pure"
    )
    measured = [
        each.removesuffix("/*").removesuffix(".py").replace("/", ".")
        for each in SETTINGS["coverage"]["run"]["include"]
    ]
    assert sorted(measured) == sorted(pure)
    for each in SETTINGS["coverage"]["run"]["include"]:
        assert (ROOT / each.removesuffix("/*")).exists(), each


def test_branches_are_counted_and_nine_of_ten_must_be_reached():
    assert SETTINGS["coverage"]["run"]["branch"] is True
    assert SETTINGS["coverage"]["report"]["fail_under"] >= 90
