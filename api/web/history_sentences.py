"""History in sentences: who did what, for whom, when, by which channel."""

from dataclasses import dataclass
from typing import Any

from api.composition import Application
from api.web.rendering import hour_and_day
from workflow.queries.items import EntryView
from workflow.speech import Phrase, phrase, say

_VIA = {
    "page": phrase("trên trang web"),
    "api": phrase("qua giao diện lập trình"),
    "link": phrase("qua liên kết trong thư"),
    "clock": phrase("tự động theo lịch"),
    "bulk": phrase("theo loạt"),
    "import": phrase("khi nhập danh sách"),
    "cli": phrase("từ dòng lệnh"),
}
_METHOD = {
    "pin": phrase(", xác nhận bằng mã PIN"),
    "totp": phrase(", xác nhận bằng mã của ứng dụng"),
    "passkey": phrase(", xác nhận bằng khóa truy cập"),
}
_TYPES = {
    "created": phrase("soạn hồ sơ"),
    "edited": phrase("sửa nội dung"),
    "migrated": phrase("chuyển sang phiên bản khác của quy trình"),
    "recused": phrase("xin thôi xử lý vì có liên quan"),
    "reassigned": phrase("chuyển người xử lý"),
    "opinion_asked": phrase("xin ý kiến"),
    "opinion_given": phrase("cho ý kiến"),
    "commented": phrase("ghi ý kiến trao đổi"),
    "escalated": phrase("nhắc vì hồ sơ đã chờ quá lâu"),
    "holders_changed": phrase("thay đổi người giữ hồ sơ"),
    "deadline_set": phrase("đặt thời hạn"),
    "deadline_changed": phrase("đổi thời hạn"),
    "reminded": phrase("nhắc phòng nộp báo cáo"),
    "reminders_snoozed": phrase("hoãn nhắc việc của mình"),
    "person_added": phrase("thêm người"),
    "person_changed": phrase("sửa thông tin người"),
    "delegation_added": phrase("ghi nhận ủy quyền"),
    "extension_asked": phrase("xin gia hạn"),
    "extension_granted": phrase("đồng ý gia hạn"),
    "extension_refused": phrase("không đồng ý gia hạn"),
    "absence_added": phrase("ghi nhận vắng mặt"),
    "absence_ended": phrase("kết thúc vắng mặt"),
    "merit_recorded": phrase("ghi nhận gương tốt"),
    "merit_noted": phrase("ghi ý kiến theo dõi gương tốt"),
    "merit_nominated": phrase("soạn đề nghị từ gương tốt"),
    "definition_published": phrase("công bố quy trình"),
    "department_added": phrase("thêm phòng"),
    "department_renamed": phrase("đổi tên phòng"),
    "campaign_launched": phrase("phát động phong trào"),
    "campaign_read": phrase("đã đọc kế hoạch phong trào"),
    "genesis": phrase("khởi tạo cơ sở dữ liệu"),
}
_SOMETHING = phrase("ghi nhận một việc")
_SUBJECTS = {
    "item": phrase("{name}"),
    "deadline": phrase("Thời hạn số {name}"),
    "person": phrase("Người số {name}"),
    "definition": phrase("Quy trình"),
    "campaign": phrase("Phong trào"),
    "department": phrase("Phòng"),
    "merit": phrase("Gương tốt số {name}"),
    "delegation": phrase("Ủy quyền số {name}"),
    "absence": phrase("Vắng mặt số {name}"),
    "agency": phrase("Cơ quan"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One entry, as a person reads it."""

    text: str
    comment: str | None
    hash: str
    at: str
    subject: str
    seq: int
    code: str | None


def sentence(parts: Application, view: EntryView) -> Sentence:
    """Return an entry in words; no id of a definition or of an entry's kind is ever shown to whoever reads it."""
    facts = view.facts
    actor = view.actor.name if view.actor else say("Hệ thống")
    if view.on_behalf_of is not None:
        actor = say("{actor} thay {other}", actor=actor, other=view.on_behalf_of.name)
    what = f"“{view.label}”" if view.label is not None else str(_TYPES.get(str(facts["type"]), _SOMETHING))
    if facts["type"] == "undone":
        what = say("hoàn tác {what}", what=what)
    if facts["type"] == "signed_off":
        data: Any = facts["data"]
        what = say("cho ý kiến {what} ({count}/{members} người được hỏi)", what=what, count=len(data["answers"]), members=data["members"])
    at = hour_and_day(parts, view.entry.at)
    subject = view.entry.subject
    return Sentence(
        text=say(
            "{actor}: {what} lúc {at}, {via}{method}.",
            actor=actor,
            what=what,
            at=at,
            via=_VIA[str(facts["via"])],
            method=_METHOD.get(str(facts["method"]), ""),
        ),
        comment=view.comment,
        hash=view.entry.hash.hex(),
        at=at,
        subject=_subject_words(subject),
        seq=view.entry.seq,
        code=subject.removeprefix("item:") if subject.startswith("item:") else None,
    )


def _subject_words(subject: str) -> str:
    """Return what an entry is about as people call it: its kind, and its number where it has one."""
    kind, _, name = subject.partition(":")
    return str(Phrase(_SUBJECTS.get(kind, _SOMETHING).template, (("name", name),)))
