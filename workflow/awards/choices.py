"""Fill in the choices of fields that are taken from the file of awards.

Owns nothing but that: a definition as published says only that they come from there, so an award
that is added to the file can be chosen at once, and its hash stays what it was.
"""

from workflow.awards.catalogue import Awards
from workflow.definition import Definition
from workflow.definition.fields import Choice


def with_awards(definition: Definition, awards: Awards | None) -> Definition:
    """Return ``definition`` with every award, of whatever day, where a field takes awards."""
    if awards is None or not any(each.choices_from for each in definition.fields):
        return definition
    choices = tuple(Choice(id=each.id, label=each.label) for each in awards.all.values())
    fields = tuple(
        each.model_copy(update={"choices": choices}) if each.choices_from else each
        for each in definition.fields
    )
    return definition.model_copy(update={"fields": fields})
