"""The campaigns to choose from, on every form and filter that asks for one."""

from dataclasses import dataclass

import orjson
from sqlalchemy import Connection

from workflow.store import definitions


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignChoice:
    """A campaign to choose."""

    id: str
    name: str


def campaign_choices(connection: Connection) -> list[CampaignChoice]:
    """Return every campaign, by year."""
    return [
        CampaignChoice(id=identity, name=orjson.loads(body)["name"])
        for identity, _, body in definitions.all_campaigns(connection)
    ]
