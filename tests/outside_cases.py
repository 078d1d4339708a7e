"""Run cases that are kept outside the project: ``python3 -m tests --outside FOLDER [NAME ...]``.

A case is a program, ``FOLDER/**/repro.py`` or ``run.py``, that starts the product of the checkout it
is given and tries one fault: it ends with 0 where the product holds, 1 where the fault is there, and 2
where the case could not run.
"""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
_PROGRAMS: Final = ("repro.py", "run.py")
_SECONDS: Final = 600
"""The longest that one case may take."""


def main(words: Sequence[str]) -> int:
    """Run every case of a folder, or those whose name has one of the words in it; return 0: all held."""
    folder, names = Path(words[0] if words else "").resolve(), words[1:]
    chosen = [
        program
        for program in sorted(folder.rglob("*.py"))
        if program.name in _PROGRAMS
        and (not names or any(name in program.parent.name for name in names))
    ]
    if not words or not chosen:
        print(
            "Name a folder of cases: FOLDER/…/repro.py or run.py. None was found.", file=sys.stderr
        )
        return 2
    held = [_holds(program, str(program.parent.relative_to(folder))) for program in chosen]
    print(f"{sum(held)} of {len(held)} cases held.")
    return int(not all(held))


def _holds(program: Path, name: str) -> bool:
    """Return whether one case ended with 0, after printing its name, status, seconds and last line."""
    began = time.monotonic()
    try:
        ran = subprocess.run(
            [sys.executable, program, ROOT],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        print(f"{name}: not ended after {_SECONDS} s", flush=True)
        return False
    last = (ran.stdout.strip() or ran.stderr.strip()).rpartition("\n")[2]
    print(f"{name}: {ran.returncode} ({time.monotonic() - began:.0f} s) {last}", flush=True)
    return ran.returncode == 0
