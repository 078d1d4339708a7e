"""What the rules have against the ground of the simplified procedure that is being typed."""

from datetime import date

from api.web.forms import Typed
from api.web.new_items import fields_typed
from notifications.translation import translate
from workflow.awards import Awards
from workflow.definition import Definition
from workflow.lookups.simplified_procedure import doubted_ground


def doubts_in_words(awards: Awards, definition: Definition, typed: Typed, day: date) -> list[str]:
    """Return what the rules say against the ground that is typed, in words."""
    found = doubted_ground(awards, definition, fields_typed(definition, typed), day)
    return [f"{translate(each.label)}: {translate(each.found)}." for each in found if each.found]
