"""Checks of a definition as a whole, before anybody uses it."""

from workflow.checking.graph import graph_problems
from workflow.checking.guarantees import guarantee_problems
from workflow.checking.meanings import meaning_problems
from workflow.checking.scenarios import Coverage, play_scenarios, tried_item
from workflow.checking.staffing import staffing_problems
from workflow.checking.timing import ladder_problem, timing_problems
from workflow.checking.weakening import weakenings
from workflow.checking.what_if import Effect, World, effects_of
from workflow.checking.whole import Checked, check_definition

__all__ = [
    "Checked",
    "Coverage",
    "Effect",
    "World",
    "check_definition",
    "effects_of",
    "graph_problems",
    "guarantee_problems",
    "ladder_problem",
    "meaning_problems",
    "play_scenarios",
    "staffing_problems",
    "timing_problems",
    "tried_item",
    "weakenings",
]
