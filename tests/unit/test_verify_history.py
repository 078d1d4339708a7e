"""An export is verified from its files alone: a whole one passes, each kind of damage is named."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest

from workflow.history import GENESIS, Fact, agency_payloads, append, payloads
from workflow.history.verify_history import INCOMPLETE, OK, TAMPERED, USAGE, main
from workflow.model import Grant

AT = datetime(2022, 6, 15, 2, tzinfo=UTC)
DEFINITION = {
    "id": "nomination",
    "version": 1,
    "initial": "drafted",
    "states": [
        {"id": "drafted", "held_by_author": True, "editable": True},
        {
            "id": "submitted",
            "editable": True,
            "edit_voids": {"to": "drafted"},
            "holders": [{"positions": ["head"]}],
        },
        {"id": "done"},
    ],
    "transitions": [
        {"id": "submit", "from": ["drafted"], "to": ["submitted"], "by": "author"},
        {"id": "approve", "from": ["submitted"], "to": ["done"]},
    ],
}
DEFINITION_TEXT = json.dumps(DEFINITION)
DEFINITION_HASH = hashlib.sha256(DEFINITION_TEXT.encode()).hexdigest()
ITEM = {"definition_hash": DEFINITION_HASH, "via": "page", "method": "session"}
SALT = b"s" * 32
STAY = {"due_at": None, "holders": ()}
WAITS = {"due_at": None, "holders": ((2, None),)}
DONE = {"from": "submitted", "to": "done", "transition": "approve"}


def facts():
    """Yield an item drafted, handed in, edited back, handed in again, approved; and all around it."""
    ways = [
        (
            payloads.Created(campaign="c", department="d", due_at=None, holders=((1, None),)),
            None,
            "drafted",
            None,
            1,
            "a",
        ),
        (payloads.TransitionTaken(**WAITS), "drafted", "submitted", "submit", 2, "a"),
        (payloads.Edited(files=(), due_at=None), "submitted", "drafted", None, 3, "b"),
        (payloads.Edited(files=()), "drafted", "drafted", None, 3, "c"),
        (payloads.TransitionTaken(**WAITS), "drafted", "submitted", "submit", 4, "c"),
        (payloads.TransitionTaken(**STAY), "submitted", "done", "approve", 5, "c"),
    ]
    for version, (payload, source, to, transition, step, content) in enumerate(ways, 1):
        yield Fact(
            subject="item:DN-1",
            payload=payload,
            at=AT + timedelta(minutes=version),
            command_id=f"c{version}",
            actor=2 if transition == "approve" else 1,
            transition=transition,
            from_state=source,
            to_state=to,
            version=version,
            step=step,
            decided_version=version - 1 or None,
            content_hash=content * 64,
            texts={"comment": "Đồng ý"} if transition == "approve" else {},
            **ITEM,
        )
    yield Fact(
        subject="campaign:c",
        payload=agency_payloads.CampaignRead(),
        at=AT,
        actor=1,
        via="page",
        method="session",
        command_id="r",
    )


def founding():
    """Yield what an item stands on: its definition, and who is there."""
    made = {"at": AT, "actor": None, "via": "cli", "method": "none"}
    yield Fact(
        subject="definition:nomination",
        payload=agency_payloads.DefinitionPublished(version=1),
        command_id="d",
        definition_hash=DEFINITION_HASH,
        **made,
    )
    for number, position in ((1, "staff"), (2, "head")):
        yield Fact(
            subject=f"person:{number}",
            payload=agency_payloads.PersonAdded(department="d", is_active=True),
            command_id=f"p{number}",
            position=position,
            **made,
        )


def entries():
    """Return the lines of entries.jsonl."""
    ends, lines = {}, []
    for fact in (*founding(), *facts()):
        seq, prev = ends.get(fact.subject, (0, GENESIS))
        entry = append(fact, seq=seq + 1, prev=prev, salts=dict.fromkeys(fact.texts, SALT))
        ends[fact.subject] = (entry.seq, entry.hash)
        lines.append(line_of(fact.subject, entry.seq, entry.prev.hex(), entry.body))
    return lines


def line_of(subject, seq, prev, body):
    digest = hashlib.sha256(b"\x02" + bytes.fromhex(prev) + body.encode()).hexdigest()
    return {"subject": subject, "seq": seq, "prev": prev, "hash": digest, "body": body}


def forged(lines, place, **members):
    """Return ``lines`` with the body of one rewritten and every hash from there on made to fit."""
    place += FIRST
    body = {**json.loads(lines[place]["body"]), **members}
    texts = [each["body"] for each in lines]
    texts[place] = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    ends, made = {}, []
    for each, text in zip(lines, texts, strict=True):
        prev = ends.get(each["subject"], GENESIS.hex())
        made.append(line_of(each["subject"], each["seq"], prev, text))
        ends[each["subject"]] = made[-1]["hash"]
    return made


def items(lines):
    last = [each for each in lines if each["subject"] == "item:DN-1"][-1]
    body = json.loads(last["body"])
    return [
        {
            "code": "DN-1",
            "state": body["to"],
            **{key: body[key] for key in ("version", "step", "content_hash")},
            "seq": last["seq"],
            "head": last["hash"],
        }
    ]


TEXTS = [
    {"subject": "item:DN-1", "seq": 6, "name": "comment", "salt": SALT.hex(), "text": "Đồng ý"}
]


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def verified(folder, capsys, lines, rows=None, texts=TEXTS, definition=DEFINITION_TEXT):
    """Write an export, run the program on it, and return its status and what it says."""

    def jsonl(name, objects):
        text = "".join(each if isinstance(each, str) else f"{compact(each)}\n" for each in objects)
        (folder / name).write_text(text, "utf-8")

    (folder / "definitions").mkdir()
    (folder / "definitions" / f"{DEFINITION_HASH}.json").write_text(definition, "utf-8")
    jsonl("entries.jsonl", lines)
    jsonl("log.jsonl", ())  # nothing sealed: here the chains are verified by themselves
    jsonl("items.jsonl", items(lines) if rows is None else rows)
    if texts is not None:
        jsonl("salts.jsonl", texts)
    return main([str(folder)]), capsys.readouterr().out


ERASED = {"texts": [[6, "comment"]], "proposed_by": 3}


def erasing(data=ERASED, **changes):
    """Return all entries, and one that erases the comment of the sixth."""
    lines = entries()
    end = next(each for each in reversed(lines) if each["subject"] == "item:DN-1")
    last = json.loads(end["body"])
    body = {
        **last,
        "seq": last["seq"] + 1,
        "type": "text_erased",
        "from": last["to"],
        "transition": None,
        "decided_version": None,
        "on_behalf_of": None,
        "command_id": "erasing",
        "commitments": {},
        "data": data,
        **changes,
    }
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return [*lines, line_of(last["subject"], body["seq"], end["hash"], text)]


def test_a_text_that_is_gone_was_erased_or_is_missed(tmp_path, capsys):
    for number, (lines, texts, status, words) in enumerate(
        [
            (erasing(), [], OK, "OK: 11 entries"),
            (erasing(), [], OK, "1 texts erased from item:DN-1"),
            (erasing(), None, OK, "OK: 11 entries"),
            (entries(), [], INCOMPLETE, "item:DN-1 entry 6: its comment is missing"),
            (erasing({**ERASED, "texts": []}), [], INCOMPLETE, "entry 6: its comment is missing"),
            (erasing(), TEXTS, TAMPERED, "erases a text that is there"),
            (erasing({**ERASED, "texts": [[5, "comment"]]}), [], TAMPERED, "never was"),
            (erasing({"texts": [[6, "comment"]]}), [], TAMPERED, "one person alone may not"),
            (erasing({**ERASED, "proposed_by": 2}), [], TAMPERED, "one person alone may not"),
            (erasing({"texts": [[6, "comment"]]}, via="cli"), [], OK, "OK: 11 entries"),
        ]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        found, said = verified(folder, capsys, lines, texts=texts)
        assert (found, words in said) == (status, True), (number, said)


@pytest.mark.parametrize("texts", [TEXTS, None], ids=["texts", "no texts"])
def test_a_whole_export_is_ok_and_counted(tmp_path, capsys, texts):
    status, said = verified(tmp_path, capsys, entries(), texts=texts)
    assert (status, said.splitlines()[0]) == (OK, "OK: 10 entries of 5 subjects")


def test_what_one_person_may_do_alone_is_said(tmp_path, capsys):
    payload = agency_payloads.ProposalRulesSet(hash="e" * 64, relaxed=(Grant.ADDRESSES,))
    made = {"at": AT, "actor": None, "via": "cli", "method": "none", "command_id": "rules"}
    entry = append(Fact(subject="agency", payload=payload, **made), seq=1, prev=GENESIS, salts={})
    rules = line_of("agency", 1, GENESIS.hex(), entry.body)
    status, said = verified(tmp_path, capsys, [rules, *entries()])
    assert (status, "a second person for addresses" in said) == (OK, True), said


FIRST = len(list(founding()))
"""The place of the item's first entry."""


