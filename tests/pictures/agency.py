"""Three agencies to look at: nothing yet, one item, and three hundred in the midst of the year.

Owns what they hold; every row is written by the product's own commands. Nobody in them is real.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count, cycle, product
from typing import Any, Final

from sqlalchemy import func, select

from api.auth.credentials import PutSecret
from api.auth.passwords import hash_secret_blocking
from api.auth.setup_codes import IssueCode
from api.web.hints import PAGES
from notifications.code_issuer import FIRST_FACTOR
from notifications.preferences import Prefer
from notifications.tick import tick
from tests.conftest import CAMPAIGN, Running
from tests.consolidated import consolidated
from tests.councils import challenged_round
from tests.maker import DEPARTMENTS, Journey, Maker, Wanted
from tests.versions import as_version
from tests.waiting import until
from workflow.commands.setup import SetUp
from workflow.definition import load_definition
from workflow.rules import vocabulary
from workflow.store import schema

ROLES: Final = {
    "staff": "staff.htqt@so.example",
    "head": "head.htqt@so.example",
    "officer": "officer@so.example",
    "director": "director@so.example",
    "clerk": "clerk@so.example",
    "admin": "admin@so.example",
    "auditor": "auditor@so.example",
}
PIN: Final = "246810"
PASSWORD: Final = "một mật khẩu để xem"
_PDF: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]"
    b"/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
_NAMES: Final = {
    "hop-tac-quoc-te": "Hợp tác quốc tế",
    "lanh-su": "Lãnh sự",
    "quan-ly-bien-gioi": "Quản lý biên giới",
}
_DEPARTMENTS: Final = (
    *("hop-tac-quoc-te", "lanh-su", "hop-tac-quoc-te", "quan-ly-bien-gioi", "hop-tac-quoc-te"),
    *("lanh-su", "hop-tac-quoc-te", "quan-ly-bien-gioi", "lanh-su", "hop-tac-quoc-te"),
)
_DEEDS: Final = (
    "tham mưu tổ chức an toàn, chu đáo đoàn công tác nước ngoài của lãnh đạo tỉnh",
    "",
    "hoàn thành xuất sắc nhiệm vụ phân giới cắm mốc trên tuyến biên giới của tỉnh",
    "vận động ba khoản viện trợ phi dự án",
    "xây dựng quy chế phối hợp giữa Sở Ngoại vụ và Công an tỉnh trong bảo hộ công dân",
    "",
    "tuyên truyền Luật Xuất cảnh, nhập cảnh tại các xã biên giới, có 1.200 lượt người nghe",
)
_WEEKS: Final = {
    "2022-05-04": "ended",
    "2022-05-11": "ended",
    "2022-05-18": "ended",
    "2022-05-25": "ended",
    "2022-06-01": "ended",
    "2022-06-08": "under_way",
    "2022-06-15": "under_way",
    "2022-06-17": "under_way",
    "2022-06-20": "under_way",
}
"""Days on which items are made, and how far those have come by the last of them."""
_MOVING: Final = {0, 2, 3}
"""On which of five days an item goes on; so a step takes one day or two."""
_SATURDAY: Final = 5
_STATES: Final = {
    "ended": (
        *("awarded", "received", "sent_to_ban_tdkt", "awarded", "not_awarded", "rejected"),
        *("awarded", "received", "withdrawn", "drafted", "awarded", "sent_to_ban_tdkt"),
        *("department_approved", "received", "awarded", "not_awarded", "submitted"),
    ),
    "under_way": (
        *("submitted", "department_approved", "office_reviewed", "drafted", "submitted"),
        *("director_signed", "returned", "department_approved", "sent_to_ban_tdkt", "submitted"),
        *("department_approved", "office_reviewed", "submitted"),
    ),
}
_NOW: Final = "2022-06-20T09:00:00+07:00"
_DEADLINES: Final[tuple[Mapping[str, Any], ...]] = (
    {"kind": "interim", "departments": [*DEPARTMENTS], "due_at": "2022-06-17T17:00:00+07:00"},
    {
        "kind": "khac",
        "name": "Danh sách tập thể, cá nhân tiêu biểu",
        "departments": ["hop-tac-quoc-te", "lanh-su"],
        "due_at": "2022-06-22T17:00:00+07:00",
    },
    {"kind": "nominations", "departments": [*DEPARTMENTS], "due_at": "2022-06-30T17:00:00+07:00"},
    {
        "kind": "khac",
        "name": "Số liệu viện trợ phi chính phủ",
        "departments": ["hop-tac-quoc-te"],
        "due_at": "2022-07-15T17:00:00+07:00",
        "repeats": {"every": "quarter", "times": 3},
    },
    {"kind": "final", "departments": [*DEPARTMENTS], "due_at": "2022-12-31T17:00:00+07:00"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """A served agency, and what addresses need to name what is in it."""

    running: Running
    values: Mapping[str, str]


def with_one(running: Running) -> Agency:
    """Give the agency one item that waits for its head."""
    code = running.item_in("submitted")["code"]
    return Agency(running=running, values={"code": code, "identity": CAMPAIGN})


def with_many(running: Running, a_day: int = 32) -> Agency:
    """Give the agency three hundred items, in all states, and all that stands around them.

    ``a_day``: so many of them are made on each day.
    """
    officer = running.client(ROLES["officer"])
    made = [
        _written(officer.post("/deadlines", json={"campaign": CAMPAIGN, **each}))
        for each in _DEADLINES
    ]
    _fill(running, a_day)
    running.run(running.parts.limits.forget())
    for role, page in product(ROLES.values(), PAGES):  # who works here has been on these pages
        seen = Prefer(person=running.person(role).id, name=f"hint:{page}", value="read")
        running.run(running.parts.database.write(seen))
    named = _named_items(running)
    values = {
        **named,
        **_links(running, named),
        **_merits(running),
        **_standing_in(running),
        **_requests(running),
        **_findings(running, named["submitted"]),
        **challenged_round(running),
        **consolidated(running, str(made[0]["id"])),
        **_inspection(running),
        **_proceeding(running),
        "dossier_id": str(
            running.client(ROLES["auditor"]).get("/dossiers").json()["data"][0]["id"]
        ),
        **_proposals(running),
        **_extensions(running, [each["id"] for each in made]),
        "code": named["submitted"],
        "identity": CAMPAIGN,
        "email": ROLES["staff"],
        "kind": "nomination",
        "name": "office",
        "transition_id": "approve_department",
    }
    _publish_second_version(running)
    running.run(tick(running.parts.database, running.parts.reminders))
    until(lambda: not _unsent(running), seconds=120)
    late = {"message": _reminding(running), **_accounts(running)}
    return Agency(running=running, values={**values, **late})


def _inspection(running: Running) -> Mapping[str, str]:
    """Plan a visit of the Office to a department."""
    form = {
        "campaign": CAMPAIGN,
        "department": "lanh-su",
        "on_day": "28/06/2022",
        "inspectors": ROLES["officer"],
        "about": "Việc phổ biến Kế hoạch, số liệu của báo cáo sơ kết",
    }
    with running.signed_in(ROLES["officer"]) as office:
        planned = office.post("/inspections", data=form)
    return {"inspection": planned.url.path.rpartition("/")[2]}


def _proceeding(running: Running) -> Mapping[str, str]:
    """Write down what is pending against somebody whom no nomination names."""
    form = {
        "person": "deputy.bg@so.example",
        "kind": "complaint",
        "since": "28/04/2022",
        "document": "Thông báo số 21/TB-TTr thụ lý tố cáo",
        "document_on": "28/04/2022",
        "words": "Xác minh nội dung tố cáo về việc chấp hành kỷ luật, kỷ cương hành chính",
    }
    with running.signed_in(ROLES["officer"]) as office:
        written = office.post("/proceedings", data=form)
    return {"proceeding": written.url.path.rpartition("/")[2]}


def _written(answer: Any, *statuses: int) -> Any:
    assert answer.status_code in (statuses or (200, 201)), answer.text
    return answer.json()


def _fill(running: Running, a_day: int) -> None:
    """Make the items of each day on that day; each goes on by a step every day or two."""
    maker, number = Maker(running), count()
    states = {stage: cycle(each) for stage, each in _STATES.items()}
    reports = _reports()
    under_way: list[Journey] = []
    for place, day in enumerate(_working_days()):
        moment = f"{day}T08:30:00+07:00"
        running.clock.advance(datetime.fromisoformat(moment) - running.clock.now())
        maker.go_on([each for n, each in enumerate(under_way) if (n + place) % 5 in _MOVING], 1)
        if stage := _WEEKS.get(day):
            running.run(tick(running.parts.database, running.parts.reminders))
            wanted = [_nomination(next(number), next(states[stage])) for _ in range(a_day)]
            under_way += maker.begun(
                [*wanted, *(next(reports, ()) if stage == "under_way" else ())]
            )
    maker.go_on(under_way)
    _go_to(running, _NOW)


def _working_days() -> Iterator[str]:
    day, last = date.fromisoformat(min(_WEEKS)), date.fromisoformat(max(_WEEKS))
    while day <= last:
        if day.weekday() < _SATURDAY:
            yield day.isoformat()
        day += timedelta(days=1)


def _go_to(running: Running, moment: str) -> None:
    running.clock.advance(datetime.fromisoformat(moment) - running.clock.now())
    running.run(tick(running.parts.database, running.parts.reminders))


_POSITION_OF = {"Chuyên viên Phòng": "staff", "Phó Trưởng phòng": "deputy"}


def _nomination(number: int, state: str) -> Wanted:
    department, deed = _DEPARTMENTS[number % len(_DEPARTMENTS)], _DEEDS[number % len(_DEEDS)]
    kind, position, who = (
        ("collective", "unit", "Tập thể Phòng"),
        ("individual", "direct", "Chuyên viên Phòng"),
        ("individual", "leader", "Phó Trưởng phòng"),
        ("individual", "direct", "Chuyên viên Phòng"),
    )[number % 4]
    nominee = f"{who} {_NAMES[department]}"
    fields = {
        "nominee_kind": kind,
        "nominee_unit": f"Phòng {_NAMES[department]}, Sở Ngoại vụ",
        **(
            {"nominee": nominee}
            if kind == "collective"
            else {
                "nominee": None,
                "members": None,
                "nominee_person": f"{_POSITION_OF[who]}.{DEPARTMENTS[department]}@so.example",
                "nominee_class": position,
                "nominee_sex": "female" if number % 3 else "male",
                "nominee_position": who.removesuffix(" Phòng"),
            }
        ),
        "award": "bang_khen_tinh" if number % 5 == 0 else "giay_khen",
    }
    title = f"{nominee} – {deed}" if deed else nominee
    return Wanted(kind="nomination", department=department, state=state, title=title, fields=fields)


def _reports() -> Iterator[list[Wanted]]:
    """Yield the reports of each day: one department is through, one on its way, one late."""
    for wanted in (
        {"hop-tac-quoc-te": "received"},
        {"lanh-su": "department_approved"},
        {"quan-ly-bien-gioi": "returned"},
    ):
        yield [
            Wanted(
                kind="department_report",
                department=department,
                state=state,
                title=f"Báo cáo sơ kết phong trào thi đua của Phòng {_NAMES[department]}",
                fields={"period": "interim"},
            )
            for department, state in wanted.items()
        ]


def _named_items(running: Running) -> dict[str, str]:
    """Make the items that pictures are about: one for each state, each with its own story."""
    maker = Maker(running)
    states = ("drafted", "submitted", "department_approved", "office_reviewed", "director_signed")
    states += ("sent_to_ban_tdkt", "received", "awarded", "rejected")
    codes = maker.items(
        [
            _nomination(number, state)
            for number, state in zip((10, 20, 30, 40, 50, 60, 70, 81, 90), states, strict=True)
        ]
    )
    named = dict(zip(states, codes, strict=True))
    staff, head = running.client(ROLES["staff"]), running.client(ROLES["head"])
    campaign = {"campaign": CAMPAIGN, "type": "nomination", "fields": {}}
    incomplete = _written(staff.post("/items", json={**campaign, "title": "Chưa xong"}))["code"]
    returned = running.draft()["code"]
    file = {"file": ("Biên bản bình xét.pdf", _PDF, "application/pdf")}
    attached = _written(
        staff.post(f"/items/{returned}/attachments", files=file, headers={"If-Match": '"1"'})
    )
    _written(running.decide(returned, "submit", ROLES["staff"]))
    words = "Bổ sung số liệu về các đoàn công tác và biên bản bình xét của phòng."
    mend = ["achievements", "unit_vote"]
    _written(running.decide(returned, "return", ROLES["head"], comment=words, mend=mend))
    submitted = named["submitted"]
    said = {"words": "Đề nghị nêu rõ thời gian của từng đoàn."}
    _written(head.post(f"/items/{submitted}/comments", json=said))
    asked = {"of": ROLES["officer"], "words": "Hình thức khen này có đúng đối tượng không?"}
    _written(head.post(f"/items/{submitted}/opinions", json=asked))
    kept = {"sha256": attached["files"][0]["sha256"]}
    return {**named, "incomplete": incomplete, "returned": returned, **kept}


def _links(running: Running, named: Mapping[str, str]) -> dict[str, str]:
    """Return the path of a mailed link for each step, of one that is used, and of an old one."""
    waiting = {
        "head": "submitted",
        "officer": "department_approved",
        "director": "office_reviewed",
        "clerk": "director_signed",
    }
    found = {f"link_{role}": _path(running, named[state], role) for role, state in waiting.items()}
    answered, overtaken = running.item_in("submitted")["code"], running.item_in("submitted")["code"]
    old = _path(running, overtaken, "head")
    _written(running.decide(overtaken, "approve_department", "deputy.htqt@so.example"))
    return {**found, "link_answered": _path(running, answered, "head"), "link_old": old}


def _path(running: Running, code: str, role: str) -> str:
    return running.link_for(code, ROLES[role]).removeprefix(running.base_url)


def _merits(running: Running) -> dict[str, str]:
    staff, officer = running.client(ROLES["staff"]), running.client(ROLES["officer"])
    noted = [
        _written(
            staff.post(
                "/merits",
                json={
                    "campaign": CAMPAIGN,
                    "recognition": recognition,
                    "whose": whose,
                    "whose_kind": "individual",
                    "what": what,
                    "story": "Đã kiểm tra với đơn vị nơi việc xảy ra.",
                    "happened_on": day,
                },
            )
        )["id"]
        for recognition, whose, what, day in (
            ("good_deed", "Chuyên viên Phòng Lãnh sự", "Giúp ba ngư dân hồi hương", "2022-05-12"),
            ("initiative", "Văn thư Sở", "Sổ theo dõi đoàn ra trên mạng nội bộ", "2022-06-02"),
            ("new_factor", "Phòng Quản lý biên giới", "Tổ tự quản đường biên", "2022-06-14"),
        )
    ]
    note = {"standing": "noted", "words": "Đưa vào danh sách bình xét quý II."}
    _written(officer.post(f"/merits/{noted[0]}/notes", json=note))
    return {"merit": str(noted[0])}


def _standing_in(running: Running) -> dict[str, str]:
    _written(
        running.client(ROLES["director"]).post(
            "/delegations",
            json={
                "from": ROLES["director"],
                "to": ROLES["head"],
                "starts_on": "2022-07-01",
                "ends_on": "2022-07-08",
                "document": "15/UQ-SNgV",
                "form": "TUQ.",
                "terms": "Ký văn bản của phòng",
                "pin": PIN,
            },
        )
    )
    away = {"stand_in": "deputy.htqt@so.example", "starts_on": "2022-06-27", "pin": PIN}
    absent = running.client(ROLES["head"]).post("/absences", json={**away, "ends_on": "2022-06-29"})
    _written(absent)
    return {}


def _requests(running: Running) -> dict[str, str]:
    asked = {"kind": "access", "words": "Xin xem các dữ liệu về tôi mà cơ quan đang giữ."}
    request = _written(running.client(ROLES["staff"]).post("/privacy/requests", json=asked))["id"]
    hold = {"about": f"item:{running.draft()['code']}", "reason": "Đang giải quyết khiếu nại"}
    _written(running.client(ROLES["officer"]).post("/privacy/holds", json=hold))
    return {"request": str(request)}


def _findings(running: Running, code: str) -> dict[str, str]:
    body = {
        "entry": f"item:{code}@1",
        "title": "Thời gian lập thành tích chưa khớp",
        "words": "Ngày trong báo cáo khác ngày trong biên bản. Đề nghị giải trình.",
        "addressee": ROLES["head"],
    }
    found = _written(running.client(ROLES["auditor"]).post("/findings", json=body))
    return {"finding": str(found["id"])}


def _proposals(running: Running) -> dict[str, str]:
    person = {
        "email": "truong-phong-moi@so.example",
        "name": "Trưởng phòng Lãnh sự (từ 01/7)",
        "position": "head",
        "department": "lanh-su",
    }
    proposed = _written(running.client(ROLES["officer"]).post("/people", json=person), 202)
    return {"proposal": str(proposed["proposal"]["id"])}


def _extensions(running: Running, ids: list[int]) -> dict[str, str]:
    asked = {
        "wanted_at": "2022-06-24T17:00:00+07:00",
        "why": "Hai đoàn công tác về ngày 22/6, chưa đủ số liệu.",
        "department": "hop-tac-quoc-te",
    }
    head, officer = running.client(ROLES["head"]), running.client(ROLES["officer"])
    _written(head.post(f"/deadlines/{ids[1]}/extensions", json=asked))
    reminding = {"department": "quan-ly-bien-gioi", "message": "Đề nghị nộp trong ngày 20/6."}
    _written(officer.post(f"/deadlines/{ids[0]}/remind", json=reminding))
    with running.signed_in(ROLES["officer"]) as browser:
        browser.post(
            "/items/views", data={"query": "department=hop-tac-quoc-te", "name": "Phòng HTQT"}
        )
        feed = browser.post("/deadlines/calendar/feed", data={"key": secrets.token_hex(16)}).text
    found = re.search(r"/feeds/([^\"<\s]+)\.ics", feed)
    return {"deadline_id": str(ids[1]), "feed": found.group(1) if found else ""}


def _accounts(running: Running) -> dict[str, str]:
    """Return the paths of links about accounts: a first factor, a proposal, a change to undo."""
    auditor, write = running.person(ROLES["auditor"]).id, running.parts.database.write
    password = hash_secret_blocking(PASSWORD)
    running.run(write(PutSecret(person=auditor, name="password_hash", value=password)))
    code = running.run(write(IssueCode(person=auditor, purpose=FIRST_FACTOR, seed="pictures")))
    moved = {"email": "chuyen-vien.bg@so.example"}
    _written(running.client(ROLES["officer"]).patch("/people/staff.bg@so.example", json=moved))
    return {
        "setup": code,
        "link_proposal": until(lambda: _mailed(running, "/a/p1.")),
        "link_undo": until(lambda: _mailed(running, "/a/u1.")),
    }


def _mailed(running: Running, start: str) -> str:
    """Return the newest mailed path that begins so."""
    urls = [url for mail in running.mailbox.mails() for url in mail.urls if start in url]
    return urls[-1].removeprefix(running.base_url) if urls else ""


def _publish_second_version(running: Running) -> None:
    """Publish a second version of the process, in which the department has a day more."""
    text = (running.parts.settings.definitions / "nomination.yaml").read_text("utf-8")
    text = as_version(text, 99).replace("working_days: 2", "working_days: 3", 1)
    loaded = load_definition(text, "nomination.yaml", vocabulary())
    command = SetUp(definitions=(loaded,), campaigns=(), organization=None, software="pictures")
    running.run(running.parts.database.write(command))


def _unsent(running: Running) -> int:
    outbox = schema.outbox
    query = select(func.count()).where(
        outbox.c.state.in_(["new", "leased"]), outbox.c.next_at <= running.clock.now()
    )
    with running.parts.engines.write.connect() as connection:
        return int(connection.execute(query).scalar_one())


def _reminding(running: Running) -> str:
    reminders = schema.reminders
    query = select(func.max(reminders.c.outbox_id)).where(reminders.c.outbox_id.is_not(None))
    with running.parts.engines.write.connect() as connection:
        return str(connection.execute(query).scalar_one())
