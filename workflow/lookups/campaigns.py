"""The campaigns of the agency, whole."""

from sqlalchemy import Connection

from workflow.definition import Campaign
from workflow.store import definitions


def campaign_of(connection: Connection, identity: str) -> Campaign | None:
    """Return a campaign, whole, or None."""
    bodies = {known: body for known, _, body in definitions.all_campaigns(connection)}
    return Campaign.model_validate_json(bodies[identity]) if identity in bodies else None


def campaigns_in(connection: Connection) -> list[Campaign]:
    """Return every campaign, whole, oldest first."""
    return [
        Campaign.model_validate_json(body) for _, _, body in definitions.all_campaigns(connection)
    ]
