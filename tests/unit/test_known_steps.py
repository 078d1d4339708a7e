"""The fast verifier knows an entry that is like one before; whatever is another about it, it does not."""

import random
import re

import orjson

from tests.histories import History
from workflow.history.verify_history import Verifier
from workflow.queries.fast_verification import line_of
from workflow.queries.known_steps import KnownSteps

ENTRIES = 700


def test_an_entry_is_known_only_in_the_one_spelling_of_its_line():
    history, rng = History(4), random.Random(1)  # noqa: S311 - the same again
    known = KnownSteps(Verifier(history.definitions))
    taken, tried = {}, 0
    for line in history.entries(ENTRIES):
        raw = orjson.dumps(line) + b"\n"
        quotes = [each.start() for each in re.finditer(rb'\\"', raw)]
        bare = [raw[:place] + raw[place + 1 :] for place in rng.sample(quotes, 12)]
        places = [rng.randrange(len(raw)) for _ in range(12)]
        changed = [raw[:each] + bytes([raw[each] ^ 1]) + raw[each + 1 :] for each in places]
        assert [each for each in (*bare, *changed) if known.take(each) is not None] == []
        tried += len(bare) + len(changed)
        if known.take(raw) is None:
            known.judge(line_of(raw))
        else:
            kind = line["subject"].partition(":")[0]
            taken[kind] = taken.get(kind, 0) + 1
    assert tried > ENTRIES * 20
    assert taken["item"] > ENTRIES / 4
    assert taken["deadline"] > ENTRIES / 50
