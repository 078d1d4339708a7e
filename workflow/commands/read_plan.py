"""Say that one has read the plan of a campaign."""

from dataclasses import dataclass
from typing import ClassVar

from workflow.command import Command
from workflow.commands.execute import Transaction
from workflow.commands.recording import record_by
from workflow.errors import NotFoundRefusal
from workflow.history import agency_payloads
from workflow.lookups.campaigns import campaign_of
from workflow.messages import lazy
from workflow.store import campaigns


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPlan(Command[bool]):
    """Say that the actor has read the plan of a campaign."""

    campaign: str
    contends_for: ClassVar[str] = "campaigns"


def read_plan(transaction: Transaction, command: ReadPlan) -> bool:
    """Note who has read which plan; answer whether it was the first time."""
    now = transaction.now
    person = transaction.directory.active(command.cause.actor)
    if person is None or campaign_of(transaction.connection, command.campaign) is None:
        raise NotFoundRefusal(lazy("this campaign"))
    if not campaigns.note_read(transaction.connection, command.campaign, person.id, now):
        return False
    record_by(
        transaction, command.cause, f"campaign:{command.campaign}", agency_payloads.CampaignRead()
    )
    return True
