"""The product knows no process: no id of a shipped definition stands in its code or templates."""

import ast
import re
from pathlib import Path

from jinja2 import Environment, nodes
from ruamel.yaml import YAML

from api.bootstrap import ROOT
from api.initialise import definition_files

DEFINITIONS = definition_files(ROOT / "definitions")
DEMO = ROOT / "api" / "cli" / "demo"
EVENTS_OF_BROWSERS = {"submit"}
"""Words of the shipped process that are names of the web platform too."""


def shipped_ids() -> set[str]:
    trees = [YAML(typ="safe").load(path.read_text("utf-8")) for path in DEFINITIONS]
    parts = [each for tree in trees for each in (tree, *tree["states"], *tree["transitions"])]
    return {each["id"] for each in parts}


def sources(*endings: str) -> list[Path]:
    found = [
        path
        for folder in ("workflow", "notifications", "api")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in endings
        and DEMO not in path.parents
        and "vendor" not in path.parts
        and path.name != "openapi_examples.py"  # what a caller of the sample agency sends
    ]
    assert len(found) > 3
    return found


def words_of_code(text: str) -> set[str]:
    return {
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def words_of_template(text: str) -> set[str]:
    """Every literal between the braces, and every quoted value that a form or a link carries."""
    tree = Environment(extensions=["jinja2.ext.loopcontrols"]).parse(text)  # noqa: S701 - only read
    literals = {str(node.value) for node in tree.find_all(nodes.Const)}
    sent = set(re.findall(r"""(?:value|name|id|data-[a-z-]+)=["']([^"'{]*)["']""", text))
    return literals | sent


def knowing(endings: tuple[str, ...], words: object, known: set[str]) -> list[str]:
    assert callable(words)
    return [
        f"{path.relative_to(ROOT)}: {word}"
        for path in sources(*endings)
        for word in sorted(words(path.read_text("utf-8")) & known)
    ]


def test_the_shipped_definitions_have_ids_and_the_product_has_sources():
    assert len(DEFINITIONS) == 4
    assert len(shipped_ids()) >= 20
    assert len(sources(".py")) > 250
    assert len(sources(".html")) > 40
    looked_at = [words_of_code(path.read_text("utf-8")) for path in sources(".py")]
    assert sum(map(len, looked_at)) > 5000
    literals = [words_of_template(path.read_text("utf-8")) for path in sources(".html")]
    assert sum(map(len, literals)) > 500


def test_an_id_in_code_or_template_would_be_found():
    assert words_of_code("if x == 'submit': pass") & shipped_ids() == {"submit"}
    template = '{% if t.id == "return" %}{{ {"drafted": 1}[s] }}{% endif %}<input value="reject">'
    assert words_of_template(template) & shipped_ids() == {"return", "drafted", "reject"}


def test_no_id_stands_in_code():
    assert knowing((".py",), words_of_code, shipped_ids()) == []


def test_no_id_stands_in_a_template():
    assert knowing((".html", ".mjml", ".txt"), words_of_template, shipped_ids()) == []


def test_no_id_stands_in_a_script_of_a_page():
    def words(text: str) -> set[str]:
        return set(re.findall(r"""["'`]([a-z_]+)["'`]""", text))

    assert knowing((".js", ".css"), words, shipped_ids() - EVENTS_OF_BROWSERS) == []
