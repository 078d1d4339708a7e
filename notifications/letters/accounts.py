"""The words of mails about accounts: invitation, a new password, a locked PIN, a passkey added."""

from collections.abc import Callable, Mapping

from notifications.mail_context import Action, Desk, LetterText
from notifications.messages import Kind, Message
from workflow.speech import say


def _invitation(desk: Desk, message: Message) -> LetterText:
    return LetterText(
        agency=desk.agency.name,
        subject=say("Mời đặt mật khẩu để dùng phần mềm thi đua, khen thưởng"),
        heading=say("Mời bạn đặt mật khẩu."),
        paragraphs=(say("Bạn được thêm vào phần mềm theo dõi thi đua, khen thưởng của cơ quan. Liên kết dưới đây dùng một lần, trong 24 giờ."),),
        action=Action(label=say("Đặt mật khẩu"), url=f"{desk.base_url}/setup/{message.code_token}"),
        small_print=(say("Nếu bạn không làm việc tại cơ quan này, xin bỏ qua thư."),),
    )


def _reset(desk: Desk, message: Message) -> LetterText:
    return LetterText(
        agency=desk.agency.name,
        subject=say("Đặt lại mật khẩu"),
        heading=say("Đặt lại mật khẩu."),
        paragraphs=(say("Có người yêu cầu đặt lại mật khẩu cho địa chỉ này. Liên kết dưới đây dùng một lần, trong 30 phút."),),
        action=Action(label=say("Đặt mật khẩu mới"), url=f"{desk.base_url}/setup/{message.code_token}"),
        small_print=(say("Nếu không phải bạn yêu cầu, xin bỏ qua thư; mật khẩu của bạn không thay đổi."),),
    )


def _locked(desk: Desk, message: Message) -> LetterText:
    person = desk.person(message.params["person"])
    return LetterText(
        agency=desk.agency.name,
        subject=say("Mã PIN bị khóa tạm thời"),
        heading=say("Mã PIN của {name} bị khóa 15 phút.", name=person.name),
        paragraphs=(say("Mã PIN hoặc mã xác thực đã bị nhập sai năm lần. Nếu không phải người này nhập, hãy báo ngay quản trị viên."),),
        small_print=(say("Thư này gửi cho chủ mã PIN và Văn phòng Sở."),),
    )


def _passkey(desk: Desk, message: Message) -> LetterText:
    person = desk.person(message.params["person"])
    return LetterText(
        agency=desk.agency.name,
        subject=say("Đã thêm một khóa truy cập để ký duyệt"),
        heading=say("{name} vừa thêm một khóa truy cập.", name=person.name),
        paragraphs=(say("Khóa này dùng thay mã PIN khi ký duyệt. Nếu không phải người này thêm, hãy báo ngay quản trị viên."),),
        small_print=(say("Thư này gửi cho chủ khóa và Văn phòng Sở."),),
    )


ACCOUNT_WRITERS: Mapping[Kind, Callable[[Desk, Message], LetterText]] = {
    Kind.INVITATION: _invitation,
    Kind.RESET: _reset,
    Kind.LOCKED: _locked,
    Kind.PASSKEY: _passkey,
}
