"""``/api/v1/people`` and ``/departments``: who works here, and where."""

from dataclasses import replace

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.auth.callers import Asker, Parts, required_caller
from api.auth.permissions import require_people_reader
from api.auth.sessions import Caller
from api.composition import Application
from api.json_response import OrjsonResponse
from api.people_search import found_people
from api.request_bodies import KnownCallerRoute
from api.staffing import Staffing
from api.v1.dependencies import cause_of
from api.v1.proposals import proposed_response
from api.v1.responses import list_response
from api.v1.schemas.people import DepartmentName, NewDepartment, NewPerson, PersonChange
from workflow.commands.organization import AddDepartment, RenameDepartment
from workflow.commands.proposals import Proposed
from workflow.model import Department, DepartmentId, Person
from workflow.people.staff_rows import PersonRow, row_of
from workflow.queries import people

router = APIRouter(dependencies=[Depends(required_caller)], route_class=KnownCallerRoute)


@router.get("/departments")
async def list_departments(parts: Parts) -> Response:
    """Return the departments in the agency's order."""
    found = await parts.database.read(people.all_departments)
    return list_response([department_json(each) for each in found])


@router.post("/departments", status_code=201)
async def add_department(
    request: Request, parts: Parts, asker: Asker, body: NewDepartment
) -> Response:
    """Add a department."""
    department = Department(id=DepartmentId(body.id), name=body.name)
    cause = cause_of(request, asker, body.model_dump())
    await parts.database.write(AddDepartment(id=department.id, name=department.name, cause=cause))
    return OrjsonResponse(department_json(department), status_code=201)


@router.patch("/departments/{department}")
async def rename_department(
    request: Request, parts: Parts, asker: Asker, department: str, body: DepartmentName
) -> Response:
    """Call a department by another name; its id, people and items stay."""
    command = RenameDepartment(
        id=DepartmentId(department),
        name=body.name,
        cause=cause_of(request, asker, body.model_dump()),
    )
    await parts.database.write(command)
    found = await parts.database.read(people.all_departments)
    renamed = next(each for each in found if each.id == department)
    return OrjsonResponse(department_json(renamed))


@router.get("/people")
async def list_people(parts: Parts, asker: Asker, q: str = "") -> Response:
    """Return everybody, or whom a search finds; for those who manage people and for auditors."""
    require_people_reader(asker)
    found = await parts.database.read(
        lambda connection: found_people(
            people.all_people(connection), people.department_names(connection), q
        )
    )
    return list_response([person_json(each) for each in found])


@router.post("/people", status_code=201)
async def add_person(request: Request, parts: Parts, asker: Asker, body: NewPerson) -> Response:
    """Add a person, who gets a mailed invitation to set a password."""
    row = PersonRow(
        row=0, email=body.email, name=body.name, position=body.position, department=body.department
    )
    added = await _staffing(request, parts, asker, body).add(row)
    return await _answer(parts, asker, added, status=201)


@router.patch("/people/{email}")
async def change_person(
    request: Request, parts: Parts, asker: Asker, email: str, body: PersonChange
) -> Response:
    """Change a person; holders of open items follow in the same transaction, with a mail.

    A new address revokes live links.
    """
    staffing = _staffing(request, parts, asker, body)
    if (made := await staffing.replayed()) is not None:
        return await _answer(parts, asker, made, status=200)
    person = await staffing.person(email)
    said = body.model_dump(exclude_unset=True)
    # Null is no address, name or position, and refused as an empty one is.
    said |= {each: "" for each in ("email", "name", "position") if said.get(each, "") is None}
    changed = await staffing.change(person, replace(row_of(person), **said))
    return await _answer(parts, asker, changed, status=200)


async def _answer(
    parts: Application, asker: Caller, outcome: Person | Proposed, *, status: int
) -> Response:
    if isinstance(outcome, Proposed):
        return await proposed_response(parts, asker, outcome)
    return OrjsonResponse(person_json(outcome), status_code=status)


def _staffing(
    request: Request, parts: Application, asker: Caller, body: NewPerson | PersonChange
) -> Staffing:
    cause = cause_of(request, asker, body.model_dump(exclude_unset=True))
    return Staffing(parts=parts, asker=asker, cause=cause)


def person_json(person: Person) -> dict[str, object]:
    """Return a person as the interface shows them."""
    return {
        "email": person.email,
        "name": person.name,
        "position": person.position,
        "department": person.department,
        "is_active": person.is_active,
    }


def department_json(department: Department) -> dict[str, object]:
    """Return a department as the interface shows it."""
    return {"id": department.id, "name": department.name, "is_office": department.is_office}
