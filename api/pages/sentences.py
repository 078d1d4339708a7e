"""History in sentences: who did what, for whom, when, by which channel."""

from dataclasses import dataclass
from typing import Any

from api.composition import Application
from api.pages.site import hour_and_day
from workflow.definition import Definition
from workflow.service.views import EntryView

_VIA = {
    "page": "trên trang web",
    "api": "qua giao diện lập trình",
    "link": "qua liên kết trong thư",
    "clock": "tự động theo lịch",
    "bulk": "theo loạt",
    "import": "khi nhập danh sách",
    "cli": "từ dòng lệnh",
}
_METHOD = {"pin": ", xác nhận bằng mã PIN", "totp": ", xác nhận bằng mã của ứng dụng", "passkey": ", xác nhận bằng khóa truy cập"}
_TYPES = {
    "created": "soạn hồ sơ",
    "edited": "sửa nội dung",
    "migrated": "chuyển sang phiên bản khác của quy trình",
    "recused": "xin thôi xử lý vì có liên quan",
    "reassigned": "chuyển người xử lý",
    "opinion_asked": "xin ý kiến",
    "opinion_given": "cho ý kiến",
    "escalated": "nhắc vì hồ sơ đã chờ quá lâu",
    "holders_changed": "thay đổi người giữ hồ sơ",
    "deadline_set": "đặt thời hạn",
    "deadline_changed": "đổi thời hạn",
    "reminded": "nhắc phòng nộp báo cáo",
    "reminders_snoozed": "hoãn nhắc việc của mình",
    "person_added": "thêm người",
    "person_changed": "sửa thông tin người",
    "delegation_added": "ghi nhận ủy quyền",
    "extension_asked": "xin gia hạn",
    "extension_granted": "đồng ý gia hạn",
    "extension_refused": "không đồng ý gia hạn",
    "absence_added": "ghi nhận vắng mặt",
    "absence_ended": "kết thúc vắng mặt",
    "merit_recorded": "ghi nhận gương tốt",
    "merit_noted": "ghi ý kiến theo dõi gương tốt",
    "merit_nominated": "soạn đề nghị từ gương tốt",
    "definition_published": "công bố quy trình",
    "department_added": "thêm phòng",
    "campaign_launched": "phát động phong trào",
    "campaign_read": "đã đọc kế hoạch phong trào",
    "genesis": "khởi tạo cơ sở dữ liệu",
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


def sentence(parts: Application, view: EntryView, definition: Definition | None = None) -> Sentence:
    """Return an entry in words; ``definition`` names its transitions."""
    facts = view.facts
    actor = view.actor.name if view.actor else "Hệ thống"
    if view.on_behalf_of is not None:
        actor = f"{actor} thay {view.on_behalf_of.name}"
    labels = {each.id: each.label.vi for each in definition.transitions} if definition else {}
    transition = str(facts["transition"] or "")
    what = f"“{labels.get(transition, transition)}”" if transition else _TYPES.get(str(facts["type"]), str(facts["type"]))
    if facts["type"] == "undone":
        what = f"hoàn tác {what}"
    if facts["type"] == "signed_off":
        data: Any = facts["data"]
        what = f"cho ý kiến {what} ({len(data['answers'])}/{data['members']} người được hỏi)"
    at = hour_and_day(parts, view.entry.at)
    subject = view.entry.subject
    return Sentence(
        text=f"{actor}: {what} lúc {at}, {_VIA[str(facts['via'])]}{_METHOD.get(str(facts['method']), '')}.",
        comment=view.comment,
        hash=view.entry.hash.hex(),
        at=at,
        subject=subject,
        seq=view.entry.seq,
        code=subject.removeprefix("item:") if subject.startswith("item:") else None,
    )
