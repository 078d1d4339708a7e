"""Have the signatures in an uploaded PDF judged by what the agency trusts.

Owns what is trusted: the certificates and lists of revoked ones in the folder that the setting
names, read anew each time. The network is never asked. The look inside runs in the child.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from api.intake.confined import ConfinedError, confined
from api.intake.parcels import pack
from api.setting_values import CERTIFICATES, REVOKED
from workflow.verdicts import UNREADABLE, FoundInFile, Sameness

_FOUND = TypeAdapter(FoundInFile)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustFiles:
    """Certificates of authorities that are trusted, and lists of what was revoked (PEM or DER)."""

    trusted: tuple[bytes, ...] = ()
    revoked: tuple[bytes, ...] = ()


def trust_in(folder: Path | None) -> TrustFiles:
    """Return the files of a folder, by their endings. Raises OSError where one cannot be read."""
    if folder is None:
        return TrustFiles()
    files = sorted(each for each in folder.iterdir() if each.is_file())
    return TrustFiles(
        trusted=tuple(each.read_bytes() for each in files if each.suffix.lower() in CERTIFICATES),
        revoked=tuple(each.read_bytes() for each in files if each.suffix.lower() in REVOKED),
    )


async def judge_signed(
    content: bytes, produced: Sequence[bytes], *, folder: Path | None, at: datetime
) -> FoundInFile:
    """Return what the signatures in ``content`` are worth; ``produced``: what it may be."""
    trust = await asyncio.to_thread(trust_in, folder)
    groups = [[content], produced, trust.trusted, trust.revoked]
    try:
        answer = await confined("signed", "", pack(at.isoformat(), groups))
    except ConfinedError:
        return FoundInFile(document=Sameness.UNKNOWN, signatures=(UNREADABLE,))
    return _FOUND.validate_python(answer["signed"])
