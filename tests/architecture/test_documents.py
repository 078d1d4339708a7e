"""What the project's own pages say of files, functions and commands is there."""

import ast
import json
import re
from functools import cache
from typing import get_args

import pytest

from api.auth.scopes import TokenScope
from api.bootstrap import ROOT
from workflow.definition import agency
from workflow.history.verify_history import SUBJECT_OF
from workflow.model import Position

PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "definitions/README.md",
    "api/deploy/README.md",
    "workflow/history/FORMAT.md",
)
OPERATOR = "api/deploy/README.md"
NAMED = re.compile(
    r"`((?:workflow|notifications|api|definitions|tests)(?:/[\w./-]+)?)(?::([\w.]+))?`"
)
"""A file or folder of the project, and maybe what stands in it: `path:name`."""


def text_of(page):
    return (ROOT / page).read_text("utf-8")


@cache
def names_in(path):
    """What a module names: functions, classes, their methods, and what is assigned in it."""
    found = set()
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{each}" for each in members_of(node)}
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {each.id for each in targets if isinstance(each, ast.Name)}
    return found


def members_of(node):
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [each.name for each in node.body if isinstance(each, kinds)]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_to_a_file(page):
    here = (ROOT / page).parent
    for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text_of(page)):
        assert (here / target).exists(), target


@pytest.mark.parametrize("page", PAGES[:-1])  # the format names files of an export
def test_every_file_that_a_page_names_is_there(page):
    for path, _ in NAMED.findall(text_of(page)):
        assert (ROOT / path).exists(), path


def test_everything_that_the_map_and_the_flows_name_in_a_file_is_there():
    named = {(path, name) for path, name in NAMED.findall(text_of("CONTRIBUTING.md")) if name}
    assert len(named) > 40
    for path, name in sorted(named):
        assert name in names_in(path), f"{path}:{name}"


def test_no_room_is_missing_from_the_map():
    rooms = {
        path.parent.relative_to(ROOT).as_posix()
        for folder in ("workflow", "notifications", "api")
        for path in (ROOT / folder).rglob("__init__.py")
    }
    shown = {path for path, _ in NAMED.findall(text_of("CONTRIBUTING.md"))}
    assert len(rooms) > 20
    assert rooms - shown - {"workflow/store/migrations/versions"} == set()


def test_the_readme_is_read_in_one_go():
    lines = text_of("README.md").splitlines()
    assert len(lines) <= 150
    assert sum(each.startswith("![") for each in lines) >= 2


def test_the_operator_s_manual_names_every_command_and_no_other():
    table = text_of(OPERATOR).split("## Every command")[1]
    cells = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
    named = [
        re.match(r"[a-z-]+(?: [a-z][a-z-]*)?", each)[0]
        for cell in cells
        for each in re.findall("`(.+?)`", cell)
    ]
    assert {each.partition(" ")[0] for each in named} == set(verbs())
    for name in named:
        verb, _, second = name.partition(" ")
        assert not second or second in verbs()[verb], name


@cache
def verbs():
    """Every verb of the command line with those under it."""
    from api.cli.arguments import parser

    def below(each):
        groups = each._subparsers._group_actions if each._subparsers else []
        return {name: below(under) for group in groups for name, under in group.choices.items()}

    return below(parser())


def test_the_operator_s_manual_names_figures_that_there_are():
    sources = "".join(text_of(each) for each in ("api/v1/metrics.py", "api/instruments.py"))
    figures = set(re.findall(r"`(thidua_[a-z_]+)`", text_of(OPERATOR)))
    assert figures
    for each in figures:
        assert f'"{each.removesuffix("_total")}"' in sources, each
    for each in set(re.findall(r'"(thidua_[a-z_]+)"', sources)):
        assert each in text_of(OPERATOR), each


def test_the_manual_of_the_language_names_every_word_of_it():
    manual, words = text_of("definitions/README.md"), set()
    sources = (text_of(f"workflow/definition/{each}.py") for each in ("language", "fields"))
    for node in (node for each in sources for node in ast.parse(each).body):
        if isinstance(node, ast.ClassDef):
            for each in node.body:
                if isinstance(each, ast.AnnAssign) and not is_renamed(each):
                    words.add(each.target.id)
    assert len(words) > 60
    assert {each for each in words if not re.search(rf"\b{each}\b", manual)} == set()


