"""Set and change deadlines, and remind a department now.

The Office answers for them (the plan, III.2a). Changing one recomputes what has not been sent in the same transaction,
and every change is an entry in the deadline's history.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import orjson
from sqlalchemy import Connection

from workflow.canonical import instant, is_storable, text
from workflow.deadlines import (
    KIND_NAMES,
    MOST_OCCURRENCES,
    RUNG_PLACES,
    Audience,
    Deadline,
    Obligations,
    Repeats,
    Roll,
    Rung,
    days_after,
    recipients_of,
)
from workflow.errors import InvalidRefusal, KeyReusedRefusal, NotFoundRefusal, NotPermittedRefusal, Reason, Refusal, StaleRefusal, reason
from workflow.events import DepartmentReminded
from workflow.history import Fact
from workflow.model import DepartmentId, Json, Method, PersonId, Via
from workflow.people import Directory, may_set_deadlines
from workflow.service.context import Context, record
from workflow.store import deadlines, definitions, history, people
from workflow.store.deadlines import ladder_json
from workflow.store.history import StoredEntry
from workflow.store.instants import written
from workflow.wording import unknown_places

_RUNGS_LIMIT = 20
_MESSAGE_LIMIT = 2000
_WORDS_LIMIT = 600
_NAME_LIMIT = 80
_KIND_LIMIT = 32
"""Of a kind that recurs: with year and month it still fits its column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineTerms:
    """What a deadline says: for whom, until when, how it is reminded of.

    ``name``: what the Office calls a kind of its own. ``data_until``: the last local day, ISO, whose figures count; empty: not said.
    """

    campaign: str
    kind: str
    departments: tuple[DepartmentId, ...]
    due_at: datetime
    roll: Roll
    ladder: tuple[Rung, ...]
    name: str = ""
    data_until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDeadline:
    """Create a deadline, or change the one with ``deadline`` as id at a known version.

    ``repeats``: a new deadline is the first of a series; each occurrence becomes a deadline of its own.
    """

    terms: DeadlineTerms
    actor: PersonId
    via: Via
    method: Method
    command_id: str
    digest: str
    confirm: bool = False
    deadline: int | None = None
    version: int | None = None
    repeats: Repeats | None = None

    @property
    def key(self) -> str | None:
        """Return what this command contends for."""
        return None if self.deadline is None else f"deadline:{self.deadline}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindNow:
    """Remind one department of a deadline now, in the Office's own words."""

    deadline: int
    department: DepartmentId
    message: str
    actor: PersonId
    via: Via
    method: Method
    command_id: str
    digest: str

    @property
    def key(self) -> str:
        """Return what this command contends for."""
        return f"deadline:{self.deadline}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """Who was reminded."""

    deadline: int
    department: DepartmentId
    people: tuple[PersonId, ...]
    at: datetime


def obligations(context: Context, connection: Connection) -> Obligations:
    """Return which reports are in, and who drafts the others, by the states of all definitions."""
    states = [state for book in context.rulebooks.all(connection) for state in book.definition.states]
    meeting = frozenset(state.id for state in states if state.meets_deadline)
    final = frozenset(state.id for state in states if state.final)
    together = frozenset(book.definition.answers for book in context.rulebooks.all(connection) if book.definition.answers is not None)
    return deadlines.load_obligations(connection, meeting, final - meeting, together)


def set_deadlines(context: Context, connection: Connection, commands: Sequence[SetDeadline]) -> list[int | Refusal]:
    """Create or change deadlines; answer their ids."""
    return [_set(context, connection, command) for command in commands]


def _set(context: Context, connection: Connection, command: SetDeadline) -> int | Refusal:
    made = history.entries_by_command(connection, [command.command_id]).get((command.actor, command.command_id))
    if made is not None:
        return _replayed(made, command.digest)
    now = context.clock()
    directory = context.directory(connection, now)
    if refusal := _not_office(directory, command.actor):
        return refusal
    series = occurrences(context, command.terms, command.repeats)
    terms = series[0]
    before = None
    if command.deadline is not None:
        before = deadlines.find_deadline(connection, command.deadline)
        if before is None:
            return NotFoundRefusal("thời hạn")
        if command.version is not None and command.version != before.version:
            return StaleRefusal(state="", version=before.version, given=command.version, last=None)
    problems = term_problems(context, connection, terms, is_confirmed=command.confirm or (before is not None and before.due_at == terms.due_at))
    if command.repeats is not None and not 2 <= command.repeats.times <= MOST_OCCURRENCES:  # noqa: PLR2004 - a series has a second
        problems.append(reason("repeats", "Một chuỗi thời hạn có từ 2 đến {limit} kỳ. Hãy chọn lại số kỳ.", limit=MOST_OCCURRENCES))
    if problems:
        return InvalidRefusal(*problems)
    first = write_deadline(context, connection, command, terms, before)
    for number, each in enumerate(series[1:], 2):
        write_deadline(context, connection, replace(command, command_id=f"{command.command_id}:{number}"), each, None, series=first)
    return first


def _replayed(made: StoredEntry, digest: str) -> int | Refusal:
    return int(made.subject.removeprefix("deadline:")) if made.command_digest == digest else KeyReusedRefusal()


def _not_office(directory: Directory, actor: PersonId) -> Refusal | None:
    person = directory.active(actor)
    if person is not None and may_set_deadlines(person):
        return None
    return NotPermittedRefusal(reason("office", "Chỉ Văn phòng Sở được đặt thời hạn và nhắc việc."))


def rolled(context: Context, terms: DeadlineTerms) -> DeadlineTerms:
    """Return ``terms`` with the due instant moved off a rest day as they say."""
    return replace(
        terms,
        departments=tuple(dict.fromkeys(terms.departments)),
        due_at=context.calendar.roll(terms.due_at, terms.roll),
        name=text(terms.name.strip()),
    )


def occurrences(context: Context, terms: DeadlineTerms, repeats: Repeats | None) -> list[DeadlineTerms]:
    """Return the terms of each occurrence, rolled: the first, then one for each period of ``repeats``.

    The later ones are kinds of their own, named by their month, for each wants a report of its own; the day until which figures
    count moves along.
    """
    found = [rolled(context, terms)]
    if repeats is None:
        return found
    calendar = context.calendar
    local = terms.due_at.astimezone(calendar.zone)
    cut_offs = days_after(date.fromisoformat(terms.data_until), repeats) if terms.data_until else None
    for day in days_after(local.date(), repeats):
        later = replace(
            terms,
            kind=f"{terms.kind[:_KIND_LIMIT]}-{day:%Y-%m}",
            name=f"{terms.name or KIND_NAMES.get(terms.kind, terms.kind)} (kỳ {day:%m/%Y})",
            due_at=calendar.at(day, local.time()),
            data_until=next(cut_offs).isoformat() if cut_offs is not None else "",
        )
        found.append(rolled(context, later))
    return found


def term_problems(context: Context, connection: Connection, terms: DeadlineTerms, *, is_confirmed: bool) -> list[Reason]:
    """Return everything that is wrong with ``terms``."""
    problems = []
    if terms.campaign not in {identity for identity, _, _ in definitions.all_campaigns(connection)}:
        problems.append(reason("campaign", "Không có phong trào “{campaign}”.", campaign=terms.campaign))
    unknown = set(terms.departments) - {each.id for each in people.all_departments(connection)}
    if unknown or not terms.departments:
        problems.append(
            reason("departments", "Cần ít nhất một phòng có thật. Không có phòng: {unknown}.", unknown=", ".join(sorted(unknown)) or "(trống)")
        )
    days = [rung.days for rung in terms.ladder]
    if len(days) > _RUNGS_LIMIT or len(set(days)) != len(days) or any(not rung.to for rung in terms.ladder):
        problems.append(reason("ladder", "Thang nhắc cần tối đa {limit} mốc, mỗi mốc một ngày riêng và có người nhận.", limit=_RUNGS_LIMIT))
    problems += [problem for rung in terms.ladder if (problem := _words_problem(rung))]
    if begins_on := _begins_after(connection, terms, context):
        problems.append(reason("due_at", "Hạn này nằm trước ngày bắt đầu phong trào ({day}). Hãy chọn ngày sau đó.", day=begins_on))
    problems += _own_words_problems(terms, context)
    if terms.due_at <= context.clock() and not is_confirmed:
        problems.append(reason("due_at", "Thời điểm này đã qua. Nếu đúng ý, hãy xác nhận (confirm) để ghi nhận."))
    return problems


def _own_words_problems(terms: DeadlineTerms, context: Context) -> list[Reason]:
    problems = []
    if len(terms.name) > _NAME_LIMIT or not is_storable(terms.name) or "\n" in terms.name:
        problems.append(reason("name", "Tên loại thời hạn cần tối đa {limit} ký tự, trên một dòng.", limit=_NAME_LIMIT))
    if terms.data_until and not is_day(terms.data_until):
        problems.append(reason("data_until", "Ngày chốt số liệu cần là một ngày có thật. Hãy chọn lại."))
    elif terms.data_until > context.calendar.local_day(terms.due_at).isoformat():
        problems.append(reason("data_until", "Ngày chốt số liệu cần trước hoặc đúng ngày đến hạn. Hãy chọn lại."))
    return problems


def is_day(written_day: str) -> bool:
    """Return whether a text is a day that exists, as YYYY-MM-DD."""
    try:
        return date.fromisoformat(written_day).isoformat() == written_day
    except ValueError:
        return False


def _words_problem(rung: Rung) -> Reason | None:
    unknown = unknown_places(rung.words, RUNG_PLACES)
    known = ", ".join(f"{{{each}}}" for each in RUNG_PLACES)
    if len(rung.words) > _WORDS_LIMIT or not is_storable(rung.words):
        return reason("ladder", "Lời nhắc của mốc {days} cần tối đa {limit} ký tự. Hãy viết gọn lại.", days=rung.days, limit=_WORDS_LIMIT)
    if unknown is None:
        return reason("ladder", "Lời nhắc của mốc {days} có dấu ngoặc nhọn không khép. Chỉ dùng: {known}.", days=rung.days, known=known)
    if unknown:
        sentence = "Lời nhắc của mốc {days} dùng chỗ điền không có: {unknown}. Chỉ dùng: {known}."
        return reason("ladder", sentence, days=rung.days, unknown=", ".join(unknown), known=known)
    return None


def _begins_after(connection: Connection, terms: DeadlineTerms, context: Context) -> str | None:
    """Return the first day of the campaign, dd/MM/yyyy, where the deadline lies before it."""
    bodies = {identity: body for identity, _, body in definitions.all_campaigns(connection)}
    starts_on = str(orjson.loads(bodies[terms.campaign]).get("starts_on") or "") if terms.campaign in bodies else ""
    if not starts_on or context.calendar.local_day(terms.due_at).isoformat() >= starts_on:
        return None
    return date.fromisoformat(starts_on).strftime("%d/%m/%Y")


def write_deadline(
    context: Context,
    connection: Connection,
    command: SetDeadline,
    terms: DeadlineTerms,
    before: Deadline | None,
    *,
    series: int | Refusal | None = None,
) -> int | Refusal:
    """Write checked terms: a new deadline, or a change of ``before``; what has not been sent is planned anew. Return its id.

    ``series``: the id of the first deadline of the series that a new one belongs to.
    """
    now = context.clock()
    has_moved = before is None or before.due_at != terms.due_at or before.ladder != terms.ladder
    values = {
        "due_at": written(terms.due_at),
        "roll": terms.roll.value,
        "ladder": orjson.dumps(ladder_json(terms.ladder)).decode(),
        "planned_from": written(now if before is None or has_moved else before.planned_from),
        "version": 1 if before is None else before.version + 1,
        "name": terms.name,
        "data_until": terms.data_until,
    }
    if before is None:
        opening = {"campaign": terms.campaign, "kind": terms.kind, "created_at": written(now), "series": series}
        deadline_id = deadlines.insert_deadline(connection, {**values, **opening}, terms.departments)
    else:
        deadline_id = before.id
        if not deadlines.update_deadline(connection, before, values, terms.departments):
            return StaleRefusal(state="", version=before.version, given=command.version, last=None)
        if has_moved:
            deadlines.supersede_deadline(connection, deadline_id, "Thời hạn đã thay đổi.")
    record(context, connection, _fact(command, terms, deadline_id, now, is_new=before is None), digest=command.digest)
    return deadline_id


def _fact(command: SetDeadline, terms: DeadlineTerms, deadline_id: int, now: datetime, *, is_new: bool) -> Fact:
    departments: list[Json] = list(terms.departments)
    return Fact(
        subject=f"deadline:{deadline_id}",
        type="deadline_set" if is_new else "deadline_changed",
        at=now,
        actor=command.actor,
        via=command.via.value,
        method=command.method.value,
        command_id=command.command_id,
        data={
            "campaign": terms.campaign,
            "kind": terms.kind,
            "departments": departments,
            "due_at": instant(terms.due_at),
            "roll": terms.roll.value,
            "ladder": ladder_json(terms.ladder),
            **({"name": terms.name} if terms.name else {}),
            **({"data_until": terms.data_until} if terms.data_until else {}),
        },
    )


def remind_now(context: Context, connection: Connection, commands: Sequence[RemindNow]) -> list[Reminded | Refusal]:
    """Remind departments now; answer who gets the mail."""
    return [_remind(context, connection, command) for command in commands]


def _remind(context: Context, connection: Connection, command: RemindNow) -> Reminded | Refusal:
    made = history.entries_by_command(connection, [command.command_id]).get((command.actor, command.command_id))
    if made is not None:
        return _reminded_before(made, command)
    now = context.clock()
    directory = context.directory(connection, now)
    if refusal := _not_office(directory, command.actor):
        return refusal
    deadline = deadlines.find_deadline(connection, command.deadline)
    if deadline is None:
        return NotFoundRefusal("thời hạn")
    owed = obligations(context, connection)
    if problems := _reminder_problems(deadline, command, owed):
        return InvalidRefusal(*problems)
    obligation = (deadline.campaign, deadline.kind, command.department)
    reached = tuple(dict.fromkeys(recipients_of((Audience.DRAFTER, Audience.HEAD), obligation, owed, directory)))
    message = text(command.message.strip())
    record(context, connection, _reminded_fact(command, reached, message, now), digest=command.digest)
    occurrence = instant(now)
    context.publish(
        connection,
        [
            DepartmentReminded(deadline=deadline.id, department=command.department, person=person, message=message, occurrence=occurrence)
            for person in reached
        ],
    )
    return Reminded(deadline=deadline.id, department=command.department, people=reached, at=now)


def _reminded_before(made: StoredEntry, command: RemindNow) -> Reminded | Refusal:
    if made.command_digest != command.digest:
        return KeyReusedRefusal()
    reached = tuple(PersonId(each) for each in made.facts["data"]["people"])
    return Reminded(deadline=command.deadline, department=command.department, people=reached, at=made.at)


def _reminder_problems(deadline: Deadline, command: RemindNow, owed: Obligations) -> list[Reason]:
    problems = []
    if command.department not in deadline.departments:
        problems.append(reason("department", "Thời hạn này không áp dụng cho phòng “{department}”.", department=command.department))
    elif (deadline.campaign, deadline.kind, command.department) in owed.met:
        problems.append(reason("met", "Phòng này đã nộp báo cáo nên không cần nhắc."))
    if not command.message.strip() or len(command.message) > _MESSAGE_LIMIT or not is_storable(command.message):
        problems.append(reason("message", "Hãy viết lời nhắc, tối đa {limit} ký tự.", limit=_MESSAGE_LIMIT))
    return problems


def _reminded_fact(command: RemindNow, reached: Sequence[PersonId], message: str, now: datetime) -> Fact:
    return Fact(
        subject=f"deadline:{command.deadline}",
        type="reminded",
        at=now,
        actor=command.actor,
        via=command.via.value,
        method=command.method.value,
        command_id=command.command_id,
        data={"department": command.department, "people": list(reached)},
        texts={"message": message},
    )
