"""Judge a PDF by its objects, as pikepdf reads them, however names are written or packed.

A reader may turn pages, jump, follow a web address when clicked; nothing else may happen by
opening, looking or clicking (ISO 32000-2 §12.6). What a file carries in addition — other files,
forms of another language, films — is named.
"""

import io
import re
from collections.abc import Iterator
from typing import TypeAlias

import pikepdf

from api.intake.problems import Problem

_VIEWS = {"/GoTo", "/Named", "/SetOCGState"}
_CLICKS = _VIEWS | {"/URI", "/Hide", "/ResetForm", "/Trans"}
_PAGES = {"/NextPage", "/PrevPage", "/FirstPage", "/LastPage", "/GoBack", "/GoForward"}
_ADDRESS = re.compile(r"(https?://|mailto:|tel:|www\.|#|[\w./%-]+($|[?#]))", re.IGNORECASE)
_CARRIERS = {"/RichMedia", "/Movie", "/Screen", "/Sound", "/3D", "/FileAttachment"}
_STRUCTURE = re.compile(rb"<<|/[A-Za-z#]|\bobj\b")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIVE = re.compile(
    rb"\bstream\b|/(JS|JavaScript|AA?|PA|OpenAction|Launch|URI|SubmitForm|ImportData|GoTo[RE3]\w*|"
    rb"EF|EmbeddedFiles?|RichMedia|XFA|Encrypt|Filter)\b"
)
_OBJECT = re.compile(rb"(?<![0-9])([0-9]{1,10})\s+[0-9]+\s+obj\b")
_DEPTH = 200
_Keyed: TypeAlias = pikepdf.Dictionary | pikepdf.Stream


def pdf_problems(content: bytes) -> list[Problem]:
    """Return what speaks against a PDF."""
    tail = content[content.rfind(b"%%EOF") + 5 :] if b"%%EOF" in content else b""
    if _STRUCTURE.search(tail):
        return [("tail", "")]
    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as document:
            found = set(_problems(document))
            return [("content", "pdf")] if _hides(document, content) else sorted(found)
    except pikepdf.PasswordError:
        return [("password", "")]
    except (pikepdf.PdfError, ValueError, RecursionError, KeyError, TypeError):
        return [] if _is_inert(content) else [("content", "pdf")]


def _is_inert(content: bytes) -> bool:
    """Return whether a file that pikepdf cannot open holds nothing that could act.

    pikepdf opens no file without a page; a more lenient reader might. It is inert where it has no
    stream, in which anything may be packed, and no name of an action in any spelling.
    """
    plain = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), content)
    return _ACTIVE.search(plain) is None


def _hides(document: pikepdf.Pdf, content: bytes) -> bool:
    """Return whether a file without its table of objects packs some that pikepdf did not read.

    pikepdf makes the table anew from what stands open in the file; a more lenient reader unpacks
    too (ISO 32000-2 §7.5.7), and acts on what was never judged.
    """
    if not any("reconstruct" in str(each) for each in document.get_warnings()):
        return False
    standing = {int(number) for number in _OBJECT.findall(content)}
    for each in document.objects:
        if not isinstance(each, pikepdf.Stream) or str(each.get("/Type", "")) != "/ObjStm":
            continue
        head = each.read_bytes()[: int(each["/First"])]
        packed = {int(number) for number in head.split()[::2]}
        if packed & standing or any(document.get_object((number, 0)) is None for number in packed):
            return True
    return False


def _problems(document: pikepdf.Pdf) -> Iterator[Problem]:
    if "/Root" not in document.trailer or not isinstance(document.trailer.Root, pikepdf.Dictionary):
        yield "content", "pdf"
        return
    yield from _walk(document.trailer, 0)
    for each in document.objects:
        yield from _walk(each, 0)


def _walk(value: object, depth: int) -> Iterator[Problem]:
    """Judge an object and what lies directly in it; what it refers to is judged in its own turn."""
    if depth > _DEPTH:
        yield "content", "pdf"
        return
    if isinstance(value, pikepdf.Array):
        inner: list[object] = list(value)
    elif isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
        yield from _judged(value)
        inner = [each for _, each in value.items()]
    else:
        return
    for each in inner:
        if isinstance(each, (pikepdf.Array, pikepdf.Dictionary)) and not each.is_indirect:
            yield from _walk(each, depth + 1)


def _judged(value: _Keyed) -> Iterator[Problem]:
    keys = set(value.keys())
    if "/JS" in keys or "/JavaScript" in keys:
        yield "script", ""
    if keys & {"/EF", "/EmbeddedFiles"} or ("/F" in keys and isinstance(value, pikepdf.Stream)):
        yield "embedded", ""
    if "/XFA" in keys:
        yield "xfa", ""
    if str(value.get("/Subtype", "")) in _CARRIERS and ("/Rect" in keys or "/FS" in keys):
        yield "embedded", ""
    for name in keys & {"/OpenAction", "/A", "/PA", "/Next"}:
        yield from _of_action(value[name], is_clicked=name != "/OpenAction")
    if isinstance(value.get("/AA"), pikepdf.Dictionary):
        for _, action in value["/AA"].items():  # noqa: PERF102 - it has no values()
            yield from _of_action(action, is_clicked=False)
    if str(value.get("/Type", "")) == "/Action":
        yield from _of_action(value, is_clicked=True)


def _of_action(action: object, *, is_clicked: bool) -> Iterator[Problem]:
    """Judge what happens, and what follows by /Next; a place to show first is no action."""
    seen = 0
    waiting = [action]
    while waiting and (seen := seen + 1) < _DEPTH:
        each = waiting.pop()
        if isinstance(each, pikepdf.Array):
            waiting += [
                part for part in each if isinstance(part, pikepdf.Dictionary) and "/S" in part
            ]
            continue
        if not isinstance(each, pikepdf.Dictionary) or "/S" not in each:
            continue
        if not _is_harmless(each, is_clicked=is_clicked):
            yield "action", str(each["/S"]).lstrip("/")[:30]
        if "/Next" in each:
            waiting.append(each["/Next"])
    if waiting:
        yield "content", "pdf"


def _is_harmless(action: pikepdf.Dictionary, *, is_clicked: bool) -> bool:
    kind = str(action["/S"])
    if kind not in (_CLICKS if is_clicked else _VIEWS):
        return False
    if kind == "/Named":
        return str(action.get("/N", "")) in _PAGES
    if kind == "/URI":
        return _ADDRESS.match(str(action.get("/URI", "")).strip()) is not None
    return True
