"""Keep the signed document beside the item that was approved: the scan of a paper, or the file.

The clerk's and the Office's, from the approval on (NĐ 30/2020/NĐ-CP, Điều 14: signed first, then
numbered, registered, sealed and sent). The item stays where it is; the entry names the file.
"""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workflow.command import ItemCommand
from workflow.commands.execute import Transaction, entry_of
from workflow.commands.recording import append_in_place, fact_in_place
from workflow.context import Context
from workflow.errors import InvalidRefusal, NotFoundRefusal, NotPermittedRefusal, reason
from workflow.history.payloads import SignatureForm, SignedCopyAdded
from workflow.lookups.items import visible_item
from workflow.lookups.signatures import (
    COPY_TYPE,
    SignedCopy,
    SignerNames,
    copy_name,
    signature_on,
    texts_of_names,
)
from workflow.messages import lazy
from workflow.model import Item, Person, Position, StoredFile
from workflow.people import require_registrar
from workflow.store import item_contents, items
from workflow.verdicts import SignatureDemand, SignedFileVerdict, SignerRole, Soundness


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSignedCopy(ItemCommand[int]):
    """Keep ``file`` as the signed document of an item; ``form``: how it was signed.

    ``verdict``: what its digital signatures are worth; ``names``: whom each of them names.
    ``seals``: the hash of the copy that this is, with the agency's own signature added here.
    """

    form: str
    file: StoredFile
    verdict: SignedFileVerdict | None = None
    names: tuple[SignerNames, ...] = ()
    seals: str = ""


def add_signed_copy(transaction: Transaction, command: AddSignedCopy) -> int:
    """Record the signed document; answer the number of the entry."""
    connection = transaction.connection
    items.lock_items(connection, [command.code])
    item, person = _checked(transaction.context, connection, command)
    payload = SignedCopyAdded(
        form=SignatureForm(command.form),
        files=(command.file.sha256,),
        size=command.file.size,
        verdict=command.verdict,
        is_sealed_here=bool(command.seals),
    )
    fact = replace(
        fact_in_place(transaction, command.cause, item, person, payload),
        texts=texts_of_names(command.names),
    )
    kept = replace(command.file, name=copy_name(item.code))
    item_contents.note_file(connection, item, kept, added_by=person.id, at=fact.at)
    return append_in_place(transaction, item, fact, digest=command.cause.digest).seq


def check_signed_copy(context: Context, connection: Connection, command: AddSignedCopy) -> None:
    """Refuse what ``add_signed_copy`` would refuse now, without writing: before bytes are kept."""
    if entry_of(connection, command.cause) is None:
        _checked(context, connection, command)


def _checked(
    context: Context, connection: Connection, command: AddSignedCopy
) -> tuple[Item, Person]:
    directory = context.directory(connection, context.clock())
    person = directory.active(command.cause.actor)
    if person is None:
        raise NotFoundRefusal(lazy("the item {code}", code=command.code))
    item = visible_item(connection, command.code, person)
    require_registrar(person)
    if command.form not in set(SignatureForm):
        raise InvalidRefusal(
            reason("form", "Say how the document was signed: on paper, or digitally.")
        )
    signature = signature_on(context, connection, item)
    if signature is None:
        raise InvalidRefusal(
            reason("state", "The item was not approved for signature, so there is no signed copy.")
        )
    if command.file.media_type != COPY_TYPE:
        raise InvalidRefusal(
            reason("file", "The signed document must be a PDF: the scan, or the signed file.")
        )
    copy = signature.copy
    if command.seals:
        _require_sealable(context, person, copy, command.seals)
        return item, person
    # The same file again says something new where authorities or revocations became known.
    if copy is not None and (copy.file.sha256, copy.verdict) == (
        command.file.sha256,
        command.verdict or copy.verdict,
    ):
        raise InvalidRefusal(reason("file", "This file is the signed copy already."))
    return item, person


def _require_sealable(
    context: Context, person: Person, copy: SignedCopy | None, sha256: str
) -> None:
    """Let pass the clerk alone, on what the signer has signed (NĐ 30/2020/NĐ-CP, Điều 32)."""
    if person.position is not Position.CLERK:
        raise NotPermittedRefusal(
            reason("clerk", "Only the clerk keeps the agency's seal and signature.")
        )
    if copy is None or copy.file.sha256 != sha256:
        raise InvalidRefusal(
            reason("file", "Another signed document was uploaded meanwhile. Look at it first.")
        )
    if not is_sealable(context, person, copy):
        raise InvalidRefusal(
            reason(
                "file",
                "The agency's signature goes once on what the signer has signed: upload the file "
                "with the signer's own digital signature first.",
            )
        )


def is_sealable(context: Context, person: Person, copy: SignedCopy) -> bool:
    """Return whether ``person`` may add the agency's signature to a copy, and it bears none yet."""
    verdict = copy.verdict
    if person.position is not Position.CLERK or verdict is None:
        return False
    demand = context.outgoing.signature or SignatureDemand.INTEGRITY
    roles = {each.role for each in verdict.signatures}
    return (
        approver_place(verdict) is not None
        and SignerRole.AGENCY not in roles
        and not verdict.shortfalls(demand)
    )


def approver_place(verdict: SignedFileVerdict | None) -> int | None:
    """Return which of a file's signatures is the signer's own, and holds; from 0."""
    for number, each in enumerate(verdict.signatures if verdict else ()):
        if each.role is SignerRole.APPROVER and each.soundness is Soundness.INTACT:
            return number
    return None
