"""The sentences for what a judge of files found, and the one way to have a file judged.

Owns the order: name, kind and size cost nothing and come first (``workflow.rules``); the look inside runs in the child.
"""

from collections.abc import Iterable

from api.intake.confined import ConfinedError, confined, confined_blocking
from workflow.errors import InvalidRefusal, Reason, reason
from workflow.rules import named_upload


def checked_upload(name: str, content: bytes) -> tuple[str, str]:
    """Return the name to keep and the media type. Raises InvalidRefusal with every reason against the file."""
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
            return reason("file-password", "Tệp có mật khẩu nên không ai khác mở được. Hãy bỏ mật khẩu rồi tải lên.")
        case "old":
            return reason(
                "file-content",
                "Bên trong là tệp dạng cũ hoặc có mật khẩu, không phải .{kind}. Hãy mở tệp, lưu thành .{kind} không mật khẩu rồi tải lên.",
                kind=detail,
            )
        case "pixels":
            return reason("file-pixels", "Ảnh quá lớn khi mở ra. Hãy giảm kích thước ảnh.")
        case "bomb":
            return reason("file-bomb", "Tệp bung ra quá lớn nên không nhận được. Hãy lưu lại tệp gọn hơn.")
        case _:
            return reason("file-content", "Tệp .{kind} bị hỏng hoặc không đúng dạng. Hãy lưu lại rồi tải lên.", kind=detail)


def _pdf_reason(code: str, detail: str) -> Reason:
    match code:
        case "script":
            return reason("file-active", "Tệp PDF có mã lệnh (JavaScript). Hãy in lại thành PDF thường rồi tải lên.")
        case "action":
            return reason(
                "file-active",
                "Tệp PDF có hành động “{action}” khi mở hoặc khi bấm. Hãy in lại thành PDF thường rồi tải lên.",
                action=detail,
            )
        case "embedded":
            return reason(
                "file-active", "Tệp PDF có tệp khác hoặc phim, âm thanh nhúng bên trong. Hãy tải riêng từng tệp, và in lại thành PDF thường."
            )
        case "xfa":
            return reason("file-active", "Tệp PDF là biểu mẫu động (XFA). Hãy in lại thành PDF thường rồi tải lên.")
        case _:
            return reason("file-active", "Tệp PDF có nội dung nằm sau chỗ kết thúc. Hãy in lại thành PDF thường rồi tải lên.")


def _office_reason(code: str, detail: str) -> Reason:
    match code:
        case "macro":
            return reason("file-active", "Tệp có macro. Hãy lưu lại dạng thường (.docx, .xlsx) rồi tải lên.")
        case "object":
            return reason(
                "file-active", "Tệp có đối tượng nhúng chạy được (OLE, ActiveX). Hãy thay bằng ảnh hoặc chữ, hoặc lưu thành PDF rồi tải lên."
            )
        case "template":
            return reason(
                "file-active", "Tệp gắn với một mẫu bên ngoài. Hãy chọn lại mẫu Normal (thẻ Developer, mục Document Template) rồi lưu và tải lên."
            )
        case "dde":
            return reason(
                "file-active", "Tệp có trường DDE lấy dữ liệu từ chương trình khác. Hãy đổi trường đó thành chữ (Ctrl+Shift+F9) rồi tải lên."
            )
        case "inner":
            return reason("file-content", "Bảng tính của biểu đồ hoặc tài liệu nhúng trong tệp bị hỏng. Hãy dán biểu đồ dưới dạng ảnh rồi tải lên.")
        case _:
            return reason("file-active", "Tệp lấy nội dung từ nguồn bên ngoài ({target}). Hãy bỏ liên kết ngoài rồi tải lên.", target=detail or "?")
