"""What pictures there are: each page by its address and readers, and each state that one can be in.

Owns the names of pictures. Who may read a page is said by the matrix of addresses, not here.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from typing import Any, Final

from tests.acceptance.test_every_address import ANYBODY, NOBODY, READERS
from tests.pictures.agency import PASSWORD, PIN, ROLES

Act = Callable[[Any], None]
"""What is done on a page of the browser before its picture is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One page in one state, as one role sees it."""

    name: str
    role: str
    address: str
    agency: str = "many"
    act: Act | None = None
    status: int = 200
    scripts: bool = True
    language: str = "vi"
    is_printed: bool = False

    @property
    def full_name(self) -> str:
        """Return the name with what is unusual about it, but for width and theme."""
        unusual = (
            "" if self.scripts else "_nojs",
            "" if self.language == "vi" else f"_{self.language}",
            "_print" if self.is_printed else "",
        )
        return f"{self.name}{''.join(unusual)}-{self.role}"


PAGES: Final = {
    "work": ("/", "/"),
    "items": ("/items", "/items"),
    "items_late": ("/items", "/items?only=late"),
    "items_found": ("/items", "/items?q=bien+gioi"),
    "items_nothing": ("/items", "/items?q=khong+co+gi"),
    "items_columns": ("/items", "/items?columns=department&columns=since&columns=author"),
    "board": ("/items/board", "/items/board?type=nomination"),
    "board_reports": ("/items/board", "/items/board?type=department_report"),
    "together": ("/together", "/together?code={code}"),
    "new": ("/items/new", "/items/new"),
    "form_nomination": ("/items/new", "/items/new?type=nomination"),
    "form_report": ("/items/new", "/items/new?type=department_report"),
    "form_edit": ("/items/{code}/edit", "/items/{drafted}/edit"),
    "form_returned": ("/items/{code}/edit", "/items/{returned}/edit"),
    "item_incomplete": ("/items/{code}", "/items/{incomplete}"),
    "item_drafted": ("/items/{code}", "/items/{drafted}"),
    "item_submitted": ("/items/{code}", "/items/{submitted}"),
    "item_department_approved": ("/items/{code}", "/items/{department_approved}"),
    "item_office_reviewed": ("/items/{code}", "/items/{office_reviewed}"),
    "item_director_signed": ("/items/{code}", "/items/{director_signed}"),
    "item_sent": ("/items/{code}", "/items/{sent_to_ban_tdkt}"),
    "sending": ("/items/{sent}/sending", "/items/{sent_to_ban_tdkt}/sending"),
    "item_received": ("/items/{code}", "/items/{received}"),
    "item_awarded": ("/items/{code}", "/items/{awarded}"),
    "item_rejected": ("/items/{code}", "/items/{rejected}"),
    "item_returned": ("/items/{code}", "/items/{returned}"),
    "versions": ("/items/{code}/versions", "/items/{returned}/versions"),
    "as_of": ("/items/{code}/as-of", "/items/{code}/as-of?at=2022-06-21T08:00"),
    "item_sheet": ("/items/{code}/print", "/items/{code}/print"),
    "deadlines": ("/deadlines", "/deadlines"),
    "deadlines_board": ("/deadlines/board", "/deadlines/board"),
    "deadlines_calendar": ("/deadlines/calendar", "/deadlines/calendar"),
    "backplan": ("/deadlines/backplan", "/deadlines/backplan?type=nomination&on=2022-07-15"),
    "quality": ("/deadlines/quality", "/deadlines/quality?type=nomination"),
    "deadline_new": ("/deadlines/new", "/deadlines/new"),
    "deadline_edit": ("/deadlines/{deadline_id}", "/deadlines/{deadline_id}"),
    "gather": ("/deadlines/{deadline_id}/gather", "/deadlines/{deadline_id}/gather"),
    "gathered": ("/items/{consolidated}/gathered", "/items/{consolidated}/gathered"),
    "remind": ("/deadlines/{deadline_id}/remind", "/deadlines/{deadline_id}/remind?{lanh_su}"),
    "snooze": ("/deadlines/{deadline_id}/snooze", "/deadlines/{deadline_id}/snooze"),
    "extension": ("/deadlines/{deadline_id}/extension", "/deadlines/{deadline_id}/extension"),
    "reminders": ("/reminders", "/reminders"),
    "reminder": ("/reminders/{message}", "/reminders/{message}"),
    "attention": ("/office", "/office"),
    "remind_group": ("/office/remind/{worry}", "/office/remind/late_report"),
    "campaigns": ("/campaigns", "/campaigns"),
    "campaign": ("/campaigns/{identity}", "/campaigns/{identity}"),
    "campaign_plan": ("/campaigns/{identity}", "/campaigns/{identity}?part=plan"),
    "campaign_new": ("/campaigns/new", "/campaigns/new"),
    "evaluation": ("/evaluation", "/evaluation"),
    "merits": ("/merits", "/merits"),
    "awards": ("/awards", "/awards"),
    "award_statistics": ("/awards/statistics", "/awards/statistics"),
    "merit": ("/merits/{merit}", "/merits/{merit}"),
    "people": ("/people", "/people"),
    "person_new": ("/people/new", "/people/new"),
    "person": ("/people/{email}", "/people/{email}"),
    "proposals": ("/proposals", "/proposals"),
    "proposal": ("/proposals/{proposal}", "/proposals/{proposal}"),
    "standing_in": ("/standing-in", "/standing-in"),
    "rounds": ("/rounds", "/rounds"),
    "round": ("/rounds/{round_id}", "/rounds/{round_id}"),
    "round_new": ("/rounds/new", "/rounds/new"),
    "round_edit": ("/rounds/{round_id}/edit", "/rounds/{round_id}/edit"),
    "round_paper": ("/rounds/{round_id}/papers/{member}", "/rounds/{round_id}/papers/{member}"),
    "register": ("/register", "/register"),
    "dossiers": ("/dossiers", "/dossiers"),
    "dossier": ("/dossiers/{dossier_id}", "/dossiers/{dossier_id}"),
    "past_awards": ("/awards/imported", "/awards/imported"),
    "inspections": ("/inspections", "/inspections"),
    "inspection": ("/inspections/{inspection}", "/inspections/{inspection}"),
    "proceedings": ("/proceedings", "/proceedings"),
    "proceeding": ("/proceedings/{proceeding}", "/proceedings/{proceeding}"),
    "findings": ("/findings", "/findings"),
    "finding": ("/findings/{finding}", "/findings/{finding}"),
    "finding_new": ("/findings/new", "/findings/new?entry=item:{code}@1"),
    "history": ("/history", "/history"),
    "history_verified": ("/history", "/history?verify=1"),
    "history_item": ("/history", "/history?code={code}"),
    "history_openings": ("/history/openings", "/history/openings"),
    "history_difference": (
        "/history/difference",
        "/history/difference?entry=item:{returned}@1&entry=item:{returned}@2",
    ),
    "history_as_of": ("/history/as-of", "/history/as-of?at=2022-06-20T08:45"),
    "history_patterns": ("/history/patterns", "/history/patterns"),
    "privacy": ("/privacy", "/privacy"),
    "privacy_request": ("/privacy/requests/{request}", "/privacy/requests/{request}"),
    "privacy_erase": ("/privacy/erase", "/privacy/erase?of=item:{code}"),
    "own_data": ("/account/data", "/account/data"),
    "security": ("/security", "/security"),
    "more": ("/more", "/more"),
    "help": ("/help", "/help"),
    "help_office": ("/help/{name}", "/help/office"),
    "processes": ("/definitions", "/definitions"),
    "process": ("/definitions/{kind}", "/definitions/nomination"),
    "definition_changes": ("/definitions/{kind}/changes", "/definitions/nomination/changes"),
    "definition_step": (
        "/definitions/{kind}/changes",
        "/definitions/nomination/changes?step=submitted",
    ),
    "editor": ("/definitions/{kind}/edit", "/definitions/nomination/edit"),
    "migration": ("/definitions/{kind}/migrate", "/definitions/nomination/migrate?to=99"),
    "demo_roles": ("/demo/roles", "/demo/roles"),
    "mailbox": ("/demo/mailbox", "/demo/mailbox"),
    "mailbox_mail": ("/demo/mailbox/{number}", "/demo/mailbox/5"),
    "mailbox_letter": ("/demo/mailbox/{number}/letter", "/demo/mailbox/5/letter"),
    "check": ("/check", "/check"),
    "sign_in": ("/sign-in", "/sign-in"),
    "forgot": ("/forgot", "/forgot"),
}
"""The name of a page, its route, and an address of it."""
NO_PAGES: Final = frozenset(
    {"/setup/{setup}", "/sign-in/code", "/a/{token}", "/a/{token}/files/{sha256}"}
    | {"/a/{fetch}/package"}
    | {"/items/{code}/decide/{transition_id}", "/items/{code}/files/{sha256}", "/metrics"}
    | {"/healthz/live", "/healthz/ready", "/items/{code}/way.svg"}
    | {"/items/{code}/proof.tlog-proof"}
    | {"/items/{code}/documents/{file}", "/rounds/{round_id}/documents/{file}"}
)
"""Routes that answer no page, or a page that only a state below shows."""
_OF_ONE: Final = {"deadlines", "campaigns", "campaign", "history", "people", "merits"}
"""Pages that look otherwise in an empty agency; the lists are there empty, with one, and many."""
_LISTS: Final = {"work", "items", "board", "deadlines_board", "attention", "reminders", "findings"}
_IN_ENGLISH: Final = {"work", "items", "item_submitted", "form_nomination", "deadlines", "history"}
_WITHOUT_SCRIPTS: Final = {
    *("work", "items", "item_submitted", "item_returned", "form_nomination"),
    *("together", "deadline_new", "deadlines", "board", "people"),
}
_MEANT_FOR: Final = {"work": "head", "item_submitted": "head", "form_nomination": "staff"}
"""Whose work a page is; elsewhere it is the Office's."""
_PRINTED: Final = {
    "items",
    "history",
    "item_submitted",
    "deadlines_board",
    "campaign",
    "work",
    "board",
}


