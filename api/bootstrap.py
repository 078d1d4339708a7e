"""Make the environment that a command needs, then go on inside it.

Owns ``.venv`` beside the sources. Standard library only: it runs on a machine that has python3 and
pip and nothing else (no ensurepip, and a pip that refuses to install outside an environment). It
must never import the product.
"""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
_WINDOWS = os.name == "nt"
_BINARIES, _PYTHON = ("Scripts", "python.exe") if _WINDOWS else ("bin", "python")
_PIP_WITH_PYTHON = (22, 3)
"""The first pip that installs into another interpreter's environment (``--python``)."""

_LAUNCHER = """import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

from api.cli import main

raise SystemExit(main())
"""
_SHELL_LAUNCHER = """#!/bin/sh
here=$(dirname -- "$(readlink -f -- "$0")")
exec "$here/python" "$here/thidua.py" "$@"
"""
"""A script's first line cannot name an interpreter in a path with spaces; the shell can."""

_NO_CA = (
    "không kiểm được chứng chỉ của kho gói, thiếu CA: cài ca-certificates, hoặc chỉ CA của mình"
    " trong PIP_CERT / the package index's certificate cannot be verified: install"
    " ca-certificates, or name your own CA in PIP_CERT"
)
_CAUSES = (
    ("No space left", "hết chỗ trên đĩa / the disk is full"),
    ("Permission denied", "không có quyền ghi / no permission to write"),
    ("Read-only file system", "hệ thống tệp chỉ đọc / the file system is read-only"),
    ("CERTIFICATE_VERIFY_FAILED", _NO_CA),
    ("confirming the ssl certificate", _NO_CA),
    ("CA certificate bundle", "không đọc được tệp CA của pip / the CA file of pip cannot be read"),
    ("DO NOT MATCH THE HASHES", "gói tải về sai mã băm / a package is not the one that is locked"),
    ("connection broken", "không tới được kho gói / the package index cannot be reached"),
    ("No matching distribution", "kho gói thiếu gói cho máy này / the index lacks a package"),
)
"""What pip says when it fails, and what that means; the first that is found counts."""


def enter(module: str, locks: Sequence[str]) -> None:
    """Return inside an environment of ``locks[0]``; else set one up and run ``module`` there.

    ``locks`` are hash-pinned requirement lists; an environment made from any of them serves (a
    later list must hold all that the first one holds). Raises SystemExit with the exit status of
    the command run inside.
    """
    _require_python()
    if not (ROOT / locks[0]).exists():
        return  # an installed wheel: pip has made the environment around it
    environment = present_environment()
    if not any(_is_current(environment, lock) for lock in locks):
        _set_up(environment, locks[0])
    if Path(sys.prefix).resolve() == environment.resolve():
        return
    command = [str(_python(environment)), "-m", module, *sys.argv[1:]]
    if _WINDOWS:
        raise SystemExit(subprocess.call(command))  # noqa: S603 - our own module
    os.execv(command[0], command)  # noqa: S606 - our own module


def _require_python() -> None:
    if sys.version_info < OLDEST:
        given, least = (".".join(map(str, each)) for each in (sys.version_info[:3], OLDEST))
        raise SystemExit(
            f"Cần Python {least} trở lên, đây là {given}. / "
            f"Python {least} or newer is needed, this is {given}."
        )


def present_environment() -> Path:
    """Return the environment for the interpreter that runs this."""
    return environment_of(Path(sys.prefix), os.path.realpath(sys.executable))


def environment_of(prefix: Path, interpreter: str, root: Path = ROOT) -> Path:
    """Return the environment of a command that ``interpreter`` (a real path) starts in ``prefix``.

    It is ``.venv``, or inside an environment that one itself. Another interpreter's ``.venv`` that
    works is left to it, for a server may be running there: then the environment has a name of its
    own, made from the interpreter's path.
    """
    if prefix.parent.resolve() == root.resolve() and prefix.name.startswith(".venv"):
        return prefix
    usual = root / ".venv"
    owner = _owner(usual)
    if owner is None or owner == interpreter or not Path(owner).exists():
        return usual
    return root / f".venv-{re.sub('[^A-Za-z0-9.]+', '-', interpreter).strip('-')}"


