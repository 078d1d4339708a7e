"""What a proposal would do, in words: for the mail, the page and the interface alike."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection

from notifications.days_in_words import day_text, last_day_words
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.addresses import as_kept
from workflow.awards import OUTCOMES, ProceedingOutcome
from workflow.context import Context
from workflow.definition import ProposalRules
from workflow.history import TITLE
from workflow.messages import Message, lazy
from workflow.model import DepartmentId, Grant, Item, Position
from workflow.queries.proposals import ProposalView
from workflow.store import items, people
from workflow.store.past_awards import find_past_award, imported_with
from workflow.store.proposals import SaidEnd, SaidPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the words are looked up in."""

    context: Context
    connection: Connection
    departments: Mapping[DepartmentId, str]

    def department(self, identity: str | None) -> str:
        known = self.departments.get(DepartmentId(identity or ""))
        return known or identity or translate("no department")


GRANTS: Final[Mapping[Grant, Message]] = {
    Grant.POSITIONS: lazy("positions that decide, manage or audit"),
    Grant.ADDRESSES: lazy("addresses of people with power"),
    Grant.DELEGATIONS: lazy("delegations by another than their giver"),
    Grant.DEFINITIONS: lazy("processes"),
    Grant.MIGRATIONS: lazy("moving open items to another version"),
    Grant.ERASURES: lazy("erasing texts and personal data"),
    Grant.PAST_AWARDS: lazy("importing awards of earlier years, and withdrawing them"),
    Grant.CORRECTIONS: lazy("correcting how pending matters ended, where that frees somebody"),
}
"""What each kind that needs a second person is called."""


def relaxed_words(rules: ProposalRules) -> str:
    """Return what one person may do alone by the agency's own rules; empty: nothing."""
    if not rules.relaxed:
        return ""
    return translate(
        "By the organization file one person alone is enough for: {kinds}.",
        kinds="; ".join(translate(GRANTS[each]) for each in rules.relaxed),
    )


def words_of(context: Context, connection: Connection, view: ProposalView) -> list[str]:
    """Return what a proposal would do, a sentence each."""
    departments = people.department_names(connection)
    known = _Known(context=context, connection=connection, departments=departments)
    if not view.parameters:
        return [translate("What was proposed was erased with a person's data.")]
    return list(_WORDS[view.proposal.command](known, view))


def _added(known: _Known, view: ProposalView) -> Iterator[str]:
    yield _new(known, view.parameters["row"])


def _new(known: _Known, row: SaidPerson) -> str:
    return translate(
        "Add {name} ({email}) as {position}, {department}.",
        name=row["name"],
        email=row["email"],
        position=_position(row),
        department=known.department(row["department"]),
    )


def _position(row: SaidPerson) -> str:
    return translate(POSITIONS[Position(row["position"])])


def _changed(known: _Known, view: ProposalView) -> Iterator[str]:
    yield from _differences(known, view.before[0], view.parameters["row"])


def _differences(known: _Known, before: SaidPerson, row: SaidPerson) -> Iterator[str]:
    if row["is_active"] and not before["is_active"]:
        yield translate(
            "{name} ({email}) works here again, as {position}.",
            name=row["name"],
            email=row["email"],
            position=_position(row),
        )
    departments = known.department(before["department"]), known.department(row["department"])
    for field, was, becomes in (
        (translate("position"), _position(before), _position(row)),
        (translate("department"), *departments),
        (translate("mail address"), before["email"], row["email"]),
        (translate("name"), before["name"], row["name"]),
    ):
        if was != becomes:
            yield translate(
                "{who}: {field} from “{before}” to “{after}”.",
                who=f"{before['name']} ({before['email']})",
                field=field,
                before=was,
                after=becomes,
            )


def _moved(known: _Known, view: ProposalView) -> Iterator[str]:
    (before,) = view.before
    yield from _differences(known, before, {**before, "email": view.parameters["email"]})


def _imported(known: _Known, view: ProposalView) -> Iterator[str]:
    before = {each["email"]: each for each in view.before}
    for row in view.parameters["rows"]:
        address = as_kept(row["email"])
        if address in before:
            yield from _differences(known, before[address], row)
        else:
            yield _new(known, row)


def _published(_known: _Known, view: ProposalView) -> Iterator[str]:
    yield translate("Publish a new version of the process “{id}”.", id=view.parameters["id"])


def _migrated(known: _Known, view: ProposalView) -> Iterator[str]:
    target = known.context.rulebooks.of(known.connection, view.parameters["to_hash"]).definition
    yield translate(
        "Move {count} open item to version {version} of “{label}”.",
        "Move {count} open items to version {version} of “{label}”.",
        count=len(view.parameters["codes"]),
        version=target.version,
        label=translate(target.label),
    )


def _delegated(known: _Known, view: ProposalView) -> Iterator[str]:
    said = view.parameters["delegation"]
    giver, taker = view.before
    yield translate(
        "Let {taker} ({email}) handle items for {giver} from {starts} to {ends}.",
        taker=taker["name"],
        email=taker["email"],
        giver=giver["name"],
        starts=day_text(said["starts_on"]),
        ends=last_day_words(date.fromisoformat(said["ends_on"])),
    )
    yield translate("Document: {document}", document=said["document"])
    if said["form"]:
        yield translate("Form of signature: {form}", form=said["form"])
    if said.get("departments"):
        names = ", ".join(map(known.department, said["departments"]))
        yield translate("Only items of: {departments}", departments=names)


