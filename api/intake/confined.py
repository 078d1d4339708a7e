"""Run a reader of strangers' files in a child process with bounds on memory, time and answer.

Owns how the child is started and how its end is understood. The child is given the file and nothing
else: no setting, no database, and no secret but, to seal a document, the
agency's key. Whatever ends it — memory, time, a fault in a library — is
one refusal, and never the end of this process.
"""

import asyncio
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryFile

from api.intake.problems import IntakeAnswer

ANSWER_BYTES = 16 * 1024 * 1024
"""The longest answer; the child's own limit on the size of a file holds it to that."""
_SECONDS = 30
_KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "SOFTHSM2_CONF")
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from importlib import import_module; import_module(sys.argv[2]).main(sys.argv[3:])"
)
_CHILD = "api.intake.child"
_CHILDREN_OF = {
    "signed": "api.intake.judging",
    "seal": "api.intake.sealing",
    "seal by token": "api.intake.token_sealing",
}
"""What runs in the child; pyHanko takes half a second to load, for signed documents alone."""
_SOURCES = str(Path(__file__).resolve().parents[2])
_CHILDREN = ThreadPoolExecutor(max_workers=2, thread_name_prefix="intake")
"""At most two children at a time, whoever asks: what waits costs no memory but its own bytes."""


class ConfinedError(Exception):
    """The child ended without an answer: too much memory or time, or a fault in a library."""


def confined_blocking(task: str, name: str, content: bytes) -> IntakeAnswer:
    """Return the answer of ``task`` on a file. Raises ConfinedError."""
    child = _CHILDREN_OF.get(task, _CHILD)
    environment = {each: os.environ[each] for each in _KEPT if each in os.environ} | {
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
    }
    with TemporaryFile() as answer:
        try:
            done = subprocess.run(  # noqa: S603 - our own module, by the running interpreter
                [sys.executable, "-I", "-c", _START, _SOURCES, child, task, name],
                input=content,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env=environment,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as exc:
            raise ConfinedError from exc
        answer.seek(0)
        written = answer.read(ANSWER_BYTES + 1)
    if done.returncode or len(written) > ANSWER_BYTES:
        raise ConfinedError
    try:
        said: IntakeAnswer = json.loads(written)
    except ValueError as exc:
        raise ConfinedError from exc
    return said


async def confined(task: str, name: str, content: bytes) -> IntakeAnswer:
    """Do as ``confined_blocking`` while the loop goes on."""
    return await asyncio.get_running_loop().run_in_executor(
        _CHILDREN, confined_blocking, task, name, content
    )
