"""The layout of an edXML file (QCVN 102:2016/BTTTT), element by element, and what comes back of it."""

import base64
import io
import zipfile
from datetime import UTC, date, datetime
from xml.etree import ElementTree as ET

from workflow.documents.edxml import NAMESPACE, EdxmlFile, EdxmlMessage, Organ, edxml

LAYOUT = [
    "edXML",
    "edXMLEnvelope",
    "edXMLHeader",
    "MessageHeader",
    "From",
    "OrganId",
    "OrganName",
    "Email",
    "To",
    "OrganId",
    "OrganName",
    "Email",
    "DocumentId",
    "Code",
    "CodeNumber",
    "CodeNotation",
    "PromulgationInfo",
    "Place",
    "PromulgationDate",
    "DocumentType",
    "Type",
    "TypeDetail",
    "TypeName",
    "Subject",
    "Content",
    "SignerInfo",
    "FullName",
    "Position",
    "Competence",
    "OtherInfo",
    "Priority",
    "SphereOfPromulgation",
    "TyperNotation",
    "PromulgationAmount",
    "PageAmount",
    "Appendixes",
    "Direction",
    "SteeringType",
    "TraceHeaderList",
    "Bussiness",
    "BussinessDocType",
    "Paper",
    "TraceHeader",
    "OrganId",
    "Timestamp",
    "edXMLBody",
    "edXMLManifest",
    "Reference",
    "ContentId",
    "ContentType",
    "Description",
    "AttachmentEncoded",
    "Attachment",
    "ContentId",
    "AttachmentName",
    "ContentType",
    "ContentTransferEncoded",
]
MESSAGE = EdxmlMessage(
    sender=Organ(id="000.00.11.H10", name="Sở Ngoại vụ"),
    recipients=[Organ(id="", name="Ban Thi đua - Khen thưởng tỉnh", email="ban@tinh.example")],
    notation="05/TTr-SNgV",
    issued_on=date(2022, 6, 5),
    place="Tỉnh",
    type_name="Tờ trình",
    subject="Về việc <đề nghị> & khen thưởng\x01",
    signer="Giám đốc Sở",
    position="Giám đốc",
    at=datetime(2022, 6, 5, 9, 3, 7, tzinfo=UTC),
    files=[EdxmlFile(name="Tờ trình.pdf", media_type="application/pdf", content=b"%PDF-1.7")],
)


def read(file):
    return ET.fromstring(file)  # noqa: S314 - a file that was just made


def texts(root, name):
    return [each.text or "" for each in root.iter(f"{{{NAMESPACE}}}{name}")]


def test_the_file_has_the_layout_in_its_order():
    root = read(edxml(MESSAGE))
    assert [each.tag for each in root.iter()] == [f"{{{NAMESPACE}}}{each}" for each in LAYOUT]


def test_days_times_and_words_are_written_as_the_layout_has_them():
    root = read(edxml(MESSAGE))
    assert texts(root, "CodeNumber") == ["05"]
    assert texts(root, "CodeNotation") == ["TTr-SNgV"]
    assert texts(root, "PromulgationDate") == ["2022/06/05"]
    assert texts(root, "Timestamp") == ["2022/06/05 09:03:07"]
    assert texts(root, "Subject") == ["Về việc <đề nghị> & khen thưởng"]


def test_a_file_comes_back_from_its_zip_in_base64_and_the_bytes_are_stable():
    first = edxml(MESSAGE)
    (packed,) = texts(read(first), "ContentTransferEncoded")
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(packed))) as archive:
        assert archive.read("Tờ trình.pdf") == b"%PDF-1.7"
    assert edxml(MESSAGE) == first
