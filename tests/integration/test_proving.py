"""What leaves the house is proved by whoever holds it: through the interface, at /check, on paper."""

import io
import re

import pikepdf
import pytest
from pypdf import PdfReader
from sqlalchemy import text

from tests.conftest import running_at
from tests.faults.test_tampering import disarm
from workflow.history import merkle
from workflow.history.checkpoints import parse_note
from workflow.history.proofs import code_of, parse_proof
from workflow.queries.proofs import Finding, check_code, check_proof
from workflow.sealer import CheckpointReason
from workflow.store import sealed_log

pytestmark = pytest.mark.one_database

AUDITOR, CLERK = "auditor@so.example", "clerk@so.example"
UNCHANGED, WAITING, CHANGED, ABSENT = (
    "Có trong lịch sử và còn nguyên vẹn",
    "chưa nằm dưới điểm kiểm chứng",
    "Không khớp với lịch sử",
    "Không có trong lịch sử",
)


@pytest.fixture(scope="module")
def running(database_url, tmp_path_factory):
    """Nothing is sealed beside the tests."""
    folder = tmp_path_factory.mktemp("data")
    with running_at("127.0.0.1", folder, database_url, has_clock=False) as product:
        yield product


def sealed(running, reason=CheckpointReason.DEMAND):
    running.run(running.parts.sealer.checkpoint(reason))


@pytest.fixture(scope="module")
def code(running):
    running.run(running.parts.sealer.seal_and_check())
    code = running.item_in("sent_to_ban_tdkt")["code"]
    sealed(running)
    return code


def answer(running, path, email=AUDITOR, **params):
    return running.client(email).get(path, params=params)


def proof_file(running, code):
    with running.signed_in(CLERK) as clerk:
        found = clerk.get(f"/items/{code}/proof.tlog-proof")
        assert found.status_code == 200, found.text
        return found.text


def heading(page):
    return re.search("<h1>(.*?)</h1>", page.text)[1]


def asked(running, typed, **more):
    with running.browser() as anybody:
        return anybody.get("/check", params={"code": typed, **more})


def uploaded(running, content):
    with running.browser() as anybody:
        return anybody.post("/check", files={"proof": ("a.tlog-proof", content)})


def test_every_entry_of_an_item_is_proved_to_auditors(running, code):
    found = answer(running, f"/history/proof/{code}").json()
    root = bytes.fromhex(found["checkpoint"]["root"])
    note = parse_note(found["checkpoint"]["note"])
    assert (note.checkpoint.size, note.checkpoint.root) == (found["checkpoint"]["size"], root)
    history = answer(running, f"/items/{code}/history").json()["data"]
    assert [(each["seq"], each["hash"]) for each in found["entries"]] == [
        (each["seq"], each["hash"]) for each in history
    ]
    for each in found["entries"]:
        leaf = merkle.leaf_hash(bytes.fromhex(each["hash"]))
        path = [bytes.fromhex(hash_) for hash_ in each["proof"]]
        size = found["checkpoint"]["size"]
        assert merkle.root_of_inclusion(leaf, each["position"], size, path) == root
    assert answer(running, f"/history/proof/{code}", CLERK).status_code == 403
    assert answer(running, "/history/proof/DN-2022-9999").status_code == 404


def test_what_no_checkpoint_covers_has_no_proof_yet(running, code):
    draft = running.draft()["code"]
    assert answer(running, f"/history/proof/{draft}").json()["entries"] == []
    running.run(running.parts.sealer.seal())
    (entry,) = answer(running, f"/history/proof/{draft}").json()["entries"]
    assert entry["proof"] is None
    typed = str(code_of(entry["position"], bytes.fromhex(entry["hash"])))
    assert WAITING in heading(asked(running, typed))
    with running.signed_in("staff.htqt@so.example") as author:
        assert author.get(f"/items/{draft}/proof.tlog-proof").status_code == 404
        assert author.get(f"/items/{draft}/certificate.pdf").status_code == 200
    sealed(running)
    assert heading(asked(running, typed)) == UNCHANGED


def test_that_the_log_only_grew_is_proved_to_auditors(running, code):
    running.draft()
    sealed(running)
    rows = answer(running, "/checkpoints").json()["data"]
    sizes = [each["size"] for each in rows]
    assert sizes == sorted(sizes, reverse=True)
    first = answer(running, "/checkpoints", limit=1).json()
    assert first["data"] == rows[:1]
    assert answer(running, "/checkpoints", cursor=first["next"]).json()["data"] == rows[1:]
    old, new = rows[-1], rows[0]
    for start, end in ((old["size"], new["size"]), (3, 7), (4, 4), (new["size"], new["size"])):
        found = answer(running, "/checkpoints/proof", **{"from": start, "to": end}).json()
        roots = [bytes.fromhex(found[each]["root"]) for each in ("from", "to")]
        path = [bytes.fromhex(each) for each in found["hashes"]]
        assert merkle.is_consistent(start, end, *roots, path)
        if (start, end) == (old["size"], new["size"]):
            assert [each.hex() for each in roots] == [old["root"], new["root"]]
    for wrong in ({"from": 0, "to": 3}, {"from": 5, "to": 3}, {"from": 1, "to": 10**9}, {"to": 3}):
        assert answer(running, "/checkpoints/proof", **wrong).status_code == 422
    assert answer(running, "/checkpoints", CLERK).status_code == 403
    assert answer(running, "/checkpoints/proof", CLERK, **{"from": 1, "to": 1}).status_code == 403


