"""Add the agency's signature with the key in a PKCS#12 file: runs in the child.

The one task that is handed a secret: the key and its password, on standard input like the file.
"""

import base64
import json
import logging
import sys
from collections.abc import Callable

from pyhanko.sign.signers import Signer

from api.intake.child import bound
from api.intake.parcels import unpack
from api.intake.problems import IntakeAnswer
from workflow.signatures.signing import from_pkcs12, seal


def main(_: list[str]) -> None:
    """Answer what is to be added behind the file in the parcel on standard input."""
    answer_with(from_pkcs12)


def answer_with(opened: Callable[[bytes, str], Signer]) -> None:
    """Seal with the key that ``opened`` makes of what the parcel says of it, and its password."""
    bound()
    logging.disable(logging.CRITICAL)
    about, ((content, drawn, key, password),) = unpack(sys.stdin.buffer.read())
    added = seal(content, opened(key, password.decode()), over=int(str(about)), drawn=drawn)
    answer: IntakeAnswer = {"added": base64.b64encode(added).decode()}
    sys.stdout.write(json.dumps(answer))