def _press_send(page: Any) -> None:
    """Send the page's longest form as it is, past what the browser would say itself."""
    page.evaluate(
        """() => {
            const forms = [...document.querySelectorAll("main form[method=post], form.decide")];
            const form = forms.sort((one, other) => other.elements.length - one.elements.length)[0];
            form.noValidate = true;
            const send = [...form.elements].filter((each) =>
                each.type === "submit" && !each.hidden && !["typing-action"].includes(each.name));
            form.requestSubmit(send[0]);
        }"""
    )
    page.wait_for_load_state("networkidle")


def _sign_in_wrongly(page: Any) -> None:
    _sign_in(page, "sai mật khẩu")


def _sign_in(page: Any, password: str = PASSWORD) -> None:
    page.locator("#email").fill(ROLES["auditor"])
    page.locator("#password").fill(password)
    page.locator("form[action='/sign-in'] button:not([type=button])").first.click()
    page.wait_for_load_state("networkidle")


def _preview(page: Any) -> None:
    page.evaluate("document.querySelector('input[name=kind]').checked = true")
    day = page.locator("#due_day")
    is_native = day.get_attribute("type") == "date"
    day.fill("2022-07-20" if is_native else "20/07/2022")
    page.locator(".stick button[value=preview]").click()
    page.wait_for_load_state("networkidle")


