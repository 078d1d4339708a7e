"""How items of one kind are gathered into an item of another, and go on together with it.

It describes; it never acts.
"""

from typing import Final

from workflow.definition.parts import Identifier, Part

SOURCE_COLUMNS: Final = ("department", "report", "version", "content", "alone")
"""What a row of sources says: whose report, its code, version and content hash, and a mark where it
was signed by itself before. A department that had handed in none has its name alone."""


class Gathers(Part):
    """What a kind of item is made of: the reports, of another kind, that answer one deadline.

    ``sources`` names the table field that says which report in which version each figure came
    from, ``period`` the choice that says which deadline. Both are written by gathering alone. What
    both kinds call by one id is drafted from the reports: numbers are added, texts stand one after
    the other, rows of tables follow each other. ``inspections`` names the text in which is
    drafted what inspections found.
    """

    definition: Identifier
    sources: Identifier
    period: Identifier
    inspections: Identifier | None = None


class Carries(Part):
    """What the gathered items do in the same decision: ``take`` this transition, to state ``to``.

    All of them or none, and this item with them.
    """

    take: Identifier
    to: Identifier | None = None
