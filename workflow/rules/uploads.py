"""Which files may be attached.

Owns the allow-list and the look inside: type by content as by name, no macros, no external templates, no archive that
unpacks beyond measure. Pure: bytes and name in, a checked name and type out.
"""

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from workflow.errors import InvalidRefusal, Reason, reason

FILE_LIMIT = 20 * 1024 * 1024
_UNPACKED_LIMIT = 100 * 1024 * 1024
_RATIO_LIMIT = 100
_ENTRIES_LIMIT = 1000
_PIXELS_LIMIT = 100_000_000
_NAME_BYTES = 200
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
}
_MAIN_PART = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
_START = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff", "docx": b"PK\x03\x04", "xlsx": b"PK\x03\x04"}
_ACTIVE_PDF = re.compile(rb"/(JavaScript|JS|Launch|OpenAction|EmbeddedFile|RichMedia)\b")
_RESERVED = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}


def checked_upload(name: str, content: bytes) -> tuple[str, str]:
    """Return the name to keep and the media type. Raises InvalidRefusal with every reason against the file."""
    clean = clean_name(name)
    kind = PurePosixPath(clean).suffix.lower().lstrip(".")
    problems = list(_problems(kind, content))
    if problems:
        raise InvalidRefusal(*problems)
    return clean, MEDIA_TYPES[kind]


def clean_name(name: str) -> str:
    """Return the last part of ``name`` in NFC, without control, direction or path characters, of bounded length."""
    last = unicodedata.normalize("NFC", name.replace("\\", "/")).rsplit("/", 1)[-1]
    kept = "".join(each for each in last if unicodedata.category(each)[0] != "C" and each not in '<>:"|?*').strip(" .")
    stem, dot, suffix = kept.rpartition(".")
    if not dot:
        stem, suffix = kept, ""
    if stem.lower() in _RESERVED or not stem:
        stem = f"tep-{stem}".rstrip("-")
    while len(stem.encode()) > _NAME_BYTES:
        stem = stem[:-1]
    return f"{stem}.{suffix}" if suffix else stem


def _problems(kind: str, content: bytes) -> Iterator[Reason]:
    if kind not in MEDIA_TYPES:
        yield reason("file-type", "Chỉ nhận tệp {allowed}. Hãy chuyển tệp sang một trong các dạng này.", allowed=", ".join(MEDIA_TYPES))
        return
    if not content or len(content) > FILE_LIMIT:
        yield reason("file-size", "Tệp cần có nội dung và không quá {limit} MB.", limit=FILE_LIMIT // 1024 // 1024)
        return
    if not content.startswith(_START[kind]) or not _is_recognised(kind, content):
        yield reason("file-content", "Nội dung tệp không đúng với đuôi .{kind}. Hãy lưu lại tệp bằng phần mềm soạn thảo rồi tải lên.", kind=kind)
        return
    if kind in _MAIN_PART:
        yield from _archive_problems(kind, content)
    if kind == "pdf" and _ACTIVE_PDF.search(content):
        yield reason("file-active", "Tệp PDF có mã lệnh hoặc hành động tự chạy. Hãy in lại thành PDF thường rồi tải lên.")
    if kind == "png" and _png_pixels(content) > _PIXELS_LIMIT:
        yield reason("file-pixels", "Ảnh quá lớn khi mở ra. Hãy giảm kích thước ảnh.")


def _is_recognised(kind: str, content: bytes) -> bool:
    """Ask puremagic as a second opinion; a polyglot that starts right but is something else is not recognised as ours."""
    import puremagic  # noqa: PLC0415 - reads its table of signatures; needed by whoever attaches a file

    try:
        found = {match.extension.lstrip(".") for match in puremagic.magic_string(content[:8192])}
    except (puremagic.PureError, ValueError):
        return False
    alike = {"jpg": {"jpg", "jpeg", "jfif"}, "jpeg": {"jpg", "jpeg", "jfif"}, "docx": {"docx", "zip"}, "xlsx": {"xlsx", "zip"}}
    return bool(found & (alike.get(kind, {kind}) | {kind}))


def _archive_problems(kind: str, content: bytes) -> Iterator[Reason]:
    broken = reason("file-content", "Tệp .{kind} bị hỏng hoặc không đúng dạng. Hãy lưu lại rồi tải lên.", kind=kind)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from _parts_problems(kind, archive, broken)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        yield broken


def _parts_problems(kind: str, archive: zipfile.ZipFile, broken: Reason) -> Iterator[Reason]:
    names = archive.namelist()
    if _MAIN_PART[kind] not in names or any(name.startswith("/") or ".." in name.split("/") for name in names):
        yield broken
        return
    if len(names) > _ENTRIES_LIMIT or not _is_bounded(archive):
        yield reason("file-bomb", "Tệp bung ra quá lớn nên không nhận được. Hãy lưu lại tệp gọn hơn.")
        return
    lowered = [name.lower() for name in names]
    if any(name.endswith(("vbaproject.bin", ".exe", ".js", ".vbs")) or "/activex/" in name or "/embeddings/" in name for name in lowered):
        yield reason("file-active", "Tệp có macro hoặc đối tượng nhúng. Hãy lưu lại dạng thường (.docx, .xlsx) rồi tải lên.")
    relations = [name for name in names if name.endswith(".rels")]
    if any(b'TargetMode="External"' in archive.read(name) and b"hyperlink" not in archive.read(name) for name in relations):
        yield reason("file-active", "Tệp nối tới nguồn bên ngoài. Hãy bỏ liên kết ngoài rồi tải lên.")


def unpacks_within_bounds(content: bytes) -> bool:
    """Return whether ``content`` is an archive that unpacks to what we accept, and not to a thousand times its size."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return len(archive.namelist()) <= _ENTRIES_LIMIT and _is_bounded(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return False


def _is_bounded(archive: zipfile.ZipFile) -> bool:
    """Read every part in pieces and stop at the limit: a header may lie about the size."""
    total = 0
    for part in archive.infolist():
        read_here = 0
        with archive.open(part) as stream:
            while piece := stream.read(65536):
                read_here += len(piece)
                total += len(piece)
                if total > _UNPACKED_LIMIT or read_here > max(part.compress_size, 1024) * _RATIO_LIMIT:
                    return False
    return True


def _png_pixels(content: bytes) -> int:
    return int.from_bytes(content[16:20], "big") * int.from_bytes(content[20:24], "big")
