"""The words of mails about accounts: invitation, a new password, a locked PIN, a passkey added."""

from collections.abc import Callable, Mapping

from notifications.desk import Action, Desk, LetterText
from notifications.messages import Kind, Message


def _invitation(desk: Desk, message: Message) -> LetterText:
    return LetterText(
        agency=desk.agency.name,
        subject="Mời đặt mật khẩu để dùng phần mềm thi đua, khen thưởng",
        heading="Mời bạn đặt mật khẩu.",
        paragraphs=("Bạn được thêm vào phần mềm theo dõi thi đua, khen thưởng của cơ quan. Liên kết dưới đây dùng một lần, trong 24 giờ.",),
        action=Action(label="Đặt mật khẩu", url=f"{desk.base_url}/setup/{message.code_token}"),
        small_print=("Nếu bạn không làm việc tại cơ quan này, xin bỏ qua thư.",),
    )


def _reset(desk: Desk, message: Message) -> LetterText:
    return LetterText(
        agency=desk.agency.name,
        subject="Đặt lại mật khẩu",
        heading="Đặt lại mật khẩu.",
        paragraphs=("Có người yêu cầu đặt lại mật khẩu cho địa chỉ này. Liên kết dưới đây dùng một lần, trong 30 phút.",),
        action=Action(label="Đặt mật khẩu mới", url=f"{desk.base_url}/setup/{message.code_token}"),
        small_print=("Nếu không phải bạn yêu cầu, xin bỏ qua thư; mật khẩu của bạn không thay đổi.",),
    )


def _locked(desk: Desk, message: Message) -> LetterText:
    person = desk.person(message.params["person"])
    return LetterText(
        agency=desk.agency.name,
        subject="Mã PIN bị khóa tạm thời",
        heading=f"Mã PIN của {person.name} bị khóa 15 phút.",
        paragraphs=("Mã PIN hoặc mã xác thực đã bị nhập sai năm lần. Nếu không phải người này nhập, hãy báo ngay quản trị viên.",),
        small_print=("Thư này gửi cho chủ mã PIN và Văn phòng Sở.",),
    )


def _passkey(desk: Desk, message: Message) -> LetterText:
    person = desk.person(message.params["person"])
    return LetterText(
        agency=desk.agency.name,
        subject="Đã thêm một khóa truy cập để ký duyệt",
        heading=f"{person.name} vừa thêm một khóa truy cập.",
        paragraphs=("Khóa này dùng thay mã PIN khi ký duyệt. Nếu không phải người này thêm, hãy báo ngay quản trị viên.",),
        small_print=("Thư này gửi cho chủ khóa và Văn phòng Sở.",),
    )


ACCOUNT_WRITERS: Mapping[Kind, Callable[[Desk, Message], LetterText]] = {
    Kind.INVITATION: _invitation,
    Kind.RESET: _reset,
    Kind.LOCKED: _locked,
    Kind.PASSKEY: _passkey,
}
