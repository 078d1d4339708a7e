"""Judge the digital signatures of one file: runs in the child, which bounds itself first."""

import json
import logging
import sys
from dataclasses import asdict
from datetime import datetime

from api.intake.child import bound
from api.intake.parcels import unpack
from api.intake.problems import IntakeAnswer
from workflow.model import Json
from workflow.signatures.verifying import Judging, judge_file


def main(_: list[str]) -> None:
    """Judge the file in the parcel that comes on standard input."""
    bound()
    answer: IntakeAnswer = {"signed": judged(sys.stdin.buffer.read())}
    sys.stdout.write(json.dumps(answer))


def judged(parcel: bytes) -> dict[str, Json]:
    """Return what is found in the file of a parcel, as the members of a ``FoundInFile``."""
    logging.disable(logging.CRITICAL)  # the library tells at length of what the answer says
    at, (files, produced, trusted, revoked) = unpack(parcel)
    judging = Judging(
        at=datetime.fromisoformat(str(at)), produced=produced, trusted=trusted, revoked=revoked
    )
    return asdict(judge_file(files[0], judging))
