"""Years of reminders under a virtual clock: departments, staff, deadlines, reports and outages at random, against a naive oracle.

The oracle keeps its own list of deadlines, reports and people, counts days one by one, and knows nothing of the plan's code.
"""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text

from api.composition import open_application
from api.initialise import initialise
from notifications.tick import tick
from tests.conftest import new_postgres_url, test_settings
from workflow.command import Cause
from workflow.commands.create_item import CreateItem
from workflow.commands.deadlines import SetDeadline
from workflow.commands.decide import Decide
from workflow.commands.people import ImportPeople
from workflow.commands.setup import SetUp
from workflow.deadlines import DEFAULT_LADDER, Roll
from workflow.definition import load_campaign
from workflow.lookups.deadline_terms import DeadlineTerms
from workflow.model import DepartmentId, Method, Via
from workflow.people.staff_rows import PersonRow
from workflow.queries.examples import example_fields
from workflow.store import deadlines, people

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
BEGINS = datetime(2022, 1, 3, 7, tzinfo=ZONE)
LADDER = (
    (-10, ("staff",)),
    (-5, ("staff", "head")),
    (-1, ("staff", "head")),
    (1, ("staff", "head")),
    (3, ("staff", "head", "directorate")),
)
KINDS = ("interim", "final")


class StandingClock:
    """Tells the instant it was set to."""

    def __init__(self, at):
        self.at = at

    def now(self):
        return self.at.astimezone(ZoneInfo("UTC"))


@dataclass
class Owed:
    """One deadline as the oracle knows it."""

    id: int
    campaign: str
    kind: str
    departments: list
    due: datetime
    planned_from: datetime


@dataclass
class World:
    """What the oracle knows, beside the product under test."""

    parts: object
    clock: StandingClock
    chance: random.Random
    is_working: object
    departments: list
    deadlines: dict = field(default_factory=dict)
    delivered: set = field(default_factory=set)
    """What the head of the department has approved: handed in."""
    awaiting: dict = field(default_factory=dict)
    """The codes of what was submitted and waits for the head: owed still, by the head alone."""
    last_tick: datetime | None = None
    commands: int = 0

    def command_id(self):
        self.commands += 1
        return f"sim:{self.commands}"

    def write(self, command):
        return self.parts.database.write_blocking(command)

    def shifted(self, day, count):
        """Return the working day ``count`` working days from ``day``, one day at a time."""
        step = timedelta(days=1 if count > 0 else -1)
        while count:
            day += step
            if self.is_working(day):
                count -= 1 if count > 0 else -1
        return day

    def people(self):
        return self.parts.database.report_blocking(people.all_people)

    def expected(self, now):
        """Return the keys of the reminders that a tick at ``now`` must write down as going."""
        staff = [each for each in self.people() if each.is_active]
        latest = {}
        for owed in self.deadlines.values():
            due_day = owed.due.astimezone(ZONE).date()
            for days, audience in LADDER:
                at = datetime.combine(self.shifted(due_day, days), time(8), tzinfo=ZONE)
                if (
                    at <= owed.planned_from
                    or at > now
                    or (self.last_tick is not None and at <= self.last_tick)
                ):
                    continue
                for department in owed.departments:
                    report = (owed.campaign, owed.kind, department)
                    if report in self.delivered:
                        continue
                    asked = [
                        "head" if each == "staff" and report in self.awaiting else each
                        for each in audience
                    ]
                    for person in self.reached(staff, asked, department):
                        latest[owed.id, person, due_day.isoformat()] = max(
                            days, latest.get((owed.id, person, due_day.isoformat()), -99)
                        )
        return {
            (deadline, rung, person, due_on) for (deadline, person, due_on), rung in latest.items()
        }

    @staticmethod
    def reached(staff, audience, department):
        positions = {
            "staff": {"staff", "officer"},
            "head": {"head", "chief"},
            "directorate": {"director", "deputy_director"},
        }
        for name in audience:
            for person in staff:
                if person.position.value in positions[name] and (
                    name == "directorate" or person.department == department
                ):
                    yield person.id