def _set_day(page: Any) -> None:
    _unfold(page)
    page.locator("#day").fill("22/06/2022")
    page.locator("input[name=kind][value=rest]").check(force=True)
    page.locator("#notice").fill("12729/VPCP-KGVX ngày 20/06/2022")
    page.locator("#set button").click()
    page.wait_for_load_state("networkidle")


def _unfold(page: Any) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach((each) => each.open = true)")


def _choosing(place: int) -> Act:
    def choose(page: Any) -> None:
        page.locator("input[name=decision]").nth(place).check(force=True)

    return choose


def _send_answer(place: int, pin: str = "", comment: str = "") -> Act:
    def send(page: Any) -> None:
        _choosing(place)(page)
        if pin:
            page.locator("#pin").fill(pin)
        if comment:
            page.locator("textarea[name=comment]").first.fill(comment)
        page.locator("button.send").click()
        page.wait_for_load_state("networkidle")

    return send


def _decide(page: Any) -> None:
    page.locator("main form[method=post] button[type=submit], main form button").first.click()
    page.wait_for_load_state("networkidle")


_ERRORS: Final = {
    "form_nomination": "staff",
    "form_report": "staff",
    "deadline_new": "officer",
    "person_new": "officer",
    "campaign_new": "officer",
    "finding_new": "auditor",
    "round_new": "officer",
    "standing_in": "head",
    "merits": "staff",
    "extension": "head",
}


