"""How answers become bytes, for programs and for problems alike."""

import orjson
from starlette.responses import Response

from notifications.translation import in_words


class OrjsonResponse(Response):
    """A JSON answer, by orjson; what the core said becomes text in the reader's language."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """Return the bytes of ``content``."""
        return orjson.dumps(content, default=_in_words, option=orjson.OPT_PASSTHROUGH_DATACLASS)


def _in_words(value: object) -> object:
    """Return the sentence of what the core said; nothing else is turned into text by itself."""
    words = in_words(value)
    if words is value:
        raise TypeError(type(value).__name__)
    return words
