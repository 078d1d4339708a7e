"""All checks of one definition, in the order in which their answers make sense."""

from dataclasses import dataclass

from workflow.checking.graph import graph_problems
from workflow.checking.guarantees import guarantee_problems
from workflow.checking.meanings import meaning_problems
from workflow.checking.scenarios import Coverage, play_scenarios
from workflow.checking.staffing import staffing_problems
from workflow.checking.timing import timing_problems
from workflow.deadlines import WorkingCalendar
from workflow.definition import FileProblem, LoadedDefinition
from workflow.people import Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the checks found; ``coverage`` is what the scenarios saw."""

    problems: tuple[FileProblem, ...]
    coverage: Coverage


def check_definition(
    loaded: LoadedDefinition, calendar: WorkingCalendar, directory: Directory | None = None
) -> Checked:
    """Return every problem of ``loaded``.

    With ``directory``, also whether these people can carry it.
    """
    definition, source = loaded.definition, loaded.source
    played = play_scenarios(definition, loaded.hash, source, calendar)
    problems = [
        *graph_problems(definition, source),
        *meaning_problems(definition, source),
        *guarantee_problems(definition, source),
        *timing_problems(definition, source),
        *played.problems,
    ]
    if directory is not None:
        problems += staffing_problems(definition, source, directory)
    return Checked(problems=tuple(problems), coverage=played.coverage)