def _states() -> Iterator[Shot]:
    for page, role in _ERRORS.items():
        address = PAGES[page][1]
        yield Shot(name=f"{page}_error", role=role, address=address, act=_press_send, status=0)
    yield Shot(name="deadline_preview", role="officer", address="/deadlines/new", act=_preview)
    address = PAGES["deadlines_calendar"][1]
    yield Shot(name="calendar_change", role="officer", address=address, act=_set_day)
    for page, role in (("items", "officer"), ("item_submitted", "head"), ("item_sent", "auditor")):
        yield Shot(name=f"{page}_unfolded", role=role, address=PAGES[page][1], act=_unfold)
    for transition, state, role in (
        ("submit", "drafted", "staff"),
        ("approve_department", "submitted", "head"),
        ("return", "submitted", "head"),
        ("review_office", "department_approved", "officer"),
        ("return", "office_reviewed", "director"),
        ("sign_director", "office_reviewed", "director"),
        ("send_to_board", "director_signed", "clerk"),
        ("record_award", "received", "clerk"),
    ):
        address = f"/items/{{{state}}}/decide/{transition}"
        shot = Shot(name=f"decide_{transition}_{state}", role=role, address=address)
        yield shot
        if transition in {"return", "sign_director"}:
            yield replace(shot, name=f"{shot.name}_error", act=_press_send, status=0)
        if state in {"submitted", "office_reviewed"}:
            yield replace(shot, scripts=False)
    yield Shot(name="error_not_found", role="staff", address="/nowhere", status=404)
    yield Shot(name="error_not_permitted", role="staff", address="/people", status=403)
    yield Shot(name="error_unknown_item", role="staff", address="/items/DN-2022-9999", status=404)
    yield Shot(name="error_not_found", role=NOBODY, address="/nowhere", status=404)


def _links() -> Iterator[Shot]:
    """Yield the page of a mailed link: open, with each answer chosen, wrong, answered, old."""
    answers = {"head": 3, "officer": 3, "director": 3, "clerk": 2}
    for role, count in answers.items():
        shot = Shot(name="link_open", role=role, address=f"{{link_{role}}}")
        yield shot
        yield replace(shot, name="link_nothing_chosen", act=_press_send_of_link, status=0)
        for place in range(count):
            yield replace(shot, name=f"link_answer_{place + 1}", act=_choosing(place))
    head = Shot(name="link_open", role="head", address="{link_head}")
    yield replace(head, scripts=False)
    yield replace(head, language="en")
    yield replace(head, name="link_unfolded", act=_unfold)
    yield replace(head, name="link_return_error", act=_send_answer(1), status=0)
    wrong = Shot(name="link_pin_error", role="director", address="{link_director}")
    yield replace(wrong, act=_send_answer(0, pin="000000"), status=0)
    yield replace(head, name="link_old", address="{link_old}", status=0)
    yield replace(head, name="link_unknown", address="/a/a1.x.y.z", status=0)
    yield Shot(name="link_proposal", role="director", address="{link_proposal}")
    yield Shot(name="link_undo", role="auditor", address="{link_undo}")


