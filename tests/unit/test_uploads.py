import io
import random
import zipfile
import zlib

import pikepdf
import pytest

from api.downloads import attachment
from api.intake.checks import _reason, checked_upload
from api.intake.uploads import problems_of
from notifications.translation import translate
from tests.refusals import refuses
from tests.workbooks import packed, xlsx
from workflow.errors import InvalidRefusal
from workflow.rules.uploads import clean_name

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
OUTSIDE = '<R TargetMode="External" Target="http://x"/>'
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"
    b"\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
)


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
        (
            "a.docx",
            docx(
                word___rels__settings_dot_xml_dot_rels=OUTSIDE,
            ),
        ),
        ("a.docx", docx(bomb="0" * 3_000_000)),
        ("a.png", PNG[:16] + (30000).to_bytes(4, "big") * 2 + PNG[24:]),
    ],
)
def test_a_dangerous_or_mistaken_file_is_refused_with_a_sentence(name, content):
    with pytest.raises(InvalidRefusal) as caught:
        checked_upload(name, content)
    assert all(translate(each).endswith(".") for each in caught.value.reasons)


@pytest.mark.parametrize(
    "given, kept",
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\tệp.pdf", "tệp.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("con.pdf", "tep-con.pdf"),
        ("e\u0302\u0301.pdf", "ế.pdf"),
        ("x\x00y.pdf", "xy.pdf"),
        ("CON.bao-cao.pdf", "tep-CON.bao-cao.pdf"),
        ("com\u00b9.pdf", "tep-com\u00b9.pdf"),
        ("con .pdf", "tep-con.pdf"),
        ("a\u2028b\u00a0\u00a0c\u0085.pdf", "a b c.pdf"),
        ("\u200f\u202e\u2066bao\u2069.pdf", "bao.pdf"),
    ],
)
def test_a_name_loses_paths_controls_and_tricks(given, kept):
    assert clean_name(given) == kept


def test_a_long_vietnamese_name_is_cut_to_what_disks_take():
    assert len(clean_name("ế" * 300 + ".pdf").encode()) <= 255


def pdf(change=None, **saving):
    """A PDF of one page as a library writes it."""
    out = io.BytesIO()
    document = pikepdf.new()
    document.add_blank_page()
    if change:
        change(document)
    document.save(out, **saving)
    return out.getvalue()


def named(**members):
    """The members of a dictionary, not yet anybody's: each document makes its own of them."""
    return {"/" + name: value for name, value in members.items()}


N = pikepdf.Name
SCRIPT = named(S=N.JavaScript, JS="app.alert(1)")


def opens_with(action):
    def change(document):
        document.Root.OpenAction = document.make_indirect(pikepdf.Dictionary(action))

    return change


def link(action):
    def change(document):
        annotation = pikepdf.Dictionary(
            named(
                Type=N.Annot,
                Subtype=N.Link,
                Rect=[0, 0, 9, 9],
                A=document.make_indirect(pikepdf.Dictionary(action)),
            )
        )
        document.pages[0].obj.Annots = pikepdf.Array([document.make_indirect(annotation)])

    return change


def on_page(action):
    def change(document):
        document.pages[0].obj.AA = pikepdf.Dictionary(named(O=action))

    return change


def view(document):
    document.Root.OpenAction = pikepdf.Array([document.pages[0].obj, N.XYZ, 0, 0, 0])
    with document.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Chương 1", 0))


def embedded(document):
    document.attachments["a.txt"] = b"x"


def form(document):
    document.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=document.make_stream(b"<xdp/>"))


def in_names(document):
    document.Root.Names = pikepdf.Dictionary(named(JavaScript=named(Names=["a", SCRIPT])))


def scan(document):
    noise = random.Random(1).randbytes(16 << 20)  # noqa: S311 - a picture, not a secret
    document.pages[0].Contents = document.make_stream(noise)


