"""What mails about deadlines say of a report that is owed, and where their reader goes on with it.

Never to a list: to the draft, to the form of a new one, or to urging a department.
"""

from notifications.letters.about_items import capital
from notifications.mail_context import Action, Desk
from notifications.translation import translate
from workflow.deadlines import Deadline, Obligation, inspection_in
from workflow.definition import Definition, ObligationStage
from workflow.lookups.obligations import approved_by
from workflow.model import DepartmentId, Item, Person
from workflow.people import may_draft, may_set_deadlines
from workflow.store import deadlines, items


def owed_name(deadline: Deadline) -> str:
    """Return what is to be handed in: a report by its kind, or nominations, which are none."""
    return capital(translate(deadline.owed))


def way_on(desk: Desk, reader: Person, deadline: Deadline, department: DepartmentId) -> Action:
    """Return what the reader can do about a report that ``department`` owes.

    Of an inspection nothing is drafted: what was found, or is to be mended, stands on its page.
    """
    inspection = inspection_in(deadline.kind)
    if inspection is not None:
        return desk.way(translate("Open the inspection"), f"inspections/{inspection}")
    if is_asked(desk, reader, deadline, department) or may_draft(reader, department):
        return _way_to_draft(desk, reader, deadline, department)
    if may_set_deadlines(reader):
        return desk.way(
            translate("Urge {department}", department=desk.department(department)),
            f"deadlines/{deadline.id}/remind?department={department}",
        )
    return see_who_owes(desk)


def how_far(desk: Desk, deadline: Deadline, department: DepartmentId) -> str:
    """Return how far a department is with what it owes."""
    draft = _draft(desk, deadline, department)
    if draft is None:
        return translate("not begun")
    if _obligation_stage(desk, draft) is ObligationStage.AWAITING_APPROVAL:
        who = approver(desk, deadline, department)
        return translate("waiting to be approved by {who}, {code}", who=who, code=draft.code)
    return translate("being drafted, {code}", code=draft.code)


def is_awaiting(desk: Desk, deadline: Deadline, department: str) -> bool:
    """Return whether what a department owes was submitted, and waits to be approved."""
    return _obligation(deadline, department) in desk.obligations.awaiting


def is_asked(desk: Desk, reader: Person, deadline: Deadline, department: str) -> bool:
    """Return whether the reader is asked to approve what a department submitted."""
    asked = desk.obligations.approvers(_obligation(deadline, department), desk.directory)
    return reader.id in asked


def approver(desk: Desk, deadline: Deadline, department: str) -> str:
    """Return who is to approve what a department submitted."""
    obligation = _obligation(deadline, department)
    return translate(approved_by(desk.obligations, obligation, desk.directory))


def _obligation(deadline: Deadline, department: str) -> Obligation:
    return deadline.campaign, deadline.kind, DepartmentId(department)


def see_who_owes(desk: Desk) -> Action:
    """Return the way to the board of who has handed in what."""
    return desk.way(translate("See who has handed in"), "deadlines/board")


def _way_to_draft(
    desk: Desk, reader: Person, deadline: Deadline, department: DepartmentId
) -> Action:
    draft = _draft(desk, deadline, department)
    if draft is not None and _obligation_stage(desk, draft) is ObligationStage.AWAITING_APPROVAL:
        return desk.way(translate("Open what waits for approval"), f"items/{draft.code}")
    if draft is not None:
        state = desk.context.rulebooks.of(desk.connection, draft.definition_hash).states[
            draft.state
        ]
        if draft.author == reader.id and state.editable:
            return desk.way(translate("Go on writing"), f"items/{draft.code}/edit")
        return desk.way(translate("Open the draft"), f"items/{draft.code}")
    kind = _kind_of(desk, deadline)
    if kind is None:
        return desk.way(translate("Draft the report"), "items/new")
    label = translate("Draft the report")
    if kind.answers == deadline.kind:
        label = translate("Draft the nomination")
    return desk.way(label, f"items/new?type={kind.id}&owed={deadline.id}")


def _draft(desk: Desk, deadline: Deadline, department: DepartmentId) -> Item | None:
    """Return the item that answers a deadline and is not handed in: the furthest, then newest."""
    ids = deadlines.reports_of(desk.connection, deadline.campaign, deadline.kind)
    found = [
        each
        for each in items.items_by_id(desk.connection, ids).values()
        if each.department == department
        and _obligation_stage(desk, each)
        in {ObligationStage.DRAFTING, ObligationStage.AWAITING_APPROVAL}
    ]
    return max(
        found,
        key=lambda each: (
            _obligation_stage(desk, each) is ObligationStage.AWAITING_APPROVAL,
            each.id,
        ),
        default=None,
    )


def _obligation_stage(desk: Desk, item: Item) -> ObligationStage:
    return desk.context.rulebooks.of(desk.connection, item.definition_hash).obligation_stage(
        item.state
    )


def other_answers(desk: Desk, deadline: Deadline) -> tuple[str, ...]:
    """Return what else answers a deadline than what it asks for, in a sentence each."""
    return tuple(
        translate("Where there is nothing to put forward, hand in “{label}”.", label=each.label)
        for each in _kinds_of(desk, deadline)[1:]
        if each.answers is not None
    )


def _kind_of(desk: Desk, deadline: Deadline) -> Definition | None:
    """Return the kind of item that answers a deadline."""
    return next(iter(_kinds_of(desk, deadline)), None)


def _kinds_of(desk: Desk, deadline: Deadline) -> list[Definition]:
    """Return the kinds of item that answer a deadline; the first is the one that is asked for."""
    books = [each.definition for each in desk.context.rulebooks.newest(desk.connection).values()]
    together = [each for each in books if each.answers == deadline.kind]
    return together or [
        each for each in books if any(field.id == "period" for field in each.fields)
    ]
