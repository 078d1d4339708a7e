"""What signed files are worth, as a table: files made with keys of the tests' own.

poppler's pdfsig is asked as well, where the machine has it (``tests/runner.py`` sees to that): of
what it judges, the bytes under a signature, it must say the same.
"""

import io
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from datetime import timedelta
from types import SimpleNamespace

import pikepdf
import pytest

from api.bootstrap import ROOT
from tests import signed_files as made
from tests.signed_files import AGENCY, APPROVER, AT, Authority, produced, signed
from workflow.documents import FONTS, typeset
from workflow.signatures.signing import SEAL_POINTS, from_pkcs12, seal
from workflow.signatures.token import from_token
from workflow.signatures.verifying import Judging, judge_file
from workflow.verdicts import (
    Parties,
    SignatureDemand,
    verdict_of,
)

ADDRESS = "director@so.example"
PARTIES = Parties(approver=APPROVER, address=ADDRESS, agency=AGENCY)
SECOND = {"field": "Chu_ky_2", "box": (60, 100, 140, 180)}


@pytest.fixture(scope="module")
def world():
    """Return keys, and the files of all cases, each made once."""
    known, foreign = Authority(), Authority("CA khác")
    director = known.certify(APPROVER, email=ADDRESS)
    agency, stamper = known.certify(AGENCY), known.certify("TSA", stamps=True)
    named = known.certify("TRAN DUC BINH")
    other = known.certify("Lê Thị Hoa")
    expired = known.certify(APPROVER, ends=AT - timedelta(days=1))
    document = produced()
    good = signed(document, director)
    shadow = signed(made.prepared_to_replace(document), director)
    hidden = signed(made.covered(document), director)
    return SimpleNamespace(
        known=known,
        agency=agency,
        director=director,
        document=document,
        files={
            "good": good,
            "good_stamped": signed(document, director, stamper=stamper),
            "by_name": signed(document, named),
            "tampered": made.tampered(good),
            "wrong_person": signed(document, other),
            "expired": signed(document, expired),
            "expired_stamped": signed(document, expired, stamper=stamper),
            "self_signed": signed(document, made.self_made(APPROVER)),
            "foreign": signed(document, foreign.certify(APPROVER)),
            "twice": signed(good, agency, **SECOND),
            "agency_first": signed(signed(document, agency, **SECOND), director),
            "agency_alone": signed(document, agency),
            "drawn_over": made.drawn_over(good),
            "drawn_before": signed(made.drawn_over(document), director),
            "replaced": made.replaced(shadow),
            "covered": hidden,
            "uncovered": made.uncovered(hidden),
            "other_document": signed(produced("Đề nghị tặng hai tấn vàng."), director),
            "huge_stamp": signed(document, director, box=(0, 0, 500, 800)),
            "old": signed(document, director, old=True),
            "anew": signed(made.written_anew(document), director),
            "weak": signed(document, director, md_algorithm="sha1"),
            "unsigned": document,
            "torn": good[: len(good) // 2],
        },
    )


@dataclass(frozen=True)
class Case:
    """A file, what is known beside it, and what must come out."""

    file: str
    sound: tuple[str, ...] = ("intact",)
    trust: tuple[str, ...] = ("trusted",)
    role: tuple[str, ...] = ("approver",)
    document: str = "same"
    integrity: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    revoked: str = "none"
    anchors: bool = True
    is_produced: bool = True

    def __str__(self):
        return self.file


CASES = (
    Case("good"),
    Case("good", is_produced=False, document="unknown"),
    Case("good", anchors=False, trust=("unanchored",), trusted=("untrusted",)),
    Case("good", revoked="no list"),
    Case("good", revoked="director", trust=("revoked",), trusted=("untrusted",)),
    Case("good_stamped", revoked="director", trust=("revoked",), trusted=("untrusted",)),
    Case("good_stamped", revoked="director since"),
    Case("good_stamped"),
    Case("by_name"),
    Case(
        "tampered",
        sound=("broken",),
        trust=("unchecked",),
        document="pages",
        integrity=("broken",),
        trusted=("untrusted",),
    ),
    Case("wrong_person", role=("other",), trusted=("not_approver",)),
    Case("expired", trust=("expired",), trusted=("untrusted",)),
    Case("expired_stamped"),
    Case("self_signed", trust=("self_signed",), trusted=("untrusted",)),
    Case("foreign", trust=("unknown",), trusted=("untrusted",)),
    Case(
        "twice",
        sound=("intact", "intact"),
        trust=("trusted", "trusted"),
        role=("approver", "agency"),
    ),
    Case(
        "agency_first",
        sound=("intact", "intact"),
        trust=("trusted", "trusted"),
        role=("agency", "approver"),
        trusted=("agency_first",),
    ),
    Case("agency_alone", role=("agency",), trusted=("not_approver", "agency_first")),
    Case(
        "drawn_over",
        sound=("changed",),
        document="other",
        integrity=("changed", "other_document"),
        trusted=("untrusted",),
    ),
    Case("drawn_before", document="other", integrity=("other_document",)),
    Case(
        "replaced",
        sound=("changed",),
        document="other",
        integrity=("changed", "other_document"),
        trusted=("untrusted",),
    ),
    Case(
        "replaced",
        sound=("changed",),
        document="unknown",
        is_produced=False,
        integrity=("changed",),
        trusted=("untrusted",),
    ),
    Case("covered", document="other", integrity=("other_document",)),
    Case(
        "uncovered",
        sound=("changed",),
        document="other",
        integrity=("changed", "other_document"),
        trusted=("untrusted",),
    ),
    Case("other_document", document="other", integrity=("other_document",)),
    Case("huge_stamp", document="other", integrity=("other_document",)),
    Case("old"),
    Case("anew", document="pages"),
    Case("weak", trust=("weak",), trusted=("untrusted",)),
    Case("unsigned", sound=(), trust=(), role=(), integrity=("unsigned",)),
    Case(
        "torn",
        sound=("unreadable",),
        trust=("unchecked",),
        role=("other",),
        document="other",
        integrity=("unreadable", "other_document"),
        trusted=("not_approver",),
    ),
)


def judged(world, case):
    lists = {
        "none": [world.known.revoked()],
        "no list": [],
        "director": [world.known.revoked(world.director)],
        "director since": [world.known.revoked(world.director, at=AT - timedelta(days=1))],
    }
    judging = Judging(
        at=AT,
        produced=[produced("Một văn bản khác."), world.document] if case.is_produced else [],
        trusted=[world.known.root.pem] if case.anchors else [],
        revoked=lists[case.revoked],
    )
    return judge_file(world.files[case.file], judging)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_file_has_its_verdict(world, case):
    found = judged(world, case)
    verdict = verdict_of(found, PARTIES)
    assert verdict.document == case.document
    assert tuple(each.soundness for each in verdict.signatures) == case.sound
    assert tuple(each.trust for each in verdict.signatures) == case.trust
    assert tuple(each.role for each in verdict.signatures) == case.role
    assert tuple(verdict.shortfalls(SignatureDemand.INTEGRITY)) == case.integrity
    assert tuple(verdict.shortfalls(SignatureDemand.TRUSTED)) == (*case.integrity, *case.trusted)
    assert verdict.is_bad == bool(case.integrity)
    assert verdict.is_good == (not case.integrity and not case.trusted)


def test_what_is_known_of_a_signature_is_kept(world):
    (stamped,) = judged(world, Case("good_stamped")).signatures
    certificate = world.director.certificate
    assert (stamped.name, stamped.addresses) == (APPROVER, (ADDRESS,))
    assert stamped.issuer == "CA thử nghiệm"
    assert stamped.judged.serial == f"{certificate.serial_number:x}"
    assert stamped.judged.stamped_at == "2022-05-30T03:00:00Z"
    assert stamped.judged.revocation_known
    assert len(stamped.judged.anchor) == 64
    (old,) = judged(world, Case("old", revoked="no list")).signatures
    assert (old.judged.form, old.judged.stamped_at) == ("pkcs7", "")
    assert not old.judged.revocation_known
    assert old.judged.signed_at.endswith("Z")


def test_a_name_is_known_without_its_tones_and_an_address_is_better(world):
    by_address = verdict_of(judged(world, Case("good")), PARTIES).signatures[0]
    by_name = verdict_of(judged(world, Case("by_name")), PARTIES).signatures[0]
    assert (by_address.by_address, by_name.by_address) == (True, False)
    nobody = replace(PARTIES, approver="", address="")
    assert verdict_of(judged(world, Case("by_name")), nobody).signatures[0].role == "other"


def test_pdfsig_says_the_same_of_the_bytes_under_a_signature(world, tmp_path):
    program = shutil.which("pdfsig")
    said, ours = {}, {}
    for name, content in world.files.items():
        verdict = verdict_of(judged(world, Case(name)), PARTIES)
        ours[name] = [
            each.soundness in {"intact", "changed"} and each.trust != "weak"
            for each in verdict.signatures
        ]
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(content)
        if program:
            answer = subprocess.run(
                [program, "-nocert", str(file)], capture_output=True, text=True, check=False
            ).stdout
            found = re.findall(r"Signature Validation: (.*)", answer)
            said[name] = [each == "Signature is Valid." for each in found]
    assert ours["good"] == [True]
    assert ours["tampered"] == [False]
    if program:  # a machine without poppler has our own word alone
        assert said == {**ours, "torn": [], "weak": said["weak"]}


def test_what_a_certificate_says_of_people_can_be_kept_and_shown():
    """Whoever made a certificate wrote it: a NUL would be refused by PostgreSQL, a mark of direction shows another name."""
    forged = Authority("CA\x00\u202e giả").certify("Trần\x00 Đức\u2028\u202eBình")
    (found,) = judge_file(signed(produced(), forged), Judging(at=AT)).signatures
    assert (found.name, found.issuer) == ("Trần\ufffd Đức Bình", "CA\ufffd giả")


def drawn(image=()):
    documents = ROOT / "definitions" / "documents"
    said = {"agency": AGENCY, "at": "2022-06-01T10:00:00+07:00", "image": list(image)}
    return typeset(documents / "seal.typ", said, fonts=documents / FONTS, at=AT)


def sealed(world, content, signer):
    added = seal(content, signer, over=0, drawn=drawn())
    world.files["sealed"] = content + added
    return verdict_of(judged(world, Case("sealed")), PARTIES)


def test_the_agency_signs_after_the_signer_with_a_key_in_a_file(world):
    file = made.key_file(world.agency, "mật khẩu")
    verdict = sealed(world, world.files["good"], from_pkcs12(file, "mật khẩu"))
    assert [each.role for each in verdict.signatures] == ["approver", "agency"]
    assert verdict.is_good
    with pytest.raises(ValueError):
        from_pkcs12(file, "sai")
    with pikepdf.open(io.BytesIO(world.files["sealed"])) as document:
        first, second = ([float(each) for each in box.Rect] for box in document.pages[0].Annots)
    assert second[2] - second[0] == second[3] - second[1] == SEAL_POINTS
    width = first[2] - first[0]
    assert second[2] == pytest.approx(first[0] + width / 3, abs=1)  # over the left third of it


def test_the_agency_signs_with_a_key_that_never_leaves_its_token(world, tmp_path, monkeypatch):
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    uri = made.in_token(world.agency, tmp_path)
    signer = (
        from_token(uri, "4321")
        if uri
        else from_pkcs12(made.key_file(world.agency, "x"), "x")  # a machine without SoftHSM
    )
    assert sealed(world, world.files["good"], signer).is_good
