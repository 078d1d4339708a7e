"""Which files may be attached, by what costs nothing to see: name, kind, size and first bytes.

Owns the allow-list and the names that are kept. Pure: bytes and name in, a clean name and type out.
What is inside is judged elsewhere, in a process of its own.
"""

import unicodedata
from pathlib import PurePosixPath

from workflow.errors import InvalidRefusal, reason

FILE_LIMIT = 20 * 1024 * 1024
_NAME_BYTES = 200
_NAME_LETTERS = 120
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
}
_OLD = {
    "doc": "docx",
    "docm": "docx",
    "dot": "docx",
    "dotx": "docx",
    "rtf": "docx",
    "odt": "docx",
    "xls": "xlsx",
    "xlsm": "xlsx",
    "xlsb": "xlsx",
    "ods": "xlsx",
}
"""Kinds that people's programs write, and what those programs can save them as."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_START = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "docx": (b"PK\x03\x04", _OLE),
    "xlsx": (b"PK\x03\x04", _OLE),
}
_PORTS = [*"123456789", *"\u00b9\u00b2\u00b3"]
_RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    "conin$",
    "conout$",
    "clock$",
    *(f"com{n}" for n in _PORTS),
    *(f"lpt{n}" for n in _PORTS),
}


def named_upload(name: str, content: bytes) -> tuple[str, str]:
    """Return the name to keep and the media type.

    Raises InvalidRefusal with the reason against the file.
    """
    clean = clean_name(name)
    kind = PurePosixPath(clean).suffix.lower().lstrip(".")
    if kind in _OLD:
        raise InvalidRefusal(
            reason(
                "file-type",
                "A .{kind} file cannot be taken. Open it, choose Save As .{other} or "
                ".pdf, then upload it.",
                kind=kind,
                other=_OLD[kind],
            )
        )
    if kind not in MEDIA_TYPES:
        raise InvalidRefusal(
            reason(
                "file-type",
                "Only {allowed} files are accepted. Convert the file to one of these.",
                allowed=", ".join(MEDIA_TYPES),
            )
        )
    if not content or len(content) > FILE_LIMIT:
        raise InvalidRefusal(
            reason(
                "file-size",
                "A file needs content and at most {limit} MB.",
                limit=FILE_LIMIT // 1024 // 1024,
            )
        )
    if not content.startswith(_START[kind]):
        raise InvalidRefusal(
            reason(
                "file-content",
                "The file's content does not fit its ending .{kind}. Save it again in "
                "its program, then upload it.",
                kind=kind,
            )
        )
    return clean, MEDIA_TYPES[kind]


def bears_signature(content: bytes) -> bool:
    """Return whether a PDF says that it is signed: a signature names the bytes that it is over.

    Whose it is, and whether it holds, is not judged here.
    """
    return b"/ByteRange" in content and b"/Contents" in content


def kept_as(name: str) -> tuple[str, str]:
    """Return the name to keep and the media type, empty for a kind that is not taken."""
    clean = clean_name(name)
    return clean, MEDIA_TYPES.get(PurePosixPath(clean).suffix.lower().lstrip("."), "")


def clean_name(name: str) -> str:
    """Return the last part of ``name`` in NFC, of bounded length.

    Without characters of control, direction or path.

    No device of Windows is named by it, whatever stands behind the first point (``con.1.pdf``).
    """
    last = unicodedata.normalize("NFC", name.replace("\\", "/")).rsplit("/", 1)[-1]
    spaced = " ".join(
        "".join(each if unicodedata.category(each)[0] != "Z" else " " for each in last).split()
    )
    kept = "".join(
        each for each in spaced if unicodedata.category(each)[0] != "C" and each not in '<>:"|?*'
    ).strip(" .")
    stem, dot, suffix = kept.rpartition(".")
    if not dot:
        stem, suffix = kept, ""
    stem = stem.rstrip(" ")
    if stem.partition(".")[0].rstrip(" ").lower() in _RESERVED or not any(
        unicodedata.category(each)[0] in "LNPS" for each in stem
    ):
        stem = f"tep-{stem.strip()}".rstrip("-")
    suffix = suffix[:20]
    while len(stem) > _NAME_LETTERS or len(stem.encode()) > _NAME_BYTES:
        stem = stem[:-1]
    stem = stem.rstrip(" .")
    return f"{stem}.{suffix}" if suffix else stem
