"""What a round of the council is made of: its terms, members and cases, judged before it is set.

Raises every fault of a form at once. Writes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from workflow import values
from workflow.commands.execute import Transaction
from workflow.errors import Reason, reason
from workflow.lookups.campaigns import campaign_of
from workflow.lookups.nominee_cases import day_of
from workflow.lookups.rounds import CouncilRound
from workflow.messages import lazy
from workflow.model import Item, ItemId, PersonId
from workflow.people import Directory
from workflow.rounds import case_code, council_faults, item_of, parse_share, written_share
from workflow.rules import ONE, NomineeRow, asks_council, concerned_by, nominees_of
from workflow.store import items, rounds
from workflow.store.rounds import RoundCase, RoundSeat
from workflow.values import searchable
from workflow.voting import Attendance, MeetingForm, Role, Voting

TITLE_LIMIT, PLACE_LIMIT, WORDS_LIMIT = 300, 200, 4000
MOST_MEMBERS, MOST_CASES = 200, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSeat:
    """A member as a form names them."""

    email: str
    role: str = Role.MEMBER.value
    attendance: str = Attendance.PRESENT.value


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCase:
    """A nomination, or a row of its list, as a form names it.

    ``concerned``: addresses; ``threshold`` "": the usual.
    """

    code: str
    threshold: str = ""
    concerned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTerms:
    """A round as a form says it.

    ``threshold``: of each case that names none itself; "": as the rules of its award say.
    """

    campaign: str
    title: str
    held_on: str
    place: str = ""
    agenda: str = ""
    meeting: str = MeetingForm.MEETING.value
    voting: str = Voting.SECRET.value
    quorum: str = "2/3"
    threshold: str = ""
    concerned_count: bool = True
    members: tuple[NamedSeat, ...] = ()
    cases: tuple[NamedCase, ...] = ()


def wrong_terms(transaction: Transaction, terms: RoundTerms) -> list[Reason]:
    """Return what is wrong with the words, days and shares of a round."""
    problems = []
    if campaign_of(transaction.connection, terms.campaign) is None:
        problems.append(
            reason("campaign", "There is no campaign “{campaign}”.", campaign=terms.campaign)
        )
    for name, value, limit, label in (
        ("title", terms.title, TITLE_LIMIT, lazy("The title")),
        ("place", terms.place, PLACE_LIMIT, lazy("The place")),
    ):
        may_be_empty = name == "place"
        if wrong := values.line_fault(value, limit, may_be_empty=may_be_empty):
            problems.append(reason(name, "{label} {wrong}", label=label, wrong=wrong))
    if wrong := values.lines_fault(terms.agenda, WORDS_LIMIT, may_be_empty=True):
        problems.append(reason("agenda", "{label} {wrong}", label=lazy("The agenda"), wrong=wrong))
    if values.day(terms.held_on) is None:
        problems.append(reason("held_on", "Write the day of the meeting, for example 15/12/2022."))
    if terms.meeting not in set(MeetingForm):
        problems.append(reason("meeting", "Choose a meeting, or opinions in writing."))
    if terms.voting not in set(Voting):
        problems.append(reason("voting", "Choose an open vote or a secret ballot."))
    for name, share in (("quorum", terms.quorum), ("threshold", terms.threshold or "1/1")):
        if parse_share(share) is None:
            problems.append(wrong_share(name, share))
    return problems


def wrong_share(name: str, share: str) -> Reason:
    """Return what is wrong with a share that is none."""
    return reason(
        name,
        "“{share}” is no share. Write a percentage like 80 or a fraction like 2/3, above 0 and up "
        "to 100%.",
        share=share[:40],
    )


def seats_named(
    directory: Directory, named: Sequence[NamedSeat], before: Iterable[RoundSeat] = ()
) -> tuple[list[RoundSeat], list[Reason]]:
    """Return the members that a form names, and what is wrong with them."""
    voted = {each.person: each.voted_run for each in before}
    known = {
        each.email: each for each in directory.people.values() if each.is_active or each.id in voted
    }
    problems, found = [], []
    for each in named[: MOST_MEMBERS + 1]:
        person = known.get(values.line(each.email))
        if person is None:
            problems.append(nobody("members", each.email))
        elif each.role not in set(Role) or each.attendance not in set(Attendance):
            problems.append(
                reason(
                    "members",
                    "Choose how {name} sits in the council and takes part.",
                    name=person.name,
                )
            )
        else:
            found.append(
                RoundSeat(
                    person=person.id,
                    role=Role(each.role),
                    attendance=Attendance(each.attendance),
                    voted_run=voted.get(person.id, 0),
                )
            )
    if len(named) > MOST_MEMBERS:
        problems.append(
            reason("members", "A council has {most} members at most.", most=MOST_MEMBERS)
        )
    return found, problems or council_faults([each.in_run(0) for each in found])


def nobody(rule: str, address: str) -> Reason:
    """Return that nobody who works here has an address."""
    return reason(
        rule,
        "Nobody who works here has the address “{email}”. Choose somebody, or nobody.",
        email=address[:80],
    )


def cases_named(
    transaction: Transaction, terms: RoundTerms, present: CouncilRound | None
) -> tuple[list[RoundCase], list[Reason]]:
    """Return the cases that a form gathers, each nominee one, and what is wrong with them.

    A list of nominees comes whole, whichever of its rows the form names.
    """
    connection, found = transaction.connection, list[RoundCase]()
    problems = _too_many_or_twice(terms)
    named = {each.code: each for each in terms.cases[:MOST_CASES]}
    codes = list(dict.fromkeys(map(item_of, named)))
    known = items.lock_items(connection, codes)
    taken = rounds.rounds_of(connection, list(known.values()))
    for place, code in enumerate(codes, 1):
        item = known.get(code)
        if item is None or not waits_for_council(transaction, item):
            problems.append(
                reason(
                    "cases",
                    "{code} is no nomination that waits for the council now. Take it off the list.",
                    code=code[:40],
                )
            )
            continue
        elsewhere = taken.get(item.id)
        if elsewhere is not None and (present is None or elsewhere != present.round.id):
            problems.append(
                reason(
                    "cases",
                    "{code} is before round {number} already. An item has one round at a time.",
                    code=item.code,
                    number=elsewhere,
                )
            )
            continue
        gathered = _gathered(transaction, item, terms)
        for nominee in gathered.nominees:
            own = case_code(code, nominee.row)
            said = named.get(own) or named.get(code) or NamedCase(code=own)
            said = replace(said, code=own, threshold=said.threshold or terms.threshold)
            case, wrong = _case_of(gathered, nominee, said)
            problems += wrong
            found.append(replace(case, place=place))
    if len(found) > MOST_CASES >= len(terms.cases):
        problems.append(_too_many())
    return found, problems


def _too_many() -> Reason:
    return reason("cases", "A round has {most} nominations at most.", most=MOST_CASES)


def _too_many_or_twice(terms: RoundTerms) -> list[Reason]:
    problems = []
    if len(terms.cases) > MOST_CASES:
        problems.append(_too_many())
    if len({each.code for each in terms.cases}) != len(terms.cases):
        problems.append(reason("cases", "A nomination stands twice on the list. Once is enough."))
    return problems


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gathered:
    """An item that a round gathers, and what its nominees are judged by."""

    transaction: Transaction
    item: Item
    nominees: Sequence[NomineeRow]
    award: str
    """The field that says which award is asked for."""
    day: date
    members: Sequence[NamedSeat]


def _gathered(transaction: Transaction, item: Item, terms: RoundTerms) -> _Gathered:
    context, connection = transaction.context, transaction.connection
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    return _Gathered(
        transaction=transaction,
        item=item,
        nominees=_nominees(transaction, item),
        award=next((each.id for each in definition.fields if each.choices_from == "awards"), ""),
        day=day_of(context, connection, item),
        members=terms.members,
    )


def _nominees(transaction: Transaction, item: Item) -> list[NomineeRow]:
    """Return whom an item puts forward; where its process does not say, it is one case."""
    context, connection = transaction.context, transaction.connection
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    content = context.contents.of(connection, [item])[item.id]
    nominees = nominees_of(definition, content)
    return nominees or [NomineeRow(row=ONE, content=content, name="", kind="")]


def _case_of(
    gathered: _Gathered, nominee: NomineeRow, said: NamedCase
) -> tuple[RoundCase, list[Reason]]:
    """Return one nominee as a case, and what is wrong with what the form says of it."""
    threshold, low = _threshold(gathered, nominee, said)
    concerned, wrong = _concerned(gathered, nominee, said)
    case = RoundCase(
        item_id=gathered.item.id,
        item_code=gathered.item.code,
        nominee=nominee.row,
        place=0,
        threshold=threshold,
        content_hash=gathered.item.content_hash,
        concerned=concerned,
    )
    return case, [*low, *wrong]


def _threshold(
    gathered: _Gathered, nominee: NomineeRow, said: NamedCase
) -> tuple[Fraction, list[Reason]]:
    """Return which share of all members must agree, and what is wrong with what is said of it.

    At least what the rules of the award ask for on the item's day.
    """
    asked = str(nominee.content.fields.get(gathered.award) or "")
    lawful = gathered.transaction.context.awards.threshold(asked, gathered.day)
    if not said.threshold:
        return lawful, []
    share = parse_share(said.threshold)
    if share is None:
        return lawful, [wrong_share("cases", said.threshold)]
    if share >= lawful:
        return share, []
    low = reason(
        "cases",
        "The rules ask that {least} of all members agree to {code}. Write that or more, "
        "or nothing.",
        least=written_share(lawful),
        code=said.code,
    )
    return lawful, [low]


def waits_for_council(transaction: Transaction, item: Item) -> bool:
    """Return whether the process of ``item`` lets it go on from here only past the council."""
    context, connection = transaction.context, transaction.connection
    book = context.rulebooks.of(connection, item.definition_hash)
    content = context.contents.of(connection, [item]).get(item.id)
    return asks_council(book.definition, item.state, content)


def _concerned(
    gathered: _Gathered, nominee: NomineeRow, said: NamedCase
) -> tuple[frozenset[PersonId], list[Reason]]:
    """Return who leaves the vote on a nominee: whom the form names, and members whom it is for."""
    transaction = gathered.transaction
    by_email = {
        each.email: each.id for each in transaction.directory.people.values() if each.is_active
    }
    named = [values.line(each) for each in said.concerned]
    problems = [nobody("concerned", each) for each in named if each not in by_email]
    found = frozenset(by_email[each] for each in named if each in by_email)
    sitting = {values.line(each.email) for each in gathered.members} & by_email.keys()
    members = [by_email[each] for each in sitting]
    return found | members_concerned(transaction, gathered.item, nominee, members), problems


def members_concerned(
    transaction: Transaction, item: Item, nominee: NomineeRow, members: Iterable[PersonId]
) -> frozenset[PersonId]:
    """Return for which of ``members`` a nominee is, by the content or by what they said.

    Of a list only the nominee's own row says it; who has stepped aside leaves them all.
    """
    own = (
        concerned_by(
            transaction.context.rulebooks.of(
                transaction.connection, item.definition_hash
            ).definition,
            nominee.content.fields,
            transaction.directory,
        )
        if nominee.row
        else item.concerned
    )
    words = {searchable(each) for each in nominee.content.fields.values() if isinstance(each, str)}
    directory, known = transaction.directory, {*own, *item.recused}
    return frozenset(
        each
        for each in members
        if each in known
        or words
        & set(map(searchable, (directory.people[each].name, *directory.addresses_of(each))))
    )


def cases_for_members(transaction: Transaction, present: CouncilRound) -> list[RoundCase]:
    """Return the cases of a round, each without those of its members whom it is for by now.

    Whoever has voted in the present run stays as they voted: their paper is in the box.
    """
    codes = dict.fromkeys(each.item_code for each in present.cases)
    found = items.lock_items(transaction.connection, codes).values()
    voting = [each.person for each in present.seats if not present.has_voted(each)]
    leaving = concerned_in(transaction, found, voting)
    return [
        replace(each, concerned=each.concerned | leaving.get(each.key, frozenset()))
        for each in present.cases
    ]


def concerned_in(
    transaction: Transaction, found: Iterable[Item], members: Sequence[PersonId]
) -> dict[tuple[ItemId, int], frozenset[PersonId]]:
    """Return for which of ``members`` each nominee of items is, by the key of the case."""
    return {
        (item.id, nominee.row): members_concerned(transaction, item, nominee, members)
        for item in found
        for nominee in _nominees(transaction, item)
    }