def second(lines, **changes):
    """Return ``lines`` with the item's second one changed."""
    place = FIRST + 1
    return [*lines[:place], {**lines[place], **changes}, *lines[place + 1 :]]


def without(lines, place):
    return [*lines[: FIRST + place], *lines[FIRST + place + 1 :]]


def swapped(lines):
    return [*lines[:FIRST], lines[FIRST + 1], lines[FIRST], *lines[FIRST + 2 :]]


def doubled(lines):
    return [*lines[: FIRST + 1], *lines[FIRST:]]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda lines: second(lines, hash="0" * 64), "entry 2 does not have the hash it claims"),
        (lambda lines: second(lines, prev="0" * 64), "entry 2 does not name the hash"),
        (lambda lines: second(lines, seq=3), "does not repeat what its body says"),
        (lambda lines: second(lines, more=1), "entry 2 has other members"),
        (lambda lines: without(lines, 1), "entry 3 does not follow entry 1"),
        (swapped, "entry 2 does not follow entry 0"),
        (doubled, "entry 1 does not follow entry 1"),
        (lambda lines: ["{\n", *lines], "entries.jsonl line 1 is not JSON"),
        (lambda lines: forged(lines, 1, at="2022-06-15T02:00:00.000000Z"), "is dated before"),
        (lambda lines: forged(lines, 1, v=2), "does not have the members of format 1"),
        (lambda lines: forged(lines, 1, extra=1), "does not have the members of format 1"),
        (lambda lines: forged(lines, 1, type="approved"), "is of a type that there is not"),
        (lambda lines: forged(lines, 1, actor=1.5), "is not canonical JSON"),
        (lambda lines: forged(lines, 1, command_id="e\u0302\u0301"), "is not in canonical form"),
        (lambda lines: forged(lines, 0, version=2), "entry 1 creates an item that exists"),
        (lambda lines: forged(lines, 0, step=2), "entry 1 creates an item that exists"),
        (lambda lines: forged(lines, 1, type="created", version=1, step=1), "that exists"),
        (lambda lines: forged(lines, 4, **{"from": "done"}), "but the item was drafted"),
        (lambda lines: forged(lines, 4, version=7), "skips or repeats a version"),
        (lambda lines: forged(lines, 4, decided_version=3), "skips or repeats a version"),
        (lambda lines: forged(lines, 4, step=7), "skips or repeats a step"),
        (lambda lines: forged(lines, 4, content_hash="d" * 64), "decides on another content"),
        (lambda lines: forged(lines, 4, to="done"), "a transition that the definition does not"),
        (lambda lines: forged(lines, 4, transition="approve"), "the definition does not have"),
        (lambda lines: forged(lines, 2, to="done"), "which its definition does not say"),
        (lambda lines: forged(lines, 3, to="submitted"), "which its definition does not say"),
    ],
)
def test_each_kind_of_damage_is_tampering_and_names_its_entry(tmp_path, capsys, damage, words):
    lines = damage(entries())
    status, said = verified(tmp_path, capsys, lines, items(entries()))
    assert status == TAMPERED, said
    assert words in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ({"text": "Không đồng ý"}, "committed to another text as its comment"),
        ({"salt": "00" * 32}, "committed to another text as its comment"),
        ({"name": "reason"}, "a text belongs to no commitment"),
        ({"seq": 5}, "entry 5: a text belongs to no commitment"),
    ],
)
def test_a_text_that_its_entry_did_not_commit_to_is_tampering(tmp_path, capsys, text, words):
    status, said = verified(tmp_path, capsys, entries(), texts=[{**TEXTS[0], **text}])
    assert (status, words in said) == (TAMPERED, True), said