def packed_without_table(beside=b"", kind=b"/Type/ObjStm"):
    """A file without a table of objects: a lenient reader finds what is packed, and runs object 9."""
    body = zlib.compress(b"9 0 <</S/JavaScript/JS(x)>>")
    return (
        b"%%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction 9 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n%b"
        b"8 0 obj<<%b/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%b\nendstream endobj\n"
        b"trailer<</Root 1 0 R>>\n%%%%EOF\n" % (beside, kind, len(body), body)
    )


PACKED = {"object_stream_mode": pikepdf.ObjectStreamMode.generate, "compress_streams": True}
OWNER = {"encryption": pikepdf.Encryption(owner="o", user="")}


@pytest.mark.parametrize(
    "content",
    [
        pdf(),
        pdf(view),
        pdf(view, **PACKED),
        pdf(opens_with(named(S=N.GoTo, D=pikepdf.String("dau-trang")))),
        pdf(link(named(S=N.URI, URI="https://so.example/x?a=1"))),
        pdf(link(named(S=N.URI, URI="mailto:vp@so.example"))),
        pdf(link(named(S=N.Named, N=N.NextPage))),
        pdf(**OWNER),
        pdf() + b"\0\n",
        pdf(view, **PACKED).replace(b"startxref", b"lost-xref"),
    ],
)
def test_a_pdf_as_programs_write_it_is_taken(content):
    assert problems_of("a.pdf", content) == []


def test_a_scan_of_many_megabytes_is_taken():
    assert problems_of("a.pdf", pdf(scan)) == []


@pytest.mark.parametrize(
    "content, code",
    [
        (pdf(opens_with(SCRIPT)), "script"),
        (pdf(opens_with(SCRIPT), **PACKED), "script"),
        (
            pdf(opens_with(SCRIPT))
            .replace(b"/JavaScript", b"/J#61v#61Script")
            .replace(b"/OpenAction", b"/Op#65nAction"),
            "script",
        ),
        (pdf(link(SCRIPT)), "script"),
        (pdf(in_names), "script"),
        (pdf(on_page(named(S=N.URI, URI="https://x.example"))), "action"),
        (pdf(opens_with(named(S=N.URI, URI="https://x.example"))), "action"),
        (pdf(link(named(S=N.URI, URI="javascript:x"))), "action"),
        (pdf(link(named(S=N.URI, URI="file://server/share"))), "action"),
        (pdf(link(named(S=N.Launch, F="cmd.exe"))), "action"),
        (pdf(link(named(S=N.SubmitForm, F="https://x.example"))), "action"),
        (pdf(link(named(S=N.GoToR, F="//server/a.pdf", D=0)), **PACKED), "action"),
        (pdf(link(named(S=N.GoTo, D=0, Next=named(S=N.ImportData, F="a")))), "action"),
        (pdf(embedded), "embedded"),
        (pdf(form), "xfa"),
        (pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "password"),
        (pdf() + b"1 0 obj<</S/JavaScript>>endobj", "tail"),
        (packed_without_table(), "content"),
        (packed_without_table(b"9 0 obj<</Title(x)>>endobj\n"), "content"),
        (packed_without_table(b"", b"/Type/Obj#53tm"), "content"),
        (pdf(opens_with(SCRIPT), **PACKED).replace(b"startxref", b"lost-xref"), "script"),
        (b"%PDF-1.4\n1 0 obj<</Type/Catalog/Open#41ction<<>>>>endobj\n%%EOF", "content"),
    ],
)
def test_a_pdf_that_does_something_is_refused_however_it_is_written(content, code):
    assert code in {each for each, _ in problems_of("a.pdf", content)}


OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships/"


def rels(kind, target, mode=' TargetMode="External"', tag="Relationship"):
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    relation = f'<{tag} Id="r1" Type="{kind}" Target="{target}"{mode}/>'
    return f'<?xml version="1.0"?><Relationships xmlns="{space}">{relation}</Relationships>'