def _owner(environment: Path) -> str | None:
    """Return the real path of the interpreter that made an environment, or None without one."""
    try:
        text = (environment / "pyvenv.cfg").read_text("utf-8")
    except OSError:
        return None
    lines = dict(re.findall(r"(?m)^(\w+) *= *(.*?) *$", text))
    home = os.path.realpath(Path(lines.get("home", "")) / Path(sys.executable).name)
    return str(lines.get("executable", home))


def _python(environment: Path) -> Path:
    return environment / _BINARIES / _PYTHON


def _fingerprint(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def _stamp(environment: Path, lock: str) -> Path:
    return environment / f".{lock}.sha256"


def _is_current(environment: Path, lock: str) -> bool:
    stamp = _stamp(environment, lock)
    if not _is_usable(environment) or not stamp.exists():
        return False
    return stamp.read_text("ascii") == _fingerprint(lock)


def _is_usable(environment: Path) -> bool:
    """Return whether the environment's interpreter is there, of the version it was filled for."""
    owner = _owner(environment)
    if owner is None or not Path(owner).exists() or not _python(environment).exists():
        return False
    return _WINDOWS or any(
        environment.glob(f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages")
    )


def _set_up(environment: Path, lock: str) -> None:
    print(
        "Đang chuẩn bị môi trường (chỉ lần đầu, khoảng một phút) / Setting up, first time only …",
        file=sys.stderr,
        flush=True,
    )
    pip = base_python()
    _require_pip(pip)
    if not _is_usable(environment):
        # --clear: what is left of an interpreter that has gone would stay in the way.
        _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(environment)])
    install = [
        pip,
        "-m",
        "pip",
        "--python",
        str(_python(environment)),
        "-q",
        "--disable-pip-version-check",
        "install",
    ]
    _run([*install, "--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / lock)])
    _write_launcher(environment)
    # The stamp comes last: an interrupted set-up has none and is done again.
    _stamp(environment, lock).write_text(_fingerprint(lock), "ascii")


def base_python() -> str:
    """Return the interpreter outside the environment: the one that has pip."""
    name = (
        "python.exe" if _WINDOWS else f"bin/python{sys.version_info.major}.{sys.version_info.minor}"
    )
    base = Path(sys.base_prefix) / name
    return str(base) if base.exists() else sys.executable


def _require_pip(python: str) -> None:
    asked = subprocess.run(  # noqa: S603 - pip
        [python, "-m", "pip", "--version"], capture_output=True, text=True, check=False
    )
    found = re.match(r"pip (\d+)\.(\d+)", asked.stdout)
    if found is None:
        _give_up(f"{python} không có pip (Debian: apt-get install python3-pip) / it has no pip")
    if tuple(map(int, found.groups())) < _PIP_WITH_PYTHON:
        least = ".".join(map(str, _PIP_WITH_PYTHON))
        _give_up(
            f"{found.group()} quá cũ, cần {least} trở lên / "
            f"it is too old, {least} or newer is needed"
        )


def _write_launcher(environment: Path) -> None:
    folder = environment / _BINARIES
    (folder / "thidua.py").write_text(_LAUNCHER, "utf-8")
    if _WINDOWS:
        (folder / "thidua.cmd").write_text('@"%~dp0python.exe" "%~dp0thidua.py" %*\n', "utf-8")
        return
    launcher = folder / "thidua"
    launcher.write_text(_SHELL_LAUNCHER, "utf-8")
    launcher.chmod(0o755)


def _run(command: Sequence[str]) -> None:
    """Run a step of the set-up; what it says is shown only where it fails, with what that means."""
    done = subprocess.run(  # noqa: S603 - venv and pip
        list(command), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode == 0:
        return
    said = done.stdout.decode("utf-8", "replace")
    print(said, file=sys.stderr)
    known = next((meaning for sign, meaning in _CAUSES if sign in said), None)
    status = done.returncode
    _give_up(known or f"lệnh '{command[2]}' kết thúc với mã {status} / it ended with {status}")


def _give_up(why: str) -> NoReturn:
    raise SystemExit(
        f"Không chuẩn bị được môi trường / setting up failed: {why}. "
        "Hãy khắc phục rồi chạy lại / mend it and run again."
    )
