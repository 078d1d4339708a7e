"""What a test expects to be refused, by the sentence that its reader gets."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from notifications.translation import translate


@contextmanager
def refuses(kind: type[Exception], sentence: str) -> Iterator[pytest.ExceptionInfo[Exception]]:
    """Expect ``kind``, whose sentence in the reader's language holds the pattern ``sentence``."""
    with pytest.raises(kind) as caught:
        yield caught
    assert re.search(sentence, translate(caught.value)), translate(caught.value)
