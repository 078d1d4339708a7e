"""The documents of an item that may be signed, made anew to compare a signed file with.

Owns which these are, and for whose eyes: what is withheld from somebody is in none of theirs, so
they are made for whoever signed the item and for whoever uploads the file. Once the item was sent,
its number stands in them, and a file signed before that is no longer among them.
"""

import asyncio

from sqlalchemy import Connection

from api.composition import Application
from api.official_documents import drawn, writing_for
from workflow.commands.signed_copy import AddSignedCopy
from workflow.errors import NotFoundRefusal
from workflow.lookups.signatures import approver_of
from workflow.model import Person
from workflow.queries.documents import ItemDocument, Made, documents_of, item_document
from workflow.queries.items import visible_view

_SIGNED = (ItemDocument.SUBMISSION, ItemDocument.REPORT, ItemDocument.DECISION)
_Paper = tuple[str, Made]


async def produced_for(parts: Application, command: AddSignedCopy) -> list[bytes]:
    """Return what the signed file of ``command`` may be, as PDF files."""
    papers = await parts.database.report(lambda connection: _papers(parts, connection, command))
    return await asyncio.to_thread(
        lambda: [drawn(parts.settings, template, made) for template, made in papers]
    )


def _papers(parts: Application, connection: Connection, command: AddSignedCopy) -> list[_Paper]:
    directory = parts.context.directory(connection, parts.context.clock())
    approver = approver_of(parts.context, connection, command.code)
    readers = [directory.active(each) for each in {command.cause.actor, approver}]
    found: list[_Paper] = []
    for reader in readers:
        for paper in _for(parts, connection, command.code, reader) if reader else ():
            if paper not in found:
                found.append(paper)
    return found


def _for(parts: Application, connection: Connection, code: str, reader: Person) -> list[_Paper]:
    writing = writing_for(parts, reader)
    try:
        view = visible_view(parts.context, connection, code, reader)
        return [
            (each.value, item_document(writing, connection, code, each))
            for each in documents_of(writing, connection, view)
            if each in _SIGNED
        ]
    except NotFoundRefusal:
        return []
