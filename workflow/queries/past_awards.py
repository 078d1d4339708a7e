"""Imported awards of earlier years as pages and the interface read them. Nothing here writes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.context import Context
from workflow.errors import NotFoundRefusal
from workflow.lookups.given_awards import GivenAward, as_imported
from workflow.messages import lazy
from workflow.model import Person
from workflow.people import Scope
from workflow.rules import known_as
from workflow.rules.nominees import COLLECTIVE
from workflow.store import past_awards, people
from workflow.store.past_awards import ImportedAward


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedView:
    """An imported award as it is kept, and as the register has it."""

    kept: ImportedAward
    given: GivenAward


def past_awards_for(
    context: Context, connection: Connection, scope: Scope, *, before: int | None, count: int
) -> list[ImportedView]:
    """Return up to ``count`` imported awards within ``scope`` below ``before``, newest first."""
    found = past_awards.past_awards_page(connection, scope, before=before, count=count)
    given = as_imported(context, connection, found)
    return [ImportedView(kept=kept, given=each) for kept, each in zip(found, given, strict=True)]


def awards_under_names(
    context: Context, connection: Connection
) -> list[tuple[ImportedView, Person]]:
    """Return what was imported under the name of somebody who works here, and is nobody's yet.

    Each with a person who is called so; with several, once for each.
    """
    called: dict[str, list[Person]] = defaultdict(list)
    for each in people.all_people(connection):
        if each.is_active:
            called[known_as(None, each.name)].append(each)
    kept = _standing_under(connection, called)
    given = as_imported(context, connection, kept)
    return [
        (ImportedView(kept=award, given=view), person)
        for award, view in zip(kept, given, strict=True)
        for person in called[award.known_as]
    ]


def count_under_name(connection: Connection, person: Person) -> int:
    """Return how many awards were imported under a person's name, and are nobody's yet."""
    return len(_standing_under(connection, [known_as(None, person.name)]))


def _standing_under(connection: Connection, names: Iterable[str]) -> list[ImportedAward]:
    return [
        each
        for each in past_awards.past_awards_to(connection, names)
        if not each.is_withdrawn and each.kind != COLLECTIVE
    ]


def past_award_for(
    context: Context, connection: Connection, scope: Scope, award: int
) -> ImportedView:
    """Return one within ``scope``. Raises NotFoundRefusal."""
    found = past_awards.past_awards_page(connection, scope, before=award + 1, count=1)
    if not found or found[0].id != award:
        raise NotFoundRefusal(lazy("this imported award"))
    (given,) = as_imported(context, connection, found)
    return ImportedView(kept=found[0], given=given)
