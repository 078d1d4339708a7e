"""Whether the ground that a nomination states for the simplified procedure fits who decides.

Pure: it looks at what is written, or being typed, alone. What does not fit is a warning of the file
of awards.
"""

from collections.abc import Mapping
from datetime import date

from workflow.awards import Awards, RuleFinding, judge
from workflow.definition import Definition
from workflow.lookups.nominee_cases import asking, case_said
from workflow.model import Content, Json


def doubted_ground(
    awards: Awards, definition: Definition, fields: Mapping[str, Json], day: date
) -> list[RuleFinding]:
    """Return what the rules of ``day`` on grounds say against the stated one, each once."""
    content = Content(title="", fields=dict(fields), files=(), salt="")
    found = (
        one
        for each in asking(definition, content)
        for one in judge(awards, case_said(each.content, definition, day)).of("warn")
        if one.rule in awards.ground_rules
    )
    return list(dict.fromkeys(found))
