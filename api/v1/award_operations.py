"""The operations about awards that were given before the product came.

A part of the table of ``operations``.
"""

from collections.abc import Mapping

from api.v1.operation import Operation
from api.v1.schemas.answers import Page
from api.v1.schemas.past_awards import (
    ImportAnswer,
    NewPastAwards,
    PastAwardAnswer,
    PastAwardWithdrawing,
)

AWARDS: Mapping[str, Operation] = {
    "get /api/v1/past-awards": Operation(
        "list_past_awards", Page[PastAwardAnswer], refusals=(422,)
    ),
    "get /api/v1/past-awards/{award}": Operation(
        "get_past_award", PastAwardAnswer, refusals=(404,)
    ),
    "post /api/v1/past-awards": Operation(
        "import_past_awards",
        ImportAnswer,
        status=201,
        body=NewPastAwards,
        refusals=(403, 409, 422),
        proposes=True,
    ),
    "post /api/v1/past-awards/{award}/withdraw": Operation(
        "withdraw_past_award",
        PastAwardAnswer,
        body=PastAwardWithdrawing,
        refusals=(403, 404, 409, 422),
        proposes=True,
    ),
}
