"""Guards: named conditions on a transition.

Owns the registry that definitions name guards from. A guard is a pure function of the situation and
its parameters; it answers None or a Reason. It must never raise for a situation it dislikes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from workflow.canonical import is_day
from workflow.definition import (
    Definition,
    GuardSignature,
    ItemField,
    Requirement,
    Transition,
    Vocabulary,
)
from workflow.errors import Reason, reason
from workflow.messages import lazy, listed
from workflow.model import Content, Json
from workflow.rules.conditional_fields import (
    ExpressionScope,
    asked_fields,
    asked_of_row,
    is_empty,
    missing_fields,
    named_values,
)
from workflow.rules.council import COUNCIL_PASSED, council_passed
from workflow.rules.expressions import fault_of, fields_named, holds
from workflow.rules.gathering import TRAVELS_ALONE, travels_alone
from workflow.rules.nominees import list_of, nominees_of
from workflow.rules.situation import Situation

GuardFunction = Callable[..., Reason | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A guard in the registry.

    The refusal of one with ``is_about_person`` is "not permitted"; of any other, which reads the
    content, "incomplete".
    """

    check: GuardFunction
    is_about_person: bool
    reads_content: bool = False
    """Whether one about a person reads the content too."""
    signature: GuardSignature = field(default_factory=GuardSignature)


def not_the_author(situation: Situation) -> Reason | None:
    """Refuse the author: nobody decides on what they wrote themselves."""
    if situation.actor is None or situation.actor.id != situation.item.author:
        return None
    return reason(
        "not_the_author",
        "You drafted this item, so you cannot approve it yourself. Another competent "
        "person will handle it.",
    )


def not_named_in(situation: Situation, *, field: str) -> Reason | None:
    """Refuse whom the person field ``field`` names.

    The nominee does not decide on their own nomination.
    """
    actor, concerned = situation.actor, situation.item.concerned
    value = _value(situation, field)
    named = situation.directory.addressed(value, concerned) if isinstance(value, str) else None
    if actor is None or actor.id not in (named, *concerned):
        return None
    return reason(
        "not_named_in",
        "You are named under “{field}”, so you cannot handle this item. Another "
        "competent person will handle it.",
        field=_label(situation, field),
    )


def another_department(situation: Situation) -> Reason | None:
    """Refuse whoever belongs to the item's own department."""
    if situation.actor is None or situation.actor.department != situation.item.department:
        return None
    return reason(
        "another_department",
        "This step is for somebody from outside the item's department. Another "
        "competent person will handle it.",
    )


def content_complete(situation: Situation) -> Reason | None:
    """Require every required field of the definition; names all that are empty."""
    if situation.content is None:
        return reason(
            "content_complete",
            "The item's content cannot be read. Reload the page, then try again.",
        )
    asked = asked_fields(situation.definition, situation.content, _scope(situation))
    missing = missing_fields(asked, situation.content.fields)
    if not missing:
        return _incomplete_rows(situation, situation.content)
    labels = listed(field.label for field in missing)
    return reason(
        "content_complete",
        "The item is not complete enough to submit. Missing: {fields}. Fill them in, "
        "then submit again.",
        fields=labels,
    )


def _incomplete_rows(situation: Situation, content: Content) -> Reason | None:
    """Require every required column of every row of a list of nominees; names each row."""
    definition, scope = situation.definition, _scope(situation)
    if list_of(definition, content) is None:
        return None
    lacking = [
        (each.row, missing_fields(asked_of_row(definition, each.content, scope), row))
        for each in nominees_of(definition, content)
        for row in (each.content.fields,)
    ]
    sentences = [
        lazy("row {number}: {fields}", number=row, fields=listed(each.label for each in missing))
        for row, missing in lacking
        if missing
    ]
    if not sentences:
        return None
    return reason(
        "content_complete",
        "The list of nominees is not complete. Missing in {rows}. Fill them in, then submit again.",
        rows=listed(sentences, "; "),
    )


def dates_in_order(situation: Situation, *, first: str, last: str) -> Reason | None:
    """Require the date in the field ``first`` not to lie after the one in ``last``.

    An empty one is another guard's matter.
    """
    begins, ends = _day(situation, first), _day(situation, last)
    if begins is None or ends is None or begins <= ends:
        return None
    return reason(
        "dates_in_order",
        "“{first}” is after “{last}”. Mend one of the two days.",
        first=_label(situation, first),
        last=_label(situation, last),
    )


def within_campaign(situation: Situation, *, first: str, last: str) -> Reason | None:
    """Require the days in the fields ``first`` and ``last`` to lie within the item's campaign.

    An empty one is another guard's matter.
    """
    campaign = situation.campaign
    if campaign is None:
        return None
    outside = [
        name
        for name in (first, last)
        if (day := _day(situation, name)) is not None
        and not campaign.starts_on <= day <= campaign.ends_on
    ]
    if not outside:
        return None
    return reason(
        "within_campaign",
        "{fields} must lie within the movement, from {starts_on} to {ends_on}. Mend the day, or "
        "choose the movement in which it was done.",
        fields=listed(_label(situation, each) for each in outside),
        starts_on=campaign.starts_on.strftime("%d/%m/%Y"),
        ends_on=campaign.ends_on.strftime("%d/%m/%Y"),
    )


def not_in_future(situation: Situation, *, field: str) -> Reason | None:
    """Require the day in ``field`` not to lie after today: nothing is told before it was done."""
    day = _day(situation, field)
    if day is None or situation.today is None or day <= situation.today:
        return None
    return reason(
        "not_in_future",
        "“{field}” is {day}, which has not come yet. Write a day up to today.",
        field=_label(situation, field),
        day=day.strftime("%d/%m/%Y"),
    )


