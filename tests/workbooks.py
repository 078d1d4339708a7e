"""Workbooks for tests: xlsx from cells at any address, ods, and the old xls as Excel 97 to 2003 wrote it."""

import io
import struct
import zipfile
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def packed(parts, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _xlsx_cell(reference, value):
    if isinstance(value, bool):
        return f'<c r="{reference}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, (int, float)):
        return f'<c r="{reference}"><v>{value}</v></c>'
    return (
        f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    )


def xlsx(rows, first_row=1, more="", names=("a",)):
    """Rows from ``first_row`` on, ``more`` raw XML of rows below, further empty sheets by name."""
    body = "".join(
        f'<row r="{n}">'
        + "".join(_xlsx_cell("ABCDEFGH"[i] + str(n), v) for i, v in enumerate(row) if v is not None)
        + "</row>"
        for n, row in enumerate(rows, first_row)
    )
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _ in enumerate(names, 1)
    )
    empty = {
        f"xl/worksheets/sheet{n}.xml": f'<worksheet xmlns="{_MAIN}"><sheetData/></worksheet>'
        for n in range(2, len(names) + 1)
    }
    return packed(
        {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{sheets}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{body}{more}</sheetData></worksheet>',
            **empty,
        }
    )


def ods(rows, repeat_columns=1, repeat_rows=1):
    """Rows of text; the last cell and the last row are said to repeat so often."""
    names = ["office:1.0", "table:1.0", "text:1.0"]
    spaces = " ".join(
        f'xmlns:{n.split(":")[0]}="urn:oasis:names:tc:opendocument:xmlns:{n}"' for n in names
    )

    def cell(value, repeat):
        return f'<table:table-cell office:value-type="string" table:number-columns-repeated="{repeat}"><text:p>{escape(value)}</text:p></table:table-cell>'

    body = "".join(
        f'<table:table-row table:number-rows-repeated="{repeat_rows if row is rows[-1] else 1}">'
        + "".join(
            cell(value, repeat_columns if at == len(row) - 1 and row is rows[-1] else 1)
            for at, value in enumerate(row)
        )
        + "</table:table-row>"
        for row in rows
    )
    content = (
        f'<office:document-content {spaces} office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="a">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    return packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": manifest,
            "content.xml": content,
        }
    )


def xls(rows):
    """A workbook of Excel 97 to 2003 (MS-XLS) in a compound file (MS-CFB) of one stream."""

    def record(kind, body):
        return struct.pack("<HH", kind, len(body)) + body

    def cell(row, column, value):
        if isinstance(value, (int, float)):
            return record(0x0203, struct.pack("<HHHd", row, column, 0, value))
        return record(
            0x0204, struct.pack("<HHHHB", row, column, 0, len(value), 1) + value.encode("utf-16-le")
        )

    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    sheet_at = len(begin) + 4 + 9 + 4
    bound = record(0x0085, struct.pack("<IBBBB", sheet_at, 0, 0, 1, 0) + b"a")
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    sheet += b"".join(
        cell(r, c, v) for r, row in enumerate(rows) for c, v in enumerate(row)
    ) + record(0x000A, b"")
    stream = begin + bound + record(0x000A, b"") + sheet
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    count = len(stream) // 512

    def entry(name, kind, child, start, size):
        text = name.encode("utf-16-le") + b"\0\0"
        return text.ljust(64, b"\0") + struct.pack(
            "<HBBIII16sIQQIQ",
            len(text),
            kind,
            1,
            0xFFFFFFFF,
            0xFFFFFFFF,
            child,
            b"",
            0,
            0,
            0,
            start,
            size,
        )

    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, count + 2), 0xFFFFFFFE]
    fat += [0xFFFFFFFF] * (128 - len(fat))
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 16
        + struct.pack(
            "<HHHHH6sIIIIIIIII",
            0x3E,
            3,
            0xFFFE,
            9,
            6,
            b"",
            0,
            1,
            1,
            0,
            4096,
            0xFFFFFFFE,
            0,
            0xFFFFFFFE,
            0,
        )
    )
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    folder = (
        entry("Root Entry", 5, 1, 0xFFFFFFFE, 0)
        + entry("Workbook", 2, 0xFFFFFFFF, 2, len(stream))
        + b"\0" * 256
    )
    return head + struct.pack("<128I", *fat) + folder + stream
