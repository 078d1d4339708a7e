"""Bring definitions, campaigns and an agency into an empty database, and keep them current.

What is published is kept whole and never changed: a changed file is a new version, or it is
refused.
"""

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Connection

from workflow.canonical import digest
from workflow.command import Cause, Upkeep
from workflow.commands.delegations import cut_short
from workflow.commands.execute import Transaction
from workflow.commands.organization import RenameDepartment, keep_campaign, rename_department
from workflow.commands.people import ImportPeople, import_people
from workflow.commands.publish_definition import keep
from workflow.commands.recording import record_by, touch_directory
from workflow.definition import (
    Campaign,
    LoadedDefinition,
    Organization,
    PrivacyRules,
    ProposalRules,
)
from workflow.errors import InvalidInputError
from workflow.history import agency_payloads, privacy_payloads
from workflow.history.payloads import Payload
from workflow.lookups.agency import AGENCY, DEPLOYMENT, load_agency
from workflow.lookups.privacy import PRIVACY_RULES
from workflow.lookups.proposals import PROPOSAL_RULES
from workflow.lookups.signing import lapsed
from workflow.messages import Message, lazy
from workflow.model import Department, DepartmentId, Method, Via
from workflow.people.staff_rows import PersonRow, filed_rows, import_problems
from workflow.store import definitions, people


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp(Upkeep[str]):
    """Publish definitions and campaigns and, where given, bring in an organization.

    Safe to run again.
    """

    definitions: tuple[LoadedDefinition, ...]
    campaigns: tuple[Campaign, ...]
    organization: Organization | None
    software: str
    contends_for: ClassVar[str] = "setup"


def set_up(transaction: Transaction, command: SetUp) -> str:
    """Set up; answer the deployment's id. Raises InvalidInputError with all that is wrong."""
    connection = transaction.connection
    problems = _changed_versions(connection, command)
    if command.organization is not None:
        problems += _organization_problems(connection, command.organization)
    if problems:
        raise InvalidInputError(*problems)
    deployment = definitions.setting(connection, DEPLOYMENT)
    if deployment is None:
        deployment = transaction.context.entropy(8).hex()
        definitions.put_setting(connection, DEPLOYMENT, deployment)
        _record(
            transaction,
            "agency",
            agency_payloads.Genesis(deployment=deployment, software=command.software),
        )
    for loaded in command.definitions:
        keep(transaction, _cause(f"definition:{loaded.definition.id}:{loaded.hash}"), loaded)
    for campaign in command.campaigns:
        _add_campaign(transaction, campaign)
    if command.organization is not None:
        _add_organization(transaction, command.organization)
    return deployment


def _cause(of: str, via: Via = Via.CLI) -> Cause:
    return Cause(actor=None, via=via, method=Method.NONE, command_id=f"setup:{of}")


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


def _add_campaign(transaction: Transaction, campaign: Campaign) -> None:
    if any(
        identity == campaign.id
        for identity, _, _ in definitions.all_campaigns(transaction.connection)
    ):
        return
    keep_campaign(transaction.connection, campaign)
    _record(
        transaction,
        f"campaign:{campaign.id}",
        agency_payloads.CampaignLaunched(hash=digest(campaign.model_dump_json())),
    )


def _organization_problems(connection: Connection, organization: Organization) -> list[Message]:
    """Return why an agency's people and departments cannot be brought in."""
    departments = {each.id: each for each in people.all_departments(connection)}
    filed = {
        DepartmentId(each.id): Department(
            id=DepartmentId(each.id), name=each.name, is_office=each.is_office
        )
        for each in organization.departments
    }
    return import_problems(_new_people(connection, organization), {**filed, **departments})


def _new_people(connection: Connection, organization: Organization) -> tuple[PersonRow, ...]:
    present = {person.email for person in people.all_people(connection)}
    return tuple(each for each in filed_rows(organization) if each.email not in present)


def _add_organization(transaction: Transaction, organization: Organization) -> None:
    connection = transaction.connection
    known = {each.id for each in people.all_departments(connection)}
    is_first = not people.all_people(connection)
    people.insert_departments(
        connection,
        [
            {"id": each.id, "name": each.name, "is_office": each.is_office, "place": place}
            for place, each in enumerate(organization.departments)
            if each.id not in known
        ],
    )
    run = transaction.context.entropy(8).hex()
    for each in organization.departments:
        if each.id in known:
            cause = _cause(f"{each.id}:{run}", Via.IMPORT)
            name = RenameDepartment(id=DepartmentId(each.id), name=each.name, cause=cause)
            rename_department(transaction, name)
    for each in organization.departments:
        if each.id not in known:
            added = agency_payloads.DepartmentAdded(name=each.name)
            _record(transaction, f"department:{each.id}", added)
    _keep_agency(transaction, organization, run)
    _keep_rules(transaction, organization.proposals, run)
    _keep_privacy(transaction, organization.privacy, run)
    touch_directory(transaction)
    of = organization.symbol if is_first else f"{organization.symbol}:{run}"
    rows = _new_people(connection, organization)
    import_people(transaction, ImportPeople(rows=rows, cause=_cause(of, Via.IMPORT), invites=False))


def _keep_rules(transaction: Transaction, rules: ProposalRules, run: str) -> None:
    """Keep who proposes and who confirms; where it changed, an entry tells of it."""
    connection, text = transaction.connection, rules.model_dump_json()
    if definitions.setting(connection, PROPOSAL_RULES) == text:
        return
    definitions.put_setting(connection, PROPOSAL_RULES, text)
    payload = agency_payloads.ProposalRulesSet(hash=digest(text), relaxed=rules.relaxed)
    record_by(transaction, _cause(f"proposal-rules:{run}"), "agency", payload)


def _keep_privacy(transaction: Transaction, rules: PrivacyRules, run: str) -> None:
    """Keep due days and retention periods; where they changed, an entry tells of it."""
    connection, text = transaction.connection, rules.model_dump_json()
    if definitions.setting(connection, PRIVACY_RULES) != text:
        definitions.put_setting(connection, PRIVACY_RULES, text)
        payload = privacy_payloads.PrivacyRulesSet(hash=digest(text))
        record_by(transaction, _cause(f"privacy-rules:{run}"), "agency", payload)


def _keep_agency(transaction: Transaction, organization: Organization, run: str) -> None:
    """Keep what the agency's file says of the agency itself, and record where it is otherwise.

    Who signs for the head by a line that the file has no more does so no more, at once; a new line
    waits for the head.
    """
    connection = transaction.connection
    told = {"name", "symbol", "superior", "place", "outside", "signing", "outgoing"}
    text = organization.model_dump_json(include=told)
    if text == definitions.setting(connection, AGENCY):
        return
    ended = lapsed(
        load_agency(connection).signing,
        organization.signing,
        people.all_people(connection),
        people.all_delegations(connection),
    )
    definitions.put_setting(connection, AGENCY, text)
    payload = agency_payloads.AgencyChanged(hash=digest(text))
    record_by(transaction, _cause(f"agency:{run}"), "agency", payload)
    for each in ended:
        cut_short(transaction, _cause(f"delegation:{each.id}:{run}"), each)


def _record(transaction: Transaction, subject: str, payload: Payload) -> None:
    record_by(transaction, _cause(f"{subject}:{payload.type}"), subject, payload)
