"""The words of each mail.

Owns what a mail says: first what is asked and until when. A mail never carries the title or narrative of a nomination
(they may name a person), nor an attachment; subject and preview least of all. Text and HTML come from one Letter, so
they cannot differ in facts.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from notifications.letters.accounts import ACCOUNT_WRITERS
from notifications.letters.deadlines import DEADLINE_WRITERS
from notifications.mail_context import Action, Desk, Fact, LetterText
from notifications.messages import Kind, Message
from workflow.definition import Definition, Transition
from workflow.links import token
from workflow.speech import phrase, say
from workflow.store import items
from workflow.store.instants import read_required

_CHANNELS = {"mail": phrase("thư điện tử"), "post": phrase("bưu điện"), "hand": phrase("trực tiếp"), "axis": phrase("trục liên thông văn bản")}


def write_letter(desk: Desk, message: Message) -> LetterText:
    """Return what ``message`` says, and at its foot where replies go."""
    letter = _WRITERS[message.kind](desk, message)
    foot = (
        say("Trả lời thư này sẽ tới Văn phòng Sở.")
        if desk.reply_to
        else say("Thư này gửi tự động, không có người đọc thư trả lời; cần hỏi, xin liên hệ Văn phòng Sở.")
    )
    return replace(letter, small_print=(*letter.small_print, foot))


def _task(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    state = next(each for each in definition.states if each.id == item.state)
    link = message.link
    if link is None:
        raise ValueError("a task mail is claimed with its link")
    asked = _main_transition(definition, item.state)
    due = say(" trước {day}", day=desk.day(item.due_at)[:5]) if item.due_at else ""
    verb = _VERBS.get(asked.id if asked else "", say("xử lý"))
    why = str(_WHY_AGAIN.get(message.params["why"], ""))
    return LetterText(
        agency=desk.agency.name,
        subject=say("Đề nghị {verb}{due}: {code}", verb=verb, due=due, code=item.code),
        heading=say("Đề nghị bạn {verb} hồ sơ {code}{due}.", verb=verb, code=item.code, due=due),
        paragraphs=tuple(
            part
            for part in (
                why,
                say(
                    "Mở liên kết để xem nội dung và chọn quyết định. Mở liên kết không làm thay đổi hồ sơ; chỉ khi bạn chọn và xác nhận thì quyết định mới được ghi."
                ),
            )
            if part
        ),
        facts=(
            Fact(label=say("Loại hồ sơ"), value=str(definition.label)),
            Fact(label=say("Phòng"), value=desk.department(item.department)),
            Fact(label=say("Người soạn"), value=desk.person(item.author).name),
            Fact(label=say("Đang ở bước"), value=str(state.label)),
            *((Fact(label=say("Hạn xử lý"), value=desk.day(item.due_at)),) if item.due_at else ()),
        ),
        action=Action(label=say("Xem và quyết định"), url=f"{desk.base_url}/a/{token(desk.keys, link)}"),
        small_print=(
            say(
                "Liên kết này cấp riêng cho {name}, dùng đến {day}. Xin đừng chuyển tiếp.",
                name=desk.person(message.person).name,
                day=desk.day(link.expires_at),
            ),
            say("Bạn nhận thư này vì hồ sơ {code} đang chờ bạn xử lý.", code=item.code),
        ),
    )


_VERBS = {
    "approve_department": phrase("duyệt"),
    "review_office": phrase("thẩm định"),
    "sign_director": phrase("ký duyệt"),
    "send_to_board": phrase("cấp số và gửi Ban TĐKT"),
    "acknowledge": phrase("ghi nhận Ban TĐKT đã nhận"),
    "record_award": phrase("ghi nhận kết quả khen thưởng"),
}
_WHY_AGAIN = {
    "edited": phrase("Người soạn vừa sửa nội dung hồ sơ. Liên kết trong thư trước không còn dùng được; thư này có liên kết mới cho nội dung mới."),
    "holders": phrase("Hồ sơ vừa được chuyển cho bạn do thay đổi người phụ trách hoặc ủy quyền."),
    "resent": phrase("Đây là liên kết mới theo yêu cầu."),
}


def _main_transition(definition: Definition, state: str) -> Transition | None:
    return next((each for each in definition.transitions if state in each.from_states and each.by_email), None)


def _informed(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    transition = next(each for each in definition.transitions if each.id == message.params["transition"])
    actor = message.params["actor"]
    who = desk.person(actor).name if actor is not None else say("Hệ thống")
    return LetterText(
        agency=desk.agency.name,
        subject=f"{transition.label}: {item.code}",
        heading=say("Hồ sơ {code}: {label}.", code=item.code, label=transition.label),
        paragraphs=(
            say(
                "{who} đã {did} “{label}” với hồ sơ của bạn.",
                who=who,
                did=say("hoàn tác") if message.params.get("is_undone") else say("thực hiện"),
                label=transition.label,
            ),
            say("Đăng nhập để xem hồ sơ và ý kiến kèm theo, nếu có."),
        ),
        facts=(Fact(label=say("Loại hồ sơ"), value=str(definition.label)), Fact(label=say("Phòng"), value=desk.department(item.department))),
        action=Action(label=say("Xem hồ sơ"), url=f"{desk.base_url}/items/{item.code}"),
        small_print=(say("Bạn nhận thư này vì bạn là người soạn hồ sơ."),),
    )


_RELEASED = {
    "holders": phrase("Hồ sơ đã được chuyển cho người khác do thay đổi người phụ trách hoặc ủy quyền. Bạn không cần làm gì thêm."),
    "undone": phrase("Quyết định trước đó vừa được hoàn tác nên hồ sơ quay lại bước trước. Bạn không cần làm gì thêm."),
    "settled": phrase("Ý kiến của những người khác đã đủ để quyết định nên không còn cần ý kiến của bạn. Bạn không cần làm gì thêm."),
}


def _confirmed(desk: Desk, message: Message) -> LetterText:
    item, params = desk.item(message), message.params
    definition = desk.context.rulebooks.of(desk.connection, params["definition_hash"]).definition
    transition = next(each for each in definition.transitions if each.id == params["transition"])
    at = read_required(params["at"]).astimezone(desk.context.calendar.zone).strftime(say("%H:%M ngày %d/%m/%Y"))
    undo = say("Mở lại liên kết trong thư trước để xem biên nhận, hoặc hoàn tác trong mười phút khi chưa ai xử lý tiếp.") if transition.undo else ""
    return LetterText(
        agency=desk.agency.name,
        subject=say("Đã ghi nhận: {label}, {code}", label=transition.label, code=item.code),
        heading=say("Bạn đã chọn “{label}” với hồ sơ {code} lúc {at}.", label=transition.label, code=item.code, at=at),
        paragraphs=tuple(part for part in (undo, say("Nếu không phải bạn: báo ngay Văn phòng Sở, vì có người đã đọc được thư gửi bạn.")) if part),
        facts=(Fact(label=say("Loại hồ sơ"), value=str(definition.label)), Fact(label=say("Phòng"), value=desk.department(item.department))),
        small_print=(say("Thư này gửi tới địa chỉ đã đăng ký của bạn sau mỗi quyết định qua liên kết."),),
    )


def _said(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    who = desk.person(message.params["actor"]).name
    match message.params["what"]:
        case "opinion_asked":
            subject = say("Xin ý kiến: {code}", code=item.code)
            heading = say("{who} xin ý kiến của bạn về hồ sơ {code}.", who=who, code=item.code)
            what_to_do = say("Đăng nhập để đọc hồ sơ, câu hỏi và trả lời. Ý kiến của bạn không làm hồ sơ chuyển bước.")
            why = say("Bạn nhận thư này vì được hỏi về hồ sơ này.")
        case "opinion_given":
            subject = say("Đã có ý kiến: {code}", code=item.code)
            heading = say("{who} đã cho ý kiến về hồ sơ {code}.", who=who, code=item.code)
            what_to_do, why = say("Đăng nhập để đọc."), say("Bạn nhận thư này vì đã hỏi về hồ sơ này.")
        case _:
            subject = say("Ý kiến trao đổi: {code}", code=item.code)
            heading = say("{who} ghi ý kiến trao đổi về hồ sơ {code}.", who=who, code=item.code)
            what_to_do, why = say("Đăng nhập để đọc và trả lời."), say("Bạn nhận thư này vì bạn soạn hoặc đang giữ hồ sơ.")
    return LetterText(
        agency=desk.agency.name,
        subject=subject,
        heading=heading,
        paragraphs=(what_to_do,),
        facts=(Fact(label=say("Loại hồ sơ"), value=str(definition.label)), Fact(label=say("Phòng"), value=desk.department(item.department))),
        action=Action(label=say("Mở hồ sơ"), url=f"{desk.base_url}/items/{item.code}"),
        small_print=(why,),
    )


def _stuck(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    found = next((each for each in definition.states if each.id == message.params["state"]), None)
    state = str(found.label) if found is not None else ""
    remedy = say("Không còn ai giữ vị trí được quyết định ở bước này. Hãy cập nhật nhân sự hoặc lập ủy quyền; hồ sơ sẽ tự tới người đó.")
    if found is not None and found.held_by_author:
        remedy = say("Người soạn không còn làm việc ở cơ quan. Hãy giao người khác trong phòng soạn lại, hoặc mở lại tài khoản của người soạn.")
    return LetterText(
        agency=desk.agency.name,
        subject=say("Hồ sơ {code} không có người xử lý", code=item.code),
        heading=say("Hồ sơ {code} đang ở bước “{state}” mà không ai xử lý được.", code=item.code, state=state),
        paragraphs=(remedy,),
        facts=(Fact(label=say("Loại hồ sơ"), value=str(definition.label)), Fact(label=say("Phòng"), value=desk.department(item.department))),
        action=Action(label=say("Xem hồ sơ"), url=f"{desk.base_url}/items/{item.code}"),
        small_print=(say("Thư này gửi cho Văn phòng Sở."),),
    )


def _disowned(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    owner = desk.person(message.params["owner"])
    return LetterText(
        agency=desk.agency.name,
        subject=say("Liên kết của hồ sơ {code} tới nhầm người", code=item.code),
        heading=say("Có người báo liên kết xử lý hồ sơ {code} không phải của họ.", code=item.code),
        paragraphs=(say("Các liên kết đó đã hết hiệu lực. Hãy kiểm tra địa chỉ thư của người dưới đây; người đó có thể xin liên kết mới."),),
        facts=(
            Fact(label=say("Liên kết cấp cho"), value=f"{owner.name} ({owner.email})"),
            Fact(label=say("Phòng"), value=desk.department(item.department)),
        ),
        action=Action(label=say("Xem hồ sơ"), url=f"{desk.base_url}/items/{item.code}"),
        small_print=(say("Thư này gửi cho Văn phòng Sở."),),
    )


def _told(desk: Desk, message: Message) -> LetterText:
    item, params = desk.item(message), message.params
    definition = desk.context.rulebooks.of(desk.connection, params["definition_hash"]).definition
    ways = [each for each in definition.transitions if each.id == params["transition"] and params["source"] in each.from_states]
    transition = next(each for each in ways if len(each.tells) > params["place"])
    state = next(str(each.label) for each in definition.states if each.id == params["state"])
    words = str(transition.tells[params["place"]].message).format(
        code=item.code,
        kind=str(definition.label),
        department=desk.department(item.department),
        state=state,
        actor=desk.person(params["actor"]).name if params["actor"] is not None else say("Hệ thống"),
    )
    return LetterText(
        agency=desk.agency.name,
        subject=f"{transition.label}: {item.code}",
        heading=say("Hồ sơ {code}: {label}.", code=item.code, label=transition.label),
        paragraphs=tuple(line for line in words.splitlines() if line.strip()),
        facts=(Fact(label=say("Loại hồ sơ"), value=str(definition.label)), Fact(label=say("Phòng"), value=desk.department(item.department))),
        action=Action(label=say("Xem hồ sơ"), url=f"{desk.base_url}/items/{item.code}"),
        small_print=(say("Bạn nhận thư này vì quy trình quy định báo tin cho bạn ở bước này; bạn không phải quyết định gì."),),
    )


def _escalated(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    state = next((str(each.label) for each in definition.states if each.id == message.params["state"]), message.params["state"])
    holders = items.holders_by_item(desk.connection, [item.id]).get(item.id, [])
    waiting = ", ".join(desk.person(each.person).name for each in holders) or say("chưa có ai")
    return LetterText(
        agency=desk.agency.name,
        subject=say("Hồ sơ {code} đã chờ {days} ngày làm việc", code=item.code, days=message.params["days"]),
        heading=say("Hồ sơ {code} đã chờ {days} ngày làm việc ở bước “{state}”.", code=item.code, days=message.params["days"], state=state),
        paragraphs=(say("Thư này để bạn biết và đôn đốc; bạn không phải quyết định gì. Người đang giữ hồ sơ cũng đã được nhắc."),),
        facts=(
            Fact(label=say("Loại hồ sơ"), value=str(definition.label)),
            Fact(label=say("Phòng"), value=desk.department(item.department)),
            Fact(label=say("Đang chờ"), value=waiting),
        ),
        action=Action(label=say("Xem hồ sơ"), url=f"{desk.base_url}/items/{item.code}"),
        small_print=(say("Bạn nhận thư này vì quy trình quy định báo cho bạn khi bước này quá lâu."),),
    )


def _released(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    return LetterText(
        agency=desk.agency.name,
        subject=say("Không còn chờ bạn xử lý: {code}", code=item.code),
        heading=say("Hồ sơ {code} không còn chờ bạn xử lý.", code=item.code),
        paragraphs=(str(_RELEASED[message.params.get("why", "holders")]),),
        small_print=(say("Bạn nhận thư này vì trước đó hồ sơ đang chờ bạn xử lý."),),
    )


def _notice(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    number, issued_on = message.params["number"], date.fromisoformat(message.params["issued_on"]).strftime("%d/%m/%Y")
    found = items.contents_of(desk.connection, [item]).get(item.id)
    contents = [
        str(definition.document.label),
        *(say("Tệp kèm theo số {place}", place=place) for place, _ in enumerate(found.files if found else (), 1)),
    ]
    return LetterText(
        agency=desk.agency.name,
        subject=say("Thông báo gửi hồ sơ {number} ngày {issued_on}", number=number, issued_on=issued_on),
        heading=say("{name} gửi hồ sơ số {number} ngày {issued_on}.", name=desk.agency.name, number=number, issued_on=issued_on),
        paragraphs=(
            say("Kính gửi: {name}.", name=message.params["name"]),
            say("Thư này chỉ để thông báo, không kèm nội dung hồ sơ. Hồ sơ được chuyển theo hình thức ghi dưới đây."),
        ),
        facts=(
            Fact(label=say("Số, ký hiệu"), value=number),
            Fact(label=say("Ngày"), value=issued_on),
            Fact(label=say("Loại văn bản"), value=str(definition.document.label)),
            Fact(label=say("Hình thức gửi"), value=str(_CHANNELS[message.params["channel"]])),
            Fact(label=say("Danh mục"), value="; ".join(contents)),
        ),
        small_print=(say("Mã hồ sơ tại {name}: {code}.", name=desk.agency.name, code=item.code),),
    )


def _delegation(desk: Desk, message: Message) -> LetterText:
    giver, taker = desk.person(message.params["from_person"]), desk.person(message.params["to_person"])
    starts, ends = (date.fromisoformat(message.params[name]).strftime("%d/%m/%Y") for name in ("starts_on", "ends_on"))
    return LetterText(
        agency=desk.agency.name,
        subject=say("Ủy quyền xử lý hồ sơ từ {starts} đến {ends}", starts=starts, ends=ends),
        heading=say("{taker} được xử lý hồ sơ thay {giver} từ {starts} đến {ends}.", taker=taker.name, giver=giver.name, starts=starts, ends=ends),
        paragraphs=(say("Trong thời gian này cả hai người đều nhận và xử lý được hồ sơ. Ủy quyền tự kết thúc sau ngày cuối."),),
        facts=(Fact(label=say("Văn bản ủy quyền"), value=message.params["document"]),),
        small_print=(say("Nếu ủy quyền này không đúng, hãy báo ngay Văn phòng Sở."),),
    )


def _absence(desk: Desk, message: Message) -> LetterText:
    away = desk.person(message.params["away"])
    stand_in = desk.person(message.params["stand_in"]) if message.params["stand_in"] is not None else None
    starts, ends = (date.fromisoformat(message.params[name]).strftime("%d/%m/%Y") for name in ("starts_on", "ends_on"))
    is_over = message.params["what"] == "ended"
    meanwhile = say("{name} xử lý hồ sơ thay", name=stand_in.name) if stand_in else say("Người khác cùng thẩm quyền xử lý hồ sơ")
    return LetterText(
        agency=desk.agency.name,
        subject=say("Kết thúc vắng mặt: {name}, {starts} đến {ends}", name=away.name, starts=starts, ends=ends)
        if is_over
        else say("Vắng mặt: {name}, {starts} đến {ends}", name=away.name, starts=starts, ends=ends),
        heading=say("{name} đã trở lại làm việc.", name=away.name)
        if is_over
        else say("{name} vắng mặt từ {starts} đến {ends}.", name=away.name, starts=starts, ends=ends),
        paragraphs=(
            say("Hồ sơ đang chờ được chuyển lại cho người đã trở lại.")
            if is_over
            else say("{meanwhile} trong thời gian này; vắng mặt tự kết thúc sau ngày cuối.", meanwhile=meanwhile),
        ),
        small_print=(say("Nếu thông tin này không đúng, hãy báo ngay Văn phòng Sở."),),
    )


_WRITERS: Mapping[Kind, Callable[[Desk, Message], LetterText]] = {
    Kind.TASK: _task,
    Kind.INFORMED: _informed,
    Kind.RELEASED: _released,
    Kind.NOTICE: _notice,
    Kind.DELEGATION: _delegation,
    Kind.ABSENCE: _absence,
    **ACCOUNT_WRITERS,
    **DEADLINE_WRITERS,
    Kind.ESCALATED: _escalated,
    Kind.STUCK: _stuck,
    Kind.DISOWNED: _disowned,
    Kind.TOLD: _told,
    Kind.CONFIRMED: _confirmed,
    Kind.OPINION: _said,
}
