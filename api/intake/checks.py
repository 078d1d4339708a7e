"""The sentences for what a judge of files found, and the one way to have a file judged.

Owns the order: name, kind and size cost nothing and come first (``workflow.rules``); the look
inside runs in the child.
"""

from collections.abc import Iterable

from api.intake.confined import ConfinedError, confined, confined_blocking
from workflow.errors import InvalidRefusal, Reason, reason
from workflow.rules import named_upload


def checked_upload(name: str, content: bytes) -> tuple[str, str]:
    """Return the name to keep and the media type. Raises InvalidRefusal with every reason."""
    clean, media_type = named_upload(name, content)
    try:
        problems = confined_blocking("upload", clean, content)["problems"]
    except ConfinedError:
        problems = [("bomb", "")]
    _refuse(problems)
    return clean, media_type


async def check_inside(name: str, content: bytes) -> None:
    """Look into a file whose name is clean. Raises InvalidRefusal with every reason against it."""
    try:
        problems = (await confined("upload", name, content))["problems"]
    except ConfinedError:
        problems = [("bomb", "")]
    _refuse(problems)


def _refuse(problems: Iterable[tuple[str, str]]) -> None:
    reasons = [_reason(code, detail) for code, detail in problems]
    if reasons:
        raise InvalidRefusal(*reasons)


def _reason(code: str, detail: str) -> Reason:
    if code in {"script", "action", "embedded", "xfa", "tail"}:
        return _pdf_reason(code, detail)
    if code in {"macro", "object", "template", "outside", "dde", "inner"}:
        return _office_reason(code, detail)
    match code:
        case "password":
            return reason(
                "file-password",
                "The file has a password, so nobody else can open it. Remove the "
                "password, then upload it.",
            )
        case "old":
            return reason(
                "file-content",
                "Inside is a file of the old kind or one with a password, not a "
                ".{kind}. Open it, save it as .{kind} without a password, then upload "
                "it.",
                kind=detail,
            )
        case "pixels":
            return reason("file-pixels", "The image is too large when opened. Make it smaller.")
        case "bomb":
            return reason(
                "file-bomb", "The file unpacks to more than we accept. Save it in a smaller form."
            )
        case _:
            return reason(
                "file-content",
                "The .{kind} file is damaged or of the wrong form. Save it again, then upload it.",
                kind=detail,
            )


def _pdf_reason(code: str, detail: str) -> Reason:
    match code:
        case "script":
            return reason(
                "file-active",
                "The PDF contains code (JavaScript). Print it to an ordinary PDF, then upload it.",
            )
        case "action":
            return reason(
                "file-active",
                "The PDF does “{action}” when it is opened or clicked. Print it to an "
                "ordinary PDF, then upload it.",
                action=detail,
            )
        case "embedded":
            return reason(
                "file-active",
                "The PDF carries other files, film or sound. Upload each file by "
                "itself, and print this one to an ordinary PDF.",
            )
        case "xfa":
            return reason(
                "file-active",
                "The PDF is a dynamic form (XFA). Print it to an ordinary PDF, then upload it.",
            )
        case _:
            return reason(
                "file-active",
                "The PDF has content after its end. Print it to an ordinary PDF, then upload it.",
            )


def _office_reason(code: str, detail: str) -> Reason:
    match code:
        case "macro":
            return reason(
                "file-active",
                "The file has macros. Save it in the ordinary form (.docx, .xlsx), then upload it.",
            )
        case "object":
            return reason(
                "file-active",
                "The file has embedded objects that can run (OLE, ActiveX). Replace "
                "them by pictures or text, or save it as PDF, then upload it.",
            )
        case "template":
            return reason(
                "file-active",
                "The file is attached to a template outside. Choose the template "
                "Normal again (tab Developer, Document Template), save, then upload it.",
            )
        case "dde":
            return reason(
                "file-active",
                "The file has a DDE field that fetches data from another program. Turn "
                "that field into text (Ctrl+Shift+F9), then upload it.",
            )
        case "inner":
            return reason(
                "file-content",
                "The workbook of a chart, or a document embedded in the file, is "
                "damaged. Paste the chart as a picture, then upload the file.",
            )
        case _:
            return reason(
                "file-active",
                "The file fetches content from outside ({target}). Remove the outside "
                "link, then upload it.",
                target=detail or "?",
            )
