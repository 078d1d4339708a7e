"""What pages, letters and the interface read of rounds of the council. Nothing here writes.

A count is read by the council and by who watches over all; before there is one, nothing is told of
what was cast but who has voted. A paper shows what was put to the vote, whatever became of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection

from workflow.context import Context
from workflow.errors import NotFoundRefusal
from workflow.links import Keys, LinkStatus, Purpose, find_by_token
from workflow.lookups.held_nominees import held_rows
from workflow.lookups.nominees import nominee_of
from workflow.lookups.rounds import CouncilRound, load_round, visible_round
from workflow.messages import lazy
from workflow.model import Item, ItemId, Person, PersonId
from workflow.people import Directory, may_set_deadlines, may_watch
from workflow.queries.items import ItemView, item_views
from workflow.rounds import votes_needed
from workflow.rules import (
    NOBODY,
    ONE,
    NomineeRow,
    asked_of_row,
    asks_council,
    list_of,
    nominees_of,
)
from workflow.store import ballots, history, items, rounds
from workflow.store.ballots import Challenge, NamedVote, RoundLink
from workflow.store.proceedings import newest_proceedings
from workflow.store.rounds import Round, RoundCase, RoundSeat
from workflow.voting import Role, RoundState

__all__ = [
    "BallotCase",
    "CaseView",
    "OpenedBallot",
    "Round",
    "RoundView",
    "SeatView",
    "ballot_for",
    "case_titles",
    "find_ballot_link",
    "round_view",
    "rounds_for",
    "waiting_for_council",
]
_ROLES = tuple(Role)
"""The order of members on paper: who leads the council first."""
_FIRST = 1
"""The first row of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatView:
    """A member as a reader sees them."""

    person: Person
    seat: RoundSeat
    has_voted: bool
    gets_paper: bool
    """Whether the reader gets the member's paper: their own, or to hand it out in the room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A nominee before the council; ``needed``: of how many votes it is spoken, once counted.

    ``item``: under the title by which it was put to the vote, once it was. ``title``: of the
    nomination; of a list's row whom and for which award.
    """

    case: RoundCase
    item: Item
    title: str
    concerned: Sequence[Person]
    needed: int | None
    named: Sequence[tuple[Person, NamedVote]]
    """Who voted how, in an open vote that is counted."""
    is_left_out: bool
    """Whether it was changed since the vote opened, so that nothing is decided on it."""
    is_held: bool = False
    """Whether something that is pending keeps it from being decided on now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundView:
    """A round as a reader sees it; ``seen``: the number of its last entry."""

    found: CouncilRound
    seats: Sequence[SeatView]
    cases: Sequence[CaseView]
    receipts: Sequence[str]
    challenges: Sequence[Challenge]
    people: Directory
    seen: int
    may_set: bool
    leads: bool
    may_open: bool
    """Whether the reader puts it to the vote, or has a key of its box to take."""
    may_challenge: bool

    @property
    def round(self) -> Round:
        """Return the round itself."""
        return self.found.round

    @property
    def keys(self) -> int:
        """Return how many keys of a secret ballot's box are taken."""
        return len(self.found.locks)

    @property
    def awaited_keys(self) -> Sequence[Person]:
        """Return who has still to take a key of a secret ballot's box."""
        return [self.people.people[each] for each in self.found.keyless]

    @property
    def may_take_anew(self) -> bool:
        """Return whether the reader may take their key of an open vote anew: nobody has voted."""
        is_voting = self.round.state is RoundState.VOTING
        return self.may_open and is_voting and self.found.has_two_keys and not self.found.voted

    @property
    def is_counted(self) -> bool:
        """Return whether there is a count to read."""
        return self.round.state in {RoundState.COUNTED, RoundState.CLOSED}


