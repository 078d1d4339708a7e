"""Add a department or launch a campaign while the agency is at work: by the Office or the administrator, seen in history."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from workflow import values
from workflow.canonical import digest
from workflow.commands.replays import made_by
from workflow.context import Context, record, touch_directory
from workflow.definition import Campaign
from workflow.errors import InvalidRefusal, NotFoundRefusal, NotPermittedRefusal, Refusal, reason
from workflow.history import Fact, payloads
from workflow.history.payloads import Payload
from workflow.messages import lazy
from workflow.model import DepartmentId, Method, PersonId, Via
from workflow.people import may_manage_people
from workflow.store import definitions, people

_NAME_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AddDepartment:
    """Add a department to the agency."""

    id: DepartmentId
    name: str
    actor: PersonId
    via: Via
    method: Method
    command_id: str
    digest: str = ""
    key: str = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameDepartment:
    """Call a department by another name; its id, people and items stay. ``actor`` None: the command line."""

    id: DepartmentId
    name: str
    actor: PersonId | None
    via: Via
    method: Method
    command_id: str
    digest: str = ""
    key: str = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchCampaign:
    """Launch an emulation movement from its plan."""

    campaign: Campaign
    actor: PersonId
    via: Via
    method: Method
    command_id: str
    digest: str = ""
    key: str = "setup"


def add_departments(
    context: Context, connection: Connection, commands: Sequence[AddDepartment]
) -> list[DepartmentId | Refusal]:
    """Add departments; answer their ids."""
    return [_add(context, connection, command) for command in commands]


def _add(
    context: Context, connection: Connection, command: AddDepartment
) -> DepartmentId | Refusal:
    if refusal := _not_allowed(context, connection, command.actor):
        return refusal
    made = made_by(connection, command)
    if made is not None:
        return made if isinstance(made, Refusal) else command.id
    known = people.all_departments(connection)
    problems = []
    if command.id in {each.id for each in known}:
        problems.append(
            reason(
                "id",
                "There is already a department with the code “{id}”. Use another code.",
                id=command.id,
            )
        )
    if wrong := values.line_fault(command.name, _NAME_LIMIT):
        problems.append(reason("name", "The department's name {wrong}", wrong=wrong))
    if problems:
        return InvalidRefusal(*problems)
    name = values.line(command.name)
    people.insert_departments(
        connection, [{"id": command.id, "name": name, "is_office": False, "place": len(known)}]
    )
    touch_directory(context, connection)
    _record(
        context,
        connection,
        f"department:{command.id}",
        payloads.DepartmentAdded(name=name),
        command,
    )
    return command.id


def rename_departments(
    context: Context, connection: Connection, commands: Sequence[RenameDepartment]
) -> list[DepartmentId | Refusal]:
    """Rename departments; answer their ids."""
    return [_rename(context, connection, command) for command in commands]


def _rename(
    context: Context, connection: Connection, command: RenameDepartment
) -> DepartmentId | Refusal:
    if command.actor is not None and (refusal := _not_allowed(context, connection, command.actor)):
        return refusal
    made = made_by(connection, command)
    if made is not None:
        return made if isinstance(made, Refusal) else command.id
    known = {each.id: each for each in people.all_departments(connection)}
    if command.id not in known:
        return NotFoundRefusal(lazy("this department"))
    if wrong := values.line_fault(command.name, _NAME_LIMIT):
        return InvalidRefusal(reason("name", "The department's name {wrong}", wrong=wrong))
    name = values.line(command.name)
    if name != known[command.id].name:
        people.rename_department(connection, command.id, name)
        touch_directory(context, connection)
        _record(
            context,
            connection,
            f"department:{command.id}",
            payloads.DepartmentRenamed(name=name),
            command,
        )
    return command.id


def launch_campaigns(
    context: Context, connection: Connection, commands: Sequence[LaunchCampaign]
) -> list[str | Refusal]:
    """Launch campaigns; answer their ids."""
    return [_launch(context, connection, command) for command in commands]


def _launch(context: Context, connection: Connection, command: LaunchCampaign) -> str | Refusal:
    if refusal := _not_allowed(context, connection, command.actor):
        return refusal
    campaign = command.campaign
    made = made_by(connection, command)
    if made is not None:
        return made if isinstance(made, Refusal) else campaign.id
    body = campaign.model_dump_json()
    for identity, _, present in definitions.all_campaigns(connection):
        if identity == campaign.id:
            taken = reason(
                "id",
                "There is already a campaign with the code “{id}”. Use another code.",
                id=campaign.id,
            )
            return campaign.id if present == body else InvalidRefusal(taken)
    unknown = {str(each) for each in campaign.obligated_departments} - {
        each.id for each in people.all_departments(connection)
    }
    if campaign.obligated_departments != "all" and unknown:
        return InvalidRefusal(
            reason(
                "departments",
                "There is no department: {unknown}.",
                unknown=", ".join(sorted(unknown)),
            )
        )
    keep_campaign(connection, campaign)
    _record(
        context,
        connection,
        f"campaign:{campaign.id}",
        payloads.CampaignLaunched(hash=digest(body)),
        command,
    )
    return campaign.id


def keep_campaign(connection: Connection, campaign: Campaign) -> None:
    """Keep a campaign, whole."""
    body = campaign.model_dump_json()
    definitions.insert_campaign(
        connection,
        {
            "id": campaign.id,
            "name": campaign.name,
            "year": campaign.year,
            "starts_on": campaign.starts_on.isoformat(),
            "ends_on": campaign.ends_on.isoformat(),
            "body": body,
            "hash": digest(body),
        },
    )


def _not_allowed(context: Context, connection: Connection, actor: PersonId) -> Refusal | None:
    person = context.directory(connection, context.clock()).active(actor)
    if person is not None and may_manage_people(person):
        return None
    return NotPermittedRefusal(reason("office", "Only the Office and administrators may do this."))


def _record(
    context: Context,
    connection: Connection,
    subject: str,
    payload: Payload,
    command: AddDepartment | LaunchCampaign | RenameDepartment,
) -> None:
    fact = Fact(
        subject=subject,
        payload=payload,
        at=context.clock(),
        actor=command.actor,
        via=command.via.value,
        method=command.method.value,
        command_id=command.command_id,
    )
    record(context, connection, fact, digest=command.digest)
