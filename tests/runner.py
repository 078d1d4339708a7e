"""Start pytest with what the tests need around it: browser, false clock, folders."""

import compileall
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from api.bootstrap import ROOT
from tests import mutants, outside_cases

_WORKERS = 4
"""More than the two cores that the suite is made for: much of it waits for servers and browsers."""
_IN_PARALLEL = ("-n", str(_WORKERS), "--dist", "loadfile", "--no-loadscope-reorder")
_ENDS_WITH_A_WORKER = ("--max-worker-restart", "0")
"""A worker that died is named and ends the run; with another in its place, xdist's scheduler by
files waits for ever (pytest-xdist, issues 784 and 1378)."""
_NO_LIMIT = ("-o", "faulthandler_timeout=0")
"""For full counts, of which one test may take an hour."""
_LIBRARIES = {"libfaketime": "faketime/libfaketimeMT.so.1", "libatomic1": "libatomic.so.1"}
"""Debian's packages by the file that each brings; the browser's node needs the second."""
_PROGRAMS = {"poppler-utils": "pdfsig", "softhsm2": "softhsm2-util"}
"""Debian's packages by the program that each brings: a second opinion of
signatures, and a token without hardware."""
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own in it, see below
_ROOM = 8 << 30
"""Bytes; the whole suite leaves two gigabytes behind."""
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Debian's packages and others; the first, which has no windows, is enough and takes least."""


def main() -> int:
    """Run pytest over the suite and return its exit status."""
    os.chdir(ROOT)
    _keep_compiled()
    _install_parts()
    asked = sys.argv[1:]
    if asked[:1] == ["--mutants"]:
        return mutants.main(asked[1:])
    if asked[:1] == ["--outside"]:
        return outside_cases.main(asked[1:])
    if _is_whole(asked):
        _compile_product()
    with folder_in_memory():
        return int(pytest.main([*_around(asked), *asked]))


def _is_whole(asked: list[str]) -> bool:
    """Return whether no test is named: the whole suite, but for folders that are left out."""
    return all(each.startswith("--ignore=") for each in asked)


def _around(asked: list[str]) -> tuple[str, ...]:
    """Return what pytest is told besides what was asked."""
    parallel = (*_IN_PARALLEL, *_ENDS_WITH_A_WORKER) if _is_whole(asked) else ()
    return (*parallel, *(_NO_LIMIT if "--long" in asked else ()))


@contextmanager
def folder_in_memory() -> Iterator[None]:
    """Keep the tests' folders in memory where it has room, else where pytest keeps them.

    Each commit of each of their databases waits for the disk otherwise.
    """
    if "PYTEST_DEBUG_TEMPROOT" in os.environ or _room(_MEMORY) < _ROOM:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="thidua-", dir=_MEMORY) as folder:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = folder
        yield


def _room(folder: Path) -> int:
    """Return how many bytes are free, 0 where there is no such folder."""
    return shutil.disk_usage(folder).free if folder.is_dir() else 0


def _keep_compiled() -> None:
    """Let every process keep what it compiles, even where the environment says otherwise.

    The tests start hundreds of processes, and each compiles the whole product otherwise.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def _compile_product() -> None:
    """Compile it once, on all cores; at a first run each worker does it otherwise."""
    with suppress(OSError):  # a machine without room for semaphores
        for package in ("workflow", "notifications", "api"):
            compileall.compile_dir(ROOT / package, quiet=2, workers=0)


def _install_parts() -> None:
    """Install what Debian has and pip has not, where we may."""
    wanted = [] if any(shutil.which(name) for name in BROWSERS) else [BROWSERS[0]]
    wanted += [package for package, program in _PROGRAMS.items() if not shutil.which(program)]
    wanted += [
        package
        for package, file in _LIBRARIES.items()
        if not any(Path("/usr/lib").glob(f"*/{file}"))
    ]
    if not wanted or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print(f"Installing {' and '.join(wanted)} for the tests …", file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "-qq", "update"],
        ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *wanted],
    ):
        subprocess.call(command, env=environment, stdout=subprocess.DEVNULL)
