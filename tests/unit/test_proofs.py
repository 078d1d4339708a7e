"""Proofs as files and codes: read as they are written, whatever paper, mail or fingers did to them."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from workflow.history import checkpoints, merkle
from workflow.history.checkpoints import Checkpoint
from workflow.history.proofs import Proof, code_of, parse_code, parse_proof

ENTRY = hashlib.sha256(b"an entry").digest()
ORIGIN = "thidua/d1/history"


def proof(position=5, size=11):
    entries = [hashlib.sha256(bytes([number])).digest() for number in range(size)]
    leaves = [merkle.leaf_hash(each) for each in entries]
    nodes = lambda level, place: merkle.fold(leaves[place << level : (place + 1) << level])  # noqa: E731 - said once
    checkpoint = Checkpoint(origin=ORIGIN, size=size, root=merkle.root(size, nodes))
    return Proof(
        entry=entries[position],
        position=position,
        hashes=tuple(merkle.inclusion_proof(position, size, nodes)),
        note=checkpoints.sign(checkpoint, Ed25519PrivateKey.generate()),
    )


@given(st.integers(0, 10**12 - 1), st.binary(min_size=32, max_size=32))
def test_a_code_is_read_as_it_is_printed(position, entry):
    code = code_of(position, entry)
    assert parse_code(str(code)) == code
    assert len(str(code)) == len(str(position)) + 25


def test_a_code_is_the_first_hundred_bits():
    assert str(code_of(0, bytes(32))) == "0-0000-0000-0000-0000-0000"
    assert str(code_of(7, b"\xff" * 32)) == "7-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ"
    assert code_of(7, b"\xff" * 12 + b"\xf0" + bytes(19)) == code_of(7, b"\xff" * 32)


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda text: f"  {text}\n",
        lambda text: text.replace("-", " - "),
        lambda text: text.replace("-", "–"),
        lambda text: text.partition("-")[0] + "-" + text.partition("-")[2].replace("-", ""),
        lambda text: text.replace("0", "O").replace("1", "l") if text[0] not in "01" else text,
        lambda text: (
            f"https://thidua.so.example/check?code={text}&under=9-AAAA-AAAA-AAAA-AAAA-AAAA"
        ),
    ],
)
def test_a_code_is_read_however_it_is_typed(change):
    code = code_of(42, ENTRY)
    assert parse_code(change(str(code))) == code


@pytest.mark.parametrize(
    "text",
    ["", "hello", "12", "12-ABCD", "-ABCD-EFGH-JKMN-PQRS-TVWX", "1-ABCD-EFGH-JKMN-PQRS-TVWXY",
     "1-ABCD-EFGH-JKMN-PQRS-TVW", "1-ABCD-EFGH-JKMN-PQRS-TVWU", "x-ABCD-EFGH-JKMN-PQRS-TVWX",
     "1" * 13 + "-ABCD-EFGH-JKMN-PQRS-TVWX", "١-ABCD-EFGH-JKMN-PQRS-TVWX", "<b>", "1-\x00" * 20],
)  # fmt: skip
def test_what_is_no_code_is_none(text):
    assert parse_code(text) is None


@pytest.mark.parametrize("size", [1, 2, 8, 11])
def test_a_proof_is_a_tlog_proof_and_read_again(size):
    """C2SP tlog-proof: header, extra, index, hashes, a blank line, and the signed checkpoint."""
    made = proof(size - 1, size)
    text = str(made)
    lines = text.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[2] == f"index {size - 1}"
    for written in (text, text.replace("\n", "\r\n"), text + "\n", "\n" + text):
        found, note = parse_proof(written)
        assert found == made
        assert found.leads_there
        assert note.checkpoint == made.checkpoint


def test_a_proof_with_anything_changed_leads_nowhere_or_is_none():
    text = str(proof())
    body = text.index("—")
    for place in range(0, body, 3):
        changed = text[:place] + ("B" if text[place] != "B" else "C") + text[place + 1 :]
        try:
            found, _ = parse_proof(changed)
        except ValueError:
            continue
        is_origin = found.checkpoint.origin != ORIGIN  # what is signed is judged by its signature
        assert is_origin or not found.leads_there, place


@pytest.mark.parametrize("text", ["", "x", "c2sp.org/tlog-proof@v1\n\nx\n", "\x00" * 500])
def test_what_is_no_proof_is_refused(text):
    with pytest.raises(ValueError):
        parse_proof(text)
