"""How answers become bytes, and how the interface shows the core's values."""

from datetime import datetime
from typing import Any

import orjson
from starlette.responses import Response

from notifications.translation import in_words, translate
from workflow.canonical import instant
from workflow.deadlines import Deadline
from workflow.history import data_of
from workflow.model import Absence, Delegation, Person
from workflow.queries.items import EntryView, ItemView, TransitionView
from workflow.store.deadlines import ladder_json


class OrjsonResponse(Response):
    """A JSON answer, encoded by orjson; what the core said becomes text in the reader's language."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - whatever JSON holds
        """Return the bytes of ``content``."""
        return orjson.dumps(content, default=_in_words, option=orjson.OPT_PASSTHROUGH_DATACLASS)


def _in_words(value: object) -> object:
    """Return the sentence of what the core said; nothing else is turned into text by itself."""
    words = in_words(value)
    if words is value:
        raise TypeError(type(value).__name__)
    return words


def moment(value: datetime | None) -> str | None:
    """Return an instant as UTC ``…Z``."""
    return None if value is None else instant(value)


def item_json(view: ItemView) -> dict[str, Any]:
    """Return an item as the interface shows it."""
    item = view.item
    return {
        "code": item.code,
        "type": item.type,
        "version": item.version,
        "step": item.step,
        "state": item.state,
        "department": item.department,
        "campaign": item.campaign,
        "author": view.author.email,
        "title": view.content.title,
        "fields": view.content.fields,
        "withheld": sorted(view.withheld),
        "files": [
            {
                "sha256": each.sha256,
                "name": each.name,
                "size": each.size,
                "media_type": each.media_type,
            }
            for each in view.content.files
        ],
        "content_hash": item.content_hash,
        "definition": {
            "id": view.definition.id,
            "version": view.definition.version,
            "hash": item.definition_hash,
        },
        "holders": [
            {
                "email": holder.person.email,
                "since": moment(holder.since),
                "due_at": moment(holder.due_at),
                "on_behalf_of": holder.stands_in_for.email if holder.stands_in_for else None,
            }
            for holder in view.holders
        ],
        "since": moment(item.since),
        "due_at": moment(item.due_at),
        "late": view.is_late,
    }


def transition_json(view: TransitionView) -> dict[str, Any]:
    """Return a transition as it looks to the caller."""
    return {
        "transition": view.transition.id,
        "to": list(view.to),
        "label": translate(view.transition.label),
        "labels": {"vi": view.transition.label.vi, "en": view.transition.label.en},
        "allowed": view.is_allowed,
        "reasons": [{"rule": each.rule, "message": translate(each)} for each in view.reasons],
        "requires": view.requires,
    }


def entry_json(view: EntryView) -> dict[str, Any]:
    """Return a history entry as the interface shows it."""
    fact = view.fact
    return {
        "subject": view.entry.subject,
        "seq": view.entry.seq,
        "type": fact.type,
        "from": fact.from_state,
        "to": fact.to_state,
        "transition": fact.transition,
        "actor": view.actor.email if view.actor else None,
        "on_behalf_of": view.on_behalf_of.email if view.on_behalf_of else None,
        "position": fact.position,
        "via": fact.via,
        "method": fact.method,
        "at": instant(fact.at),
        "comment": view.comment,
        "content_hash": fact.content_hash,
        "version": fact.version,
        "data": data_of(fact.payload),
        "prev": view.entry.prev.hex(),
        "hash": view.entry.hash.hex(),
    }


def deadline_json(deadline: Deadline) -> dict[str, Any]:
    """Return a deadline as the interface shows it."""
    return {
        "id": deadline.id,
        "version": deadline.version,
        "campaign": deadline.campaign,
        "kind": deadline.kind,
        "departments": list(deadline.departments),
        "due_at": moment(deadline.due_at),
        "roll": deadline.roll.value,
        "ladder": ladder_json(deadline.ladder),
        "name": translate(deadline.called),
        "data_until": deadline.data_until or None,
        "series": deadline.series,
    }


def delegation_json(delegation: Delegation, people: dict[int, Person]) -> dict[str, Any]:
    """Return a delegation as the interface shows it."""
    return {
        "id": delegation.id,
        "from": people[delegation.from_person].email,
        "to": people[delegation.to_person].email,
        "starts_on": delegation.starts_on,
        "ends_on": delegation.ends_on,
        "document": delegation.document,
        "form": delegation.form.value,
        "kinds": list(delegation.kinds),
        "terms": delegation.terms,
    }


def absence_json(absence: Absence, people: dict[int, Person]) -> dict[str, Any]:
    """Return an absence as the interface shows it."""
    return {
        "id": absence.id,
        "person": people[absence.person].email,
        "stand_in": people[absence.stand_in].email if absence.stand_in is not None else None,
        "starts_on": absence.starts_on,
        "ends_on": absence.ends_on,
    }
