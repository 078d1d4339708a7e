"""Start pytest with what the tests need around it: a browser and a false clock where they can be had, and the project's folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workflow.starter import ROOT

_WORKERS = 3
"""More than the two cores that the suite is made for: much of it waits for servers to start, for mail and for browsers."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Run pytest over the suite and return its exit status."""
    os.chdir(ROOT)
    _install_parts()
    return int(pytest.main(sys.argv[1:] or ["-n", str(_WORKERS), "--dist", "loadfile", "--no-loadscope-reorder"]))


def _install_parts() -> None:
    """Install Debian's Chromium and libfaketime where we may; without them the tests that need them say that they were skipped."""
    wanted = [] if any(shutil.which(name) for name in _BROWSERS) else ["chromium"]
    wanted += [] if any(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")) else ["libfaketime"]
    if not wanted or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print(f"Installing {' and '.join(wanted)} for the tests …", file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *wanted]):
        subprocess.call(command, env=environment, stdout=subprocess.DEVNULL)
