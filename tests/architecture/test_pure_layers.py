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


def test_all_that_lies_below_the_store_is_kept_pure():
    layers, pure = (
        next(each for each in SETTINGS["importlinter"]["contracts"] if each["name"] == name)
        for name in ("the core's layers, and none left out", "below the store everything is pure")
    )
    below = layers["layers"][layers["layers"].index("store") + 1 :]
    named = {f"workflow.{each}" for layer in below for each in layer.split(" | ")}
    assert named == set(pure["source_modules"])


def test_branches_are_counted_and_nine_of_ten_must_be_reached():
    assert SETTINGS["coverage"]["run"]["branch"] is True
    assert SETTINGS["coverage"]["report"]["fail_under"] >= 90
