"""What mails about deadlines say of a report that is owed, and where their reader goes on with it.

Never to a list: to the draft, to the form of a new one, or to urging a department.
"""

from notifications.letters.about_items import capital
from notifications.mail_context import Action, Desk
from notifications.translation import translate
from workflow.deadlines import Deadline
from workflow.definition import Definition, Stage
from workflow.model import DepartmentId, Item, Person
from workflow.people import may_draft, may_set_deadlines
from workflow.store import deadlines, items


def owed_name(deadline: Deadline) -> str:
    """Return what is to be handed in: a report by its kind, or nominations, which are none."""
    return capital(translate(deadline.owed))


def way_on(desk: Desk, reader: Person, deadline: Deadline, department: DepartmentId) -> Action:
    """Return what the reader can do about a report that ``department`` owes."""
    if may_draft(reader, department):
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
    return translate("being drafted, {code}", code=draft.code) if draft else translate("not begun")


def see_who_owes(desk: Desk) -> Action:
    """Return the way to the board of who has handed in what."""
    return desk.way(translate("See who has handed in"), "deadlines/board")


def _way_to_draft(
    desk: Desk, reader: Person, deadline: Deadline, department: DepartmentId
) -> Action:
    draft = _draft(desk, deadline, department)
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
    """Return the newest item that answers a deadline and is not handed in."""
    ids = deadlines.reports_of(desk.connection, deadline.campaign, deadline.kind)
    found = []
    for each in items.items_by_id(desk.connection, ids).values():
        book = desk.context.rulebooks.of(desk.connection, each.definition_hash)
        is_open = not book.is_handed_in(each.state) and (
            book.stages[each.state] is not Stage.GIVEN_UP
        )
        if each.department == department and is_open:
            found.append(each)
    return max(found, key=lambda each: each.id, default=None)


def _kind_of(desk: Desk, deadline: Deadline) -> Definition | None:
    """Return the kind of item that answers a deadline."""
    books = [each.definition for each in desk.context.rulebooks.newest(desk.connection).values()]
    together = [each for each in books if each.answers == deadline.kind]
    named = [each for each in books if any(field.id == "period" for field in each.fields)]
    return next(iter(together or named), None)
