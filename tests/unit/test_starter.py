"""Which environment a command gets, and what is said where none can be made."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from api import bootstrap
from notifications.translation import translate


def environment_by(root, interpreter, name=".venv"):
    folder = root / name
    folder.mkdir()
    text = f"home = {Path(interpreter).parent}\nversion = 3.11.2\nexecutable = {interpreter}\n"
    (folder / "pyvenv.cfg").write_text(text, "utf-8")
    return folder


@pytest.fixture
def interpreters(tmp_path):
    folder = tmp_path / "interpreters"
    folder.mkdir()
    made = [folder / "python3.11", folder / "python3.12"]
    for each in made:
        each.touch()
    return [str(each) for each in made]


def test_the_first_interpreter_has_the_usual_environment(tmp_path, interpreters):
    assert bootstrap.environment_of(Path("/usr"), interpreters[0], tmp_path) == tmp_path / ".venv"
    environment_by(tmp_path, interpreters[0])
    assert bootstrap.environment_of(Path("/usr"), interpreters[0], tmp_path) == tmp_path / ".venv"


def test_another_interpreter_leaves_it_alone_and_has_one_of_its_own(tmp_path, interpreters):
    environment_by(tmp_path, interpreters[0])
    own = bootstrap.environment_of(Path("/usr"), interpreters[1], tmp_path)
    assert own.parent == tmp_path
    assert own.name.startswith(".venv-")
    assert own.name.endswith("python3.12")


def test_one_whose_interpreter_has_gone_is_made_anew(tmp_path, interpreters):
    environment_by(tmp_path, str(tmp_path / "gone"))
    assert bootstrap.environment_of(Path("/usr"), interpreters[0], tmp_path) == tmp_path / ".venv"
    assert not bootstrap._is_usable(tmp_path / ".venv")


def test_inside_an_environment_it_is_that_one(tmp_path, interpreters):
    environment_by(tmp_path, interpreters[0])
    own = environment_by(tmp_path, interpreters[1], ".venv-own")
    assert bootstrap.environment_of(own, interpreters[1], tmp_path) == own


def test_an_environment_filled_for_another_version_of_python_is_not_usable(tmp_path):
    folder = environment_by(tmp_path, sys.executable)
    (folder / "bin").mkdir()
    (folder / "bin/python").symlink_to(sys.executable)
    (folder / "lib/python3.1/site-packages").mkdir(parents=True)
    assert not bootstrap._is_usable(folder)
    (folder / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages").mkdir(
        parents=True
    )
    assert bootstrap._is_usable(folder)


@pytest.mark.parametrize(
    "said, word",
    [
        (
            "Could not fetch URL x: There was a problem confirming the ssl certificate: y",
            "ca-certificates",
        ),
        ("WARNING: Retrying after connection broken by 'NewConnectionError'", "cannot be reached"),
        (
            (
                "ERROR: Could not install packages due to an OSError: "
                "[Errno 28] No space left on device"
            ),
            "disk is full",
        ),
        ("ERROR: [Errno 13] Permission denied: '/opt/x'", "no permission"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "locked"),
        ("ERROR: Could not find a suitable TLS CA certificate bundle, invalid path: /x", "CA file"),
        ("something else", "ended with 3"),
    ],
)
def test_a_step_that_fails_says_what_it_is(said, word, capsys):
    with pytest.raises(SystemExit) as stopped:
        bootstrap._run([sys.executable, "-c", f"print({said!r}); raise SystemExit(3)"])
    assert word in translate(stopped.value)
    assert said in capsys.readouterr().err


def test_an_interpreter_without_pip_is_told_so(tmp_path):
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    with pytest.raises(SystemExit, match="python3-pip"):
        bootstrap._require_pip(str(bare / "bin/python"))


def test_the_launcher_works_in_any_folder_and_after_a_move(tmp_path):
    """The shebang of a script cannot hold a path with spaces."""
    root = tmp_path / "Phần mềm thi đua"
    (root / ".venv/bin").mkdir(parents=True)
    (root / ".venv/bin/python").symlink_to(sys.executable)
    (root / "api").mkdir()
    (root / "api/__init__.py").touch()
    (root / "api/cli.py").write_text(
        "import sys\ndef main():\n    print(sys.argv[1:])\n    return 7\n", "utf-8"
    )
    bootstrap._write_launcher(root / ".venv")
    moved = root.rename(tmp_path / "chỗ khác $HOME 'x'")
    command = [str(moved / ".venv/bin/thidua"), "một hai", "$x"]
    done = subprocess.run(
        command,
        cwd="/",
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (7, "['một hai', '$x']\n"), done.stderr
