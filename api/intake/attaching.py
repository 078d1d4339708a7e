"""Attach a file to an item: ask first, look inside next, keep it, write the row that names it.

Owns that order. A file that is refused leaves nothing on the disk; one that is kept and then loses
a race is swept later, because no row names it. Pages and API both come through here, for the files
of an item and for the signed document.
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import replace

from api.composition import Application
from api.intake.checks import check_inside
from api.intake.produced import produced_for
from api.intake.signatures import judge_signed
from workflow.commands.create_item import Written
from workflow.commands.edit_item import EditItem, check_edit
from workflow.commands.signed_copy import AddSignedCopy, check_signed_copy
from workflow.errors import InvalidRefusal, reason
from workflow.history.payloads import SignatureForm
from workflow.lookups.signatures import SignerNames, parties_of
from workflow.model import StoredFile
from workflow.rules import bears_signature, kept_as, named_upload
from workflow.verdicts import verdict_of


async def attach_signed(
    parts: Application, name: str, content: bytes, add: Callable[[StoredFile], AddSignedCopy]
) -> int:
    """Keep ``content`` as the signed document of an item. Raises Refusal."""
    sha256 = await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest())
    clean, media_type = kept_as(name)
    command = add(StoredFile(sha256=sha256, name=clean, size=len(content), media_type=media_type))
    await parts.database.report(
        lambda connection: check_signed_copy(parts.context, connection, command)
    )
    named_upload(name, content)
    await check_inside(clean, content)
    if bears_signature(content):
        command = await judged(parts, command, content)
    elif command.form == SignatureForm.DIGITAL:
        raise InvalidRefusal(
            reason(
                "file",
                "This file bears no digital signature. Upload the file that the signing program "
                "made, or say that it was signed on paper.",
            )
        )
    await asyncio.to_thread(parts.files.put, content)
    return await parts.database.write(command)


async def judged(parts: Application, command: AddSignedCopy, content: bytes) -> AddSignedCopy:
    """Return ``command`` with what the signatures in the file are worth, and whom they name."""
    parties = await parts.database.report(
        lambda connection: parties_of(parts.context, connection, command.code, parts.agency.name)
    )
    produced = await produced_for(parts, command)
    found = await judge_signed(
        content, produced, folder=parts.settings.signature_trust, at=parts.clock.now()
    )
    return replace(
        command,
        verdict=verdict_of(found, parties),
        names=tuple(SignerNames(name=each.name, issuer=each.issuer) for each in found.signatures),
    )


async def attach(
    parts: Application, name: str, content: bytes, edit: Callable[[StoredFile], EditItem]
) -> Written:
    """Attach ``content`` by the command that ``edit`` makes for it. Raises Refusal."""
    sha256 = await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest())
    clean, media_type = kept_as(name)
    command = edit(StoredFile(sha256=sha256, name=clean, size=len(content), media_type=media_type))
    # Whoever may not edit the item learns that, and no byte is looked into or kept for them.
    await parts.database.report(lambda connection: check_edit(parts.context, connection, command))
    named_upload(name, content)
    await check_inside(clean, content)
    # The file is on the disk, whole; should the process die before its row, it is swept away.
    await asyncio.to_thread(parts.files.put, content)
    written: Written = await parts.database.write(command)
    return written
