"""The words of mails about deadlines: reminders by the ladder, by hand, and the Office's week."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from notifications.letters.calendar_file import CalendarEntry, calendar_file
from notifications.mail_context import Action, Desk, Fact, LetterText, ListRow, days_left
from notifications.mail_health import troubles
from notifications.messages import Kind, Message
from workflow.commands.deadlines import obligations
from workflow.deadlines import Deadline
from workflow.queries.attention import Worry, concerns
from workflow.speech import phrase, say
from workflow.store import deadlines, extensions
from workflow.wording import worded


def _reminder(desk: Desk, message: Message) -> LetterText:
    owed = obligations(desk.context, desk.connection)
    by_id = {each.id: each for each in deadlines.all_deadlines(desk.connection)}
    carried = deadlines.ledger_by_outbox(desk.connection, [message.id])
    open_ones = [
        (
            by_id[row.deadline],
            row,
            [each for each in row.departments if (by_id[row.deadline].campaign, by_id[row.deadline].kind, each) not in owed.met],
        )
        for row in carried
        if row.state == "planned"
    ]
    rows = [
        ListRow(text=_reminder_line(desk, deadline, department), label=say("Mở danh sách hồ sơ"), url=f"{desk.base_url}/items")
        for deadline, _, departments in open_ones
        for department in departments
    ]
    words = dict.fromkeys(_words(desk, deadline, row.rung, departments) for deadline, row, departments in open_ones)
    first = by_id[carried[0].deadline]
    return LetterText(
        agency=desk.agency.name,
        subject=say("Nhắc nộp báo cáo {called}, hạn {day}", called=first.called, day=desk.day(first.due_at)[:5]),
        heading=say("Báo cáo phong trào thi đua chưa nộp."),
        paragraphs=(
            *(each for each in words if each),
            say("Theo dõi của Văn phòng Sở, các báo cáo sau chưa được trình. Nếu đã trình, xin bỏ qua thư này."),
        ),
        rows=tuple(rows),
        small_print=(
            say("Bạn nhận thư này theo thang nhắc việc của thời hạn do Văn phòng Sở đặt. Thư tự dừng khi báo cáo được trình."),
            *_why(desk, message),
        ),
        calendar=_calendar(desk, {deadline.id: deadline for deadline, _, _ in open_ones}.values()),
    )


def _calendar(desk: Desk, wanted: Iterable[Deadline]) -> bytes:
    entries = [deadline_entry(each, deployment=desk.keys.deployment, base_url=desk.base_url) for each in wanted]
    return calendar_file(entries, name=desk.agency.name, zone=desk.context.calendar.zone, now=desk.context.clock(), method="PUBLISH")


def deadline_entry(deadline: Deadline, *, deployment: str, base_url: str) -> CalendarEntry:
    """Return a deadline as calendars show it; its changes come as updates of the same entry."""
    return CalendarEntry(
        uid=f"deadline-{deadline.id}@{deployment}",
        summary=say("Hạn nộp báo cáo {called}", called=deadline.called),
        due_at=deadline.due_at,
        sequence=deadline.version,
        url=f"{base_url}/deadlines",
    )


def _words(desk: Desk, deadline: Deadline, days: int, departments: Sequence[str]) -> str:
    """Return the Office's own words for a rung, filled in; empty where it has none."""
    words = next((rung.words for rung in deadline.ladder if rung.days == days), "")
    left = days_left(desk.context.calendar, desk.context.clock(), deadline.due_at)
    facts = {"kind": deadline.called, "due": desk.day(deadline.due_at), "left": left, "data_until": _local_day(deadline.data_until)}
    return worded(words, {**facts, "departments": ", ".join(desk.department(each) for each in departments)})


def _local_day(day: str) -> str:
    return "/".join(reversed(day.split("-")))


def _why(desk: Desk, message: Message) -> tuple[str, str]:
    """Return the foot that leads to the entry of the ledger behind a mail."""
    return (say("Vì sao tôi nhận thư này:"), f"{desk.base_url}/reminders/{message.id}")


def _reminder_line(desk: Desk, deadline: Deadline, department: str) -> str:
    until = say(", số liệu đến {local_day}", local_day=_local_day(deadline.data_until)) if deadline.data_until else ""
    return say(
        "{department}: báo cáo {called}, hạn {day} ({days_left}){until}",
        department=desk.department(department),
        called=deadline.called,
        day=desk.day(deadline.due_at),
        days_left=days_left(desk.context.calendar, desk.context.clock(), deadline.due_at),
        until=until,
    )


