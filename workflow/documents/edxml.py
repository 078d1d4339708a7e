"""A document as an edXML file, for import into an agency's document system (QCVN 102:2016/BTTTT).

Owns the layout and its bounds. A department never talks to the document exchange axis itself: its
document system does, and takes number, recipients and files from this file. Codes that only that
system knows stay empty. Pure: the same message gives the same bytes.
"""

import base64
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from xml.etree import ElementTree as ET

from workflow.documents.stable_zip import undated_entry

NAMESPACE: Final = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
_NEW: Final = "0"
"""The business of a document that is sent for the first time, without a paper beside it."""
ET.register_namespace("edXML", NAMESPACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organ:
    """A body by its identifier on the axis (``000.00.NN.Hxx``; "" where none is known)."""

    id: str
    name: str
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdxmlFile:
    """A file that goes along; ``content``: its bytes."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EdxmlMessage:
    """What an edXML file says of a document: ``notation``, ``05/TTr-SNgV``; ``at``: local time."""

    sender: Organ
    recipients: Sequence[Organ]
    notation: str
    issued_on: date
    place: str
    type_name: str
    subject: str
    signer: str
    position: str
    at: datetime
    files: Sequence[EdxmlFile]


def edxml(message: EdxmlMessage) -> bytes:
    """Return the file, UTF-8 with its declaration."""
    root = ET.Element(_named("edXML"))
    envelope = _child(root, "edXMLEnvelope")
    header = _child(envelope, "edXMLHeader")
    _write_header(_child(header, "MessageHeader"), message)
    _write_trace(_child(header, "TraceHeaderList"), message)
    manifest = _child(_child(envelope, "edXMLBody"), "edXMLManifest")
    attached = _child(root, "AttachmentEncoded")
    for place, file in enumerate(message.files, 1):
        identity = f"cid-{place}"
        reference = _child(manifest, "Reference")
        _texts(reference, ContentId=identity, ContentType=file.media_type, Description=file.name)
        _texts(
            _child(attached, "Attachment"),
            ContentId=identity,
            AttachmentName=file.name,
            ContentType=file.media_type,
            ContentTransferEncoded=_encoded(file),
        )
    written: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


def _write_header(header: ET.Element, message: EdxmlMessage) -> None:
    _write_organ(_child(header, "From"), message.sender)
    for each in message.recipients:
        _write_organ(_child(header, "To"), each)
    number, _, symbol = message.notation.partition("/")
    day = f"{message.issued_on:%Y/%m/%d}"
    _texts(
        header, DocumentId=f"{message.sender.id or message.sender.name}:{message.notation}:{day}"
    )
    _texts(_child(header, "Code"), CodeNumber=number[:11], CodeNotation=symbol[:30])
    _texts(_child(header, "PromulgationInfo"), Place=message.place, PromulgationDate=day)
    _texts(_child(header, "DocumentType"), Type="", TypeDetail="", TypeName=message.type_name[:100])
    _texts(header, Subject=message.subject[:500], Content="")
    _texts(
        _child(header, "SignerInfo"),
        FullName=message.signer[:50],
        Position=message.position[:100],
        Competence="",
    )
    _texts(
        _child(header, "OtherInfo"),
        Priority="",
        SphereOfPromulgation="",
        TyperNotation="",
        PromulgationAmount="",
        PageAmount="",
        Appendixes="",
        Direction="",
    )
    _texts(header, SteeringType="")


def _write_trace(traces: ET.Element, message: EdxmlMessage) -> None:
    _texts(_child(traces, "Bussiness"), BussinessDocType=_NEW, Paper=_NEW)
    trace = _child(traces, "TraceHeader")
    _texts(trace, OrganId=message.sender.id[:13], Timestamp=f"{message.at:%Y/%m/%d %H:%M:%S}")


def _write_organ(element: ET.Element, organ: Organ) -> None:
    _texts(element, OrganId=organ.id[:13], OrganName=organ.name[:200], Email=organ.email)


def _named(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _child(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, _named(name))


def _texts(parent: ET.Element, **texts: str) -> None:
    for name, text in texts.items():
        _child(parent, name).text = _writable(text)


def _writable(text: str) -> str:
    """Return ``text`` without the control characters that XML 1.0 has no way to write."""
    return "".join(each for each in text if each >= " " or each in "\t\n\r")


def _encoded(file: EdxmlFile) -> str:
    """Return a file as the layout wants it: zipped by itself, in base64; with stable bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(undated_entry(file.name), file.content, zipfile.ZIP_DEFLATED)
    return base64.b64encode(packed.getvalue()).decode()
