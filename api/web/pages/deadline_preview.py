"""The mails that a deadline would add and drop, by the day on which they go. Writes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import Connection

from api.composition import Application
from api.web.dates import day_text
from notifications.mail_context import rung_words
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.errors import InvalidInputError, InvalidRefusal, reason
from workflow.lookups.obligations import obligations
from workflow.model import OFFICE, DepartmentId, Person
from workflow.queries import people
from workflow.queries.what_if import Change, ForeseenReminder, foretold_mails


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedDay:
    """The mails of one day: how many, to whom in few words, why, and each by name."""

    day: str
    count: int
    to: str
    why: str
    names: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The mails that saving would add and drop."""

    new: Sequence[PreviewedDay]
    gone: Sequence[PreviewedDay]
    delivered: str
    """The departments, by name, that are not reminded because their reports are in."""

    @property
    def new_count(self) -> int:
        """Return how many mails would be added."""
        return sum(each.count for each in self.new)

    @property
    def gone_count(self) -> int:
        """Return how many mails would be dropped."""
        return sum(each.count for each in self.gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recipients:
    people: Mapping[str, Person]
    departments: Mapping[DepartmentId, str]


async def preview_of(parts: Application, change: Change) -> Preview:
    """Return the mails that saving would add and drop. Raises InvalidRefusal."""

    def foretold(connection: Connection) -> Preview:
        new, gone = foretold_mails(parts.context, connection, change)
        names = _Recipients(
            people={each.email: each for each in people.all_people(connection)},
            departments=people.department_names(connection),
        )
        return Preview(
            new=_days(parts, new, names),
            gone=_days(parts, gone, names),
            delivered=", ".join(
                names.departments[each] for each in _delivered(parts, connection, change)
            ),
        )

    try:
        return await parts.database.report(foretold)
    except InvalidInputError as exc:
        raise InvalidRefusal(
            *(reason("deadline", "{problem}", problem=each) for each in exc.problems)
        ) from exc


def _delivered(parts: Application, connection: Connection, change: Change) -> list[DepartmentId]:
    """Return the departments of a deadline that owe nothing any more."""
    terms = change.deadline
    if terms is None:
        return []
    met = obligations(parts.context, connection).met
    return [each for each in terms.departments if (terms.campaign, terms.kind, each) in met]


def _days(
    parts: Application, mails: Iterable[ForeseenReminder], names: _Recipients
) -> list[PreviewedDay]:
    """Return mails, which come by time, by day and by how far that is from the due day."""

    def group(mail: ForeseenReminder) -> tuple[date, int]:
        return parts.context.calendar.local_day(mail.at), mail.days

    return [
        _day(*key, list(found), names) for key, found in groupby(sorted(mails, key=group), group)
    ]


def _day(
    day: date, days: int, mails: Sequence[ForeseenReminder], names: _Recipients
) -> PreviewedDay:
    return PreviewedDay(
        day=day_text(day),
        count=len(mails),
        to=_to_whom(mails, names),
        why=rung_words(-days),
        names=[_name(mail, names) for mail in mails],
    )


def _to_whom(mails: Sequence[ForeseenReminder], names: _Recipients) -> str:
    """Return the positions that are written to, each with the number of its departments."""
    found = [names.people[mail.to] for mail in mails if mail.to in names.people]
    said = []
    for position, called in POSITIONS.items():
        departments = [each.department for each in found if each.position is position]
        named = {each for each in departments if each is not None}
        if len(named) == 1 and position not in OFFICE:
            said.append(f"{translate(called)} ({names.departments[named.pop()]})")
        elif named and position not in OFFICE:
            said.append(
                translate(
                    "{position} of {count} department",
                    "{position} of {count} departments",
                    position=called,
                    count=len(named),
                )
            )
        elif departments:
            said.append(translate(called))
    return ", ".join(said)


def _name(mail: ForeseenReminder, names: _Recipients) -> str:
    person = names.people.get(mail.to)
    about = ", ".join(names.departments.get(DepartmentId(of), of) for of in mail.departments)
    return translate("{name}, on {about}", name=person.name if person else mail.to, about=about)