def _press_send_of_link(page: Any) -> None:
    page.evaluate("document.querySelector('form').noValidate = true")
    page.locator("button.send").click()
    page.wait_for_load_state("networkidle")


def _changing() -> Iterator[Shot]:
    """Yield what changes the agency, which comes last: a decision, and what answers it."""
    link = Shot(name="link_receipt", role="head", address="{link_answered}")
    yield replace(link, act=_send_answer(0), status=0)
    yield replace(link, name="link_receipt_again", status=0)
    shot = Shot(name="item_after_approve", role="head", address="")
    yield replace(shot, address="/items/{submitted}/decide/approve_department", act=_decide)
    yield replace(shot, name="item_undo", address="/items/{submitted}")
    sign = Shot(name="link_receipt", role="director", address="{link_director}")
    yield replace(sign, act=_send_answer(0, pin=PIN), status=0)


def _readers(route: str) -> Collection[str]:
    readers = READERS.get(route, {"auditor"})
    return [NOBODY] if readers is ANYBODY else [role for role in ROLES if role in readers]


def _pages() -> Iterator[Shot]:
    for name, (route, address) in PAGES.items():
        readers = _readers(route)
        is_list = name in _LISTS | _OF_ONE
        for role in readers:
            yield Shot(name=f"{name}_many" if is_list else name, role=role, address=address)
        yield from _otherwise(name, address, readers)
    sign_in = Shot(name="sign_in", role=NOBODY, address="/sign-in")
    yield replace(sign_in, language="en")
    yield replace(sign_in, name="sign_in_error", act=_sign_in_wrongly, status=0)
    yield replace(sign_in, name="sign_in_code", act=_sign_in)
    yield replace(sign_in, name="first_factor", address="/setup/{setup}")
    yield replace(sign_in, name="check_unknown", address="/check?code=1-AAAA-AAAA-AAAA-AAAA-AAAA")


def once() -> Iterator[Shot]:
    """Yield each page once, as the one whose work it is sees it."""
    for name, (route, address) in PAGES.items():
        yield Shot(name=name, role=_meant(name, _readers(route)), address=address)


def _meant(name: str, readers: Collection[str]) -> str:
    return next(each for each in (_MEANT_FOR.get(name), "officer", *readers) if each in readers)


def _otherwise(name: str, address: str, readers: Collection[str]) -> Iterator[Shot]:
    """Yield a page empty, with one item, in English, without scripts, on paper: for one reader."""
    role = _meant(name, readers)
    is_list = name in _LISTS | _OF_ONE
    shot = Shot(name=f"{name}_many" if is_list else name, role=role, address=address)
    if is_list:
        yield replace(shot, name=f"{name}_empty", agency="empty")
    if name in _LISTS:
        yield replace(shot, name=f"{name}_one", agency="one")
    if name in _IN_ENGLISH:
        yield replace(shot, language="en")
    if name in _WITHOUT_SCRIPTS:
        yield replace(shot, scripts=False)
    if name in _PRINTED:
        yield replace(shot, is_printed=True)


def shots(only: Collection[str] = (), roles: Collection[str] = ()) -> list[Shot]:
    """Return the pictures whose names match, in the order in which they are taken."""
    every = [*_pages(), *_states(), *_links(), *_changing()]
    return [
        each
        for each in every
        if (not only or any(_is_meant(each.name, wanted) for wanted in only))
        and (not roles or each.role in roles)
    ]


def _is_meant(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith(f"{wanted}_") or fnmatch(name, wanted)
