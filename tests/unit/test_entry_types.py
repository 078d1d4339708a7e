"""The closed vocabulary of history entries, and the bodies that were written by it."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from workflow import canonical
from workflow.history import (
    EntryType,
    agency_payloads,
    append,
    chain,
    fact_in,
    payloads,
    verify_history,
)

BODIES = (Path(__file__).parent / "bodies_of_format_1.jsonl").read_text("utf-8").splitlines()
FORMAT = (Path(chain.__file__).parent / "FORMAT.md").read_text("utf-8")
SECOND = (Path(__file__).parents[1] / "verify_history.mjs").read_text("utf-8")


def test_there_is_a_body_of_every_type():
    assert {json.loads(each)["type"] for each in BODIES} == set(EntryType)


@pytest.mark.parametrize("body", BODIES, ids=[json.loads(each)["type"] for each in BODIES])
def test_a_body_is_written_again_as_it_was(body):
    fact = fact_in(body)
    said = json.loads(body)
    again = append(fact, seq=said["seq"], prev=bytes(32), salts={})
    assert again.body.encode() == canonical.encode({**said, "commitments": {}})


@pytest.mark.parametrize("body", BODIES, ids=[json.loads(each)["type"] for each in BODIES])
def test_the_verifier_reads_a_body_of_every_type(body):
    said = json.loads(body)
    line = {"subject": said["subject"], "seq": said["seq"], "body": body}
    assert verify_history.parse_body(line) == said


def test_the_verifier_lists_the_same_types():
    assert set(EntryType) == verify_history.SUBJECT_OF.keys()


def test_a_type_that_there_is_not_is_tampering():
    forged = BODIES[0].replace('"type":"absence_added"', '"type":"absence_dropped"')
    assert forged != BODIES[0]
    with pytest.raises(verify_history.TamperedError, match="absence_dropped"):
        verify_history.parse_body({"subject": "person:2", "seq": 1, "body": forged})


def test_the_format_lists_the_same_types():
    (row,) = re.findall(r"^\| `type` \| (.+) \|$", FORMAT, re.MULTILINE)
    assert sorted(re.findall(r"`([a-z_]+)`", row)) == sorted(EntryType)


def test_the_second_verifier_lists_the_same_types():
    (types,) = re.findall(r"^const TYPES = \{(.*?)^\};", SECOND, re.MULTILINE | re.DOTALL)
    assert sorted(" ".join(re.findall(r'"(.+)"', types)).split()) == sorted(EntryType)


def test_data_with_a_member_that_its_type_has_not_is_refused():
    with pytest.raises(ValueError, match="more"):
        chain.payload_in(EntryType.REMINDED, {"department": "vhtt", "people": [], "more": 1})


def test_a_value_that_an_edit_leaves_is_not_the_value_none():
    stays = payloads.Edited(files=())
    assert chain.data_of(stays) == {"files": []}
    assert chain.data_of(replace(stays, due_at=None)) == {"files": [], "due_at": None}


def test_a_payload_of_another_type_is_an_error():
    with pytest.raises(TypeError, match="Reminded"):
        payloads.narrow(payloads.Commented(), agency_payloads.RemindedNow)
