"""Judge a .docx or .xlsx by its parts and relationships (ECMA-376 part 2), in any spelling.

A document may link to a web page that a reader clicks, and carry the small workbook behind a chart.
Whatever fetches, runs or imports something else when the document is opened is named. XML is read
by expat without any document type.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from xml.parsers import expat

from api.intake.problems import Problem

_MAIN_PART = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
    "pptx": "ppt/presentation.xml",
}
_UNPACKED = 200 * 1024 * 1024
_ENTRIES = 5000
_RATIO = 100
_RATIO_FROM = 2 * 1024 * 1024
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", _OLE)
_RUN = (
    ".exe",
    ".dll",
    ".js",
    ".vbs",
    ".vbe",
    ".wsf",
    ".hta",
    ".bat",
    ".cmd",
    ".ps1",
    ".scr",
    ".com",
    ".lnk",
    ".jar",
    ".msi",
)
_MACROS = frozenset(
    {
        "vbaproject",
        "wordvbadata",
        "xlmacrosheet",
        "xlintlmacrosheet",
        "dialogsheet",
        "keymapcustomizations",
        "extensibility",
    }
)
_OBJECTS = frozenset(
    {"oleobject", "control", "activexcontrolbinary", "webextension", "webextensiontaskpanes"}
)
_FETCHES = frozenset(
    {
        "attachedtemplate",
        "afchunk",
        "subdocument",
        "frame",
        "externallink",
        "externallinkpath",
        "xlexternallinkpath",
        "connections",
    }
)
_FIELDS = {
    "DDE": "dde",
    "DDEAUTO": "dde",
    "INCLUDETEXT": "outside",
    "INCLUDEPICTURE": "outside",
    "INCLUDE": "outside",
    "IMPORT": "outside",
    "LINK": "outside",
}
_CLICKED = re.compile(
    r"(https?://|ftps?://|mailto:|tel:|#|file:///[a-z]:|(?!\\\\|//)[^:]*$)", re.IGNORECASE
)
_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]+:|\\\\|//)", re.IGNORECASE)
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]+:|\\\\", re.IGNORECASE)
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


class _BrokenError(Exception):
    """The parts do not make a document."""


def office_problems(kind: str, content: bytes, depth: int = 0) -> list[Problem]:
    """Return what speaks against a document; ``depth``: how many documents it lies in."""
    if content.startswith(_OLE):
        return [("old", kind)]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sorted(set(_problems(kind, archive, depth)))
    except (
        _BrokenError,
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        expat.ExpatError,
    ):
        return [("content", kind)]


def _problems(kind: str, archive: zipfile.ZipFile, depth: int) -> Iterator[Problem]:
    names = [each.filename.replace("\\", "/").lower() for each in archive.infolist()]
    strange = len(set(names)) != len(names) or any(
        each.startswith("/") or ".." in each.split("/") for each in names
    )
    if _MAIN_PART[kind] not in archive.namelist() or strange:
        raise _BrokenError
    if len(names) > _ENTRIES or sum(each.file_size for each in archive.infolist()) > _UNPACKED:
        yield "bomb", ""
        return
    total = 0
    for entry, name in zip(archive.infolist(), names, strict=True):
        part = _part(archive, entry)
        if part is None or (total := total + len(part)) > _UNPACKED:
            yield "bomb", ""
            return
        yield from _part_problems(name, part, depth)


def _part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | None:
    """Return a part, or None where it unpacks beyond measure: a header may lie about the size."""
    read: list[bytes] = []
    size = 0
    with archive.open(entry) as stream:
        while piece := stream.read(65536):
            read.append(piece)
            size += len(piece)
            if size > _UNPACKED or (
                size > _RATIO_FROM and size > max(entry.compress_size, 1024) * _RATIO
            ):
                return None
    return b"".join(read)


def _part_problems(name: str, part: bytes, depth: int) -> Iterator[Problem]:
    file = name.rpartition("/")[2]
    if (
        name.endswith(_RUN)
        or "vbaproject" in file
        or "/activex/" in name
        or "/macrosheets/" in name
    ):
        yield "macro", ""
    elif name.endswith(".rels"):
        yield from _relations(part)
    elif name == "[content_types].xml":
        yield from _types(part)
    elif part.startswith(_PROGRAMS):
        yield "object", ""
    elif part.startswith(b"PK\x03\x04") or "/embeddings/" in name:
        yield from _inner(name, part, depth)
    elif "externallink" in file and any(
        _local(tag) in {"ddelink", "olelink"} for tag, _, _ in _elements(part)
    ):
        yield "dde", ""
    elif part.startswith(_WIDE) or b"instrText" in part or b"fldSimple" in part:
        yield from _fields(part)


def _inner(name: str, part: bytes, depth: int) -> Iterator[Problem]:
    """Judge a document within: the workbook behind a chart is one."""
    kind = name.rpartition(".")[2]
    if kind not in _MAIN_PART or depth > 1:
        yield "object", ""
        return
    yield from (
        ("inner", "") if code == "content" else (code, detail)
        for code, detail in office_problems(kind, part, depth + 1)
    )


def _relations(part: bytes) -> Iterator[Problem]:
    for _, attributes, _ in _elements(part):
        said = {_local(name): value for name, value in attributes.items()}
        kind = said.get("type", "").rstrip("/ ").rpartition("/")[2].strip().lower()
        target = said.get("target", "")
        is_outside = said.get("targetmode", "").strip().lower() == "external"
        if kind in _MACROS:
            yield "macro", ""
        elif kind in _OBJECTS:
            yield "object", ""
        elif kind == "attachedtemplate":
            yield "template", ""
        elif kind == "hyperlink":
            if not _CLICKED.match(target.strip()):
                yield "outside", target[:80]
        elif kind in _FETCHES or is_outside or _SCHEME.match(target):
            yield "outside", target[:80]


def _types(part: bytes) -> Iterator[Problem]:
    for _, attributes, _ in _elements(part):
        said = " ".join(value.lower() for value in attributes.values())
        if "macroenabled" in said or "vbaproject" in said or "macrosheet" in said:
            yield "macro", ""


def _fields(part: bytes) -> Iterator[Problem]:
    """Judge fields by their instruction, which may stand in pieces before a separator."""
    open_fields: list[list[str]] = []
    for tag, attributes, text in _elements(part):
        said = {_local(name): value for name, value in attributes.items()}
        match _local(tag):
            case "fldsimple":
                yield from _field(said.get("instr", ""))
            case "fldchar" if said.get("fldchartype") == "begin":
                open_fields.append([])
            case "fldchar" if open_fields:
                yield from _field("".join(open_fields[-1]))
                open_fields[-1] = []
                if said.get("fldchartype") == "end":
                    open_fields.pop()
            case "instrtext" | "delinstrtext":
                _top(open_fields).append(text)
    for each in open_fields:
        yield from _field("".join(each))


def _top(open_fields: list[list[str]]) -> list[str]:
    """Return the open field, or one without a beginning: a lenient program may still run it."""
    if not open_fields:
        open_fields.append([])
    return open_fields[-1]


def _field(instruction: str) -> Iterator[Problem]:
    words = instruction.strip().strip('"').split(maxsplit=1)
    code = _FIELDS.get(words[0].upper().strip('"')) if words else None
    if code == "dde":
        yield "dde", ""
    elif code and len(words) > 1 and _REMOTE.search(words[1].replace("\\\\", "\\")):
        yield "outside", words[1][:80]


def _local(tag: str) -> str:
    return tag.rpartition(":")[2].lower()


def _elements(part: bytes) -> list[tuple[str, dict[str, str], str]]:
    """Return each element with attributes and own text, by their ends. Raises ExpatError."""
    found: list[tuple[str, dict[str, str], str]] = []
    waiting: list[tuple[str, dict[str, str], list[str]]] = []
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start(tag: str, attributes: dict[str, str]) -> None:
        waiting.append((tag, attributes, []))

    def end(_tag: str) -> None:
        tag, attributes, text = waiting.pop()
        found.append((tag, attributes, "".join(text)))

    def write(text: str) -> None:
        waiting[-1][2].append(text)

    def refuse(*_: object) -> None:
        raise _BrokenError

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = write
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(part, True)
    return found
