"""An example of an item: what a definition gives as examples, made true for campaign and day."""

from datetime import date
from typing import cast

from workflow.canonical import is_day
from workflow.definition import Campaign, Definition, ItemField, in_campaign
from workflow.model import Content, Json
from workflow.rules import ExpressionScope, asked_fields, days_within_campaign


def example_fields(
    definition: Definition, campaign: Campaign | None, today: date
) -> dict[str, Json]:
    """Return the fields of an example that could be handed in ``today``.

    Only what is asked for; choices are the campaign's, and days that must lie within it do, and
    have come.
    """
    within = in_campaign(definition, campaign)
    latest = min(today, campaign.ends_on) if campaign else today
    span = (campaign.starts_on, max(latest, campaign.starts_on)) if campaign else None
    bounded = days_within_campaign(definition)
    given = {
        field.id: _example(field, span if field.id in bounded else None)
        for field in within.fields
        if field.example is not None
    }
    content = Content(title="", fields=given, files=(), salt="")
    scope = ExpressionScope(department="", author=None, campaign=campaign)
    asked = {field.id for field in asked_fields(within, content, scope)}
    return {name: value for name, value in given.items() if name in asked}


def _example(field: ItemField, span: tuple[date, date] | None) -> Json:
    """Return the example of a field; a day within ``span``, a choice of the campaign's."""
    value = cast("Json", field.example)
    if field.from_campaign is not None:
        known = [choice.id for choice in field.choices]
        if isinstance(value, list):
            kept: list[Json] = [each for each in value if each in known]
            return kept or list[Json](known[:1])
        return value if value in known else next(iter(known), None)
    if span is not None and is_day(str(value)):
        return min(max(date.fromisoformat(str(value)), span[0]), span[1]).isoformat()
    return value
