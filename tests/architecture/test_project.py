"""The project's own files keep their promises."""

import ast
import gzip
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from api.bootstrap import ROOT
from api.web.style_sheet import SHEETS, style_sheet

SOURCES = [
    path
    for folder in ("workflow", "notifications", "api")
    for path in (ROOT / folder).rglob("*.py")
    if "versions" not in path.parts
]
TOP = {
    "pyproject.toml",
    "workflow",
    "definitions",
    "notifications",
    "api",
    "tests",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "requirements.lock",
    "requirements-tests.lock",
}


def pins(name):
    return set(re.findall(r"^([a-z0-9._-]+==\S+)", (ROOT / name).read_text("ascii"), re.MULTILINE))


def test_the_top_level_is_the_fixed_one():
    names = _tracked() if shutil.which("git") and (ROOT / ".git").exists() else _present()
    assert {each for each in names if not each.startswith(".")} <= TOP


def _tracked():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {each.split("/")[0] for each in listed.stdout.split()}


def _present():
    """What lies there, on a machine without git; what git would pass over is left out."""
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    return {path.name for path in ROOT.iterdir()} - {each.strip("/") for each in ignored}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-tests.lock"])
def test_a_lock_pins_hashes_and_names_no_host(name):
    text = (ROOT / name).read_text("ascii")
    assert "://" not in text
    assert "--hash=sha256:" in text
    assert "index-url" not in text


def test_the_tests_lock_holds_all_that_the_product_is_locked_to():
    assert pins("requirements.lock") <= pins("requirements-tests.lock")


def test_vendored_files_are_what_the_manifest_says():
    folder = ROOT / "api/web/static/vendor"
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert {each["file"] for each in manifest} == {
        path.name for path in folder.iterdir() if path.suffix in {".css", ".woff2", ".js", ".svg"}
    }
    for each in manifest:
        assert hashlib.sha256((folder / each["file"]).read_bytes()).hexdigest() == each["sha256"]
        assert each["licence"]
        assert each["version"]


def test_the_style_sheets_of_our_own_weigh_little():
    """At most 12 kB compressed, all of them together."""
    assert not list((ROOT / "api/web/static").glob("*.css"))
    assert sum(len(gzip.compress(style_sheet(each))) for each in SHEETS) <= 12_000


def test_every_icon_that_a_template_draws_is_in_the_sprite():
    folder = ROOT / "api/web/templates"
    sprite = (ROOT / "api/web/static/vendor/icons.svg").read_text("utf-8")
    known = set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite))
    asked = {
        name
        for path in folder.rglob("*.html")
        for name in re.findall(r'\bicon\("([a-z0-9-]+)"\)', path.read_text("utf-8"))
    }
    assert asked
    assert asked <= known


def test_the_link_page_weighs_little():
    assert len(style_sheet("link.css")) <= 10_000


def test_the_verifier_needs_nothing_but_python():
    tree = ast.parse((ROOT / "workflow/history/verify_history.py").read_text("utf-8"))
    imported = {
        node.module.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
    }
    imported |= {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    import sys

    assert imported <= set(sys.stdlib_module_names)


def test_the_verifier_runs_on_python_3_9():
    """It reads as 3.9 does, and evaluates no union of types, nor what came after 3.9."""
    text = (ROOT / "workflow/history/verify_history.py").read_text("utf-8")
    tree = ast.parse(text, feature_version=(3, 9))
    assert "from __future__ import annotations" in text
    later = {"slots", "kw_only", "strict", "pairwise", "StrEnum", "TypeAlias", "UTC", "file_digest"}
    named = {
        getattr(node, name)
        for node in ast.walk(tree)
        for name in ("id", "attr", "arg")
        if hasattr(node, name)
    }
    assert named & later == set()
    assigned = [node.value for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    assert "None |" not in "".join(map(ast.unparse, assigned))
    assert "| None" not in "".join(map(ast.unparse, assigned))


def test_the_first_page_of_each_package_imports_nothing():
    for name in ("workflow", "notifications", "api", "tests"):
        tree = ast.parse((ROOT / name / "__init__.py").read_text("utf-8"))
        assert not [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]


def test_no_real_path_or_address_of_this_machine_is_in_the_sources():
    assert len(SOURCES) > 200
    home = f"{Path.home()}/"
    assert [path for path in SOURCES if home in path.read_text("utf-8")] == []


def test_the_manual_has_one_row_for_each_setting_and_no_other():
    from api.settings import Settings
    from api.settings_sources import SECRETS_DIR

    rows = re.findall(
        r"^\| `THIDUA_([A-Z_]+)` \| ([^|]+) \|",
        (ROOT / "api" / "deploy" / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert sorted(name for name, _ in rows) == sorted(
        [SECRETS_DIR, *(name.upper() for name in Settings.model_fields)]
    )
    for name, default in rows:
        shown = re.fullmatch(r"`(.+)`", default)
        if shown:
            value = Settings.model_fields[name.lower()].default
            assert shown[1] == str(int(value) if isinstance(value, bool) else value), name
