"""Answer a proposal: a second person confirms it, and it happens; or it is rejected.

What was proposed runs in the same transaction, by the handler that kept it, judged by the rights of
whoever proposed it and written with both names. The proposer takes a proposal back by rejecting it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Final

import orjson
from sqlalchemy import Connection

from workflow import values
from workflow.canonical import digest
from workflow.command import Cause, Command
from workflow.commands.apply_retention import ApplyRetention, apply_retention
from workflow.commands.correct_proceeding import (
    CorrectProceeding,
    correct_proceeding,
    ending_of,
)
from workflow.commands.delegations import Delegate, delegate
from workflow.commands.erase_person import ErasePerson, erase_person
from workflow.commands.erase_text import EraseNote, EraseText, erase_note, erase_text
from workflow.commands.execute import Transaction
from workflow.commands.migrate_items import MigrateItems, migrate_items
from workflow.commands.past_awards import (
    ImportAwards,
    NameAwardee,
    WithdrawPastAward,
    import_awards,
    name_awardee,
    withdraw_past_award,
)
from workflow.commands.people import (
    AddPerson,
    ChangeAddress,
    ChangePerson,
    ImportPeople,
    add_person,
    change_address,
    change_person,
    import_people,
)
from workflow.commands.publish_definition import PublishDefinition, publish_definition
from workflow.commands.recording import record_by
from workflow.definition import LoadedDefinition, Source, restore_definition
from workflow.errors import (
    InvalidRefusal,
    LinkEndedRefusal,
    NotFoundRefusal,
    NotPermittedRefusal,
    Reason,
    SecondFactorRefusal,
    StaleRefusal,
    reason,
)
from workflow.history import agency_payloads
from workflow.lookups.proposals import (
    accounts_of,
    asked_by,
    confirmers_of,
    is_waiting,
    may_see,
    proposal_rules,
)
from workflow.messages import lazy
from workflow.model import FACTORS, DepartmentId, Person, ProposalState, SignedFor
from workflow.people import Directory
from workflow.people.powers import Asked, why_not
from workflow.people.staff_rows import PersonRow
from workflow.rules import PastAwardRow, missing_factor
from workflow.rules.erasing import Wanted
from workflow.store import history, proposal_links, proposals
from workflow.store.proposals import Proposal, ProposalOutcome, Said, parameters_of

_COMMENT_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmProposal(Command[int]):
    """Let what was proposed happen; by somebody else than its proposer, with a second factor.

    ``link``: by which it is answered, where that is not after signing in.
    """

    proposal: int
    link: bytes | None = None
    contends_for: ClassVar[str] = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectProposal(Command[int]):
    """Let what was proposed not happen, and say why; its proposer takes it back by this too."""

    proposal: int
    comment: str
    link: bytes | None = None
    contends_for: ClassVar[str] = "people"


def _loaded(said: Said) -> LoadedDefinition:
    text = said["text"]
    return LoadedDefinition(
        definition=restore_definition(text),
        hash=digest(orjson.loads(text)),
        text=text,
        source=Source(name=said["id"]),
    )


def _add(transaction: Transaction, said: Said, cause: Cause) -> object:
    return add_person(transaction, AddPerson(cause=cause, row=PersonRow(**said["row"])))


def _change(transaction: Transaction, said: Said, cause: Cause) -> object:
    row = PersonRow(**said["row"])
    return change_person(transaction, ChangePerson(cause=cause, person=said["person"], row=row))


def _move(transaction: Transaction, said: Said, cause: Cause) -> object:
    command = ChangeAddress(cause=cause, person=said["person"], email=said["email"])
    return change_address(transaction, command)


def _import(transaction: Transaction, said: Said, cause: Cause) -> object:
    rows = tuple(PersonRow(**each) for each in said["rows"])
    return import_people(transaction, ImportPeople(cause=cause, rows=rows, invites=said["invites"]))


def _publish(transaction: Transaction, said: Said, cause: Cause) -> object:
    return publish_definition(transaction, PublishDefinition(cause=cause, loaded=_loaded(said)))


def _migrate(transaction: Transaction, said: Said, cause: Cause) -> object:
    command = MigrateItems(cause=cause, codes=tuple(said["codes"]), to_hash=said["to_hash"])
    return migrate_items(transaction, command)


def _delegate(transaction: Transaction, said: Said, cause: Cause) -> object:
    wanted = said["delegation"]
    command = Delegate(
        cause=cause,
        from_email=wanted["from_email"],
        to_email=wanted["to_email"],
        starts_on=wanted["starts_on"],
        ends_on=wanted["ends_on"],
        document=wanted["document"],
        form=SignedFor(wanted["form"]) if wanted["form"] else None,
        kinds=tuple(wanted["kinds"]),
        departments=tuple(map(DepartmentId, wanted.get("departments", ()))),
        terms=wanted["terms"],
    )
    return delegate(transaction, command)


def _erase_text(transaction: Transaction, said: Said, cause: Cause) -> object:
    wanted = Wanted(
        entries=tuple(said["entries"]), parts=tuple(said["parts"]), files=tuple(said["files"])
    )
    code, why, request = said["code"], said["why"], said["request"]
    command = EraseText(cause=cause, code=code, wanted=wanted, why=why, request=request)
    return erase_text(transaction, command)


def _erase_note(transaction: Transaction, said: Said, cause: Cause) -> object:
    subject, why, request = said["subject"], said["why"], said["request"]
    command = EraseNote(cause=cause, subject=subject, why=why, request=request)
    return erase_note(transaction, command)


def _erase_person(transaction: Transaction, said: Said, cause: Cause) -> object:
    person, why, request = said["person"], said["why"], said["request"]
    return erase_person(
        transaction, ErasePerson(cause=cause, person=person, why=why, request=request)
    )


def _apply_retention(transaction: Transaction, said: Said, cause: Cause) -> object:
    day, subjects, why = said["day"], tuple(said["subjects"]), said["why"]
    command = ApplyRetention(cause=cause, day=day, subjects=subjects, why=why)
    return apply_retention(transaction, command)


def _correct_proceeding(transaction: Transaction, said: Said, cause: Cause) -> object:
    number, ending, why = said["proceeding"], ending_of(said["after"]), said["why"]
    command = CorrectProceeding(cause=cause, proceeding=number, ending=ending, why=why)
    return correct_proceeding(transaction, command)


def _import_awards(transaction: Transaction, said: Said, cause: Cause) -> object:
    rows = tuple(PastAwardRow(**each) for each in said["awards"])
    return import_awards(transaction, ImportAwards(cause=cause, rows=rows))


def _withdraw_past_award(transaction: Transaction, said: Said, cause: Cause) -> object:
    award, whole, why = said["award"], said["whole"], said["why"]
    command = WithdrawPastAward(cause=cause, award=award, whole=whole, why=why)
    return withdraw_past_award(transaction, command)


def _name_awardee(transaction: Transaction, said: Said, cause: Cause) -> object:
    award, person, why = said["award"], said["person"], said["why"]
    command = NameAwardee(cause=cause, award=award, person=person, why=why)
    return name_awardee(transaction, command)


_DO: Final[Mapping[str, Callable[[Transaction, Said, Cause], object]]] = {
    AddPerson.__name__: _add,
    ChangePerson.__name__: _change,
    ChangeAddress.__name__: _move,
    ImportPeople.__name__: _import,
    PublishDefinition.__name__: _publish,
    MigrateItems.__name__: _migrate,
    Delegate.__name__: _delegate,
    EraseText.__name__: _erase_text,
    EraseNote.__name__: _erase_note,
    ErasePerson.__name__: _erase_person,
    ApplyRetention.__name__: _apply_retention,
    CorrectProceeding.__name__: _correct_proceeding,
    ImportAwards.__name__: _import_awards,
    WithdrawPastAward.__name__: _withdraw_past_award,
    NameAwardee.__name__: _name_awardee,
}
"""How each command that may be proposed is made again from what was kept of it, and run."""


def confirm_proposal(transaction: Transaction, command: ConfirmProposal) -> int:
    """Do what was proposed; answer the proposal's id."""
    cause, connection = command.cause, transaction.connection
    proposal, asked, actor = _answered(transaction, command)
    if reasons := _why_not_confirmed_by(connection, asked, actor, transaction.directory):
        raise NotPermittedRefusal(*reasons)
    if cause.method not in FACTORS:
        raise SecondFactorRefusal(missing_factor())
    said = _as_recorded(transaction, proposal)
    own = replace(
        cause,
        command_id=f"{cause.command_id}:{proposal.id}",
        proposal=proposal.id,
        proposed_by=proposal.proposed_by,
    )
    _DO[proposal.command](transaction, said, own)
    payload = agency_payloads.ProposalConfirmed(proposed_by=proposal.proposed_by)
    record_by(transaction, cause, f"proposal:{proposal.id}", payload)
    answer = ProposalOutcome(state=ProposalState.CONFIRMED, by=actor.id, at=transaction.now)
    proposals.answer_proposal(connection, proposal.id, answer)
    return proposal.id


