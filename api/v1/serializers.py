"""How the interface shows the core's values as JSON."""

from collections.abc import Mapping
from datetime import datetime

from notifications.translation import translate
from workflow.canonical import instant
from workflow.deadlines import Deadline
from workflow.history import data_of
from workflow.history.checkpoints import parse_note
from workflow.model import Absence, Delegation, Person, PersonId, StoredFile
from workflow.queries.deadlines import ladder_json
from workflow.queries.history import StoredCheckpoint
from workflow.queries.items import HolderView, ItemView, TransitionView
from workflow.queries.proofs import ItemProofs
from workflow.queries.timeline import EntryView


def moment(value: datetime | None) -> str | None:
    """Return an instant as UTC ``…Z``."""
    return None if value is None else instant(value)


def item_json(view: ItemView) -> dict[str, object]:
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
        "files": [file_json(each) for each in view.content.files],
        "content_hash": item.content_hash,
        "definition": {
            "id": view.definition.id,
            "version": view.definition.version,
            "hash": item.definition_hash,
        },
        "holders": [holder_json(each) for each in view.holders],
        "since": moment(item.since),
        "due_at": moment(item.due_at),
        "late": view.is_late,
    }


def holder_json(holder: HolderView) -> dict[str, object]:
    """Return whom an item waits for as the interface shows it."""
    return {
        "email": holder.person.email,
        "since": moment(holder.since),
        "due_at": moment(holder.due_at),
        "on_behalf_of": holder.stands_in_for.email if holder.stands_in_for else None,
    }


def file_json(file: StoredFile) -> dict[str, object]:
    """Return a file of an item as the interface shows it."""
    return {
        "sha256": file.sha256,
        "name": file.name,
        "size": file.size,
        "media_type": file.media_type,
    }


def transition_json(view: TransitionView) -> dict[str, object]:
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


def entry_json(view: EntryView) -> dict[str, object]:
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
        "comment_erased": view.is_erased,
        "content_hash": fact.content_hash,
        "version": fact.version,
        "data": data_of(fact.payload),
        "prev": view.entry.prev.hex(),
        "hash": view.entry.hash.hex(),
    }


def checkpoint_json(checkpoint: StoredCheckpoint) -> dict[str, object]:
    """Return a checkpoint as the interface shows it."""
    return {
        "size": checkpoint.size,
        "root": parse_note(checkpoint.note).checkpoint.root.hex(),
        "reason": checkpoint.reason,
        "made_at": instant(checkpoint.made_at),
        "note": checkpoint.note,
    }


def proofs_json(code: str, found: ItemProofs) -> dict[str, object]:
    """Return the entries of an item with their places and proofs."""
    proofs = {each.position: [hash_.hex() for hash_ in each.hashes] for each in found.proofs}
    return {
        "code": code,
        "checkpoint": checkpoint_json(found.checkpoint) if found.checkpoint else None,
        "entries": [
            {
                "seq": each.seq,
                "position": each.position,
                "hash": each.hash.hex(),
                "proof": proofs.get(each.position),
            }
            for each in found.places
        ],
    }


def deadline_json(deadline: Deadline) -> dict[str, object]:
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


def delegation_json(delegation: Delegation, people: Mapping[PersonId, Person]) -> dict[str, object]:
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
        "departments": list(delegation.departments),
        "terms": delegation.terms,
    }


def absence_json(absence: Absence, people: Mapping[PersonId, Person]) -> dict[str, object]:
    """Return an absence as the interface shows it."""
    return {
        "id": absence.id,
        "person": people[absence.person].email,
        "stand_in": people[absence.stand_in].email if absence.stand_in is not None else None,
        "starts_on": absence.starts_on,
        "ends_on": absence.ends_on,
    }
