"""Commands about definitions: check, diagram, import-scxml."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from api.cli.context import opened, settings_of
from api.composition import AWARDS, LAUNCH, Application, load_calendar, read_file
from api.initialise import SAMPLE, load_definitions
from api.official_documents import CERTIFICATES, WORD_TEMPLATE, template_problems
from api.settings import Settings
from notifications.translation import translate
from workflow.awards import awards_schema, load_awards
from workflow.checking import Coverage, check_definition, ladder_problem
from workflow.definition import (
    Definition,
    FileProblem,
    Organization,
    definition_schema,
    load_campaign,
    load_corrections,
    load_definition,
    load_document_words,
    load_launch_words,
    load_organization,
    to_dot,
    to_mermaid,
    to_svg,
)
from workflow.definition.diagrams.bpmn import to_bpmn
from workflow.definition.diagrams.scxml import to_scxml
from workflow.definition.diagrams.scxml_drafts import from_scxml
from workflow.documents.samples import SAMPLES
from workflow.errors import InvalidInputError
from workflow.messages import lazy
from workflow.model import Department, DepartmentId, Person, PersonId
from workflow.people import Directory, build_directory
from workflow.queries.timeline import timeline, visits_of
from workflow.rules import vocabulary
from workflow.store import items, people
from workflow.store.engines import open_engines


def check(options: argparse.Namespace) -> int:
    """Print every problem of the files given, or of all; ``--schema``: a JSON Schema."""
    settings = settings_of(options)
    if options.schema:
        print(json.dumps(_schema(options.schema), ensure_ascii=False, indent=2))
        return 0
    directory = staff_of(settings)
    problems: list[object] = []
    covered: list[tuple[Path, Coverage]] = []
    for path in options.files or _all_files(settings.definitions):
        try:
            coverage = _check(path, settings, directory, problems)
        except InvalidInputError as exc:
            problems += exc.problems
        else:
            covered += [(path, coverage)] if coverage else []
    if options.json:
        print(
            json.dumps(
                [_problem_json(each) for each in problems],
                ensure_ascii=False,
            )
        )
        return 1 if problems else 0
    for problem in problems:
        print(translate(problem))
    for path, coverage in covered:
        print(_coverage_line(path, coverage))
    if not problems:
        print(translate("No fault found."))
    return 1 if problems else 0


def _schema(name: str) -> dict[str, object]:
    schemas = {"definition": definition_schema, "awards": awards_schema}
    if name not in schemas:
        raise InvalidInputError(
            translate(
                "There is no schema “{name}”. Use one of: {names}.",
                name=name,
                names=", ".join(schemas),
            )
        )
    return schemas[name]()


def diagram(options: argparse.Namespace) -> int:
    """Draw a definition; with an item, the version it runs on and the way it has gone."""
    if options.item:
        with opened(options) as parts:
            print(
                parts.database.report_blocking(
                    lambda connection: _drawn_item(parts, connection, options)
                ),
                end="",
            )
        return 0
    by_id = {
        each.definition.id: each.definition
        for each in load_definitions(settings_of(options).definitions)
    }
    if options.id not in by_id:
        raise InvalidInputError(
            translate(
                "There is no process “{id}”. Use one of: {names}.",
                id=options.id,
                names=", ".join(by_id),
            )
        )
    print(_DRAWERS[options.format](by_id[options.id]), end="")
    return 0


def import_scxml(options: argparse.Namespace) -> int:
    """Print a flat chart as a draft definition; what it lacks goes to standard error."""
    text, name = read_file(options.file)
    draft = translate(from_scxml(text, name))
    print(draft, end="")
    try:
        load_definition(draft, translate("draft"), vocabulary())
    except InvalidInputError as exc:
        print(translate(exc), file=sys.stderr)
    return 0


def _drawn_item(parts: Application, connection: Connection, options: argparse.Namespace) -> str:
    item = items.find_item(connection, options.item)
    if item is None or item.type != options.id:
        raise InvalidInputError(
            translate(
                "There is no item “{item}” of the process “{id}”. Check the item's code.",
                item=options.item,
                id=options.id,
            )
        )
    definition = parts.context.rulebooks.of(connection, item.definition_hash).definition
    if options.format != "svg":
        return _DRAWERS[options.format](definition)
    return to_svg(
        definition,
        visits_of(timeline(parts.context, connection, item)),
        parts.clock.now(),
        words=translate,
        stands_alone=True,
    )


_DRAWERS: Mapping[str, Callable[[Definition], str]] = {
    "dot": to_dot,
    "mermaid": to_mermaid,
    "svg": partial(to_svg, stands_alone=True),
    "scxml": to_scxml,
    "bpmn": to_bpmn,
}


def _all_files(folder: Path) -> list[Path]:
    names = [f"documents/{name}.typ" for name in SAMPLES]
    templates = (folder / name for name in (*names, WORD_TEMPLATE, CERTIFICATES))
    return [
        *sorted(folder.glob("*.yaml")),
        *sorted(folder.glob("*/*.yaml")),
        *(each for each in templates if each.exists()),
    ]


def _problem_json(problem: object) -> dict[str, str | int]:
    if not isinstance(problem, FileProblem):
        return {"problem": translate(problem)}
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "problem": translate(problem.problem),
        "remedy": translate(problem.remedy),
    }


def _check(
    path: Path, settings: Settings, directory: Directory, problems: list[object]
) -> Coverage | None:
    """Add the problems of one file; return what a definition's scenarios cover."""
    if path.suffix in {".typ", ".docx"}:
        problems += template_problems(settings, path)
        return None
    calendar = load_calendar(settings)
    text, name = read_file(path)
    match path.parent.name:
        case "campaigns":
            found = ladder_problem(load_campaign(text, name), name, calendar)
            problems += [found] if found else []
        case "organization":
            load_organization(text, name)
        case "calendars":
            load_corrections(text, name)
        case "documents":
            load_words = load_launch_words if path.name == LAUNCH else load_document_words
            load_words(text, name)
        case _ if path.name == AWARDS:
            load_awards(text, name)
        case _:
            checked = check_definition(
                load_definition(text, name, vocabulary()), calendar, directory
            )
            problems += checked.problems
            return checked.coverage
    return None