def test_a_key_given_twice_in_a_body_is_tampering(tmp_path, capsys):
    lines = entries()
    body = lines[FIRST]["body"].replace('"actor":1', '"actor":1,"actor":2')
    first = line_of("item:DN-1", 1, GENESIS.hex(), body)
    status, said = verified(tmp_path, capsys, [*lines[:FIRST], first], items(lines))
    assert (status, "is not in canonical form" in said) == (TAMPERED, True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": "submitted"}, "has state submitted, but its history says done"),
        ({"version": 7}, "has version 7"),
        ({"step": 9}, "has step 9"),
        ({"content_hash": "f" * 64}, "has content_hash ffff"),
        ({"head": "0" * 64}, "ends at another entry"),
        ({"seq": 5}, "ends at another entry"),
    ],
)
def test_a_row_that_says_something_else_than_its_history_is_tampering(
    tmp_path, capsys, change, words
):
    lines = entries()
    status, said = verified(tmp_path, capsys, lines, [{**items(lines)[0], **change}])
    assert (status, words in said) == (TAMPERED, True), said


def test_what_is_missing_is_said_to_be_incomplete(tmp_path, capsys):
    lines = entries()
    cut = [each for each in lines if each["seq"] < 6]
    foreign = {**items(lines)[0], "code": "DN-2"}
    cases = {
        "no rows": (lines, [], "has a history, but no row"),
        "the end": (cut, items(lines), "entries after 5 are missing"),
        "a history": (lines, [*items(lines), foreign], "entries after 0 are missing"),
        "a definition": (
            forged(lines, 1, definition_hash="0" * 64),
            None,
            "is not in the export",
        ),
    }
    for name, (given, rows, words) in cases.items():
        folder = tmp_path / name
        folder.mkdir()
        status, said = verified(folder, capsys, given, rows)
        assert (status, words in said) == (INCOMPLETE, True), (name, said)
    assert len(cases) == 4


@pytest.mark.parametrize("name", ["entries.jsonl", "items.jsonl", "log.jsonl", "definitions"])
def test_a_file_that_is_missing_is_named(tmp_path, capsys, name):
    verified(tmp_path, capsys, entries())
    (tmp_path / name).rename(tmp_path / "elsewhere")
    assert main([str(tmp_path)]) == INCOMPLETE
    assert name in capsys.readouterr().out


def test_a_definition_that_was_changed_is_tampering(tmp_path, capsys):
    status, said = verified(tmp_path, capsys, entries(), definition=f"{DEFINITION_TEXT} ")
    assert status == TAMPERED
    assert "does not have the hash that is its name" in said


def test_wrong_usage_says_how(tmp_path, capsys):
    assert main([]) == USAGE
    assert main([str(tmp_path / "nowhere")]) == USAGE
    assert "EXPORT_FOLDER" in capsys.readouterr().err
