"""The folder where the processes on one PostgreSQL keep their figures, so that any of them can tell the sum.

Must be set up before prometheus-client is loaded, which looks for the folder once: nothing here may load it.
"""

import os
from pathlib import Path

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_FOLDER = "metrics"


def share_figures(data_dir: Path, *, is_server: bool) -> None:
    """Keep this process's figures, and its children's, in the data folder; a server first sweeps those of processes that ended."""
    folder = data_dir.resolve() / _FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_server:
        for file in folder.glob("*.db"):
            pid = _pid_of(file)
            # A file with our own number is of a process before us: a container gives the same number each time.
            if pid is None or pid == os.getpid() or not is_running(pid):
                file.unlink(missing_ok=True)
    os.environ[FOLDER_VARIABLE] = str(folder)


def pids_in(folder: Path) -> list[int]:
    """Return the processes that have figures in ``folder``."""
    return sorted({pid for pid in map(_pid_of, folder.glob("*.db")) if pid is not None})


def is_running(pid: int) -> bool:
    """Return whether a process of ours has this number; another user's has only inherited it."""
    if os.name == "nt":
        return True  # there is no question that does not end the process
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError):
        return False
    return True


def _pid_of(file: Path) -> int | None:
    number = file.stem.rpartition("_")[2]
    return int(number) if number.isdecimal() else None