def code_in(text):
    """What a page shows as code: words of a language count there, and not in its prose."""
    fenced = re.findall(r"^```.*?^```", text, re.DOTALL | re.MULTILINE)
    for each in fenced:
        text = text.replace(each, "")
    return "\n".join([*fenced, *re.findall("`([^`]+)`", text)])


def unnamed(words, page):
    code = code_in(text_of(page))
    return {each for each in words if not re.search(rf"(?<!\w){re.escape(each)}(?!\w)", code)}


def keys_of(schema):
    """Every key that a JSON schema allows, at any depth."""
    below = schema.values() if isinstance(schema, dict) else schema
    own = schema.get("properties", {}) if isinstance(schema, dict) else {}
    return {*own}.union(*(keys_of(each) for each in below if isinstance(each, dict | list)))


@pytest.mark.parametrize("name", ["definition", "awards"])
def test_the_manual_of_the_language_names_every_key_that_editors_complete(name):
    keys = keys_of(json.loads(text_of(f"definitions/schema/{name}.json")))
    assert len(keys) > 30
    assert unnamed(keys, "definitions/README.md") == set()


def test_the_manual_of_the_language_names_every_function_position_and_choice():
    from workflow.definition.fields import ItemField
    from workflow.rules.expressions import _FUNCTIONS

    merits = get_args(get_args(ItemField.model_fields["from_merit"].annotation)[0])
    assert len(merits) > 3
    words = {*_FUNCTIONS, *merits, *(each.value for each in Position)}
    assert unnamed(words, "definitions/README.md") == set()


@pytest.mark.parametrize(
    ("page", "file"),
    [
        (OPERATOR, agency.Organization),
        ("definitions/README.md", agency.DeadlineFile),
        ("definitions/README.md", agency.CalendarCorrections),
        ("definitions/README.md", agency.GrantRule),
    ],
)
def test_a_manual_names_every_key_of_an_agency_s_own_files(page, file):
    keys = keys_of(file.model_json_schema()) - {"otherwise", "relaxed", "propose", "confirm"}
    keys -= set(agency.ProposalRules.model_fields)  # what gives power: in the manual of definitions
    assert file is agency.GrantRule or len(keys) > 3
    assert unnamed(keys, page) == set()


def test_the_operator_s_manual_shows_every_option_of_every_command():
    table, _, below = text_of(OPERATOR).split("## Every command")[1].partition("\nAll take")
    shown = re.findall("`([^`]+)`", table)
    with_json = re.findall("`([^`]+)`", below.partition("Errors are")[0])
    for name, options in leaves():
        spans = [each for each in shown if f"{each} ".startswith(f"{name} ")]
        assert spans, name
        for each in options - {"--help", "--data", "--json"}:
            assert any(re.search(rf"{each}(?![a-z-])", span) for span in spans), f"{name} {each}"
        assert (name in with_json) == ("--json" in options), name


@cache
def leaves():
    """Every command with its options."""
    from api.cli.arguments import parser

    def below(each, name):
        groups = each._subparsers._group_actions if each._subparsers else []
        if not groups:
            options = {word for action in each._actions for word in action.option_strings}
            return [(name, {word for word in options if word.startswith("--")})]
        choices = [pair for group in groups for pair in group.choices.items()]
        return [leaf for verb, under in choices for leaf in below(under, f"{name} {verb}".strip())]

    return below(parser(), "")


def test_the_operator_s_manual_names_every_check_of_readiness_and_every_scope():
    source = text_of("api/v1/health.py")
    checks = {
        *re.findall(r'checks\["(\w+)"\]', source),
        *re.findall(r'"(\w+)": \{$', source, re.MULTILINE),
    }
    assert len(checks) > 7
    assert unnamed({*checks, *(each.value for each in TokenScope)}, OPERATOR) == set()


def test_the_format_names_every_subject_that_has_entries():
    page = text_of("workflow/history/FORMAT.md")
    chains = set(re.findall(r"`(\w+)(?::\w+)?`", page.split("Every subject (")[1].split(")")[0]))
    table = page.split("Types by what the subject is")[1].split("## ")[0]
    listed = {
        each
        for row in re.findall(r"^\| ([a-z_, ]+) \|", table, re.MULTILINE)
        for each in row.split(", ")
    }
    assert chains == set(SUBJECT_OF.values())
    assert listed - {"subject"} == chains


def is_renamed(field):
    """Whether the file says another word than the code (`from` is taken in Python)."""
    return "alias=" in ast.unparse(field.annotation)
