import io
import zipfile

import pytest

from workflow.errors import InvalidRefusal
from workflow.rules import checked_upload
from workflow.rules.uploads import clean_name

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"


def docx(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def test_ordinary_files_are_taken_with_their_type():
    assert checked_upload("Báo cáo.pdf", PDF) == ("Báo cáo.pdf", "application/pdf")
    assert checked_upload("ảnh.PNG", PNG)[1] == "image/png"
    assert checked_upload("tờ trình.docx", docx())[1].endswith("document")


@pytest.mark.parametrize(
    "name, content",
    [
        ("a.exe", b"MZ"),
        ("a.svg", b"<svg/>"),
        ("a.html", b"<html>"),
        ("a.docm", docx()),
        ("a.pdf", b"<html>not a pdf"),
        ("a.pdf", PNG),
        ("a.png", PDF),
        ("a.docx", PDF),
        ("a.docx", b"PK\x03\x04broken"),
        ("a.pdf", b""),
        ("a.pdf", PDF + b"/OpenAction /JavaScript (x)"),
        ("a.docx", docx(word__vbaProject_dot_bin="x")),
        ("a.docx", docx(word___rels__settings_dot_xml_dot_rels='<R TargetMode="External" Target="http://x"/>')),
        ("a.docx", docx(bomb="0" * 3_000_000)),
        ("a.png", PNG[:16] + (30000).to_bytes(4, "big") * 2 + PNG[24:]),
    ],
)
def test_a_dangerous_or_mistaken_file_is_refused_with_a_sentence(name, content):
    with pytest.raises(InvalidRefusal) as caught:
        checked_upload(name, content)
    assert all(each.message.endswith(".") for each in caught.value.reasons)


@pytest.mark.parametrize(
    "given, kept",
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\tệp.pdf", "tệp.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("con.pdf", "tep-con.pdf"),
        ("e\u0302\u0301.pdf", "ế.pdf"),
        ("x\x00y.pdf", "xy.pdf"),
    ],
)
def test_a_name_loses_paths_controls_and_tricks(given, kept):
    assert clean_name(given) == kept


def test_a_long_vietnamese_name_is_cut_to_what_disks_take():
    assert len(clean_name("ế" * 300 + ".pdf").encode()) <= 255