def round_view(context: Context, connection: Connection, number: int, reader: Person) -> RoundView:
    """Return a round for ``reader``. Raises NotFoundRefusal."""
    found = visible_round(connection, number, reader)
    directory = context.directory(connection, context.clock())
    is_counted = found.round.state in {RoundState.COUNTED, RoundState.CLOSED}
    run = found.round.run
    named = ballots.named_votes_of(connection, number, run) if is_counted else []
    known = items.items_by_id(connection, [each.item_id for each in found.cases])
    put = _items_put_to_vote(context, connection, found, known)
    titles = case_titles(context, connection, list(put.values()))
    held = _held_cases(context, connection, found, known)
    return RoundView(
        found=found,
        seats=[
            SeatView(
                person=directory.people[each.person],
                seat=each,
                has_voted=found.has_voted(each),
                gets_paper=_gets_paper(found, each, reader),
            )
            for each in sorted(found.seats, key=lambda seat: _ROLES.index(seat.role))
        ],
        cases=[
            replace(
                _case_view(each, put[each.item_id], directory, named, titles),
                is_held=each.key in held,
            )
            for each in _as_voted_on(found, known)
        ],
        receipts=ballots.receipts_of(connection, number, run) if is_counted else [],
        challenges=ballots.challenges_of(connection, number),
        people=directory,
        seen=history.end_of_chain(connection, found.round.subject)[0],
        may_set=may_set_deadlines(reader),
        leads=found.leads(reader),
        may_open=found.opens(reader),
        may_challenge=found.seat(reader.id) is not None or may_set_deadlines(reader),
    )


def _held_cases(
    context: Context,
    connection: Connection,
    found: CouncilRound,
    known: Mapping[ItemId, Item],
) -> set[tuple[ItemId, int]]:
    """Return which nominees of a round that goes on are held, by the key of the case."""
    is_over = found.round.state in {RoundState.CLOSED, RoundState.CANCELLED}
    if is_over or not newest_proceedings(connection, before=None, count=1):
        return set()
    contents = context.contents.of(connection, list(known.values()))
    return {
        (item.id, row)
        for item in known.values()
        for row in held_rows(context, connection, item, contents[item.id])
    }


def _items_put_to_vote(
    context: Context, connection: Connection, found: CouncilRound, known: Mapping[ItemId, Item]
) -> Mapping[ItemId, Item]:
    """Return the items of a round as they were put to the vote: what minutes say stays."""
    if found.round.state is RoundState.PREPARED:
        return known
    put = [replace(known[each.item_id], content_hash=each.content_hash) for each in found.cases]
    contents = context.contents.of(connection, put)
    return {each.id: replace(each, title=contents[each.id].title) for each in put}


def _as_voted_on(found: CouncilRound, known: Mapping[ItemId, Item]) -> Sequence[RoundCase]:
    """Return the cases; while the vote goes on, those left out that have changed by now."""
    is_voting = found.round.state is RoundState.VOTING
    return found.without_changed(known) if is_voting else found.cases


def case_titles(
    context: Context, connection: Connection, found: Sequence[Item]
) -> dict[tuple[ItemId, int], str]:
    """Return what the council calls each nominee of items, by the key of the case."""
    contents = context.contents.of(connection, found)
    directory = context.directory(connection, context.clock())
    titles = {}
    for item in found:
        definition = context.rulebooks.of(connection, item.definition_hash).definition
        titles[item.id, ONE] = contents[item.id].title
        for each in nominees_of(definition, contents[item.id]):
            award = definition.nominates.award if definition.nominates else ""
            asked = context.awards.find(str(each.content.fields.get(award) or ""))
            called = nominee_of(definition, directory, item, each.content).called
            if each.row != ONE:
                said = (called, asked.label.vi if asked else "")
                titles[item.id, each.row] = ", ".join(filter(None, said))
    return titles


def _case_view(
    case: RoundCase,
    item: Item,
    directory: Directory,
    named: Sequence[NamedVote],
    titles: Mapping[tuple[ItemId, int], str],
) -> CaseView:
    return CaseView(
        case=case,
        item=item,
        title=titles.get(case.key, item.title),
        concerned=[directory.people[each] for each in sorted(case.concerned)],
        needed=None if case.base is None else votes_needed(case.base, case.threshold),
        named=[(directory.people[each.person], each) for each in named if each.case == case.key],
        is_left_out=case.left_out,
    )


def rounds_for(
    connection: Connection, reader: Person, *, before: int | None, count: int
) -> list[Round]:
    """Return up to ``count`` rounds below ``before`` that ``reader`` may read, newest first."""
    member = None if may_watch(reader) else reader.id
    return rounds.newest_rounds(connection, member=member, before=before, count=count)


def last_council(connection: Connection) -> dict[PersonId, Role]:
    """Return who sat in the council of the newest round, and as what: the next one begins so."""
    newest = rounds.newest_rounds(connection, member=None, before=None, count=1)
    seats = [seat for each in newest for seat in rounds.seats_of(connection, each.id)]
    return {each.person: each.role for each in seats}


