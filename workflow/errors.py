"""Everything that can be refused, as one tree.

    ThiduaError
    ├── InvalidInputError      what was given cannot be used; says where and what to do   (files, definitions)
    │   └── UsageError             a setting or an argument of the command line is wrong
    ├── Refusal                a command was understood and refused; nothing was written
    │   ├── NotFoundRefusal        it does not exist, or not for this person
    │   ├── NotPermittedRefusal    this person may not, with the rules
    │   │   └── SecondFactorRefusal    PIN or TOTP missing, wrong or locked
    │   ├── VersionRequiredRefusal the caller must say which version was seen
    │   ├── StaleRefusal           it has moved on since it was read
    │   ├── LinkRefusal            the link's life is over: used, expired, revoked
    │   ├── InvalidRefusal         the content or the answer is incomplete, with the rules
    │   └── KeyReusedRefusal       the same Idempotency-Key came with another body
    ├── BusyError              the queue is full; nothing was done, try again shortly (retryable)
    └── UnavailableError       the database cannot serve now (retryable)
        ├── ConnectionLostError    the connection is gone; a fresh one may serve
        ├── ConflictError          the database chose another transaction; the same one may be run again
        └── OutcomeUnknownError    the connection was lost while committing; nobody knows whether it was kept

An error takes values and writes its own sentence: what happened, why, what to do next. The sentence is a template plus
values, said (workflow/speech.py) in the language of whoever reads it, once it is read. The core knows no HTTP status.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workflow.speech import phrase, say


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not possible: the rule's stable name, and a sentence (template and values)."""

    rule: str
    template: str
    values: tuple[tuple[str, object], ...] = ()

    @property
    def message(self) -> str:
        """Return the sentence, in the language spoken here."""
        return say(self.template, **dict(self.values))

    def __str__(self) -> str:
        return self.message


def reason(rule: str, template: str, **values: object) -> Reason:
    """Return a Reason; ``template`` uses ``str.format`` fields named in ``values``."""
    return Reason(rule, template, tuple(values.items()))


class ThiduaError(Exception):
    """The root of the tree."""


class InvalidInputError(ThiduaError):
    """Something given from outside (a file, a setting) cannot be used; each problem is one sentence."""

    def __init__(self, *problems: object) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class UsageError(InvalidInputError):
    """A setting or an argument is wrong: nothing was begun, and the command ends with the status of wrong usage."""


class BusyError(ThiduaError):
    """The queue of the committer is full: nothing was done. Retryable."""

    def __str__(self) -> str:
        return say("Máy chủ đang bận nên chưa ghi nhận gì. Vui lòng thử lại sau vài giây.")


class UnavailableError(ThiduaError):
    """The database is away, locked, full or too slow: it cannot serve this now. Retryable."""

    def __str__(self) -> str:
        return say("Máy chủ tạm thời không dùng được cơ sở dữ liệu nên chưa trả lời được. Hãy đợi một lát rồi tải lại.")


class ConnectionLostError(UnavailableError):
    """The connection is gone; the same work may succeed on a fresh one."""


class ConflictError(UnavailableError):
    """A serialization failure or a deadlock: nothing was kept, and the same work may be run again."""


class OutcomeUnknownError(UnavailableError):
    """The connection was lost while committing, and the command cannot be looked up: it may have been kept or not."""

    def __str__(self) -> str:
        return say(
            "Mất kết nối với cơ sở dữ liệu đúng lúc ghi nên chưa rõ việc này đã được ghi nhận hay chưa."
            " Hãy tải lại trang để kiểm tra trước khi gửi lại."
        )


class Refusal(ThiduaError):  # noqa: N818 - the field's word: a refusal is an outcome, not a failure
    """A command was refused before its first write."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(*reasons)
        self.reasons: Sequence[Reason] = reasons

    def __str__(self) -> str:
        return " ".join(each.message for each in self.reasons)


class NotFoundRefusal(Refusal):
    """It does not exist, or not for this person."""

    def __init__(self, what: object = "") -> None:
        thing = what or phrase("nội dung này")
        super().__init__(reason("not-found", "Không tìm thấy {what}. Có thể mã đã gõ sai, hoặc bạn không có quyền xem.", what=thing))


class NotPermittedRefusal(Refusal):
    """This person may not do this now; the reasons name the rules."""


class SecondFactorRefusal(NotPermittedRefusal):
    """PIN or TOTP is missing or wrong; ``is_locked`` after five failures."""

    def __init__(self, why: Reason, *, is_locked: bool = False) -> None:
        super().__init__(why)
        self.is_locked = is_locked


class InvalidRefusal(Refusal):
    """The answer or the content is incomplete; the reasons name each rule."""


class KeyReusedRefusal(Refusal):
    """An Idempotency-Key came back with another body."""

    def __init__(self) -> None:
        super().__init__(
            reason(
                "idempotency-key",
                "Khóa của yêu cầu này (Idempotency-Key) đã dùng cho một yêu cầu khác, nên chưa ghi nhận gì thêm. Hãy xem lại rồi gửi lần nữa với khóa mới.",
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTransition:
    """The last decision on an item: who did what, when."""

    transition: str
    label: object
    """What it is called; said when it is read."""
    actor: str
    actor_name: object
    at: datetime


class StaleRefusal(Refusal):
    """The thing has changed since it was read; says its present state and who changed it last."""

    def __init__(self, *, state: str, version: int, given: int | None, last: LastTransition | None, why: Reason | None = None) -> None:
        super().__init__(why or _moved_on(last))
        self.state = state
        self.version = version
        self.given = given
        self.last = last


class VersionRequiredRefusal(Refusal):
    """The command names no version, so nobody can tell whether the caller saw what is decided on."""

    def __init__(self) -> None:
        super().__init__(reason("version-required", "Cần cho biết phiên bản bạn đã xem (version hoặc If-Match). Hãy tải lại hồ sơ rồi gửi lại."))


class LinkRefusal(Refusal):
    """The link cannot be used any more; ``status`` says how its life ended."""

    def __init__(self, status: str, why: Reason) -> None:
        super().__init__(why)
        self.status = status


def _moved_on(last: LastTransition | None) -> Reason:
    if last is None:
        return reason("version", "Nội dung đã thay đổi từ khi bạn mở. Hãy tải lại trang, xem bản mới rồi quyết định lại.")
    return reason(
        "version",
        "Hồ sơ đã thay đổi từ khi bạn mở: {name} đã thực hiện “{label}” lúc {at}. Hãy tải lại trang, xem bản mới rồi quyết định lại.",
        name=last.actor_name,
        label=last.label,
        at=phrase("{hour} ngày {day}", hour=last.at.strftime("%H:%M"), day=last.at.strftime("%d/%m/%Y")),
    )
