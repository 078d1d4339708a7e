"""The agency's own signature on the signed document, where the server has the agency's key.

Owns the order: ask first, draw the seal, sign in the child, have the result judged like any other
file, keep it, write the row that names it.
"""

import asyncio
import base64
import hashlib
from dataclasses import replace
from pathlib import Path

from api.composition import Application
from api.intake.attaching import judged
from api.intake.confined import ConfinedError, confined
from api.intake.parcels import pack
from api.setting_values import BY_TOKEN
from workflow.command import Cause
from workflow.commands.signed_copy import AddSignedCopy, approver_place, check_signed_copy
from workflow.documents import FONTS, typeset
from workflow.errors import InvalidRefusal, reason
from workflow.history.payloads import SignatureForm
from workflow.lookups.signatures import SignedCopy, signed_copy_of

_MOST_IMAGE_BYTES = 1024 * 1024


async def seal_copy(parts: Application, code: str, sha256: str, cause: Cause) -> int:
    """Sign the copy with that hash as the agency, and keep it. Raises Refusal."""
    key = parts.settings.agency_key
    if not key:
        raise InvalidRefusal(reason("file", "The server has no key of the agency."))
    copy = await parts.database.report(
        lambda connection: signed_copy_of(parts.context, connection, code)
    )
    if copy is None:
        raise InvalidRefusal(reason("file", "Upload the signed document first."))
    command = AddSignedCopy(
        code=code, cause=cause, form=SignatureForm.DIGITAL, file=copy.file, seals=sha256
    )
    await parts.database.report(
        lambda connection: check_signed_copy(parts.context, connection, command)
    )
    content = await _sealed(parts, copy, key)
    file = replace(copy.file, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    command = await judged(parts, replace(command, file=file), content)
    await asyncio.to_thread(parts.files.put, content)
    return await parts.database.write(command)


async def _sealed(parts: Application, copy: SignedCopy, key: str) -> bytes:
    content = await asyncio.to_thread(parts.files.get, copy.file.sha256)
    drawn = await asyncio.to_thread(_drawn, parts)
    is_token = key.startswith(BY_TOKEN)
    known = key.encode() if is_token else await asyncio.to_thread(Path(key).read_bytes)
    over = approver_place(copy.verdict) or 0
    password = parts.settings.agency_key_password.encode()
    task = "seal by token" if is_token else "seal"
    try:
        answer = await confined(task, "", pack(over, [[content, drawn, known, password]]))
    except ConfinedError:
        raise InvalidRefusal(
            reason(
                "file",
                "The agency's key could not be used. Whoever keeps the server looks at its "
                "settings; nothing was signed.",
            )
        ) from None
    return content + base64.b64decode(answer["added"])


def _drawn(parts: Application) -> bytes:
    """Return the seal as a page: the agency's image of it, or its name and the time."""
    settings, now = parts.settings, parts.clock.now()
    image = settings.definition_file("documents/seal.png")
    raw = image.read_bytes()[:_MOST_IMAGE_BYTES] if image.exists() else b""
    at = now.astimezone(settings.zone).isoformat(timespec="seconds")
    return typeset(
        settings.definition_file("documents/seal.typ"),
        {"agency": parts.agency.name, "at": at, "image": list(raw)},
        fonts=settings.definition_file(f"documents/{FONTS}"),
        at=now,
    )
