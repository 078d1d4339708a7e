"""Start pytest with what the tests need around it: a browser where one can be had, and the project's folder."""

import os
import shutil
import subprocess
import sys

import pytest

from workflow.starter import ROOT

_WORKERS = 3
"""More than the two cores that the suite is made for: much of it waits for servers to start, for mail and for browsers."""
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Run pytest over the suite and return its exit status."""
    os.chdir(ROOT)
    _install_browser()
    return int(pytest.main(sys.argv[1:] or ["-n", str(_WORKERS), "--dist", "loadfile"]))


def _install_browser() -> None:
    """Install Debian's Chromium where we may; without one the browser tests say that they were skipped."""
    if any(shutil.which(name) for name in _BROWSERS) or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print("Installing Chromium for the browser tests …", file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "-qq", "update"], ["apt-get", "-qq", "install", "-y", "--no-install-recommends", "chromium"]):
        subprocess.call(command, env=environment, stdout=subprocess.DEVNULL)