def waiting_for_council(
    context: Context, connection: Connection, campaign: str, own: int | None = None
) -> list[Item]:
    """Return the items of a campaign that wait for the council and are before no other round."""
    books = {each.hash: each for each in context.rulebooks.all(connection)}
    states = {state for book in books.values() if book.asks_council for state in book.states}
    here = [
        each
        for each in items.items_in_states(connection, sorted(states))
        if each.campaign == campaign and books[each.definition_hash].asks_council
    ]
    contents = context.contents.of(connection, here)
    asking = [
        each
        for each in here
        if asks_council(books[each.definition_hash].definition, each.state, contents[each.id])
    ]
    taken = rounds.rounds_of(connection, asking)
    return [each for each in asking if taken.get(each.id, own) == own]


@dataclass(frozen=True, slots=True, kw_only=True)
class BallotCase:
    """A nominee as a paper shows it: whom, and what the nomination says of this one."""

    case: RoundCase
    title: str
    view: ItemView


def _on_paper(
    context: Context, connection: Connection, found: CouncilRound, reader: Person
) -> tuple[CouncilRound, list[BallotCase]]:
    """Return a round as it is voted on by now, and what stands on a paper: as it was put.

    What a whole list says stands with its first nominee.
    """
    known = items.items_by_id(connection, [each.item_id for each in found.cases])
    put_to_vote = {each.item_id: each.content_hash for each in found.cases}
    before = [replace(item, content_hash=put_to_vote[identity]) for identity, item in known.items()]
    found = replace(found, cases=_as_voted_on(found, known))
    views = item_views(context, connection, before, reader.id) if before else []
    by_item = {each.item.id: each for each in views}
    titles = case_titles(context, connection, before)
    rows = {
        (view.item.id, each.row): each
        for view in views
        for each in nominees_of(view.definition, view.content)
    }
    return found, [
        BallotCase(
            case=each,
            title=titles.get(each.key, known[each.item_id].title),
            view=_view_of_nominee(by_item[each.item_id], rows.get(each.key)),
        )
        for each in found.cases
    ]


def _view_of_nominee(view: ItemView, nominee: NomineeRow | None) -> ItemView:
    """Return what an item says of one row of its list."""
    if nominee is None or nominee.row == ONE:
        return view
    listed = list_of(view.definition, view.content)
    own = asked_of_row(view.definition, nominee.content, NOBODY)
    shared = [each for each in view.fields if each != listed] if nominee.row == _FIRST else []
    return replace(view, content=nominee.content, find_fields=lambda: (*own, *shared))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedBallot:
    """A link to vote as whoever holds its token finds it: whose, on what, good for what."""

    link: RoundLink
    person: Person
    found: CouncilRound
    cases: Sequence[BallotCase]
    status: LinkStatus


def find_ballot_link(
    context: Context, connection: Connection, keys: Keys, token: str
) -> OpenedBallot | None:
    """Return the link of ``token``, whatever became of it; None where it is unknown or forged."""
    link = find_by_token(keys, token, Purpose.BALLOT, partial(ballots.find_link, connection))
    if link is None:
        return None
    now = context.clock()
    found = load_round(connection, link.round_id)
    person = context.directory(connection, now).people[link.person]
    found, cases = _on_paper(context, connection, found, person)
    return OpenedBallot(
        link=link,
        person=person,
        found=found,
        cases=cases,
        status=_status(link, found, is_expired=link.expires_at <= now),
    )


def _status(link: RoundLink, found: CouncilRound, *, is_expired: bool) -> LinkStatus:
    """Return what a link is good for; the order says what a reader hears first."""
    seat = found.seat(link.person)
    if link.run != found.round.run or seat is None:
        return LinkStatus.MOVED
    if found.has_voted(seat):
        return LinkStatus.USED
    if link.revoked_at is not None:
        return LinkStatus.REVOKED
    if is_expired:
        return LinkStatus.EXPIRED
    return LinkStatus.LIVE if found.awaits(link.person) else LinkStatus.MOVED


def _gets_paper(found: CouncilRound, seat: RoundSeat, reader: Person) -> bool:
    return reader.id == seat.person or (found.leads(reader) and found.is_in_room(seat))


def ballot_for(
    context: Context, connection: Connection, number: int, member: int, reader: Person
) -> tuple[CouncilRound, Person, list[BallotCase]]:
    """Return what a member votes on, for who hands the paper out. Raises NotFoundRefusal."""
    found = visible_round(connection, number, reader)
    seat = next((each for each in found.seats if each.person == member), None)
    if seat is None or not _gets_paper(found, seat, reader):
        raise NotFoundRefusal(lazy("this member"))
    directory = context.directory(connection, context.clock())
    found, cases = _on_paper(context, connection, found, reader)
    return found, directory.people[seat.person], cases
