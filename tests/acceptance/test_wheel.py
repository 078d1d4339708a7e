"""The wheel, built and installed in a folder whose name has spaces and Vietnamese letters, works from anywhere."""

import os
import re
import site
import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from api import VERSION
from api.bootstrap import ROOT, base_python


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("thidua-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """An environment with the wheel; what it depends on is lent by the one that runs the tests."""
    folder = tmp_path_factory.mktemp("cài đặt ở đây") / "Phần mềm thi đua"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    pip = [
        base_python(),
        "-m",
        "pip",
        "--python",
        str(python),
        "-q",
        "install",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    packages = next(folder.glob("lib/python3*/site-packages"))
    (packages / "lent.pth").write_text("\n".join(site.getsitepackages()), "utf-8")
    return folder


def thidua(installed, cwd, *arguments, start=("thidua",)):
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("THIDUA_", "PYTHON"))
    }
    command = [str(installed / "bin" / start[0]), *start[1:], *arguments]
    return subprocess.run(
        command, cwd=cwd, env=inherited, capture_output=True, text=True, check=False
    )


def test_the_demo_plays_from_the_wheel_alone(installed, tmp_path):
    done = thidua(installed, tmp_path, "demo", "--headless")
    assert done.returncode == 0, done.stdout + done.stderr


def test_definitions_are_those_of_the_wheel_unless_others_are_named(installed, tmp_path):
    done = thidua(installed, tmp_path, "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"(\w+)\.yaml: tình huống", done.stdout) == [
        "consolidated_report",
        "department_report",
        "nomination",
        "nothing_to_nominate",
    ]
    own = tmp_path / "quy trình riêng"
    own.mkdir()
    (own / "wrong.yaml").write_text("id: x\n", "utf-8")
    command = [str(installed / "bin/thidua"), "check"]
    found = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "THIDUA_DEFINITIONS": str(own)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, "wrong.yaml" in found.stdout) == (1, True), (
        found.stdout + found.stderr
    )


def test_a_sentence_names_the_command_as_it_was_typed(installed, tmp_path):
    by_name = thidua(installed, tmp_path, "reminders")
    assert (by_name.returncode, "chạy: thidua init" in by_name.stderr) == (1, True), by_name.stderr
    by_module = thidua(installed, tmp_path, "reminders", start=("python", "-m", "api"))
    assert (by_module.returncode, "chạy: python3 -m api init" in by_module.stderr) == (1, True), (
        by_module.stderr
    )
    usage = thidua(installed, tmp_path, "tick")
    assert (usage.returncode, usage.stderr.startswith("thidua tick:")) == (2, True), usage.stderr


def test_there_is_one_version_number(installed, wheel, tmp_path):
    assert thidua(installed, tmp_path, "--version").stdout == f"thidua {VERSION}\n"
    assert wheel.name.startswith(f"thidua-{VERSION}-")
    written = re.compile(rf"\b{re.escape(VERSION)}\b")
    sources = [
        *ROOT.glob("pyproject.toml"),
        *(
            path
            for top in ("api", "workflow", "notifications")
            for path in (ROOT / top).rglob("*.py")
        ),
    ]
    assert [
        path.relative_to(ROOT).as_posix()
        for path in sources
        if written.search(path.read_text("utf-8"))
    ] == ["api/__init__.py"]


def test_it_brings_types_and_the_licence_of_everything_in_it(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = message_from_string(
            archive.read(next(each for each in names if each.endswith("/METADATA"))).decode()
        )
    assert {f"{each}/py.typed" for each in ("api", "workflow", "notifications")} <= names
    assert not [each for each in names if each.startswith(("tests/", "definitions/"))]
    licences = {Path(each).name for each in names if "/licenses/" in each}
    vendored = {
        path.name
        for folder in ("api/web/static/vendor", "definitions/documents/fonts")
        for path in (ROOT / folder).glob("*-LICENSE.txt")
    }
    assert len(vendored) == 6
    assert licences == {"LICENSE", *vendored}
    expression = str(metadata["License-Expression"])
    manifests = [
        ROOT / "api/web/static/vendor/manifest.json",
        ROOT / "definitions/documents/fonts/manifest.json",
    ]
    wanted = {
        each
        for path in manifests
        for each in re.findall(r'"licence": "([^"]+)"', path.read_text("utf-8"))
    }
    assert wanted <= set(expression.split(" AND "))