def _text_erased(known: _Known, view: ProposalView) -> Iterator[str]:
    said = view.parameters
    item = items.find_item(known.connection, said["code"])
    parts = [
        *(translate("the text of entry {number}", number=each) for each in said["entries"]),
        *(_part(known, item, each) for each in said["parts"]),
        *(translate("the file {sha256}…", sha256=each[:12]) for each in said["files"]),
    ]
    yield translate(
        "Erase for good from {code}: {parts}.", code=said["code"], parts="; ".join(parts)
    )
    yield from _why(view)


def _part(known: _Known, item: Item | None, part: str) -> str:
    if part == TITLE:
        return translate("the title")
    fields = (
        known.context.rulebooks.of(known.connection, item.definition_hash).definition.fields
        if item is not None
        else ()
    )
    label = next((translate(each.label) for each in fields if each.id == part), part)
    return translate("the field “{label}”", label=label)


def _note_erased(_known: _Known, view: ProposalView) -> Iterator[str]:
    kind, _, number = view.parameters["subject"].partition(":")
    if kind == "merit":
        yield translate("Erase for good what the good example {number} says.", number=number)
    elif kind == "past_award":
        yield translate("Erase for good to whom imported award {number} was given.", number=number)
    elif kind == "proceeding":
        yield translate("Erase for good what the pending matter {number} says.", number=number)
    else:
        yield translate("Erase for good what request {number} says.", number=number)
    yield from _why(view)


def _person_erased(known: _Known, view: ProposalView) -> Iterator[str]:
    person = people.people_by_id(known.connection)[view.parameters["person"]]
    yield translate(
        "Erase for good the personal data of {name} ({email}). What they did stays, under number "
        "{number}.",
        name=person.name,
        email=person.email,
        number=person.id,
    )
    yield from _why(view)


def _retention_applied(_known: _Known, view: ProposalView) -> Iterator[str]:
    said = view.parameters
    yield translate(
        "Erase for good what is past its retention period on {day}: {count} subject.",
        "Erase for good what is past its retention period on {day}: {count} subjects.",
        day=day_text(said["day"]),
        count=len(said["subjects"]),
    )
    yield translate("Reason: {why}", why=said["why"])


def _corrected(_known: _Known, view: ProposalView) -> Iterator[str]:
    said = view.parameters
    yield translate(
        "Correct how the pending matter {number} ended. As written: {before}. Corrected: {after}.",
        number=said["proceeding"],
        before=_end(said["before"]),
        after=_end(said["after"]),
    )
    yield translate("Whom it is against is then held less, or no more.")
    yield translate("Reason: {why}", why=said["why"])


def _awards_imported(known: _Known, view: ProposalView) -> Iterator[str]:
    for each in view.parameters["awards"]:
        person = each["email"] or known.department(each["department"])
        award = known.context.awards.find(each["award"])
        yield translate(
            "Import: {name} ({who}), {award}, decision {number} of {day}.",
            name=each["nominee"],
            who=person,
            award=translate(award.label) if award else each["award"],
            number=each["number"],
            day=day_text(each["decided_on"]),
        )
    yield translate("Nominations then build on these awards. Compare them with the decisions.")


def _award_withdrawn(known: _Known, view: ProposalView) -> Iterator[str]:
    said = view.parameters
    found = find_past_award(known.connection, said["award"])
    wanted = [found] if found is not None else []
    if found is not None and said["whole"]:
        wanted = imported_with(known.connection, found)
    for each in wanted:
        award = known.context.awards.find(each.award)
        yield translate(
            "Withdraw the imported award {code}: {name}, {award}, decision {number} of {day}.",
            code=each.id,
            name=each.nominee,
            award=translate(award.label) if award else each.award,
            number=each.number,
            day=day_text(each.decided_on),
        )
    yield translate("Reason: {why}", why=said["why"])


def _awardee_named(known: _Known, view: ProposalView) -> Iterator[str]:
    found = find_past_award(known.connection, view.parameters["award"])
    award = known.context.awards.find(found.award) if found is not None else None
    person = people.people_by_id(known.connection)[view.parameters["person"]]
    if found is not None:
        yield translate(
            "The imported award {code} ({award}, decision {number} of {day}) is that of {name}, "
            "{department} ({email}).",
            code=found.id,
            award=translate(award.label) if award else found.award,
            number=found.number,
            day=day_text(found.decided_on),
            name=person.name,
            department=known.department(person.department),
            email=person.email,
        )
    yield translate("Reason: {why}", why=view.parameters["why"])


def _end(said: SaidEnd) -> str:
    """Return how a proceeding ended, in words that do not say by which document."""
    if not said["outcome"]:
        return translate("pending still")
    outcome = translate(OUTCOMES[ProceedingOutcome(said["outcome"])])
    days = {"outcome": outcome, "day": day_text(said["ended_on"])}
    if said["served_on"]:
        return translate(
            "{outcome}, on {day}, served on {served}", **days, served=day_text(said["served_on"])
        )
    return translate("{outcome}, on {day}", **days)


def _why(view: ProposalView) -> Iterator[str]:
    yield translate("Reason: {why}", why=view.parameters["why"])
    if view.parameters["request"] is not None:
        yield translate("By request {number}.", number=view.parameters["request"])


_WORDS: Final[Mapping[str, Callable[[_Known, ProposalView], Iterable[str]]]] = {
    "AddPerson": _added,
    "ChangePerson": _changed,
    "ChangeAddress": _moved,
    "ImportPeople": _imported,
    "PublishDefinition": _published,
    "MigrateItems": _migrated,
    "Delegate": _delegated,
    "EraseText": _text_erased,
    "EraseNote": _note_erased,
    "ErasePerson": _person_erased,
    "ApplyRetention": _retention_applied,
    "CorrectProceeding": _corrected,
    "ImportAwards": _awards_imported,
    "WithdrawPastAward": _award_withdrawn,
    "NameAwardee": _awardee_named,
}
