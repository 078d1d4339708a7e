"""Peers in processes of their own, in an environment of their own: ``.venv-peers``.

It is made from the group ``peers`` of pyproject.toml, and holds nothing of the product's.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from api.bootstrap import ROOT, base_python

PEERS = {
    "viewflow.fsm + history": ("viewflow_fsm", 1.0),
    "viewflow.workflow": ("viewflow_workflow", 0.25),
    "django-fsm-2 + log": ("django_fsm", 1.0),
    "SpiffWorkflow, JSON in the row": ("spiff", 1.0),
    "DBOS, a workflow an approval": ("dbos_workflow", 0.15),
}
"""Each peer's module, and which share of a round's decisions it makes: slow ones make fewer."""
ENVIRONMENT = ROOT / ".venv-peers"
_PYTHON = ENVIRONMENT / "bin" / "python"


def wanted_packages() -> list[str]:
    """Return what the group ``peers`` pins."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return list(project["dependency-groups"]["peers"])


def are_installed() -> bool:
    """Return whether the environment has what the group pins."""
    marker = ENVIRONMENT / "peers.txt"
    return marker.exists() and marker.read_text("utf-8").splitlines() == wanted_packages()


def install() -> None:
    """Make the environment by pip, from wheels alone."""
    pip = [base_python(), "-m", "pip", "--python", str(_PYTHON), "install", "--quiet"]
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ENVIRONMENT], check=True)
    packages = wanted_packages()
    subprocess.run([*pip, "--only-binary", ":all:", *packages], check=True)
    (ENVIRONMENT / "peers.txt").write_text("\n".join(packages), "utf-8")


class PeerProcess:
    """One peer on a database of its own, ready for rounds."""

    def __init__(self, process: subprocess.Popen[str], share: float) -> None:
        self._process = process
        self._share = share

    def rate(self, callers: int, count: int) -> float:
        """Return decisions a second of a round; the child has asserted its exact rows."""
        assert self._process.stdin
        count = max(callers, int(count * self._share))
        self._process.stdin.write(f"{callers} {count}\n")
        self._process.stdin.flush()
        return count / float(json.loads(self.line())["seconds"])

    def line(self) -> str:
        """Return the next line of the child's. Raises RuntimeError where it has ended."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a peer ended before it answered")
        return line


@contextmanager
def running(url: str, folder: Path, *names: str) -> Iterator[dict[str, PeerProcess]]:
    """Start peers, each on its own file, or its own database of the server at ``url``."""
    with ExitStack() as stack:
        found = {}
        for name in names:
            module, share = PEERS[name]
            own = folder / module
            own.mkdir()
            process = stack.enter_context(
                subprocess.Popen(
                    [_PYTHON, "-m", "tests.bench.peers", module, _own_database(url, module), own],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    cwd=ROOT,
                )
            )
            stack.callback(process.terminate)
            found[name] = PeerProcess(process, share)
            while found[name].line() != "ready\n":
                pass
        yield found


def _own_database(url: str, name: str) -> str:
    """Return the URL of a new database on the same server; nothing for SQLite."""
    if not url:
        return ""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE peer_{name}")
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/peer_{name}?{query}"
