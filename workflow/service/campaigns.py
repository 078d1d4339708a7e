"""Campaigns as a whole: how far each department is, whom nominations are for, and who has read the plan."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from workflow.definition import Campaign
from workflow.errors import NotFoundRefusal, Refusal
from workflow.model import Department, DepartmentId, Method, PersonId, Via
from workflow.service.context import Context, fact_by, record
from workflow.speech import phrase
from workflow.store import campaigns, definitions, merits, people

CONTENTS_READ = 2000
"""Newest nominations whose content is read for the balance; more than an agency writes in years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPlan:
    """Say that the actor has read the plan of a campaign."""

    campaign: str
    actor: PersonId
    via: Via
    method: Method
    command_id: str
    key: str = "campaigns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One department in a campaign: items being drafted, on their way, and through; those late in their step; merits noted."""

    department: Department
    drafting: int
    on_the_way: int
    through: int
    late: int
    merits: int

    @property
    def total(self) -> int:
        """Return how many items there are that were not given up."""
        return self.drafting + self.on_the_way + self.through


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A campaign as the Directorate reads it; ``balance`` counts handed-in nominations by what a choice of theirs says, by field."""

    campaign: Campaign
    progress: tuple[Progress, ...]
    balance: Mapping[str, Mapping[str, int]]


def read_plans(context: Context, connection: Connection, commands: Sequence[ReadPlan]) -> list[bool | Refusal]:
    """Note who has read which plan; answer whether it was the first time."""
    return [_read(context, connection, command) for command in commands]


def _read(context: Context, connection: Connection, command: ReadPlan) -> bool | Refusal:
    now = context.clock()
    if campaign_of(connection, command.campaign) is None or context.directory(connection, now).active(command.actor) is None:
        return NotFoundRefusal(phrase("phong trào này"))
    if not campaigns.note_read(connection, command.campaign, command.actor, now):
        return False
    record(context, connection, fact_by(context, command, f"campaign:{command.campaign}", "campaign_read", data={}))
    return True


def campaign_of(connection: Connection, identity: str) -> Campaign | None:
    """Return a campaign, whole, or None."""
    return next((each for each in campaigns_in(connection) if each.id == identity), None)


def campaigns_in(connection: Connection) -> list[Campaign]:
    """Return every campaign, whole, oldest first."""
    return [Campaign.model_validate_json(body) for _, _, body in definitions.all_campaigns(connection)]


def overview(context: Context, connection: Connection, identity: str, only: DepartmentId | None) -> Overview:
    """Return how a campaign goes: in all departments, or in ``only`` one. Raises NotFoundRefusal."""
    campaign = campaign_of(connection, identity)
    if campaign is None:
        raise NotFoundRefusal(phrase("phong trào này"))
    return Overview(
        campaign=campaign, progress=progress_of(context, connection, identity, only), balance=_balance(context, connection, identity, only)
    )


def progress_of(context: Context, connection: Connection, identity: str, only: DepartmentId | None) -> tuple[Progress, ...]:
    """Return how far the items of a campaign are, department by department."""
    counts = [each for each in campaigns.counts_of(connection, identity) if only in (None, each.department)]
    late = campaigns.late_in(connection, identity, context.clock())
    noted = Counter(each.department for each in merits.merits_of(connection, identity))
    stages = _stages(context, connection)
    progress = []
    for department in (each for each in people.all_departments(connection) if only in (None, each.id)):
        of_stage: Counter[str] = Counter()
        for each in counts:
            if each.department == department.id:
                of_stage[stages.get((each.type, each.state), "on_the_way")] += each.count
        progress.append(
            Progress(
                department=department,
                drafting=of_stage["drafting"],
                on_the_way=of_stage["on_the_way"],
                through=of_stage["through"],
                late=late.get(department.id, 0),
                merits=noted[department.id],
            )
        )
    return tuple(progress)


def _stages(context: Context, connection: Connection) -> dict[tuple[str, str], str]:
    """Return the stage of each kind and state: drafting, on the way, through (sent to the board or after), given up."""
    stages: dict[tuple[str, str], str] = {}
    for kind, book in context.rulebooks.newest(connection).items():
        sent = {to for each in book.definition.transitions if each.sends for to in each.to}
        after = {to for each in book.definition.transitions if sent.intersection(each.from_states) for to in each.to}
        for state in book.definition.states:
            is_through = state.id in sent or (state.id in after and state.final)
            stages[kind, state.id] = "drafting" if state.held_by_author else "through" if is_through else "given_up" if state.final else "on_the_way"
    return stages


def _balance(context: Context, connection: Connection, identity: str, only: DepartmentId | None) -> dict[str, dict[str, int]]:
    """Count handed-in nominations by each choice that its definition marks for the balance the law asks for."""
    found: dict[str, dict[str, int]] = {}
    stages = _stages(context, connection)
    for kind, book in context.rulebooks.newest(connection).items():
        fields = [each for each in book.definition.fields if each.balance]
        if not fields:
            continue
        counted: dict[str, Counter[str]] = {each.id: Counter() for each in fields}
        for department, state, values in campaigns.fields_of(connection, identity, kind, CONTENTS_READ):
            if only in (None, department) and stages.get((kind, state)) in {"on_the_way", "through"}:
                for each in fields:
                    counted[each.id][str(values.get(each.id, ""))] += 1
        for each in fields:
            labels = {choice.id: str(choice.label) for choice in each.choices}
            found[str(each.label)] = {label: counted[each.id][choice] for choice, label in labels.items()}
    return found