def _why_not_confirmed_by(
    connection: Connection, asked: Asked, actor: Person, directory: Directory
) -> list[Reason]:
    """Return why ``actor`` does not confirm; empty if they may."""
    if actor in confirmers_of(connection, asked, directory):
        return []
    account = accounts_of(connection, [actor])[actor.id]
    return why_not(actor, asked, account) or [_not_by_position()]


def reject_proposal(transaction: Transaction, command: RejectProposal) -> int:
    """Let it not happen; answer the proposal's id."""
    cause, connection = command.cause, transaction.connection
    proposal, asked, actor = _answered(transaction, command)
    able = confirmers_of(connection, asked, transaction.directory)
    if actor.id != proposal.proposed_by and actor not in able:
        raise NotPermittedRefusal(_not_by_position())
    if wrong := values.lines_fault(command.comment, _COMMENT_LIMIT):
        raise InvalidRefusal(
            reason("comment", "Say why it is rejected: the text {wrong}", wrong=wrong)
        )
    comment = values.lines(command.comment)
    payload = agency_payloads.ProposalRejected(proposed_by=proposal.proposed_by)
    subject = f"proposal:{proposal.id}"
    record_by(transaction, cause, subject, payload, texts={"comment": comment})
    answer = ProposalOutcome(
        state=ProposalState.REJECTED, by=actor.id, at=transaction.now, comment=comment
    )
    proposals.answer_proposal(connection, proposal.id, answer)
    return proposal.id


