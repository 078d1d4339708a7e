"""Guards: named conditions on a transition.

Owns the registry that definitions name guards from. A guard is a pure function of the situation and its parameters; it
answers None or a Reason. It must never raise for a situation it dislikes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from workflow.definition import Definition, FieldType, ItemField
from workflow.errors import Reason, reason
from workflow.model import Content, Item, Json, Person
from workflow.people import Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a guard may look at."""

    definition: Definition
    item: Item
    content: Content | None
    actor: Person
    directory: Directory


GuardFunction = Callable[..., Reason | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A guard in the registry. ``is_about_person``: its refusal is "not permitted"; otherwise "incomplete"."""

    check: GuardFunction
    parameters: frozenset[str]
    is_about_person: bool


def not_the_author(situation: Situation) -> Reason | None:
    """Refuse the author: nobody decides on what they wrote themselves."""
    if situation.actor.id != situation.item.author:
        return None
    return reason("not_the_author", "Bạn là người soạn hồ sơ này nên không thể tự duyệt. Người khác có thẩm quyền sẽ xử lý.")


def content_complete(situation: Situation) -> Reason | None:
    """Require every required field of the definition; names all that are empty."""
    if situation.content is None:
        return reason("content_complete", "Không đọc được nội dung hồ sơ. Hãy tải lại trang rồi thử lại.")
    missing = missing_fields(situation.definition, situation.content.fields)
    if not missing:
        return None
    labels = "; ".join(field.label.vi for field in missing)
    return reason("content_complete", "Hồ sơ chưa đủ nội dung để trình. Còn thiếu: {fields}. Hãy bổ sung rồi trình lại.", fields=labels)


def missing_fields(definition: Definition, fields: Mapping[str, Json]) -> list[ItemField]:
    """Return the required fields that are empty, in the definition's order; False and 0 count as given."""
    return [field for field in definition.fields if field.required and _is_empty(field, fields.get(field.id))]


def _is_empty(field: ItemField, value: Json) -> bool:
    if field.type in {FieldType.BOOLEAN, FieldType.INTEGER, FieldType.MONEY}:
        return value is None
    return not value


GUARDS: Mapping[str, Guard] = {
    "not_the_author": Guard(check=not_the_author, parameters=frozenset(), is_about_person=True),
    "content_complete": Guard(check=content_complete, parameters=frozenset(), is_about_person=False),
}


def guard_signatures() -> Mapping[str, frozenset[str]]:
    """Return what the loader of definitions needs to know: name to parameter names."""
    return {name: guard.parameters for name, guard in GUARDS.items()}