def opened(tmp_path, url, departments, campaigns):
    settings = test_settings(tmp_path, url, smtp_url="")
    lines = "\n".join(f"  - {{id: p{each}, name: Phòng {each}}}" for each in range(departments))
    persons = "\n".join(
        f"  - {{email: {role}{each}@so.example, name: {role} {each}, position: {role}, department: p{each}}}"
        for each in range(departments)
        for role in ("head", "staff")
    )
    office = "  - {id: van-phong, name: Văn phòng, is_office: true}"
    others = "  - {email: chief@so.example, name: Chánh, position: chief, department: van-phong}\n  - {email: director@so.example, name: Giám đốc, position: director}"
    file = tmp_path / "organization.yaml"
    file.write_text(
        f"name: Sở\nsymbol: S\nsuperior: Tỉnh\nplace: Tỉnh\ndepartments:\n{office}\n{lines}\npeople:\n{persons}\n{others}\n",
        "utf-8",
    )
    clock = StandingClock(BEGINS)
    initialise(settings, organization=file, clock=clock)
    parts = open_application(settings, clock=clock)
    (sample,) = settings.definition_file("campaigns").glob("*.yaml")
    body = (
        sample.read_text("utf-8")
        .replace("starts_on: 2022-04-28", "starts_on: 2021-01-01")
        .replace("ends_on: 2022-12-31", "ends_on: 2029-12-31")
    )
    made = tuple(
        load_campaign(
            body.replace("id: toan-dan-bao-ve-antq-2022", f"id: phong-trao-{each}", 1), "c"
        )
        for each in range(campaigns)
    )
    parts.database.write_blocking(
        SetUp(definitions=(), campaigns=made, organization=None, software="test")
    )
    return parts, clock


def set_deadline(world, campaign, kind):
    known = [
        each for each in world.deadlines.values() if (each.campaign, each.kind) == (campaign, kind)
    ]
    before = known[0] if known else None
    due = world.clock.at + timedelta(
        days=world.chance.randrange(5, 60), hours=world.chance.randrange(10)
    )
    departments = world.chance.sample(
        world.departments, world.chance.randrange(1, len(world.departments) + 1)
    )
    command = SetDeadline(
        terms=DeadlineTerms(
            campaign=campaign,
            kind=kind,
            departments=tuple(map(DepartmentId, departments)),
            due_at=due,
            roll=Roll.PREVIOUS,
            ladder=DEFAULT_LADDER,
        ),
        cause=Cause(
            actor=next(each.id for each in world.people() if each.email == "chief@so.example"),
            via=Via.API,
            method=Method.TOKEN,
            command_id=world.command_id(),
            digest="",
        ),
        confirm=True,
        deadline=before.id if before else None,
    )
    identity = world.write(command)
    found = world.parts.database.report_blocking(
        lambda connection: deadlines.find_deadline(connection, identity)
    )
    has_moved = before is None or before.due != found.due_at
    planned_from = world.clock.at if has_moved else before.planned_from
    world.deadlines[identity] = Owed(
        id=identity,
        campaign=campaign,
        kind=kind,
        departments=departments,
        due=found.due_at,
        planned_from=planned_from,
    )


def at_work(world, position, department):
    """Return who of a department is at work in a position, or None."""
    return next(
        (
            each
            for each in world.people()
            if each.is_active and each.department == department and each.position.value == position
        ),
        None,
    )


def example(world, campaign, kind):
    """Return the fields of a report of that kind that can be handed in today."""
    context, database = world.parts.context, world.parts.database
    definition = database.report_blocking(context.rulebooks.newest)["department_report"].definition
    known = database.report_blocking(lambda connection: context.campaigns.of(connection, campaign))
    return {**example_fields(definition, known, world.clock.at.date()), "period": kind}


def deliver(world, campaign, kind, department):
    """Let a department submit its report, or its head approve what was submitted, or both."""
    report = (campaign, kind, department)
    if report in world.delivered:
        return
    if report not in world.awaiting:
        submit(world, report)
        if world.chance.randrange(2):
            return
    approve(world, report)


def decided(world, code, transition, by, version):
    """Let ``by`` take a transition of an item."""
    cause = Cause(
        actor=by.id,
        via=Via.API,
        method=Method.TOKEN,
        command_id=world.command_id(),
        digest="",
    )
    world.write(Decide(code=code, transition=transition, cause=cause, version=version))


def approve(world, report):
    head = at_work(world, "head", report[2])
    if head is None or report not in world.awaiting:
        return
    decided(world, world.awaiting.pop(report), "approve_department", head, 2)
    world.delivered.add(report)


def submit(world, report):
    campaign, kind, department = report
    author = at_work(world, "staff", department)
    if author is None:
        return
    made = world.write(
        CreateItem(
            cause=Cause(
                actor=author.id,
                via=Via.API,
                method=Method.TOKEN,
                command_id=world.command_id(),
                digest="",
            ),
            type="department_report",
            campaign=campaign,
            department=None,
            title="Báo cáo",
            fields=example(world, campaign, kind),
        )
    )
    decided(world, made.code, "submit", author, 1)
    world.awaiting[report] = made.code


