"""Add a department or launch a campaign while the agency is at work.

By the Office or the administrator, seen in history.
"""

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Connection

from workflow import values
from workflow.canonical import digest
from workflow.command import Command
from workflow.commands.execute import Transaction
from workflow.commands.recording import record_by, require_manager, touch_directory
from workflow.definition import Campaign
from workflow.errors import InvalidRefusal, NotFoundRefusal, Reason, reason
from workflow.history import agency_payloads
from workflow.lookups.proceedings import names_had, stands_for
from workflow.messages import lazy
from workflow.model import DepartmentId
from workflow.store import definitions, people

_NAME_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AddDepartment(Command[DepartmentId]):
    """Add a department to the agency."""

    id: DepartmentId
    name: str
    contends_for: ClassVar[str] = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameDepartment(Command[DepartmentId]):
    """Call a department by another name; its id, people and items stay.

    ``actor`` None: the command line.
    """

    id: DepartmentId
    name: str
    contends_for: ClassVar[str] = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchCampaign(Command[str]):
    """Launch an emulation movement from its plan."""

    campaign: Campaign
    contends_for: ClassVar[str] = "setup"


def add_department(transaction: Transaction, command: AddDepartment) -> DepartmentId:
    """Add a department; return its id."""
    require_manager(transaction, command.cause)
    known = people.all_departments(transaction.connection)
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
    problems += _taken_name_problems(transaction.connection, command)
    if problems:
        raise InvalidRefusal(*problems)
    name = values.line(command.name)
    people.insert_departments(
        transaction.connection,
        [{"id": command.id, "name": name, "is_office": False, "place": len(known)}],
    )
    touch_directory(transaction)
    record_by(
        transaction,
        command.cause,
        f"department:{command.id}",
        agency_payloads.DepartmentAdded(name=name),
    )
    return command.id


def rename_department(transaction: Transaction, command: RenameDepartment) -> DepartmentId:
    """Rename a department; return its id."""
    require_manager(transaction, command.cause)
    known = {each.id: each for each in people.all_departments(transaction.connection)}
    if command.id not in known:
        raise NotFoundRefusal(lazy("this department"))
    if wrong := values.line_fault(command.name, _NAME_LIMIT):
        raise InvalidRefusal(reason("name", "The department's name {wrong}", wrong=wrong))
    name = values.line(command.name)
    if name != known[command.id].name:
        if taken := _taken_name_problems(transaction.connection, command):
            raise InvalidRefusal(*taken)
        people.rename_department(transaction.connection, command.id, name)
        touch_directory(transaction)
        record_by(
            transaction,
            command.cause,
            f"department:{command.id}",
            agency_payloads.DepartmentRenamed(name=name),
        )
    return command.id


def _taken_name_problems(
    connection: Connection, command: AddDepartment | RenameDepartment
) -> list[Reason]:
    """Return what is wrong with a name by which another department is, or was, known.

    A collective is known by the name of a department that its own ends with or goes on after a
    sign, like "Tập thể Phòng Lãnh sự" and "Phòng Lãnh sự, Sở Ngoại vụ": none may take it over.
    """
    for identity, names in names_had(connection).items():
        for name in names if identity != command.id else ():
            if stands_for(command.name, name):
                return [
                    reason(
                        "name",
                        "The department “{name}” has or had this name, or one that looks the "
                        "same. Use another name.",
                        name=name,
                    )
                ]
    return []


def launch_campaign(transaction: Transaction, command: LaunchCampaign) -> str:
    """Launch a campaign; return its id."""
    require_manager(transaction, command.cause)
    campaign = command.campaign
    body = campaign.model_dump_json()
    for identity, _, present in definitions.all_campaigns(transaction.connection):
        if identity == campaign.id:
            taken = reason(
                "id",
                "There is already a campaign with the code “{id}”. Use another code.",
                id=campaign.id,
            )
            if present != body:
                raise InvalidRefusal(taken)
            return campaign.id
    unknown = {str(each) for each in campaign.obligated_departments} - {
        each.id for each in people.all_departments(transaction.connection)
    }
    if campaign.obligated_departments != "all" and unknown:
        raise InvalidRefusal(
            reason(
                "departments",
                "There is no department: {unknown}.",
                unknown=", ".join(sorted(unknown)),
            )
        )
    keep_campaign(transaction.connection, campaign)
    record_by(
        transaction,
        command.cause,
        f"campaign:{campaign.id}",
        agency_payloads.CampaignLaunched(hash=digest(body)),
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