def _coverage_line(path: Path, coverage: Coverage) -> str:
    moves, refusals = len(coverage.moves), len(coverage.refusals)
    line = lazy(
        "{name}: the scenarios passed {moves}/{every_move} moves, "
        "{refusals}/{every_refusal} refusals by guards.",
        name=path.name,
        moves=moves,
        every_move=moves + len(coverage.moves_unseen),
        refusals=refusals,
        every_refusal=refusals + len(coverage.refusals_unseen),
    )
    return translate(coverage.with_unseen(line))


def staff_of(settings: Settings) -> Directory:
    """Return today's staff: of the database where there is one, else of the sample agency."""
    today = datetime.now(UTC).astimezone(settings.zone).date().isoformat()
    if settings.database_file is None or settings.database_file.is_file():
        engines = open_engines(settings.url)
        try:
            with engines.read.connect() as connection:
                found = people.load_directory(connection, today)
            if found.people:
                return found
        except (SQLAlchemyError, engines.read.dialect.loaded_dbapi.Error):
            print(
                translate("The people in the database cannot be read; the sample agency is used."),
                file=sys.stderr,
            )
        finally:
            engines.dispose()
    return directory_of(load_organization(*read_file(settings.definition_file(SAMPLE))), today)


def directory_of(organization: Organization, today: str) -> Directory:
    """Return the people of an organization file as a directory."""
    persons = [
        Person(
            id=PersonId(number),
            email=each.email,
            name=each.name,
            position=each.position,
            department=DepartmentId(each.department) if each.department else None,
        )
        for number, each in enumerate(organization.people, 1)
    ]
    departments = [
        Department(id=DepartmentId(each.id), name=each.name, is_office=each.is_office)
        for each in organization.departments
    ]
    return build_directory(persons, departments, (), today)
