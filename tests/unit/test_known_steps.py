"""The fast verifier knows an entry that is like one before; whatever is another about it, it does not."""

import random
import re
from datetime import timedelta
from hashlib import sha256

import orjson

from tests.histories import CLERK, History
from workflow.history.verify_history import TamperedError, Verifier
from workflow.queries.fast_verification import line_of
from workflow.queries.known_lines import Promise
from workflow.queries.known_steps import KnownSteps

ENTRIES = 700


def name_in(raw):
    """The subject of a line."""
    return raw[12 : raw.find(b'"', 12)]


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
        assert [
            each for each in (*bare, *changed) if known.take(name_in(each), each) is not None
        ] == []
        tried += len(bare) + len(changed)
        if known.take(name_in(raw), raw) is None:
            known.judge(line_of(raw))
        else:
            kind = line["subject"].partition(":")[0]
            taken[kind] = taken.get(kind, 0) + 1
    assert tried > ENTRIES * 20
    assert taken["item"] > ENTRIES / 4
    assert taken["deadline"] > ENTRIES / 50


def test_an_entry_is_known_by_the_hash_of_its_own_body_alone():
    """Not of the body of one like it, with what only this one says put where that one has nothing."""
    history, content = History(4), "ab" * 32
    known, tried = KnownSteps(Verifier(history.definitions)), 0
    null, given = '"content_hash":null', f'"content_hash":"{content}"'
    for line in history.entries(ENTRIES):
        raw = orjson.dumps(line) + b"\n"
        body = line["body"]
        if null in body:
            other, hashed = body.replace(null, given), body.replace(null, null + content)
        else:
            other = re.sub('"content_hash":"[^"]*"', null, body)
            hashed = other.replace(null, '"content_hash":""')
        digest = sha256(b"\x02" + bytes.fromhex(line["prev"]) + hashed.encode()).hexdigest()
        forged = orjson.dumps({**line, "hash": digest, "body": other}) + b"\n"
        assert known.take(name_in(forged), forged) is None
        if known.take(name_in(raw), raw) is None:
            known.judge(line_of(raw))
        else:
            tried += 1
    assert tried > ENTRIES / 4


def test_a_text_is_kept_only_in_the_one_spelling_of_its_line():
    salt, begins = "0a" * 32, len(b'{"subject":"item:A","seq":3,')
    digest = sha256(bytes.fromhex(salt) + "Đã xem".encode()).hexdigest()
    promise = Promise(3, b"comment", digest.encode())
    row = {"subject": "item:A", "seq": 3, "name": "comment", "salt": salt, "text": "Đã xem"}
    whole = orjson.dumps(row) + b"\n"
    others = [
        *(orjson.dumps({**row, "text": each}) + b"\n" for each in (5, None, ["Đã xem"], "Đã xem.")),
        *(whole.replace(salt.encode(), each) for each in (b"0A" * 32, b"0b" * 32, b"0a" * 31)),
        whole.replace("Đ".encode(), b"\\u0110"),
        whole.replace(b'"}\n', b'" }\n'),
        whole.replace(b"comment", b"comments"),
        whole[:-1],
        whole + b"\n",
    ]
    assert promise.is_kept(whole, begins)
    assert [each for each in others if promise.is_kept(each, begins)] == []


def followed(lines, definitions):
    """Which of lines a verifier takes for known, and the sentence that ends it."""
    known, taken = KnownSteps(Verifier(definitions)), []
    try:
        for line in lines:
            raw = orjson.dumps(line) + b"\n"
            taken.append(known.take(name_in(raw), raw) is not None)
            if not taken[-1]:
                known.judge(line_of(raw))
    except TamperedError as exc:
        return taken, str(exc)
    return taken, ""


def test_a_number_is_given_once_by_known_entries_too():
    history, places = History(4), []
    lines = [*history.founding()]
    for number in "12341":
        history.random.seed(4)
        lines += history.drafted(history.nomination)
        item = history.items[-1]
        for line in history.lived(item):
            lines.append(line)
            if item.state == "director_signed":
                break
        sent = {"number": f"{number}/TTr", "issued_on": "2022-06-01", "channel": "mail"}
        places.append(len(lines))
        lines.append(
            history.moved(item, "send_to_board", "sent_to_ban_tdkt", CLERK, data={"dispatch": sent})
        )
    taken, why = followed(lines, history.definitions)
    assert why.endswith("gives the number 1/TTr of 2022 again")
    assert [taken[each] for each in places] == [False, True, True, True, False]


def test_what_is_undone_later_than_it_may_be_is_not_like_what_was_undone_in_time():
    history, places = History(4), []
    lines = [*history.founding()]
    for minutes in (1, 2, 9, 30):
        history.random.seed(4)
        lines += history.drafted(history.nomination)
        item = history.items[-1]
        head, page = item.author + 1, {"via": "page", "method": "session"}
        lines.append(history.moved(item, "submit", "submitted", item.author, **page))
        lines.append(history.moved(item, "approve_department", "department_approved", head))
        history.at += timedelta(minutes=minutes)
        item.state, before = "submitted", item.state
        item.version, item.step = item.version + 1, item.step + 1
        data = {"holders": history.holders(item), "due_at": None, "undoes": 3}
        places.append(len(lines))
        lines.append(
            history.in_place(
                item, "undone", head, data, transition="approve_department",
                decided_version=item.version - 1, **{"from": before},
            )
        )  # fmt: skip
    taken, why = followed(lines, history.definitions)
    assert why.endswith("or after ten minutes")
    assert [taken[each] for each in places] == [False, True, True, False]


def test_an_entry_that_gives_a_number_is_like_none_that_does_not():
    history = History(4)
    events = (history.events.next() for _ in range(1000))
    subject, kind, members = next(each for each in events if each.kind == "reminded")
    registered = {"number": "1/KH", "issued_on": "2022-06-01"}
    data = members.pop("data")
    lines = [
        *history.founding(),
        *(
            history.line(subject, kind, {**data, **more}, **members)
            for more in ({}, {}, {"registered": registered}, {"registered": registered})
        ),
    ]
    taken, why = followed(lines, history.definitions)
    assert why.endswith("gives the number 1/KH of 2022 again")
    assert taken[-4:] == [False, True, False, False]
