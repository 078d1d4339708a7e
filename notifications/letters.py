"""The words of each mail.

Owns what a mail says: first what is asked and until when. A mail never carries the title or narrative of a nomination
(they may name a person), nor an attachment; subject and preview least of all. Text and HTML come from one Letter, so
they cannot differ in facts.
"""

from collections.abc import Callable, Mapping
from datetime import date

from notifications.account_letters import ACCOUNT_WRITERS
from notifications.deadline_letters import DEADLINE_WRITERS
from notifications.desk import Action, Desk, Fact, LetterText
from notifications.messages import Kind, Message
from workflow.definition import Definition, Transition
from workflow.links import token
from workflow.store import items
from workflow.store.instants import read_required

_CHANNELS = {"mail": "thư điện tử", "post": "bưu điện", "hand": "trực tiếp", "axis": "trục liên thông văn bản"}


def write_letter(desk: Desk, message: Message) -> LetterText:
    """Return what ``message`` says."""
    return _WRITERS[message.kind](desk, message)


def _task(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    state = next(each for each in definition.states if each.id == item.state)
    link = message.link
    if link is None:
        raise ValueError("a task mail is claimed with its link")
    asked = _main_transition(definition, item.state)
    due = f" trước {desk.day(item.due_at)[:5]}" if item.due_at else ""
    verb = _VERBS.get(asked.id if asked else "", "xử lý")
    why = _WHY_AGAIN.get(message.params["why"], "")
    return LetterText(
        agency=desk.agency.name,
        subject=f"Đề nghị {verb}{due}: {item.code}",
        heading=f"Đề nghị bạn {verb} hồ sơ {item.code}{due}.",
        paragraphs=tuple(
            part
            for part in (
                why,
                "Mở liên kết để xem nội dung và chọn quyết định. Mở liên kết không làm thay đổi hồ sơ; chỉ khi bạn chọn và xác nhận thì quyết định mới được ghi.",
            )
            if part
        ),
        facts=(
            Fact(label="Loại hồ sơ", value=definition.label.vi),
            Fact(label="Phòng", value=desk.department(item.department)),
            Fact(label="Người soạn", value=desk.person(item.author).name),
            Fact(label="Đang ở bước", value=state.label.vi),
            *((Fact(label="Hạn xử lý", value=desk.day(item.due_at)),) if item.due_at else ()),
        ),
        action=Action(label="Xem và quyết định", url=f"{desk.base_url}/a/{token(desk.keys, link)}"),
        small_print=(
            f"Liên kết này cấp riêng cho {desk.person(message.person).name}, dùng đến {desk.day(link.expires_at)}. Xin đừng chuyển tiếp.",
            f"Bạn nhận thư này vì hồ sơ {item.code} đang chờ bạn xử lý.",
        ),
    )


_VERBS = {
    "approve_department": "duyệt",
    "review_office": "thẩm định",
    "sign_director": "ký duyệt",
    "send_to_board": "cấp số và gửi Ban TĐKT",
    "acknowledge": "ghi nhận Ban TĐKT đã nhận",
    "record_award": "ghi nhận kết quả khen thưởng",
}
_WHY_AGAIN = {
    "edited": "Người soạn vừa sửa nội dung hồ sơ. Liên kết trong thư trước không còn dùng được; thư này có liên kết mới cho nội dung mới.",
    "holders": "Hồ sơ vừa được chuyển cho bạn do thay đổi người phụ trách hoặc ủy quyền.",
    "resent": "Đây là liên kết mới theo yêu cầu.",
}


def _main_transition(definition: Definition, state: str) -> Transition | None:
    return next((each for each in definition.transitions if state in each.from_states and each.by_email), None)


def _informed(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    transition = next(each for each in definition.transitions if each.id == message.params["transition"])
    actor = message.params["actor"]
    who = desk.person(actor).name if actor is not None else "Hệ thống"
    return LetterText(
        agency=desk.agency.name,
        subject=f"{transition.label.vi}: {item.code}",
        heading=f"Hồ sơ {item.code}: {transition.label.vi}.",
        paragraphs=(
            f"{who} đã {'hoàn tác' if message.params.get('is_undone') else 'thực hiện'} “{transition.label.vi}” với hồ sơ của bạn.",
            "Đăng nhập để xem hồ sơ và ý kiến kèm theo, nếu có.",
        ),
        facts=(Fact(label="Loại hồ sơ", value=definition.label.vi), Fact(label="Phòng", value=desk.department(item.department))),
        action=Action(label="Xem hồ sơ", url=f"{desk.base_url}/items/{item.code}"),
        small_print=("Bạn nhận thư này vì bạn là người soạn hồ sơ.",),
    )


_RELEASED = {
    "holders": "Hồ sơ đã được chuyển cho người khác do thay đổi người phụ trách hoặc ủy quyền. Bạn không cần làm gì thêm.",
    "undone": "Quyết định trước đó vừa được hoàn tác nên hồ sơ quay lại bước trước. Bạn không cần làm gì thêm.",
    "settled": "Ý kiến của những người khác đã đủ để quyết định nên không còn cần ý kiến của bạn. Bạn không cần làm gì thêm.",
}


def _confirmed(desk: Desk, message: Message) -> LetterText:
    item, params = desk.item(message), message.params
    definition = desk.context.rulebooks.of(desk.connection, params["definition_hash"]).definition
    transition = next(each for each in definition.transitions if each.id == params["transition"])
    at = read_required(params["at"]).astimezone(desk.context.calendar.zone).strftime("%H:%M ngày %d/%m/%Y")
    undo = "Mở lại liên kết trong thư trước để xem biên nhận, hoặc hoàn tác trong mười phút khi chưa ai xử lý tiếp." if transition.undo else ""
    return LetterText(
        agency=desk.agency.name,
        subject=f"Đã ghi nhận: {transition.label.vi}, {item.code}",
        heading=f"Bạn đã chọn “{transition.label.vi}” với hồ sơ {item.code} lúc {at}.",
        paragraphs=tuple(part for part in (undo, "Nếu không phải bạn: báo ngay Văn phòng Sở, vì có người đã đọc được thư gửi bạn.") if part),
        facts=(Fact(label="Loại hồ sơ", value=definition.label.vi), Fact(label="Phòng", value=desk.department(item.department))),
        small_print=("Thư này gửi tới địa chỉ đã đăng ký của bạn sau mỗi quyết định qua liên kết.",),
    )


def _opinion(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    who = desk.person(message.params["actor"]).name
    is_answered = message.params["is_answered"]
    what = f"{who} đã cho ý kiến về hồ sơ {item.code}" if is_answered else f"{who} xin ý kiến của bạn về hồ sơ {item.code}"
    return LetterText(
        agency=desk.agency.name,
        subject=f"{'Đã có ý kiến' if is_answered else 'Xin ý kiến'}: {item.code}",
        heading=f"{what}.",
        paragraphs=(
            "Đăng nhập để đọc." if is_answered else "Đăng nhập để đọc hồ sơ, câu hỏi và trả lời. Ý kiến của bạn không làm hồ sơ chuyển bước.",
        ),
        facts=(Fact(label="Loại hồ sơ", value=definition.label.vi), Fact(label="Phòng", value=desk.department(item.department))),
        action=Action(label="Mở hồ sơ", url=f"{desk.base_url}/items/{item.code}"),
        small_print=("Bạn nhận thư này vì được hỏi, hoặc đã hỏi, về hồ sơ này.",),
    )


def _stuck(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    state = next((each.label.vi for each in definition.states if each.id == message.params["state"]), message.params["state"])
    return LetterText(
        agency=desk.agency.name,
        subject=f"Hồ sơ {item.code} không có người xử lý",
        heading=f"Hồ sơ {item.code} đang ở bước “{state}” mà không ai xử lý được.",
        paragraphs=("Không còn ai giữ vị trí được quyết định ở bước này. Hãy cập nhật nhân sự hoặc lập ủy quyền; hồ sơ sẽ tự tới người đó.",),
        facts=(Fact(label="Loại hồ sơ", value=definition.label.vi), Fact(label="Phòng", value=desk.department(item.department))),
        action=Action(label="Xem hồ sơ", url=f"{desk.base_url}/items/{item.code}"),
        small_print=("Thư này gửi cho Văn phòng Sở.",),
    )


def _disowned(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    owner = desk.person(message.params["owner"])
    return LetterText(
        agency=desk.agency.name,
        subject=f"Liên kết của hồ sơ {item.code} tới nhầm người",
        heading=f"Có người báo liên kết xử lý hồ sơ {item.code} không phải của họ.",
        paragraphs=("Các liên kết đó đã hết hiệu lực. Hãy kiểm tra địa chỉ thư của người dưới đây; người đó có thể xin liên kết mới.",),
        facts=(Fact(label="Liên kết cấp cho", value=f"{owner.name} ({owner.email})"), Fact(label="Phòng", value=desk.department(item.department))),
        action=Action(label="Xem hồ sơ", url=f"{desk.base_url}/items/{item.code}"),
        small_print=("Thư này gửi cho Văn phòng Sở.",),
    )


def _told(desk: Desk, message: Message) -> LetterText:
    item, params = desk.item(message), message.params
    definition = desk.context.rulebooks.of(desk.connection, params["definition_hash"]).definition
    ways = [each for each in definition.transitions if each.id == params["transition"] and params["source"] in each.from_states]
    transition = next(each for each in ways if len(each.tells) > params["place"])
    state = next(each.label.vi for each in definition.states if each.id == params["state"])
    words = transition.tells[params["place"]].message.vi.format(
        code=item.code,
        kind=definition.label.vi,
        department=desk.department(item.department),
        state=state,
        actor=desk.person(params["actor"]).name if params["actor"] is not None else "Hệ thống",
    )
    return LetterText(
        agency=desk.agency.name,
        subject=f"{transition.label.vi}: {item.code}",
        heading=f"Hồ sơ {item.code}: {transition.label.vi}.",
        paragraphs=tuple(line for line in words.splitlines() if line.strip()),
        facts=(Fact(label="Loại hồ sơ", value=definition.label.vi), Fact(label="Phòng", value=desk.department(item.department))),
        action=Action(label="Xem hồ sơ", url=f"{desk.base_url}/items/{item.code}"),
        small_print=("Bạn nhận thư này vì quy trình quy định báo tin cho bạn ở bước này; bạn không phải quyết định gì.",),
    )


def _escalated(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    state = next((each.label.vi for each in definition.states if each.id == message.params["state"]), message.params["state"])
    holders = items.holders_by_item(desk.connection, [item.id]).get(item.id, [])
    waiting = ", ".join(desk.person(each.person).name for each in holders) or "chưa có ai"
    return LetterText(
        agency=desk.agency.name,
        subject=f"Hồ sơ {item.code} đã chờ {message.params['days']} ngày làm việc",
        heading=f"Hồ sơ {item.code} đã chờ {message.params['days']} ngày làm việc ở bước “{state}”.",
        paragraphs=("Thư này để bạn biết và đôn đốc; bạn không phải quyết định gì. Người đang giữ hồ sơ cũng đã được nhắc.",),
        facts=(
            Fact(label="Loại hồ sơ", value=definition.label.vi),
            Fact(label="Phòng", value=desk.department(item.department)),
            Fact(label="Đang chờ", value=waiting),
        ),
        action=Action(label="Xem hồ sơ", url=f"{desk.base_url}/items/{item.code}"),
        small_print=("Bạn nhận thư này vì quy trình quy định báo cho bạn khi bước này quá lâu.",),
    )


def _released(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    return LetterText(
        agency=desk.agency.name,
        subject=f"Không còn chờ bạn xử lý: {item.code}",
        heading=f"Hồ sơ {item.code} không còn chờ bạn xử lý.",
        paragraphs=(_RELEASED[message.params.get("why", "holders")],),
        small_print=("Bạn nhận thư này vì trước đó hồ sơ đang chờ bạn xử lý.",),
    )


def _notice(desk: Desk, message: Message) -> LetterText:
    item = desk.item(message)
    definition = desk.definition(item)
    number, issued_on = message.params["number"], date.fromisoformat(message.params["issued_on"]).strftime("%d/%m/%Y")
    found = items.contents_of(desk.connection, [item]).get(item.id)
    contents = [definition.document.label.vi, *(f"Tệp kèm theo số {place}" for place, _ in enumerate(found.files if found else (), 1))]
    return LetterText(
        agency=desk.agency.name,
        subject=f"Thông báo gửi hồ sơ {number} ngày {issued_on}",
        heading=f"{desk.agency.name} gửi hồ sơ số {number} ngày {issued_on}.",
        paragraphs=(
            f"Kính gửi: {message.params['name']}.",
            "Thư này chỉ để thông báo, không kèm nội dung hồ sơ. Hồ sơ được chuyển theo hình thức ghi dưới đây.",
        ),
        facts=(
            Fact(label="Số, ký hiệu", value=number),
            Fact(label="Ngày", value=issued_on),
            Fact(label="Loại văn bản", value=definition.document.label.vi),
            Fact(label="Hình thức gửi", value=_CHANNELS[message.params["channel"]]),
            Fact(label="Danh mục", value="; ".join(contents)),
        ),
        small_print=(f"Mã hồ sơ tại {desk.agency.name}: {item.code}.",),
    )


def _delegation(desk: Desk, message: Message) -> LetterText:
    giver, taker = desk.person(message.params["from_person"]), desk.person(message.params["to_person"])
    starts, ends = (date.fromisoformat(message.params[name]).strftime("%d/%m/%Y") for name in ("starts_on", "ends_on"))
    return LetterText(
        agency=desk.agency.name,
        subject=f"Ủy quyền xử lý hồ sơ từ {starts} đến {ends}",
        heading=f"{taker.name} được xử lý hồ sơ thay {giver.name} từ {starts} đến {ends}.",
        paragraphs=("Trong thời gian này cả hai người đều nhận và xử lý được hồ sơ. Ủy quyền tự kết thúc sau ngày cuối.",),
        facts=(Fact(label="Văn bản ủy quyền", value=message.params["document"]),),
        small_print=("Nếu ủy quyền này không đúng, hãy báo ngay Văn phòng Sở.",),
    )


def _absence(desk: Desk, message: Message) -> LetterText:
    away = desk.person(message.params["away"])
    stand_in = desk.person(message.params["stand_in"]) if message.params["stand_in"] is not None else None
    starts, ends = (date.fromisoformat(message.params[name]).strftime("%d/%m/%Y") for name in ("starts_on", "ends_on"))
    is_over = message.params["what"] == "ended"
    meanwhile = f"{stand_in.name} xử lý hồ sơ thay" if stand_in else "Người khác cùng thẩm quyền xử lý hồ sơ"
    return LetterText(
        agency=desk.agency.name,
        subject=f"{'Kết thúc vắng mặt' if is_over else 'Vắng mặt'}: {away.name}, {starts} đến {ends}",
        heading=f"{away.name} {'đã trở lại làm việc' if is_over else f'vắng mặt từ {starts} đến {ends}'}.",
        paragraphs=(
            "Hồ sơ đang chờ được chuyển lại cho người đã trở lại."
            if is_over
            else f"{meanwhile} trong thời gian này; vắng mặt tự kết thúc sau ngày cuối.",
        ),
        small_print=("Nếu thông tin này không đúng, hãy báo ngay Văn phòng Sở.",),
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
    Kind.OPINION: _opinion,
}
