"""An item as whoever asks may see it: one short read, for the interface and the pages.

It must never be asked for anything that changes an item.
"""

from api.auth.sessions import Caller
from api.composition import Application
from workflow.queries import items
from workflow.queries.items import ItemView


async def visible_view(parts: Application, asker: Caller, code: str) -> ItemView:
    """Return an item as ``asker`` may see it. Raises NotFoundRefusal."""
    return await parts.database.read(
        lambda connection: items.visible_view(parts.context, connection, code, asker.person)
    )