def change_staff(world):
    """Let somebody leave, or come back."""
    person = world.chance.choice(
        [each for each in world.people() if each.position.value in {"staff", "head"}]
    )
    row = PersonRow(
        row=1,
        email=person.email,
        name=person.name,
        position=person.position.value,
        department=person.department,
        is_active=not person.is_active,
    )
    world.write(
        ImportPeople(
            rows=(row,),
            cause=Cause(actor=None, via=Via.CLI, method=Method.NONE, command_id=world.command_id()),
            invites=False,
        )
    )


def going(parts):
    with parts.engines.read.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT deadline_id, rung, person, due_on FROM reminders WHERE outbox_id IS NOT NULL"
            )
        )
        return {tuple(row) for row in rows}


def digests(parts):
    with parts.engines.read.connect() as connection:
        return connection.execute(
            text(
                "SELECT count(*), count(DISTINCT person), max(id) FROM outbox WHERE kind = 'reminder'"
            )
        ).one()


async def ticks(parts, processes):
    await asyncio.gather(*(tick(each.database, each.reminders) for each in (parts, *processes)))


def live(world, days, edits_a_day, processes=()):
    """Live through ``days`` and compare after each tick; return how many edits there were."""
    campaigns = sorted({row for row, *_ in world.parts.database.report_blocking(_campaigns)})
    edits = 0
    down_until = world.clock.at
    before = set()
    for _ in range(days):
        world.clock.at += timedelta(days=1)
        for _ in range(world.chance.randrange(2 * edits_a_day + 1)):
            edits += 1
            campaign, kind = world.chance.choice(campaigns), world.chance.choice(KINDS)
            match world.chance.randrange(6):
                case 0:
                    change_staff(world)
                case 1 | 2 | 3:
                    set_deadline(world, campaign, kind)
                case _:
                    deliver(world, campaign, kind, world.chance.choice(world.departments))
        if world.chance.random() < 0.02:
            down_until = world.clock.at + timedelta(days=world.chance.randrange(1, 6))
        if world.clock.at < down_until:
            continue
        now = world.clock.at
        world.clock.at = now.replace(hour=8, minute=world.chance.randrange(6, 59))
        expected = world.expected(world.clock.at)
        told_before = digests(world.parts)[0]
        asyncio.run(ticks(world.parts, processes))
        after = going(world.parts)
        assert after - before == expected - before, f"at {world.clock.at}"
        fresh = {person for _, _, person, _ in after - before}
        assert digests(world.parts)[0] - told_before == len(fresh), "one digest a person"
        before, world.last_tick = after, world.clock.at
        world.clock.at = now
    return edits


def _campaigns(connection):
    return [
        tuple(row)
        for row in connection.execute(text("SELECT id FROM campaigns WHERE id LIKE 'phong-trao-%'"))
    ]


def test_every_reminder_goes_once_to_whom_it_must_whatever_happens_for_years(tmp_path, is_long):
    departments, campaigns, days, a_day = (40, 40, 5 * 365, 3) if is_long else (8, 12, 160, 2)
    parts, clock = opened(tmp_path, "", departments, campaigns)
    world = World(
        parts=parts,
        clock=clock,
        chance=random.Random(2022),  # noqa: S311 - seeded events
        is_working=parts.context.calendar.is_working,
        departments=[f"p{each}" for each in range(departments)],
    )
    edits = live(world, days, a_day)
    assert edits > (4000 if is_long else 200)
    assert len(going(parts)) > (2000 if is_long else 100)
    parts.close()


def pytest_generate_tests(metafunc):
    if "processes" in metafunc.fixturenames:
        # One alone is the test above; whatever several do wrong, four do.
        metafunc.parametrize(
            "processes", [1, 2, 4, 8] if metafunc.config.getoption("--long") else [4]
        )


def test_several_processes_write_the_same_as_one(tmp_path, postgres, processes):
    parts, clock = opened(tmp_path, new_postgres_url(postgres), 5, 8)
    others = [open_application(parts.settings, clock=clock) for _ in range(processes - 1)]
    world = World(
        parts=parts,
        clock=clock,
        chance=random.Random(7),  # noqa: S311 - seeded events
        is_working=parts.context.calendar.is_working,
        departments=[f"p{each}" for each in range(5)],
    )
    try:
        live(world, 60, 2, others)
        assert len(going(parts)) > 20
    finally:
        for each in (*others, parts):
            each.close()