def _answered(
    transaction: Transaction, command: ConfirmProposal | RejectProposal
) -> tuple[Proposal, Asked, Person]:
    """Return what is to be answered, and by whom.

    Raises NotFoundRefusal, StaleRefusal, LinkEndedRefusal.
    """
    connection, now = transaction.connection, transaction.now
    proposal = proposals.lock_proposal(connection, command.proposal)
    actor = transaction.directory.active(command.cause.actor)
    rules = proposal_rules(connection)
    if proposal is None or actor is None:
        raise NotFoundRefusal(lazy("this proposal"))
    asked = asked_by(proposal, rules, now)
    if not may_see(actor, asked):
        raise NotFoundRefusal(lazy("this proposal"))
    if not is_waiting(proposal, now):
        state = proposal.state.value
        raise StaleRefusal(
            state=state, version=0, given=None, why=_why_ended(transaction, proposal)
        )
    _require_live(connection, command, actor)
    return proposal, asked, actor


def _require_live(
    connection: Connection, command: ConfirmProposal | RejectProposal, actor: Person
) -> None:
    """Raise LinkEndedRefusal where it is answered by a link that is revoked, or not theirs."""
    if command.link is None:
        return
    link = proposal_links.find_link(connection, command.link)
    if (
        link is None
        or link.revoked_at is not None
        or (link.person, link.proposal) != (actor.id, command.proposal)
    ):
        raise LinkEndedRefusal(
            reason("link-revoked", "This link was revoked. Sign in to answer the proposal.")
        )


def _why_ended(transaction: Transaction, proposal: Proposal) -> Reason:
    if proposal.decided_by is None:
        return reason(
            "proposal",
            "This proposal had no answer for 14 days and has lapsed. Let it be proposed anew.",
        )
    name = transaction.directory.people[proposal.decided_by].name
    if proposal.state is ProposalState.CONFIRMED:
        return reason("proposal", "{name} has confirmed this proposal already.", name=name)
    return reason("proposal", "{name} has rejected this proposal already.", name=name)


def _not_by_position() -> Reason:
    return reason(
        "confirms", "By the agency's rules somebody in another position has to confirm this."
    )


def _as_recorded(transaction: Transaction, proposal: Proposal) -> Said:
    """Return what was proposed, which must be what history tells. Raises StaleRefusal."""
    made = history.last_entry(transaction.connection, f"proposal:{proposal.id}")  # still its first
    payload = made.fact.payload if made is not None else None
    if (
        made is None
        or not isinstance(payload, agency_payloads.ProposalOpened)
        or payload.parameters != digest(orjson.loads(proposal.parameters))
        or (payload.command, payload.base) != (proposal.command, proposal.base)
        or set(payload.gainers) != set(proposal.gainers)
        or set(payload.grants) != set(proposal.grants)
        or (made.fact.actor, payload.until) != (proposal.proposed_by, proposal.until)
    ):
        raise StaleRefusal(
            state=proposal.state.value,
            version=0,
            given=None,
            why=reason(
                "proposal",
                "What is kept of this proposal is not what history tells of it. Reject it, and "
                "tell an auditor.",
            ),
        )
    return parameters_of(proposal)["of"]
