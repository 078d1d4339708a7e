"""Planning backwards from the board's day, and what past items took: for the Office and whoever answers for a department."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import Response

from api.auth.callers import application
from api.web.rendering import Asker, page
from notifications.translation import translate
from workflow.deadlines import FEWEST, Forecast, Spell
from workflow.errors import InvalidRefusal, Refusal, reason
from workflow.model import READS_ALL
from workflow.people import scope_of
from workflow.queries.back_planning import (
    PAST_ITEMS,
    BackPlan,
    Quality,
    back_plan,
    quality,
    straight_way,
)
from workflow.values import day

router = APIRouter(prefix="/deadlines")


@router.get("/backplan")
async def show_back_plan(request: Request, asker: Asker, type: str = "", on: str = "") -> Response:  # noqa: A002 - the address's name
    """Show the latest day of each step before a day, with the slack and what is likely to be late."""
    parts = application(request)

    def found(connection: Connection) -> dict[str, Any]:
        newest = parts.context.rulebooks.newest(connection)
        kinds = {
            identity: translate(book.definition.label)
            for identity, book in newest.items()
            if straight_way(book)
        }
        names = {
            each.id: each.name
            for each in parts.context.directory(connection, parts.clock.now()).departments.values()
        }
        values: dict[str, Any] = {
            "kinds": kinds,
            "kind": type or next(iter(kinds), ""),
            "on": on,
            "plan": None,
            "errors": [],
        }
        if on:
            try:
                planned = back_plan(parts.context, connection, values["kind"], day_of(on))
                values["plan"] = _shown(
                    parts.context.calendar.local_day(parts.clock.now()), planned
                )
                values["ahead"] = [
                    {
                        "code": each.code,
                        "department": names[each.department],
                        "state": each.state,
                        "needs": each.needs,
                        "is_short": each.needs > each.days_left,
                        "chance": _chance(each.chance),
                    }
                    for each in planned.ahead
                    if scope_of(asker.person).covers(each.department)
                ]
            except Refusal as refusal:
                values["errors"] = [translate(each) for each in refusal.reasons]
        return values

    values = await parts.database.report(found)
    return page(
        request,
        asker,
        "backplan.html",
        {**values, "fewest": FEWEST},
        422 if values["errors"] else 200,
    )


def day_of(text: str) -> date:
    """Return the day that ``text`` names. Raises InvalidRefusal."""
    found = day(text)
    if found is None:
        raise InvalidRefusal(
            reason(
                "on",
                "The day must be real, as YYYY-MM-DD. Choose again the day on which the "
                "board receives the items.",
            )
        )
    return found


def _shown(today: date, planned: BackPlan) -> dict[str, Any]:
    return {
        "target": planned.target.strftime("%d/%m/%Y"),
        "slack": planned.slack,
        "past_items": planned.past_items,
        "days": [
            {
                "label": each.step.label,
                "limit": each.step.working_days,
                "leave_by": each.leave_by.strftime("%d/%m/%Y"),
                "is_past": each.leave_by < today,
                "usual": _usual(each.spell),
            }
            for each in planned.days
        ],
    }


def _usual(spell: Spell) -> str:
    if spell.median is None or spell.ninetieth is None:
        return ""
    return translate(
        "usually {median:g} days, nine in ten within {ninetieth:g} days ({count} item)",
        "usually {median:g} days, nine in ten within {ninetieth:g} days ({count} items)",
        median=spell.median,
        ninetieth=spell.ninetieth,
        count=spell.count,
    )


def _chance(chance: Forecast | None) -> str:
    if chance is None:
        return ""
    return translate(
        "{percent} % late ({lowest} to {highest} %, by {past_items} items that were sent)",
        percent=chance.percent,
        lowest=chance.lowest,
        highest=chance.highest,
        past_items=chance.past_items,
    )


@router.get("/quality")
async def show_quality(request: Request, asker: Asker, type: str = "") -> Response:  # noqa: A002 - the address's name
    """Show returns, days in each step and lateness per department: one's own, or all for those who see all."""
    parts = application(request)

    def found(connection: Connection) -> dict[str, Any]:
        newest = parts.context.rulebooks.newest(connection)
        kinds = {
            identity: translate(book.definition.label)
            for identity, book in newest.items()
            if straight_way(book)
        }
        kind = type if type in kinds else next(iter(kinds), "")
        names = {
            each.id: each.name
            for each in parts.context.directory(connection, parts.clock.now()).departments.values()
        }
        sees_all = asker.person.position in READS_ALL
        rows = (
            [
                each
                for each in quality(parts.context, connection, kind)
                if sees_all or each.department == asker.person.department
            ]
            if kind
            else []
        )
        steps = straight_way(newest[kind]) if kind else []
        return {
            "kinds": kinds,
            "kind": kind,
            "steps": steps,
            "most": PAST_ITEMS,
            "rows": [_row(each, names[each.department]) for each in rows],
        }

    return page(request, asker, "quality.html", await parts.database.report(found))


def _row(each: Quality, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "count": each.count,
        "returns": f"{each.returns:.1f}".replace(".", ","),
        "medians": each.medians,
        "late": f"{each.late_steps}/{each.steps}",
        "percent": round(100 * each.late_steps / each.steps) if each.steps else 0,
    }
