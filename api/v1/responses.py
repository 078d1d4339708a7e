"""The answers that several routes of the interface give alike: an item, and a list."""

from collections.abc import Sequence

from api.composition import Application
from api.json_response import OrjsonResponse
from api.v1.serializers import item_json
from workflow.model import PersonId
from workflow.queries.items import ItemView
from workflow.queries.past_items import view_after


def item_response(view: ItemView, *, status: int = 200, **more: object) -> OrjsonResponse:
    """Return an item with its version as ETag, and ``more`` beside its members."""
    return OrjsonResponse(
        {**item_json(view), **more},
        status_code=status,
        headers={"ETag": f'"{view.item.version}"'},
    )


async def item_response_after(
    parts: Application, code: str, seq: int, reader: PersonId, *, status: int = 200, **more: object
) -> OrjsonResponse:
    """Return the item as entry ``seq`` left it: a replay gets the same answer."""
    view, _ = await parts.database.read(
        lambda connection: view_after(parts.context, connection, code, seq, reader)
    )
    return item_response(view, status=status, **more)


def list_response(rows: Sequence[object], after: str | None = None) -> OrjsonResponse:
    """Return one page of a list; ``after``: the cursor of the next, None on the last."""
    return OrjsonResponse({"data": rows, "next": after})
