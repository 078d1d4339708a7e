"""Bring definitions, campaigns and an agency into an empty database, and keep them current.

What is published is kept whole and never changed: a changed file is a new version, or it is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection

from workflow.canonical import digest
from workflow.commands.organization import RenameDepartment, keep_campaign, rename_departments
from workflow.commands.people import ImportPeople, import_people
from workflow.commands.publish_definition import keep
from workflow.context import Context, record, touch_directory
from workflow.definition import Campaign, LoadedDefinition, Organization
from workflow.errors import InvalidInputError, Refusal
from workflow.history import Fact, payloads
from workflow.history.payloads import Payload
from workflow.messages import Message, lazy
from workflow.model import DepartmentId, Method, Person, Via
from workflow.people.staff_rows import PersonRow
from workflow.store import definitions, people

DEPLOYMENT = "deployment"
AGENCY = "agency"
"""Setting: name, symbol, superior, place and outside recipients of the agency, as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A mailbox outside the agency that gets notices."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """What the agency is called, and whom it tells outside."""

    name: str = "Cơ quan"
    symbol: str = "SNgV"
    superior: str = ""
    place: str = ""
    outside: tuple[Outside, ...] = ()


def load_agency(connection: Connection) -> Agency:
    """Return the agency as it was set up."""
    stored = definitions.setting(connection, AGENCY)
    if stored is None:
        return Agency()
    parsed = orjson.loads(stored)
    outside = tuple(Outside(**each) for each in parsed.pop("outside"))
    return Agency(**parsed, outside=outside)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """Publish definitions and campaigns and, where given, bring in an organization. Safe to run again."""

    definitions: tuple[LoadedDefinition, ...]
    campaigns: tuple[Campaign, ...]
    organization: Organization | None
    software: str
    key: str = "setup"


def set_up(
    context: Context, connection: Connection, commands: Sequence[SetUp]
) -> list[str | InvalidInputError]:
    """Run set-ups; answer the deployment's id, or what was wrong."""
    outcomes: list[str | InvalidInputError] = []
    for command in commands:
        changed = _changed_versions(connection, command)
        outcomes.append(
            InvalidInputError(*changed) if changed else _set_up(context, connection, command)
        )
    return outcomes


def _changed_versions(connection: Connection, command: SetUp) -> list[Message]:
    published = {
        (identity, version): of_hash
        for identity, version, of_hash, _ in definitions.all_definitions(connection)
    }
    return [
        lazy(
            "The process “{id}” version {version} was published with other content. "
            "Raise 'version' in the file, then run again.",
            id=loaded.definition.id,
            version=loaded.definition.version,
        )
        for loaded in command.definitions
        if published.get((loaded.definition.id, loaded.definition.version), loaded.hash)
        != loaded.hash
    ]


def _set_up(context: Context, connection: Connection, command: SetUp) -> str:
    deployment = definitions.setting(connection, DEPLOYMENT)
    if deployment is None:
        deployment = context.entropy(8).hex()
        definitions.put_setting(connection, DEPLOYMENT, deployment)
        _record(
            context,
            connection,
            "agency",
            payloads.Genesis(deployment=deployment, software=command.software),
        )
    for loaded in command.definitions:
        command_id = f"setup:definition:{loaded.definition.id}:{loaded.hash}"
        keep(
            context,
            connection,
            loaded,
            actor=None,
            via=Via.CLI,
            method=Method.NONE,
            command_id=command_id,
        )
    for campaign in command.campaigns:
        _add_campaign(context, connection, campaign)
    if command.organization is not None:
        _add_organization(context, connection, command.organization)
    return deployment


def _add_campaign(context: Context, connection: Connection, campaign: Campaign) -> None:
    if any(identity == campaign.id for identity, _, _ in definitions.all_campaigns(connection)):
        return
    keep_campaign(connection, campaign)
    _record(
        context,
        connection,
        f"campaign:{campaign.id}",
        payloads.CampaignLaunched(hash=digest(campaign.model_dump_json())),
    )


