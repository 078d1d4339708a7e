"""What a round of the council is made of: its terms, members and cases, judged before it is set.

Raises every fault of a form at once. Writes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from workflow import values
from workflow.commands.execute import Transaction
from workflow.context import searchable
from workflow.errors import Reason, reason
from workflow.lookups.campaigns import campaign_of
from workflow.lookups.nominations import day_of
from workflow.lookups.rounds import CouncilRound
from workflow.messages import lazy
from workflow.model import Item, PersonId
from workflow.people import Directory
from workflow.rounds import council_faults, parse_share, written_share
from workflow.rules import asks_council
from workflow.store import items, rounds
from workflow.store.rounds import RoundCase, RoundSeat
from workflow.voting import Attendance, MeetingForm, Role, Voting

TITLE_LIMIT, PLACE_LIMIT, WORDS_LIMIT = 300, 200, 4000
MOST_MEMBERS, MOST_CASES = 200, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSeat:
    """A member as a form names them."""

    email: str
    role: str = Role.MEMBER.value
    attendance: str = Attendance.PRESENT.value


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCase:
    """A nomination as a form names it; ``concerned``: addresses; ``threshold`` "": the usual."""

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
    """Return the nominations that a form gathers, and what is wrong with them."""
    connection, problems, found = transaction.connection, [], []
    if len(terms.cases) > MOST_CASES:
        problems.append(reason("cases", "A round has {most} nominations at most.", most=MOST_CASES))
    known = items.lock_items(connection, [each.code for each in terms.cases[:MOST_CASES]])
    taken = rounds.rounds_of(connection, list(known.values()))
    for place, each in enumerate(terms.cases[:MOST_CASES], 1):
        item = known.get(each.code)
        said = each.threshold or terms.threshold
        elsewhere = taken.get(item.id) if item else None
        if item is None or not waits_for_council(transaction, item):
            problems.append(
                reason(
                    "cases",
                    "{code} is no nomination that waits for the council now. Take it off the list.",
                    code=each.code[:40],
                )
            )
        elif elsewhere is not None and (present is None or elsewhere != present.round.id):
            problems.append(
                reason(
                    "cases",
                    "{code} is before round {number} already. An item has one round at a time.",
                    code=item.code,
                    number=elsewhere,
                )
            )
        else:
            threshold, low = _threshold(transaction, item, said)
            concerned, wrong = _concerned(transaction, item, each.concerned, terms.members)
            problems += [*low, *wrong]
            found.append(
                RoundCase(
                    item_id=item.id,
                    code=item.code,
                    place=place,
                    threshold=threshold,
                    content_hash=item.content_hash,
                    concerned=concerned,
                )
            )
    if len({each.item_id for each in found}) != len(found):
        problems.append(reason("cases", "A nomination stands twice on the list. Once is enough."))
    return found, problems


def _threshold(transaction: Transaction, item: Item, said: str) -> tuple[Fraction, list[Reason]]:
    """Return which share of all members must agree to ``item``, and what is wrong with ``said``."""
    lawful = _lawful_share(transaction, item)
    if not said:
        return lawful, []
    share = parse_share(said)
    if share is None:
        return lawful, [wrong_share("cases", said)]
    if share >= lawful:
        return share, []
    low = reason(
        "cases",
        "The rules ask that {least} of all members agree to {code}. Write that or more, "
        "or nothing.",
        least=written_share(lawful),
        code=item.code,
    )
    return lawful, [low]


def _lawful_share(transaction: Transaction, item: Item) -> Fraction:
    """Return which share of all members the rules of an item's award ask for on the item's day."""
    context, connection = transaction.context, transaction.connection
    definition = context.rulebooks.of(connection, item.definition_hash).definition
    fields = context.contents.of(connection, [item])[item.id].fields
    asked = next((each.id for each in definition.fields if each.choices_from == "awards"), "")
    day = day_of(context, connection, item)
    return context.awards.threshold(str(fields.get(asked) or ""), day)


def waits_for_council(transaction: Transaction, item: Item) -> bool:
    """Return whether the process of ``item`` lets it go on from here only past the council."""
    context, connection = transaction.context, transaction.connection
    book = context.rulebooks.of(connection, item.definition_hash)
    content = context.contents.of(connection, [item]).get(item.id)
    return asks_council(book.definition, item.state, content)


def _concerned(
    transaction: Transaction, item: Item, named: Sequence[str], members: Sequence[NamedSeat]
) -> tuple[frozenset[PersonId], list[Reason]]:
    """Return who leaves the vote on ``item``: whom the form names, and members whom it is for."""
    by_email = {
        each.email: each.id for each in transaction.directory.people.values() if each.is_active
    }
    said = [values.line(each) for each in named]
    problems = [nobody("concerned", each) for each in said if each not in by_email]
    found = frozenset(by_email[each] for each in said if each in by_email)
    sitting = {values.line(each.email) for each in members} & by_email.keys()
    for_them = members_concerned(transaction, item, [by_email[each] for each in sitting])
    return found | for_them, problems


def members_concerned(
    transaction: Transaction, item: Item, members: Iterable[PersonId]
) -> frozenset[PersonId]:
    """Return for which of ``members`` an item is, by its content or by what they said."""
    content = transaction.context.contents.of(transaction.connection, [item])[item.id]
    words = {searchable(each) for each in content.fields.values() if isinstance(each, str)}
    directory, known = transaction.directory, {*item.concerned, *item.recused}
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
    found = items.lock_items(transaction.connection, [each.code for each in present.cases])
    voting = [each.person for each in present.seats if not present.has_voted(each)]
    return [
        replace(
            each,
            concerned=each.concerned | members_concerned(transaction, found[each.code], voting),
        )
        for each in present.cases
    ]
