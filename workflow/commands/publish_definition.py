"""Publish a definition: kept whole, never changed, the rules of the items begun under it."""

from dataclasses import dataclass
from typing import ClassVar

from workflow.command import Cause, Command
from workflow.commands.execute import Transaction
from workflow.commands.proposals import Proposed, Wish, proposed
from workflow.commands.recording import record
from workflow.definition import Definition, LoadedDefinition
from workflow.errors import InvalidRefusal, reason
from workflow.history import Fact, agency_payloads
from workflow.model import Grant, PersonId
from workflow.people import require_definition_editor
from workflow.people.powers import Gain, gaining_positions
from workflow.store import definitions
from workflow.store.instants import written


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishDefinition(Command[int | Proposed]):
    """Publish a checked definition as its newest version; ``actor`` must be the administrator."""

    loaded: LoadedDefinition
    contends_for: ClassVar[str] = "setup"


def publish_definition(transaction: Transaction, command: PublishDefinition) -> int | Proposed:
    """Publish a definition; answer its version, or the proposal to publish it.

    The same text again answers its version and writes nothing.
    """
    definition = command.loaded.definition
    require_definition_editor(transaction.directory.active(command.cause.asker))
    if definitions.definition_body(transaction.connection, command.loaded.hash) is not None:
        return definition.version
    newest, base = max(
        (
            (version, of_hash)
            for identity, version, of_hash, _ in definitions.all_definitions(transaction.connection)
            if identity == definition.id
        ),
        default=(0, ""),
    )
    require_newer(definition, newest)
    wish = Wish(
        parameters={"id": definition.id, "text": command.loaded.text},
        base=base,
        gain=Gain(
            grants=frozenset({Grant.DEFINITIONS}),
            gainers=_gainers(transaction, base, definition),
        ),
    )
    if (waits := proposed(transaction, command, wish)) is not None:
        return waits
    keep(transaction, command.cause, command.loaded)
    return definition.version


def require_newer(definition: Definition, newest: int) -> None:
    """Refuse a version that is not newer than the newest published one."""
    if definition.version <= newest:
        raise InvalidRefusal(
            reason(
                "version",
                "Version {version} is not newer than the published version {newest}. "
                "Write 'version: {next}', then publish again.",
                version=definition.version,
                newest=newest,
                next=newest + 1,
            )
        )


def _gainers(transaction: Transaction, base: str, definition: Definition) -> frozenset[PersonId]:
    """Return who may do more under ``definition`` than under the one with the hash ``base``."""
    if not base:
        return frozenset()
    before = transaction.context.rulebooks.of(transaction.connection, base).definition
    gaining = gaining_positions(before, definition)
    return frozenset(each.id for each in transaction.directory.in_positions(gaining))


def keep(transaction: Transaction, cause: Cause, loaded: LoadedDefinition) -> None:
    """Keep a definition whole and record that it was published.

    One that is kept already stays as it is.
    """
    if definitions.definition_body(transaction.connection, loaded.hash) is not None:
        return
    row = {
        "hash": loaded.hash,
        "id": loaded.definition.id,
        "version": loaded.definition.version,
        "body": loaded.text,
        "published_at": written(transaction.now),
    }
    definitions.insert_definition(transaction.connection, row)
    fact = Fact(
        subject=f"definition:{loaded.definition.id}",
        payload=agency_payloads.DefinitionPublished(
            version=loaded.definition.version,
            proposal=cause.proposal,
            proposed_by=cause.proposed_by,
        ),
        at=transaction.now,
        actor=cause.actor,
        via=cause.via.value,
        method=cause.method.value,
        command_id=cause.command_id,
        definition_hash=loaded.hash,
    )
    record(transaction, fact, digest=cause.digest)