def _extension(desk: Desk, message: Message) -> LetterText:
    asked = extensions.extension_by_id(desk.connection, message.params["extension"])
    if asked is None:  # pragma: no cover - extensions are never deleted
        raise ValueError("a mail about an extension that is not there")
    deadline = next(each for each in deadlines.all_deadlines(desk.connection) if each.id == asked.deadline)
    department, wanted = desk.department(asked.department), desk.day(asked.wanted_at)
    says = {
        "asked": (
            say("{department} xin gia hạn đến {wanted}", department=department, wanted=wanted),
            say("Mở trang Thời hạn để đồng ý hoặc không đồng ý."),
            say("Lý do của phòng"),
            asked.why,
        ),
        "granted": (
            say("Đã gia hạn cho {department} đến {wanted}", department=department, wanted=wanted),
            say("Mốc nhắc của phòng đã tính lại theo hạn mới."),
            say("Ý kiến"),
            asked.answer,
        ),
        "refused": (say("Không gia hạn cho {department}", department=department), say("Hạn của phòng giữ như cũ."), say("Lý do"), asked.answer),
    }
    heading, what, label, words = says[asked.state]
    return LetterText(
        agency=desk.agency.name,
        subject=say("{heading}: báo cáo {called}", heading=heading, called=deadline.called),
        heading=f"{heading}.",
        paragraphs=(what,),
        facts=(Fact(label=say("Báo cáo"), value=deadline.called), *((Fact(label=label, value=words),) if words else ())),
        action=Action(label=say("Mở trang Thời hạn"), url=f"{desk.base_url}/deadlines"),
        small_print=(say("Bạn nhận thư này vì việc gia hạn do phòng bạn xin, hoặc do bạn quyết định."),),
    )


def _weekly(desk: Desk, message: Message) -> LetterText:
    found = concerns(desk.context, desk.connection)
    wrong = troubles(desk.context, desk.connection)
    heads = Counter(each.worry for each in found)
    counted = "; ".join(f"{_WORRIES[worry]}: {heads[worry]}" for worry in Worry if heads[worry])
    mail = say("Thư không gửi được: {count}.", count=len(wrong.undelivered)) if wrong.undelivered else ""
    rows = [
        ListRow(
            text=each.sentence,
            label=say("Mở hồ sơ") if each.code else say("Mở thời hạn"),
            url=f"{desk.base_url}/items/{each.code}" if each.code else f"{desk.base_url}/deadlines",
        )
        for each in found[:_WEEKLY_ROWS]
    ]
    if len(found) > _WEEKLY_ROWS:
        more = say("Và {count} việc nữa", count=len(found) - _WEEKLY_ROWS)
        rows.append(ListRow(text=more, label=say("Mở trang Cần xử lý"), url=f"{desk.base_url}/office"))
    # The list is of when it leaves; the subject is the week's, so that a letter sent again after a crash is known as the same.
    week = date.fromisoformat(message.params["week"]).strftime("%d/%m")
    return LetterText(
        agency=desk.agency.name,
        subject=say("Việc thi đua cần xử lý, tuần từ {week}", week=week),
        heading=say("{count} việc cần Văn phòng Sở xử lý tuần này.", count=len(found)),
        paragraphs=tuple(part for part in (f"{counted}." if counted else "", mail) if part),
        rows=tuple(rows),
        action=Action(label=say("Mở trang Cần xử lý"), url=f"{desk.base_url}/office"),
        small_print=(say("Thư này gửi Văn phòng Sở mỗi đầu tuần, chỉ khi có việc cần xử lý."),),
    )


_WEEKLY_ROWS = 20
_WORRIES = {
    Worry.STUCK: phrase("hồ sơ không có người xử lý"),
    Worry.EXTENSION: phrase("xin gia hạn, chờ trả lời"),
    Worry.LATE_REPORT: phrase("báo cáo quá hạn"),
    Worry.LATE_ITEM: phrase("hồ sơ trễ bước"),
    Worry.NOBODY_REMINDED: phrase("thời hạn không nhắc được ai"),
    Worry.DUE_SOON: phrase("báo cáo sắp đến hạn"),
    Worry.UNCONFIRMED: phrase("chưa ghi nhận kết quả của Ban TĐKT"),
}


def _remind_now(desk: Desk, message: Message) -> LetterText:
    by_id = {each.id: each for each in deadlines.all_deadlines(desk.connection)}
    deadline = by_id[message.params["deadline"]]
    return LetterText(
        agency=desk.agency.name,
        subject=say("Văn phòng Sở nhắc báo cáo {called}, hạn {day}", called=deadline.called, day=desk.day(deadline.due_at)[:5]),
        heading=say("Văn phòng Sở đề nghị phòng nộp báo cáo {called}.", called=deadline.called),
        paragraphs=tuple(line for line in message.params["message"].splitlines() if line.strip()),
        facts=(
            Fact(label=say("Phòng"), value=desk.department(message.params["department"])),
            Fact(label=say("Hạn"), value=desk.day(deadline.due_at)),
        ),
        action=Action(label=say("Mở danh sách hồ sơ"), url=f"{desk.base_url}/items"),
        small_print=(say("Lời nhắc này do Văn phòng Sở gửi trực tiếp và được ghi vào lịch sử."), *_why(desk, message)),
    )


DEADLINE_WRITERS: Mapping[Kind, Callable[[Desk, Message], LetterText]] = {
    Kind.REMINDER: _reminder,
    Kind.REMIND_NOW: _remind_now,
    Kind.WEEKLY: _weekly,
    Kind.EXTENSION: _extension,
}
