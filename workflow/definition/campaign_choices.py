"""What a campaign gives the fields of a definition to choose from: its content, its recognitions.

Pure. A definition says only that a field takes its choices from the campaign; which they are, the
plan of each campaign says.
"""

from collections.abc import Callable, Mapping

from workflow.definition.agency import Campaign
from workflow.definition.fields import CampaignPart, Choice
from workflow.definition.language import Definition
from workflow.definition.parts import Label


def in_campaign(definition: Definition, campaign: Campaign | None) -> Definition:
    """Return ``definition`` with the choices of ``campaign`` in the fields that take them."""
    if campaign is None or not any(field.from_campaign for field in definition.fields):
        return definition
    fields = tuple(
        field.model_copy(update={"choices": _CHOICES[field.from_campaign](campaign)})
        if field.from_campaign is not None
        else field
        for field in definition.fields
    )
    return definition.model_copy(update={"fields": fields})


def _content(campaign: Campaign) -> tuple[Choice, ...]:
    """Return the groups of a plan's content; of a plan with one group, what stands in it."""
    groups = campaign.content
    parts = (
        [(each.id, each.title) for each in groups]
        if len(groups) > 1
        else [(each.id, each.text) for each in groups[0].criteria]
    )
    return tuple(Choice(id=id_, label=Label(vi=text, en=text)) for id_, text in parts)


_CHOICES: Mapping[CampaignPart, Callable[[Campaign], tuple[Choice, ...]]] = {
    CampaignPart.CONTENT: _content,
    CampaignPart.RECOGNITION: lambda campaign: campaign.recognition,
}
