"""Start pytest with what the tests need around it: browser, false clock, folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api.bootstrap import ROOT
from tests import mutants

_WORKERS = 4
"""More than the two cores that the suite is made for: much of it waits for servers and browsers."""
_IN_PARALLEL = ("-n", str(_WORKERS), "--dist", "loadfile", "--no-loadscope-reorder")
_LIBRARIES = {"libfaketime": "faketime/libfaketimeMT.so.1", "libatomic1": "libatomic.so.1"}
"""Debian's packages by the file that each brings; the browser's node needs the second."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Run pytest over the suite and return its exit status."""
    os.chdir(ROOT)
    _install_parts()
    asked = sys.argv[1:]
    if asked[:1] == ["--mutants"]:
        return mutants.main(asked[1:])
    is_whole = all(each.startswith("--ignore=") for each in asked)
    return int(pytest.main([*(_IN_PARALLEL if is_whole else ()), *asked]))


def _install_parts() -> None:
    """Install what Debian has and pip has not, where we may."""
    wanted = [] if any(shutil.which(name) for name in _BROWSERS) else ["chromium"]
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
