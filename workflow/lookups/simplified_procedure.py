"""Whether the ground that a nomination states for the simplified procedure fits who decides.

Reads only; what does not fit is a warning of the file of awards.
"""

from sqlalchemy import Connection

from workflow.awards import RuleFinding
from workflow.context import Context
from workflow.lookups.nominations import examinations
from workflow.model import Content, Item, Person


def doubted_ground(
    context: Context, connection: Connection, reader: Person, item: Item, content: Content
) -> list[RuleFinding]:
    """Return what the rules on grounds say against the stated one, each once."""
    rules = context.awards.ground_rules
    examined = examinations(context, connection, reader, item, content)
    said = (one for each in examined for one in each.judgement.of("warn") if one.rule in rules)
    return list(dict.fromkeys(said))