def written(**parts):
    return packed(
        {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document/>"}
        | dict(parts.values())
    )


def with_rels(body, name="word/_rels/document.xml.rels"):
    return written(a=(name, body))


def field(*pieces):
    runs = "".join(
        f'<w:r><w:instrText xml:space="preserve">{each}</w:instrText></w:r>' for each in pieces
    )
    marks = (
        '<w:fldChar w:fldCharType="begin"/>{}<w:fldChar w:fldCharType="separate"/>x'
        '<w:fldChar w:fldCharType="end"/>'
    )
    return written(a=("word/header1.xml", '<w:hdr xmlns:w="w">' + marks.format(runs) + "</w:hdr>"))


CHART = {
    "a": ("word/charts/chart1.xml", "<c:chartSpace/>"),
    "b": (
        "word/charts/_rels/chart1.xml.rels",
        rels(OFFICE + "package", "../embeddings/Microsoft_Excel_Worksheet.xlsx", ""),
    ),
    "c": ("word/embeddings/Microsoft_Excel_Worksheet.xlsx", xlsx([["Quý", 1]])),
}


@pytest.mark.parametrize(
    "content",
    [
        written(**CHART),
        with_rels(rels(OFFICE + "hyperlink", "https://so.example/a?b=c")),
        with_rels(rels(STRICT + "hyperlink", "mailto:vp@so.example")),
        with_rels(rels(OFFICE + "hyperlink", "../bao-cao.docx")),
        with_rels(rels(OFFICE + "image", "media/image1.png", "")),
        field(' HYPERLINK "https://so.example/DDE" '),
        field(" TOC \\o &quot;1-3&quot; "),
        field(" PAGE "),
        written(a=("word/media/image1.bmp", b"\xff" * 1_900_000)),
    ],
)
def test_a_document_as_programs_write_it_is_taken(content):
    assert problems_of("a.docx", content) == []


TEMPLATE = rels(OFFICE + "attachedTemplate", "http://x.example/t.dotm")


@pytest.mark.parametrize(
    "content, code",
    [
        (with_rels(TEMPLATE), "template"),
        (with_rels(TEMPLATE.replace('"External"', "'External'")), "template"),
        (with_rels(TEMPLATE.replace("TargetMode=", "TargetMode = \n")), "template"),
        (with_rels(TEMPLATE.replace('<?xml version="1.0"?>', "").encode("utf-16")), "template"),
        (with_rels(TEMPLATE.replace("attachedTemplate", "attached&#84;emplate")), "template"),
        (with_rels(TEMPLATE, "Word/_Rels/Settings.xml.RELS"), "template"),
        (with_rels(TEMPLATE.replace("Relationship ", "p:Relationship xmlns:p='x' ")), "template"),
        (with_rels(rels(STRICT + "image", "https://x.example/a.png")), "outside"),
        (with_rels(rels(OFFICE + "image", "https://x.example/a.png", "")), "outside"),
        (
            with_rels(rels(OFFICE + "image", "\\\\server\\a.png", ' TargetMode=" EXTERNAL "')),
            "outside",
        ),
        (with_rels(rels(OFFICE + "hyperlink", "javascript:x")), "outside"),
        (with_rels(rels(OFFICE + "hyperlink", "file://server/x")), "outside"),
        (with_rels(rels(OFFICE + "aFChunk", "a.html", "")), "outside"),
        (with_rels(rels(OFFICE + "oleObject", "embeddings/x.docx", "")), "object"),
        (
            with_rels(
                rels(
                    "http://schemas.microsoft.com/office/2006/relationships/vbaProject",
                    "harmless.xml",
                    "",
                )
            ),
            "macro",
        ),
        (
            with_rels(
                '<!DOCTYPE a [<!ENTITY e "External">]><a TargetMode="&e;" Target="http://x"/>'
            ),
            "content",
        ),
        (with_rels("<a"), "content"),
        (written(a=("word/data.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 macros")), "object"),
        (written(a=("word/image.png", b"MZ\x90")), "object"),
        (written(a=("word/embeddings/a.bin", b"x")), "object"),
        (written(a=("word/embeddings/a.docx", with_rels(TEMPLATE))), "template"),
        (written(a=("word/embeddings/a.xlsx", b"PK\x03\x04")), "inner"),
        (
            written(
                a=(
                    "xl/externalLinks/externalLink1.xml",
                    "<externalLink><ddeLink ddeService='cmd'/></externalLink>",
                )
            ),
            "dde",
        ),
        (field(" DDEAUTO c:\\\\cmd "), "dde"),
        (field(" dd", "eauto", " c:\\\\cmd "), "dde"),
        (field(' INCLUDEPICTURE "http://x.example/a.png" '), "outside"),
        (
            written(
                a=(
                    "word/footer1.xml",
                    "<w:ftr xmlns:w='w'><w:fldSimple w:instr=' DDE a b '/></w:ftr>",
                )
            ),
            "dde",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old"),
        (docx(bomb="0" * 3_000_000), "bomb"),
    ],
)
def test_a_document_that_fetches_or_runs_something_is_refused_in_any_spelling(content, code):
    assert code in {each for each, _ in problems_of("a.docx", content)}


def test_a_macro_under_another_name_is_found_by_its_kind():
    kind = "application/vnd.ms-word.document.MacroEnabled.main+xml"
    types = f'<Types><Override PartName="/x" ContentType="{kind}"/></Types>'
    content = packed({"[Content_Types].xml": types, "word/document.xml": "<w:document/>"})
    assert problems_of("a.docx", content) == [("macro", "")]


def jpeg(*frames):
    parts = [
        b"\xff"
        + bytes([kind])
        + b"\0\x11\x08"
        + h.to_bytes(2, "big")
        + w.to_bytes(2, "big")
        + bytes(10)
        for kind, h, w in frames
    ]
    return b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0" + b"".join(parts) + b"\xff\xd9"


def test_a_picture_is_judged_by_what_opening_it_would_take():
    assert problems_of("a.jpg", jpeg((0xC0, 3000, 4000))) == []
    assert problems_of("a.jpg", jpeg((0xC2, 3000, 4000), (0xC2, 65535, 65535))) == [("pixels", "")]
    assert problems_of("a.jpeg", jpeg((0xC9, 65535, 1))) == [("pixels", "")]
    assert problems_of("a.jpg", jpeg()) == [("content", "jpg")]
    assert problems_of("a.jpg", jpeg((0xC0, 0, 400))) == [("content", "jpg")]


@pytest.mark.parametrize(
    "name, word",
    [("a.doc", "docx"), ("a.XLS", "xlsx"), ("a.odt", "docx"), ("a.docm", "docx"), ("a.zip", "pdf")],
)
def test_a_kind_that_is_not_taken_is_named_with_what_to_save_it_as(name, word):
    with refuses(InvalidRefusal, word):
        checked_upload(name, b"x")


def test_every_finding_has_a_sentence_of_its_own():
    codes = [
        "password",
        "old",
        "pixels",
        "bomb",
        "content",
        "script",
        "action",
        "embedded",
        "xfa",
        "tail",
        "macro",
        "object",
        "template",
        "outside",
        "dde",
        "inner",
    ]
    sentences = [translate(_reason(code, "x")) for code in codes]
    assert len(set(sentences)) == len(codes)
    assert all(each.endswith(".") for each in sentences)


def test_a_download_carries_its_name_in_vietnamese_and_in_plain_letters():
    header = attachment('Báo cáo "Đợt 1"; 100%.pdf')
    assert header.startswith(
        "attachment; filename=\"Bao cao _Dot 1__ 100_.pdf\"; filename*=UTF-8''B%C3%A1o%20c"
    )
    assert header.isascii()
    assert header.endswith("%22%3B%20100%25.pdf")
