"""One operation of the interface, as the table of all says it."""

from dataclasses import KW_ONLY, dataclass

from pydantic import BaseModel

_EVERYWHERE = (400, 429, 431, 503)
"""What any request may meet: a wrong host, too many at once, headers too large, a busy server."""
_WITH_BODY = (413, 422)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its stable name, its answer, its body, its own refusals and its headers.

    ``answer``: a model, or the media types of what is no JSON. ``if_match``: whether the header is
    required; None: not read.
    """

    id: str
    answer: type[BaseModel] | tuple[str, ...]
    _: KW_ONLY
    status: int = 200
    body: type[BaseModel] | None = None
    refusals: tuple[int, ...] = ()
    if_match: bool | None = None
    has_etag: bool = False
    is_open: bool = False
    proposes: bool = False
    """Whether it answers 202 with a proposal where what it gives needs a second person."""

    def statuses(self, method: str) -> tuple[int, ...]:
        """Return every status that may be answered, without the one of success."""
        known = () if self.is_open else (401, 403)
        of_body = _WITH_BODY if self.body is not None else (413,) if method != "get" else ()
        return tuple(sorted({*self.refusals, *known, *of_body, *_EVERYWHERE}))