def test_whoever_holds_a_proof_hears_that_it_is_there_and_nothing_else(running, code):
    content = proof_file(running, code)
    proof, _ = parse_proof(content)
    assert heading(uploaded(running, content)) == UNCHANGED
    page = asked(running, str(proof.code).lower())
    assert heading(page) == UNCHANGED
    newest = running.parts.database.report_blocking(sealed_log.newest_checkpoint)
    root = parse_note(newest.note).checkpoint.root.hex()
    assert root in page.text.replace(" ", "")
    item = running.client(CLERK).get(f"/items/{code}").json()
    for secret in (code, item["title"], item["department"], "Gửi Ban", item["state"]):
        assert secret not in page.text
    assert heading(asked(running, str(code_of(proof.position + 1, proof.entry)))) == ABSENT
    assert heading(asked(running, str(code_of(10**9, proof.entry)))) == ABSENT
    forged = content.replace("index ", "index 1", 1)
    assert heading(uploaded(running, forged)) == ABSENT


@pytest.mark.parametrize("typed", ["x", "<b data-evil=1>", "1-2-3", "ABCD" * 60])
def test_what_is_no_code_is_said_and_shown_again(running, typed):
    page = asked(running, typed)
    assert page.status_code == 422
    assert "<b data-evil" not in page.text
    assert uploaded(running, "x" * 100_000).status_code == 422
    assert uploaded(running, b"\xff\x00").status_code == 422


def test_checks_are_limited(running, code):
    with running.browser() as anybody:
        found = [anybody.get("/check", params={"code": "x"}).status_code for _ in range(61)]
        assert found == [422] * 60 + [429]
        assert anybody.get("/check").status_code == 200


def test_the_certificate_says_who_decided_what_how_and_on_which_content(running, code):
    with running.signed_in(CLERK) as clerk:
        found = clerk.get(f"/items/{code}/certificate.pdf")
    assert found.headers["content-type"] == "application/pdf"
    assert found.headers["cache-control"] == "no-store"
    said = " ".join(
        page.extract_text() for page in PdfReader(io.BytesIO(found.content)).pages
    )  # fmt: skip
    plain = " ".join(said.split())
    assert code in plain
    for words in ("Giám đốc", "xác nhận bằng mã PIN", "không thay chữ ký", "Văn thư"):
        assert words in plain, words
    proof, _ = parse_proof(proof_file(running, code))
    tight = re.sub(r"\s", "", said)
    assert str(proof.code) in tight
    assert proof.entry.hex() in tight
    assert proof.checkpoint.root.hex() in tight
    content_hash = answer(running, f"/items/{code}/history").json()["data"][-1]["content_hash"]
    assert content_hash in tight
    with pikepdf.open(io.BytesIO(found.content)) as pdf, pdf.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")


def test_a_scanned_code_tells_a_history_that_is_another_one(running, code):
    """The paper's code names its checkpoint as well: a log rewritten since does not pass."""
    proof, _ = parse_proof(proof_file(running, code))
    under = code_of(proof.checkpoint.size, proof.checkpoint.root)
    assert heading(asked(running, str(proof.code), under=str(under))) == UNCHANGED
    other = code_of(proof.checkpoint.size, bytes(32))
    assert heading(asked(running, str(proof.code), under=str(other))) == CHANGED
    longer = code_of(10**6, proof.checkpoint.root)
    assert heading(asked(running, str(proof.code), under=str(longer))) == CHANGED
    assert asked(running, str(proof.code), under="x").status_code == 422


@pytest.mark.parametrize(
    "attack",
    [
        (
            'UPDATE history SET body = replace(body, \'"via"\\:"api"\', \'"via"\\:"page"\') '
            "WHERE subject = :subject AND seq = 2"
        ),
        "UPDATE history SET hash = prev WHERE subject = :subject AND seq = 3",
        "DELETE FROM history WHERE subject = :subject AND seq = 1",
        (
            "UPDATE history_log SET hash = (SELECT hash FROM history_log WHERE position = 1) "
            "WHERE position = 0"
        ),
        "UPDATE checkpoints SET note = lower(note)",
    ],
)
def test_what_was_changed_in_the_database_is_found(running, code, attack):
    """Whoever owns the database takes its guards away first."""
    proof, note = parse_proof(proof_file(running, code))
    keys = running.parts.sealer.verifier_keys
    with running.parts.engines.write.connect() as connection:
        transaction = connection.begin()
        try:
            disarm(connection)
            if attack.startswith("DELETE"):
                unlink = "DELETE FROM history_log WHERE entry IN (SELECT id FROM history WHERE subject = :subject AND seq = 1)"  # fmt: skip
                connection.execute(text(unlink), {"subject": f"item:{code}"})
            names = {"subject": f"item:{code}"} if ":subject" in attack else {}
            assert connection.execute(text(attack), names).rowcount
            found = [
                check_code(connection, keys, proof.code),
                check_proof(connection, keys, proof, note),
            ]
        finally:
            transaction.rollback()
    assert Finding.CHANGED in {each.finding for each in found}
    assert Finding.UNCHANGED not in {each.finding for each in found}
    assert heading(asked(running, str(proof.code))) == UNCHANGED
