"""The command line in processes of their own, forked from one that has loaded the program.

Owns that process and what it loads. Loading takes a second or two of a core, many times what most
commands do. That a command starts from nothing is what test_wheel, test_main_job, test_downtime and
test_stopping see, the last with several workers: they run ``python3 -m api``.
"""

import io
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from api.bootstrap import ROOT

FROM = multiprocessing.get_context("forkserver")
FROM.set_forkserver_preload(
    [
        *(
            f"api.cli.{each.stem}"
            for each in sorted((ROOT / "api" / "cli").glob("*.py"))
            if each.stem != "__init__"
        ),
        "api.cli.demo.demo",
        "api.cli.demo.headless",
        "api.external_services",
        "api.server.httptools_protocol",
        "api.web.environment",
        "notifications.delivery",
        "tests.dying",
        "tests.preloaded",  # the last: it freezes what is there
    ]
)


class Command:
    """A command that runs; ``environment`` is all that it has. It may start no Python of its own."""

    def __init__(self, arguments, environment):
        self._folder = TemporaryDirectory()
        self._told = [Path(self._folder.name) / name for name in ("stdout", "stderr")]
        self._said = None
        self.arguments = arguments
        self.process = FROM.Process(
            target=_become, args=(arguments, environment, self._told), daemon=True
        )
        self.process.start()

    def send_signal(self, sig):
        os.kill(self.process.pid, sig)

    def kill(self):
        self.process.kill()

    def wait(self, seconds=300):
        """Wait until it has ended, and return its status."""
        self.process.join(seconds)
        if self.process.exitcode is None:
            self.process.kill()
            raise subprocess.TimeoutExpired(self.arguments, seconds)
        if self._said is None:
            with self._folder:
                self._said = [
                    path.read_text("utf-8") if path.exists() else "" for path in self._told
                ]
        return self.process.exitcode

    def ended(self, seconds=300):
        """Wait until it has ended, and return what it said and its status."""
        return subprocess.CompletedProcess(self.arguments, self.wait(seconds), *self._said)


def run_command(*arguments, **environment):
    """Run ``python3 -m api`` with ``arguments``, with settings beside those of the tests."""
    return Command(arguments, {**os.environ, **environment}).ended()


def _become(arguments, environment, told):
    """Be the command: its words, its environment, its folder, its streams."""
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in enumerate(told, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(
        io.FileIO(2, "w", closefd=False), "utf-8", "backslashreplace", write_through=True
    )
    sys.argv = [str(ROOT / "api" / "__main__.py"), *arguments]
    from api.cli import main

    sys.exit(main())