def required_when(
    situation: Situation, *, field: str, when: str, equals: str | int | bool
) -> Reason | None:
    """Require ``field`` wherever the field ``when`` holds ``equals``, alone or among others."""
    given = _value(situation, when)
    applies = equals in given if isinstance(given, list) else given == equals
    asked = next((each for each in situation.definition.fields if each.id == field), None)
    if not applies or asked is None or not is_empty(asked, _value(situation, field)):
        return None
    return reason(
        "required_when",
        "“{field}” must be filled in because of what was chosen for “{when}”. Fill it "
        "in, then submit again.",
        field=_label(situation, field),
        when=_label(situation, when),
    )


def files_at_least(situation: Situation, *, count: int) -> Reason | None:
    """Require at least ``count`` attached files."""
    attached = len(situation.content.files) if situation.content else 0
    if attached >= count:
        return None
    return reason(
        "files_at_least",
        "At least {count} file must be attached; there are {attached}. Upload it, then "
        "submit again.",
        "At least {count} files must be attached; there are {attached}. Upload them, "
        "then submit again.",
        count=count,
        attached=attached,
    )


def _value(situation: Situation, field: str) -> Json:
    return situation.content.fields.get(field) if situation.content else None


def _day(situation: Situation, field: str) -> date | None:
    given = _value(situation, field)
    return date.fromisoformat(given) if isinstance(given, str) and is_day(given) else None


def _label(situation: Situation, field: str) -> object:
    return next((each.label for each in situation.definition.fields if each.id == field), field)


GUARDS: Mapping[str, Guard] = {
    "not_the_author": Guard(check=not_the_author, is_about_person=True),
    "another_department": Guard(check=another_department, is_about_person=True),
    "not_named_in": Guard(
        check=not_named_in,
        is_about_person=True,
        signature=GuardSignature(
            parameters=frozenset({"field"}), naming_fields=frozenset({"field"})
        ),
        reads_content=True,
    ),
    "content_complete": Guard(check=content_complete, is_about_person=False),
    "dates_in_order": Guard(
        check=dates_in_order,
        is_about_person=False,
        signature=GuardSignature(
            parameters=frozenset({"first", "last"}), naming_fields=frozenset({"first", "last"})
        ),
    ),
    "within_campaign": Guard(
        check=within_campaign,
        is_about_person=False,
        signature=GuardSignature(
            parameters=frozenset({"first", "last"}), naming_fields=frozenset({"first", "last"})
        ),
    ),
    "not_in_future": Guard(
        check=not_in_future,
        is_about_person=False,
        signature=GuardSignature(
            parameters=frozenset({"field"}), naming_fields=frozenset({"field"})
        ),
    ),
    "required_when": Guard(
        check=required_when,
        is_about_person=False,
        signature=GuardSignature(
            parameters=frozenset({"field", "when", "equals"}),
            naming_fields=frozenset({"field", "when"}),
        ),
    ),
    COUNCIL_PASSED: Guard(
        check=council_passed,
        is_about_person=False,
        signature=GuardSignature(
            parameters=frozenset({"field", "equals"}), naming_fields=frozenset({"field"})
        ),
    ),
    TRAVELS_ALONE: Guard(check=travels_alone, is_about_person=True),
    "files_at_least": Guard(
        check=files_at_least,
        is_about_person=False,
        signature=GuardSignature(parameters=frozenset({"count"})),
    ),
}


def days_within_campaign(definition: Definition) -> frozenset[str]:
    """Return the fields that a guard keeps within the campaign, or from lying ahead."""
    return frozenset(
        str(name)
        for transition in definition.transitions
        for use in transition.guards
        if GUARDS[use.name].check in {within_campaign, not_in_future}
        for name in use.parameters.values()
    )


def vocabulary() -> Vocabulary:
    """Return what the loader of definitions needs to know.

    Each guard's signature, and how expressions are checked.
    """
    return Vocabulary(
        guards={name: guard.signature for name, guard in GUARDS.items()}, fault=fault_of
    )


def applies(transition: Transition, situation: Situation) -> bool:
    """Return whether the condition of ``transition`` holds; without one it always does."""
    return transition.when is None or holds(transition.when, _values(situation))


def unmet(requirement: Requirement, situation: Situation) -> Reason | None:
    """Return the requirement's own sentence where its expression does not hold."""
    content, definition = situation.content, situation.definition
    field = list_of(definition, content) if content else None
    if content is None or field is None or _is_of_whole(requirement, field):
        if holds(requirement.expression, _values(situation)):
            return None
        return reason("requires", "{message}", message=requirement.message)
    wrong = [
        each.row
        for each in nominees_of(definition, content)
        if not holds(requirement.expression, _values(replace(situation, content=each.content)))
    ]
    if not wrong:
        return None
    return reason(
        "requires",
        "Row {rows} of the list: {message}",
        rows=listed(wrong),
        message=requirement.message,
    )


def _is_of_whole(requirement: Requirement, field: ItemField) -> bool:
    """Return whether a requirement asks nothing that each row of a list says for itself."""
    return fields_named(requirement.expression).isdisjoint(field.columns_of)


def _values(situation: Situation) -> dict[str, Json]:
    return named_values(situation.definition, situation.content, _scope(situation))


def _scope(situation: Situation) -> ExpressionScope:
    return ExpressionScope(
        department=situation.item.department,
        author=situation.directory.people.get(situation.item.author),
        actor=situation.actor,
        campaign=situation.campaign,
    )
