"""The order of NĐ 30/2020, Điều 14: approved, signed, numbered, sealed, sent; each said as it is."""

import hashlib
import io

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from tests import signed_files
from tests.signed_files import Authority, produced, signed
from workflow.queries.audit import verify_database
from workflow.verdicts import SignatureDemand

CLERK, OFFICER, HEAD = "clerk@so.example", "officer@so.example", "head.htqt@so.example"
pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def whole(running):
    yield
    parts = running.parts
    verdict = parts.database.report_blocking(
        lambda connection: verify_database(connection, files=parts.files)
    )
    assert verdict.status == 0, verdict.sentence


@pytest.fixture
def demanding(running):
    """The agency's file asks for the signed document before anything is sent."""
    context, kept = running.parts.context, running.parts.context.outgoing
    asking = kept.model_copy(update={"signed_copy": "required"})
    object.__setattr__(context, "outgoing", asking)
    yield
    object.__setattr__(context, "outgoing", kept)


@pytest.fixture
def asking_for_trust(running, tmp_path):
    """The agency's file asks for trusted signatures, and names an authority."""
    context, settings = running.parts.context, running.parts.settings
    kept = context.outgoing, settings.signature_trust
    authority = Authority()
    (tmp_path / "root.pem").write_bytes(authority.root.pem)
    (tmp_path / "revoked.crl").write_bytes(authority.revoked(now=running.parts.clock.now()))
    object.__setattr__(
        context, "outgoing", kept[0].model_copy(update={"signature": SignatureDemand.TRUSTED})
    )
    object.__setattr__(settings, "signature_trust", tmp_path)
    yield authority
    object.__setattr__(context, "outgoing", kept[0])
    object.__setattr__(settings, "signature_trust", kept[1])


def scan(signature=None):
    """A PDF; with the bytes that a digital signature is over, where it says that it has one."""
    out, book = io.BytesIO(), PdfWriter()
    book.add_blank_page(width=595, height=842)
    if signature:
        said = {NameObject(f"/{name}"): TextStringObject(each) for name, each in signature.items()}
        book.root_object[NameObject("/V")] = DictionaryObject(said)
    book.write(out)
    return out.getvalue()


def upload(running, code, content, form="paper", by=CLERK):
    return running.client(by).post(
        f"/items/{code}/signed-copy",
        files={"file": ("ban ky.pdf", content, "application/pdf")},
        data={"form": form},
    )


def reasons(answer):
    return [each["rule"] for each in answer.json()["reasons"]]


def text_of(pdf):
    return " ".join(
        " ".join(each.extract_text() for each in PdfReader(io.BytesIO(pdf)).pages).split()
    )


def test_what_a_signature_rests_on_is_said_on_item_history_print_and_certificate(running):
    code = running.item_in("director_signed")["code"]
    assert running.client(CLERK).get(f"/items/{code}/signed-copy").json()["form"] is None
    with running.signed_in(CLERK) as clerk:
        assert "chỉ duyệt trên phần mềm" in clerk.get(f"/items/{code}").text
        assert "chỉ duyệt trên phần mềm" in clerk.get(f"/items/{code}/print").text
    assert upload(running, code, scan(), by=HEAD).status_code == 403
    assert reasons(upload(running, code, scan(), form="digital")) == ["file"]
    assert upload(running, code, scan(), form="clicked").status_code == 422
    content = scan()
    kept = upload(running, code, content)
    assert kept.status_code == 201, kept.text
    sha256 = hashlib.sha256(content).hexdigest()
    assert (kept.json()["form"], kept.json()["sha256"]) == ("paper", sha256)
    assert kept.json()["added_by"] == CLERK
    assert reasons(upload(running, code, content)) == ["file"]  # the same again
    entry = running.client("auditor@so.example").get(f"/items/{code}/history").json()["data"][-1]
    assert (entry["type"], entry["data"]["files"]) == ("signed_copy_added", [sha256])
    with running.signed_in(HEAD) as head:
        page = head.get(f"/items/{code}").text
        assert "ký trên giấy" in page
        assert "đã tải lên bản quét" in page
        assert f"/items/{code}/files/{sha256}" in page
        assert "signed-copy" not in page  # who may not upload is not asked to
        assert head.get(f"/items/{code}/files/{sha256}").content == content
        assert "ký trên giấy" in head.get(f"/items/{code}/print").text
        certificate = text_of(head.get(f"/items/{code}/certificate.pdf").content)
        assert "ký trên giấy" in certificate
        assert sha256[:8] in certificate
    # What comes back is approved and signed anew.
    assert (
        running.decide(code, "return", CLERK, comment="Sai", to="office_reviewed").status_code
        == 200
    )
    assert (
        running.decide(code, "sign_director", "director@so.example", pin="246810").status_code
        == 200
    )
    assert running.client(CLERK).get(f"/items/{code}/signed-copy").json()["form"] is None


