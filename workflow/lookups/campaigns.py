"""The campaigns of the agency, whole."""

from sqlalchemy import Connection

from workflow.definition import Campaign
from workflow.store import definitions


def campaign_of(connection: Connection, identity: str) -> Campaign | None:
    """Return a campaign, whole, or None."""
    return next((each for each in campaigns_in(connection) if each.id == identity), None)


def campaigns_in(connection: Connection) -> list[Campaign]:
    """Return every campaign, whole, oldest first."""
    return [
        Campaign.model_validate_json(body) for _, _, body in definitions.all_campaigns(connection)
    ]
