"""Which changes give somebody power, and who may confirm one that another proposed. Pure.

Every position but staff decides, manages or audits. Whoever stands in for such a person has power
as well. What takes power away gives none: a leaver, a lower position.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from workflow.addresses import as_kept
from workflow.definition import Actor, Definition, HolderRule, ProposalRules
from workflow.errors import Reason, reason
from workflow.model import Grant, Person, PersonId, Position
from workflow.people.directory import Directory
from workflow.people.staff_rows import PersonRow

CONFIRMS_AFTER = timedelta(days=3)
"""How old an account must be before it confirms."""
_LOWER = {
    (Position.HEAD, Position.DEPUTY),
    (Position.CHIEF, Position.OFFICER),
    (Position.DIRECTOR, Position.DEPUTY_DIRECTOR),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What a change gives: of which kinds, and who gains by it."""

    grants: frozenset[Grant] = frozenset()
    gainers: frozenset[PersonId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Since when somebody is here, and who brought them in, by act or by proposal.

    ``is_founding``: they came with the first import, before there was anybody to confirm.
    """

    since: datetime
    made_by: frozenset[PersonId]
    is_founding: bool


def gain_of(changes: Iterable[tuple[Person | None, PersonRow]], directory: Directory) -> Gain:
    """Return what becoming what ``changes`` say gives; each the person before, None: nobody yet."""
    grants: set[Grant] = set()
    gainers: set[PersonId] = set()
    for before, row in changes:
        if found := set(_grants(before, row, directory)):
            grants |= found
            gainers |= {before.id} if before is not None else set()
    return Gain(grants=frozenset(grants), gainers=frozenset(gainers))


def _grants(before: Person | None, row: PersonRow, directory: Directory) -> Iterator[Grant]:
    if not row.is_active:
        return
    has_power = row.position != Position.STAFF
    if has_power and not _is_no_more(before, row):
        yield Grant.POSITIONS
    if before is None or not (has_power or _stands_in(before.id, directory)):
        return
    if as_kept(row.email) != before.email:
        yield Grant.ADDRESSES


def _is_no_more(before: Person | None, row: PersonRow) -> bool:
    """Return whether somebody has by ``row`` no power that they do not have already."""
    if before is None or not before.is_active or row.department != before.department:
        return False
    return row.position == before.position or (before.position, row.position) in _LOWER


def _stands_in(person: PersonId, directory: Directory) -> bool:
    """Return whether somebody acts for another, today or on a day to come."""
    return any(
        each.to_person == person and each.ends_on >= directory.today
        for each in directory.delegations
    ) or any(
        each.stand_in == person and each.ends_on >= directory.today for each in directory.absences
    )


def gaining_positions(before: Definition, after: Definition) -> frozenset[Position]:
    """Return who may take more transitions under ``after``, for more items, or without a factor."""
    return frozenset(each[0] for each in _powers_in(after) - _powers_in(before))


def _powers_in(definition: Definition) -> set[tuple[Position, tuple[object, ...]]]:
    return {
        (position, (state.id, each.id, to, _reach(rule), is_proven))
        for each in definition.transitions
        if each.by is Actor.HOLDER
        for state in definition.states
        if state.id in each.from_states
        for to in each.to
        for rule in state.holders
        for position in rule.positions
        for is_proven in ((True,) if each.second_factor else (True, False))
    }


def _reach(rule: HolderRule) -> tuple[object, ...]:
    """Return for which items a line of holders finds somebody."""
    return rule.within, rule.departments, rule.except_departments


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be confirmed: what it gives, who proposed it, and by which rules.

    ``named``: those who confirm it where the rules name no position but persons.
    """

    gain: Gain
    proposer: PersonId
    rules: ProposalRules
    now: datetime
    named: Collection[PersonId] = ()


def may_propose(person: Person, gain: Gain, rules: ProposalRules) -> bool:
    """Return whether ``person`` proposes every kind of what is given."""
    return all(person.position in rules.of(each).propose for each in gain.grants)


def confirms_by_position(person: Person, asked: Asked) -> bool:
    """Return whether the rules name the position of ``person``, as first choice or second."""
    rules = [asked.rules.of(each) for each in asked.gain.grants]
    return any(person.position in (*each.confirm, *each.otherwise) for each in rules)


def candidates(asked: Asked, directory: Directory) -> list[Person]:
    """Return who works here and is named, or holds a position that is."""
    return [
        each
        for each in directory.people.values()
        if each.is_active and (each.id in asked.named or confirms_by_position(each, asked))
    ]


def confirmers(
    asked: Asked, directory: Directory, accounts: Mapping[PersonId, Account]
) -> list[Person]:
    """Return who may confirm; ``accounts``: of all candidates."""
    able = [
        each
        for each in candidates(asked, directory)
        if not list(_personal(each, asked, accounts[each.id]))
    ]
    if asked.named:
        return [each for each in able if each.id in asked.named]
    found = able
    for grant in asked.gain.grants:
        rule = asked.rules.of(grant)
        first = [each for each in able if each.position in rule.confirm]
        chosen = first or [each for each in able if each.position in rule.otherwise]
        found = [each for each in found if each in chosen]
    return found


def why_not(person: Person, asked: Asked, account: Account) -> list[Reason]:
    """Return why ``person`` does not confirm; empty where only the rules' positions speak."""
    return list(_personal(person, asked, account))


def _personal(person: Person, asked: Asked, account: Account) -> Iterator[Reason]:
    if person.id == asked.proposer:
        yield reason(
            "second-person", "You proposed this yourself. A second person has to confirm it."
        )
    if person.id in asked.gain.gainers:
        yield reason("gains", "You gain power by this, so somebody else has to confirm it.")
    if account.is_founding:
        return
    if asked.now < account.since + CONFIRMS_AFTER:
        yield reason(
            "young-account",
            "Your account is younger than three days. Somebody who has been here longer has to "
            "confirm this.",
        )
    if asked.proposer in account.made_by:
        yield reason(
            "made-by-proposer",
            "Your account was added by whoever proposes this. Somebody else has to confirm it.",
        )