def test_nothing_unsigned_is_sent_where_the_agency_asks_for_the_signed_document(running, demanding):
    code = running.item_in("director_signed")["code"]
    refused = running.decide(code, "send_to_board", CLERK)
    assert (refused.status_code, reasons(refused)) == (422, ["signed_copy"])
    signed = scan({"ByteRange": "0 1 2 3", "Contents": "00"})
    with running.signed_in(OFFICER) as office:
        answered = office.post(
            f"/items/{code}/signed-copy",
            files={"signed": ("x.pdf", signed, "application/pdf")},
            data={"form": "digital", "key": "k" * 32},
        )
        assert answered.status_code == 200
        assert "đã tải lên văn bản ký số" in answered.text
    assert running.decide(code, "send_to_board", CLERK).status_code == 200
    early = running.item_in("office_reviewed")["code"]
    assert reasons(upload(running, early, scan())) == ["state"]


def test_a_digital_signature_is_judged_and_a_bad_one_is_kept_but_not_sent(
    running, asking_for_trust
):
    code = running.item_in("director_signed")["code"]
    director = asking_for_trust.certify("Giám đốc Sở", email="director@so.example")
    document = made_here(running, code)
    good = signed(document, director)
    changed = signed_files.drawn_over(good)
    kept = upload(running, code, changed, form="digital")
    assert kept.status_code == 201, kept.text
    verdict = kept.json()["verdict"]
    assert (verdict["document"], verdict["shortfalls"]) == (
        "other",
        ["changed", "other_document", "untrusted"],
    )
    (one,) = verdict["signatures"]
    assert (one["role"], one["name"], one["by_address"]) == ("approver", "Giám đốc Sở", True)
    assert one["serial"] == f"{director.certificate.serial_number:x}"
    refused = running.decide(code, "send_to_board", CLERK)
    assert (refused.status_code, reasons(refused)) == (422, ["signature", "signature", "signature"])
    assert "bị thay đổi sau khi ký" in refused.text
    with running.signed_in(HEAD) as head:
        page = head.get(f"/items/{code}").text
        assert "Chữ ký số: không hợp lệ" in page
        assert "Phần đã ký còn nguyên vẹn, nhưng tệp bị thay đổi sau khi ký." in page
        assert "Giám đốc Sở, là người đã duyệt ký hồ sơ này" in page
        assert "chữ ký số: không hợp lệ" in head.get(f"/items/{code}/print").text
        assert "đã tải lên văn bản ký số (chữ ký số: không hợp lệ)" in page
    another = upload(running, code, signed(produced(), director), form="digital").json()
    assert another["verdict"]["shortfalls"] == ["other_document"]
    assert upload(running, code, good, form="digital").json()["verdict"]["shortfalls"] == []
    entry = running.client("auditor@so.example").get(f"/items/{code}/history").json()["data"][-1]
    assert entry["data"]["verdict"]["signatures"][0]["trust"] == "trusted"
    assert "Giám đốc" not in str(entry["data"]["verdict"])
    assert running.decide(code, "send_to_board", CLERK).status_code == 200


@pytest.fixture
def holding_its_key(running, asking_for_trust, tmp_path):
    """The server has the agency's key, in a file."""
    settings, agency = running.parts.settings, running.parts.agency.name
    file = tmp_path / "so.p12"
    file.write_bytes(signed_files.key_file(asking_for_trust.certify(agency), "bí mật"))
    object.__setattr__(settings, "agency_key", str(file))
    object.__setattr__(settings, "agency_key_password", "bí mật")
    yield
    object.__setattr__(settings, "agency_key", "")
    object.__setattr__(settings, "agency_key_password", "")


def made_here(running, code):
    """Return the submission, as the Director gets it to sign."""
    with running.signed_in("director@so.example") as director:
        answer = director.get(f"/items/{code}/documents/submission.pdf")
    assert answer.status_code == 200, answer.text
    return answer.content


def press(client, code, sha256):
    return client.post(
        f"/items/{code}/signed-copy",
        files={"nothing": ("", b"")},
        data={"seals": sha256, "key": sha256[:32]},
    )


def test_the_clerk_adds_the_agency_s_signature_to_what_is_signed(
    running, asking_for_trust, holding_its_key
):
    code = running.item_in("director_signed")["code"]
    director = asking_for_trust.certify("Giám đốc Sở", email="director@so.example")
    document = made_here(running, code)
    stranger = signed(document, asking_for_trust.certify("Người lạ"))
    sha256 = upload(running, code, stranger, form="digital").json()["sha256"]
    with running.signed_in(CLERK) as clerk:
        assert "Thêm chữ ký số của cơ quan" not in clerk.get(f"/items/{code}").text
        assert press(clerk, code, sha256).status_code == 422  # nobody who may has signed it
    good = signed(document, director)
    sha256 = upload(running, code, good, form="digital").json()["sha256"]
    with running.signed_in(OFFICER) as office:
        assert press(office, code, sha256).status_code == 403  # the clerk alone keeps the seal
    with running.signed_in(CLERK) as clerk:
        assert "Thêm chữ ký số của cơ quan" in clerk.get(f"/items/{code}").text
        assert press(clerk, code, "0" * 64).status_code == 422  # another file than was looked at
        page = press(clerk, code, sha256)
        assert page.status_code == 200, page.text
        assert "đã thêm chữ ký số của cơ quan (chữ ký số: hợp lệ)" in page.text
        assert "Thêm chữ ký số của cơ quan" not in page.text  # once
    verdict = running.client(CLERK).get(f"/items/{code}/signed-copy").json()["verdict"]
    assert [each["role"] for each in verdict["signatures"]] == ["approver", "agency"]
    assert verdict["shortfalls"] == []
