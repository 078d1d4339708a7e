"""The child process that reads one file from standard input and answers in JSON.

Owns its own bounds, set before anything is read. It opens no file and no connection.
"""

import json
import sys

from api.intake.problems import IntakeAnswer
from api.intake.tables import read_table
from api.intake.uploads import problems_of

if sys.platform != "win32":
    import resource

_MEMORY_BYTES = 768 * 1024 * 1024
_CPU_SECONDS = 15
_ANSWER_BYTES = 16 * 1024 * 1024


def main(arguments: list[str]) -> None:
    """Do the task that is named first, on the file whose name comes second."""
    bound()
    task, name = arguments
    content = sys.stdin.buffer.read()
    answer: IntakeAnswer
    if task == "table":
        answer = read_table(name, content)
    elif task == "upload":
        answer = {"problems": problems_of(name, content)}
    else:
        raise ValueError(task)
    sys.stdout.write(json.dumps(answer))


def bound() -> None:
    """Limit memory, processor time and the size of the answer, where the platform can."""
    if sys.platform == "win32":
        return
    for limit, most in (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, _ANSWER_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (wanted, wanted))