def _rename_id(context: Context, department: str) -> str:
    return f"setup:{department}:{context.entropy(8).hex()}"


def agency_differences(connection: Connection, organization: Organization) -> list[Message]:
    """Return how an agency's file differs from what is there, each with what happens or is to be done; empty at first."""
    known = {each.id: each for each in people.all_departments(connection)}
    present = {person.email: person for person in people.all_people(connection)}
    if not known:
        return []
    filed = {DepartmentId(each.id) for each in organization.departments}
    found = [
        lazy(
            "Department {id} is renamed: “{before}” to “{after}”.",
            id=each.id,
            before=known[DepartmentId(each.id)].name,
            after=each.name,
        )
        for each in organization.departments
        if DepartmentId(each.id) in known and known[DepartmentId(each.id)].name != each.name
    ]
    found += [
        lazy("Department {id} is added: “{name}”.", id=each.id, name=each.name)
        for each in organization.departments
        if each.id not in known
    ]
    found += [
        lazy(
            "Department {id} is no longer in the file and was not removed. Move its "
            "people to another department on the page People.",
            id=each,
        )
        for each in known
        if each not in filed
    ]
    return [*found, *_people_differences(present, organization)]


def _people_differences(
    present: Mapping[str, Person], organization: Organization
) -> Iterator[Message]:
    """Yield about people: init adds them, and never changes one who is there."""
    for each in organization.people:
        before = present.get(each.email.strip().lower())
        if before is None:
            yield lazy("{email} is added.", email=each.email)
        elif (before.name, before.position, before.department) != (
            each.name,
            each.position,
            each.department,
        ) or not before.is_active:
            yield lazy(
                "{email} differs in the file and was left as it is. Change it by "
                "people import or on the page People.",
                email=each.email,
            )
    filed = {each.email.strip().lower() for each in organization.people}
    for person in present.values():
        if person.is_active and person.email not in filed:
            yield lazy(
                "{email} is not in the file and was left as it is. If they have left, "
                "say so on the page People.",
                email=person.email,
            )


def _add_organization(context: Context, connection: Connection, organization: Organization) -> None:
    known = {each.id for each in people.all_departments(connection)}
    people.insert_departments(
        connection,
        [
            {"id": each.id, "name": each.name, "is_office": each.is_office, "place": place}
            for place, each in enumerate(organization.departments)
            if each.id not in known
        ],
    )
    renames = [
        RenameDepartment(
            id=DepartmentId(each.id),
            name=each.name,
            actor=None,
            via=Via.IMPORT,
            method=Method.NONE,
            command_id=_rename_id(context, each.id),
        )
        for each in organization.departments
        if each.id in known
    ]
    for refusal in rename_departments(context, connection, renames):
        if isinstance(refusal, Refusal):
            raise refusal
    present = {person.email for person in people.all_people(connection)}
    rows = tuple(
        PersonRow(
            row=number,
            email=each.email,
            name=each.name,
            position=each.position.value,
            department=each.department,
        )
        for number, each in enumerate(organization.people, 1)
        if each.email not in present
    )
    definitions.put_setting(
        connection,
        AGENCY,
        organization.model_dump_json(include={"name", "symbol", "superior", "place", "outside"}),
    )
    touch_directory(context, connection)
    command = ImportPeople(
        rows=rows,
        actor=None,
        via=Via.IMPORT,
        method=Method.NONE,
        command_id=f"setup:{organization.symbol}",
        invites=False,
    )
    outcome = import_people(context, connection, [command])[0]
    if isinstance(outcome, InvalidInputError):
        raise outcome


def _record(context: Context, connection: Connection, subject: str, payload: Payload) -> None:
    fact = Fact(
        subject=subject,
        payload=payload,
        at=context.clock(),
        actor=None,
        via=Via.CLI.value,
        method=Method.NONE.value,
        command_id=f"setup:{subject}:{payload.type}",
    )
    record(context, connection, fact)
