"""The form of a round of the council: terms, who sits in it, and what waits for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.responses import Response

from api.auth.callers import Asker, Parts, RowId
from api.auth.sessions import Caller
from api.composition import Application
from api.problems import page_status
from api.web.flash import redirect_with_flash
from api.web.form_fields import day_in, text_in
from api.web.forms import page_cause, read_form, shown_again
from api.web.rendering import FormPage, render_page
from api.web.rounds_in_words import ATTENDANCES, MEETINGS, ROLES, VOTINGS
from notifications.translation import translate
from workflow.commands.prepare_round import ChangeMembers, PrepareRound
from workflow.commands.round_terms import NamedCase, NamedSeat, RoundTerms
from workflow.errors import Refusal
from workflow.messages import Message
from workflow.model import NEVER_DECIDE, Item, ItemId, Person, PersonId
from workflow.people import by_given_name, require_office
from workflow.queries import people
from workflow.queries.campaigns import campaign_names
from workflow.queries.rounds import (
    RoundView,
    case_titles,
    last_council,
    round_view,
    waiting_for_council,
)
from workflow.rounds import case_code, item_of, written_share
from workflow.values import counter
from workflow.voting import Attendance, MeetingForm, Role, RoundState, Voting

router = APIRouter(prefix="/rounds")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A nominee that waits for the council, as the form has it.

    ``item``: the code of the nomination, where it is chosen; "" for further rows of a list.
    """

    code: str
    item: str
    title: str
    is_in: bool
    threshold: str
    concerned: Mapping[str, str]
    """Who leaves the vote, by address: their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundFormPage(FormPage):
    """The form to prepare a round, or to change one."""

    template: ClassVar[str] = "round_form.html"
    action: str
    round: int | None
    only_members: bool
    seen: int
    campaigns: Sequence[tuple[str, str]]
    campaign: str
    values: Mapping[str, str]
    people: Sequence[Person]
    seats: Mapping[str, tuple[str, str]]
    """Role and attendance of each member, by address."""
    seated: Sequence[Person]
    """Of whom the form asks in which nominations they are concerned."""
    cases: Sequence[CaseRow]
    meetings: Sequence[tuple[MeetingForm, Message]]
    votings: Sequence[tuple[Voting, Message]]
    roles: Sequence[tuple[Role, Message]]
    attendances: Sequence[tuple[Attendance, Message]]


_NEW = {
    "title": "",
    "held_on": "",
    "place": "",
    "agenda": "",
    "meeting": MeetingForm.MEETING.value,
    "voting": Voting.SECRET.value,
    "quorum": "2/3",
    "threshold": "",
    "concerned_count": "yes",
}


@router.get("/new")
async def show_new(request: Request, parts: Parts, asker: Asker, campaign: str = "") -> Response:
    """Show the form to prepare a round."""
    require_office(asker.person)
    return render_page(request, asker, await _form(parts, asker, None, campaign))


@router.get("/{round_id}/edit")
async def show_edit(request: Request, parts: Parts, asker: Asker, round_id: RowId) -> Response:
    """Show the form to change a round; while it is voted on, only its members."""
    require_office(asker.person)
    return render_page(request, asker, await _form(parts, asker, round_id, ""))


async def _form(
    parts: Application, asker: Caller, number: int | None, campaign: str
) -> RoundFormPage:
    def load_page(connection: Connection) -> RoundFormPage:
        view = (
            None if number is None else round_view(parts.context, connection, number, asker.person)
        )
        named = campaign_names(connection)
        chosen = view.round.campaign if view else campaign or next(iter(dict(named)), "")
        everybody = _whom_it_seats(view, people.all_people(connection))
        seats = _seats(view) if view else _seats_before(everybody, last_council(connection))
        own = view.round.id if view else None
        waiting = waiting_for_council(parts.context, connection, chosen, own)
        offered = sorted(
            everybody, key=lambda each: (each.email not in seats, by_given_name(each.name))
        )
        return RoundFormPage(
            action=f"/rounds/{number}" if number else "/rounds",
            round=number,
            only_members=view is not None and view.round.state is RoundState.VOTING,
            seen=view.seen if view else 0,
            campaigns=named,
            campaign=chosen,
            values=_values(view) if view else _NEW,
            people=offered,
            seats=seats,
            seated=[each for each in offered if each.email in seats],
            cases=_case_rows(view, waiting, case_titles(parts.context, connection, waiting)),
            meetings=list(MEETINGS.items()),
            votings=list(VOTINGS.items()),
            roles=list(ROLES.items()),
            attendances=list(ATTENDANCES.items()),
        )

    return await parts.database.report(load_page)


def _seats(view: RoundView) -> dict[str, tuple[str, str]]:
    return {each.person.email: (each.seat.role, each.seat.attendance) for each in view.seats}


def _seats_before(
    everybody: Iterable[Person], council: Mapping[PersonId, Role]
) -> dict[str, tuple[str, str]]:
    """Return the council of the round before, as far as its members may sit in this one."""
    return {each.email: (council[each.id], "") for each in everybody if each.id in council}


def _whom_it_seats(view: RoundView | None, everybody: Iterable[Person]) -> list[Person]:
    """Return whom the form names: who works here, or, once it was voted on, who is the council.

    Who audits or runs the system is not offered: they judge nobody.
    """
    if view is None or not view.found.is_settled:
        seated = {each.person.id for each in view.seats} if view else set()
        return [
            each
            for each in everybody
            if each.is_active and (each.id in seated or each.position not in NEVER_DECIDE)
        ]
    return [each.person for each in view.seats]


def _case_rows(
    view: RoundView | None,
    waiting: Sequence[Item],
    titles: Mapping[tuple[ItemId, int], str],
) -> list[CaseRow]:
    """Return each nominee that waits; a list of them is gathered whole, at its first row."""
    gathered = {each.case.code: each for each in view.cases} if view else {}
    rows = []
    for item in waiting:
        places = sorted(row for identity, row in titles if identity == item.id)
        for row in places[1:] or places:
            code = case_code(item.code, row)
            known = gathered.get(code)
            rows.append(
                CaseRow(
                    code=code,
                    item=item.code if row == places[min(1, len(places) - 1)] else "",
                    title=titles[item.id, row],
                    is_in=view is None or known is not None,
                    threshold=written_share(known.case.threshold) if known else "",
                    concerned={who.email: who.name for who in known.concerned} if known else {},
                )
            )
    return rows


def _values(view: RoundView) -> dict[str, str]:
    found = view.round
    return {
        "title": found.title,
        "held_on": found.held_on,
        "place": found.place,
        "agenda": found.agenda,
        "meeting": found.meeting.value,
        "voting": found.voting.value,
        "quorum": written_share(found.quorum),
        "threshold": "",
        "concerned_count": "yes" if found.concerned_count else "",
    }


@router.post("")
async def add_round(request: Request, parts: Parts, asker: Asker) -> Response:
    """Prepare a round; refused, the form comes back whole."""
    return await _set(request, parts, asker, None)


@router.post("/{round_id}")
async def set_round(request: Request, parts: Parts, asker: Asker, round_id: RowId) -> Response:
    """Change a round; refused, the form comes back whole."""
    return await _set(request, parts, asker, round_id)


async def _set(request: Request, parts: Application, asker: Caller, number: int | None) -> Response:
    form = await read_form(request)
    try:
        written = await _write(parts, asker, form, number)
    except Refusal as refusal:
        require_office(asker.person)
        page = await _form(parts, asker, number, text_in(form, "campaign"))
        shown = shown_again(page, form, refusal)
        sent = _seats_sent(form)
        seated = [each for each in page.people if each.email in sent]
        cases = _cases_sent(form, page.cases, {each.email: each.name for each in page.people})
        shown = replace(shown, seats=sent, seated=seated, cases=cases)
        return render_page(request, asker, shown, page_status(refusal))
    told = translate("The round is kept. Put it to the vote when all is ready.")
    return redirect_with_flash(request, asker, f"/rounds/{written}", told)


async def _write(parts: Application, asker: Caller, form: FormData, number: int | None) -> int:
    cause = page_cause(asker, form, str(number or ""))
    members = tuple(
        NamedSeat(email=email, role=role, attendance=attendance)
        for email, (role, attendance) in _seats_sent(form).items()
    )
    if number is not None and form.get("only_members"):
        return await parts.database.write(ChangeMembers(round=number, members=members, cause=cause))
    terms = RoundTerms(
        campaign=text_in(form, "campaign"),
        title=text_in(form, "title"),
        held_on=day_in(form, "held_on"),
        place=text_in(form, "place"),
        agenda=text_in(form, "agenda"),
        meeting=text_in(form, "meeting"),
        voting=text_in(form, "voting"),
        quorum=text_in(form, "quorum"),
        threshold=text_in(form, "threshold"),
        concerned_count=bool(form.get("concerned_count")),
        members=members,
        cases=tuple(
            NamedCase(
                code=each,
                threshold=text_in(form, f"threshold-{each}"),
                concerned=_concerned_sent(form, each),
            )
            for each in _cases_chosen(form)
        ),
    )
    return await parts.database.write(
        PrepareRound(
            terms=terms,
            round=number,
            seen=counter(text_in(form, "seen")) if number is not None else None,
            invites=bool(form.get("invites")),
            cause=cause,
        )
    )


def _codes(form: FormData) -> list[str]:
    return [str(each) for each in form.getlist("case")]


def _cases_chosen(form: FormData) -> list[str]:
    """Return the codes of what is chosen: of each nomination, and of each row of its list."""
    chosen = _codes(form)
    rows = [name.removeprefix("threshold-") for name in form if name.startswith("threshold-")]
    return [*chosen, *(each for each in rows if each not in chosen and item_of(each) in chosen)]


def _seats_sent(form: FormData) -> dict[str, tuple[str, str]]:
    """Return role and attendance of whom the form names, by address."""
    return {
        name.removeprefix("role-"): (
            str(role),
            text_in(form, f"attendance-{name[5:]}") or Attendance.PRESENT.value,
        )
        for name, role in form.items()
        if name.startswith("role-") and role
    }


def _concerned_sent(form: FormData, code: str) -> tuple[str, ...]:
    """Return the addresses of whom the form lets leave the vote on a nominee."""
    return tuple(str(each) for each in form.getlist(f"concerned-{code}"))


def _cases_sent(form: FormData, rows: Sequence[CaseRow], names: Mapping[str, str]) -> list[CaseRow]:
    return [
        replace(
            each,
            is_in=item_of(each.code) in _codes(form),
            threshold=text_in(form, f"threshold-{each.code}"),
            concerned={who: names.get(who, who) for who in _concerned_sent(form, each.code)},
        )
        for each in rows
    ]
