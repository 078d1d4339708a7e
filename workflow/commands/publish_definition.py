"""Publish a definition: kept whole, never changed, the only truth for the items that begin under it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.commands.replays import made_by
from workflow.context import Context, record
from workflow.definition import LoadedDefinition
from workflow.errors import InvalidRefusal, NotPermittedRefusal, Refusal, reason
from workflow.history import Fact, payloads
from workflow.model import Method, PersonId, Via
from workflow.people import may_edit_definitions
from workflow.store import definitions
from workflow.store.instants import written


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishDefinition:
    """Publish a checked definition as its newest version; ``actor`` must be the administrator."""

    loaded: LoadedDefinition
    actor: PersonId
    via: Via
    method: Method
    command_id: str
    digest: str = ""
    key: str = "setup"


def publish_definitions(
    context: Context, connection: Connection, commands: Sequence[PublishDefinition]
) -> list[int | Refusal]:
    """Publish definitions; answer each version, or the refusal. The same text again answers its version and writes nothing."""
    return [_publish(context, connection, command) for command in commands]


def _publish(context: Context, connection: Connection, command: PublishDefinition) -> int | Refusal:
    definition = command.loaded.definition
    actor = context.directory(connection, context.clock()).active(command.actor)
    if actor is None or not may_edit_definitions(actor):
        return NotPermittedRefusal(
            reason("administrator", "Only administrators may publish a process.")
        )
    made = made_by(connection, command)
    if isinstance(made, Refusal):
        return made
    if definitions.definition_body(connection, command.loaded.hash) is not None:
        return definition.version
    newest = max(
        (
            version
            for identity, version, _, _ in definitions.all_definitions(connection)
            if identity == definition.id
        ),
        default=0,
    )
    if definition.version <= newest:
        return InvalidRefusal(
            reason(
                "version",
                "Version {version} is not newer than the published version {newest}. "
                "Write 'version: {next}', then publish again.",
                version=definition.version,
                newest=newest,
                next=newest + 1,
            )
        )
    keep(
        context,
        connection,
        command.loaded,
        actor=command.actor,
        via=command.via,
        method=command.method,
        command_id=command.command_id,
        digest=command.digest,
    )
    return definition.version


def keep(  # noqa: PLR0913 - what is kept, and all that its entry says of who caused it
    context: Context,
    connection: Connection,
    loaded: LoadedDefinition,
    *,
    actor: PersonId | None,
    via: Via,
    method: Method,
    command_id: str,
    digest: str = "",
) -> None:
    """Keep a definition whole and record that it was published; one that is kept already stays as it is."""
    if definitions.definition_body(connection, loaded.hash) is not None:
        return
    row = {
        "hash": loaded.hash,
        "id": loaded.definition.id,
        "version": loaded.definition.version,
        "body": loaded.text,
        "published_at": written(context.clock()),
    }
    definitions.insert_definition(connection, row)
    fact = Fact(
        subject=f"definition:{loaded.definition.id}",
        payload=payloads.DefinitionPublished(version=loaded.definition.version),
        at=context.clock(),
        actor=actor,
        via=via.value,
        method=method.value,
        command_id=command_id,
        definition_hash=loaded.hash,
    )
    record(context, connection, fact, digest=digest)
