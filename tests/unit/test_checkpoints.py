"""Checkpoints as notes: what is signed is what is read, and nothing else passes."""

import pytest

from workflow.history import checkpoints
from workflow.history.checkpoints import Checkpoint

OLD, NEW = (checkpoints.signing_key(each * 32) for each in (b"\x01", b"\x02"))
POINT = Checkpoint(origin="thidua/4f2a/history", size=1234, root=bytes(range(32)))
NOTE = checkpoints.sign(POINT, OLD)
KEY = checkpoints.verifier_key(POINT.origin, OLD)


def test_a_note_is_three_lines_a_blank_one_and_a_signature():
    assert NOTE.splitlines()[:4] == [
        "thidua/4f2a/history",
        "1234",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "",
    ]
    assert NOTE.splitlines()[4].startswith("\N{EM DASH} thidua/4f2a/history ")


def test_the_published_example_of_a_key_is_read_and_written():
    """C2SP signed-note's own example."""
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert str(checkpoints.parse_verifier_key(text)) == text


def test_what_was_signed_is_found_signed_by_that_key_alone():
    note = checkpoints.parse_note(NOTE)
    assert note.checkpoint == POINT
    other = checkpoints.verifier_key(POINT.origin, NEW)
    assert checkpoints.signers(note, [other, KEY]) == [KEY]
    assert checkpoints.signers(note, [other]) == []


def test_an_old_key_goes_on_verifying_beside_a_new_one():
    later = checkpoints.sign(POINT, NEW)
    both = checkpoints.parse_note(NOTE + later.partition("\n\n")[2])
    keys = [KEY, checkpoints.verifier_key(POINT.origin, NEW)]
    assert checkpoints.signers(both, keys) == keys


@pytest.mark.parametrize(
    ("old", "new"),
    [("1234", "1235"), ("4f2a/history\n1", "4f2b/history\n1"), ("AAEC", "AAED")],
)
def test_a_changed_note_has_no_signer(old, new):
    note = checkpoints.parse_note(NOTE.replace(old, new, 1))
    keys = [KEY, checkpoints.VerifierKey(name=note.checkpoint.origin, public=KEY.public)]
    assert checkpoints.signers(note, keys) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("1234", "01234"),
        NOTE.replace("1234", "-1"),
        NOTE.replace("1234", "١"),
        NOTE.replace("AAEC", "AA"),
        NOTE.replace("AAEC", "!!!!"),
        NOTE.replace("\N{EM DASH} ", "- "),
        NOTE.rstrip("\n"),
        NOTE.replace("\n1234", "\n1234\nextension"),
        "\n" + NOTE,
    ],
)
def test_what_is_no_note_is_refused(text):
    with pytest.raises(ValueError, match="not "):
        checkpoints.parse_note(text)


@pytest.mark.parametrize(
    "text", ["", "name", "a+00000000+AA==", str(KEY).replace("thidua", "other"), str(KEY)[:-4]]
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(ValueError, match="not "):
        checkpoints.parse_verifier_key(text)
