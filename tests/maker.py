"""Items in any state, made by the product's own commands: no HTTP a thousand times.

Owns the way of an item through its states, and whoever goes each step.
"""

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from tests.conftest import CAMPAIGN, Running
from workflow.command import Cause
from workflow.commands.create_item import CreateItem
from workflow.commands.decide import Decide
from workflow.model import Method, Via
from workflow.store import people

DEPARTMENTS: Final = {"hop-tac-quoc-te": "htqt", "lanh-su": "ls", "quan-ly-bien-gioi": "bg"}
_OFFICER, _DIRECTOR, _CLERK = (f"{each}@so.example" for each in ("officer", "director", "clerk"))


@dataclass(frozen=True, slots=True)
class Step:
    """One decision: which, and by whom; ``staff`` and ``head`` are those of the department."""

    transition: str
    by: str
    method: Method = Method.TOKEN
    to: str | None = None
    comment: str = ""


WAY: Final = (
    Step("submit", "staff"),
    Step("approve_department", "head"),
    Step("review_office", _OFFICER),
    Step("sign_director", _DIRECTOR, Method.PIN),
    Step("send_to_board", _CLERK),
    Step("acknowledge", _CLERK),
)
"""The straight way, by which every other is reached."""
STRAIGHT: Final = (
    "drafted",
    "submitted",
    "department_approved",
    "office_reviewed",
    "director_signed",
    "sent_to_ban_tdkt",
    "received",
)
BEYOND: Final = {
    "withdrawn": (0, Step("withdraw", "staff", to="withdrawn")),
    "rejected": (1, Step("reject", "head", comment="Không đủ điều kiện.")),
    "returned": (1, Step("return", "head", comment="Bổ sung.", to="drafted")),
    "awarded": (6, Step("record_award", _CLERK)),
    "not_awarded": (6, Step("record_refusal", _CLERK)),
}


def steps_to(state: str) -> list[Step]:
    """Return the decisions that take a draft to ``state``."""
    if state in BEYOND:
        count, last = BEYOND[state]
        return [*WAY[:count], last]
    return list(WAY[: STRAIGHT.index(state)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One item to make: of which kind and department, in which state, with which values."""

    kind: str
    department: str
    state: str
    title: str
    fields: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Journey:
    """An item on its way: whose it is, the steps still ahead, and its version."""

    code: str
    short: str
    ahead: list[Step]
    version: int = 1


class Maker:
    """Makes items through the commands, many at once."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.ids = {
            each.email: each.id
            for each in running.run(running.parts.database.read(people.all_people))
        }
        self.bodies = {
            kind: running.client("auditor@so.example").get(f"/definitions/{kind}/example").json()
            for kind in ("nomination", "department_report")
        }

    def item(self, kind: str, department: str, state: str, title: str = "", **fields: Any) -> str:
        """Make one item, and return its code."""
        wanted = Wanted(kind=kind, department=department, state=state, title=title, fields=fields)
        return self.items([wanted])[0]

    def items(self, wanted: list[Wanted]) -> list[str]:
        """Make items side by side, and return their codes."""
        made = self.begun(wanted)
        self.go_on(made)
        return [each.code for each in made]

    def begun(self, wanted: list[Wanted]) -> list[Journey]:
        """Draft items side by side, each with the steps still to go."""

        async def together() -> list[Journey]:
            return list(await asyncio.gather(*map(self._drafted, wanted)))

        return list(self.running.run(together()))

    def go_on(self, journeys: Iterable[Journey], most: int | None = None) -> None:
        """Take items the next steps of their ways side by side: ``most`` of them, else all."""

        async def together() -> None:
            await asyncio.gather(*(self._go(each, most) for each in journeys))

        self.running.run(together())

    async def _drafted(self, wanted: Wanted) -> Journey:
        short = DEPARTMENTS[wanted.department]
        body = self.bodies[wanted.kind]
        made = await self.running.parts.database.write(
            CreateItem(
                cause=self._cause(f"staff.{short}@so.example", Method.TOKEN),
                type=wanted.kind,
                campaign=CAMPAIGN,
                department=None,
                title=wanted.title or body["title"],
                fields={**body["fields"], **wanted.fields},
            )
        )
        return Journey(code=str(made.code), short=short, ahead=steps_to(wanted.state))

    async def _go(self, journey: Journey, most: int | None) -> None:
        for step in journey.ahead[:most]:
            by = step.by if "@" in step.by else f"{step.by}.{journey.short}@so.example"
            await self.running.parts.database.write(
                Decide(
                    code=journey.code,
                    transition=step.transition,
                    cause=self._cause(by, step.method),
                    version=journey.version,
                    to=step.to,
                    comment=step.comment,
                )
            )
            journey.version += 1
        del journey.ahead[:most]

    def _cause(self, email: str, method: Method) -> Cause:
        return Cause(
            actor=self.ids[email],
            via=Via.API,
            method=method,
            command_id=f"auto:{secrets.token_hex(8)}",
            digest="",
        )
