"""The bodies about people, departments, delegations and absences."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.v1.schemas.items import Body, Day, Short, TypedFactor
from workflow.model import SignedFor


class NewDelegation(Body):
    """``POST /delegations``."""

    from_email: Annotated[str, Field(alias="from", max_length=254)]
    to_email: Annotated[str, Field(alias="to", max_length=254)]
    starts_on: Day
    ends_on: Day
    document: Short
    form: SignedFor | None = None
    kinds: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    departments: Annotated[tuple[Short, ...], Field(max_length=200)] = ()
    terms: Annotated[str, StringConstraints(max_length=2000)] = ""
    pin: TypedFactor = None
    totp: TypedFactor = None


class NewAbsence(Body):
    """``POST /absences``; ``person`` None: oneself. Who names a ``stand_in`` proves themselves."""

    person: Short | None = None
    stand_in: Short | None = None
    starts_on: Day
    ends_on: Day
    pin: TypedFactor = None
    totp: TypedFactor = None


class NewPerson(Body):
    """``POST /people``."""

    email: Short
    name: Short
    position: Short
    department: Short | None = None


class NewDepartment(Body):
    """``POST /departments``."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
    name: Short


class DepartmentName(Body):
    """``PATCH /departments/{department}``."""

    name: Short


class PersonChange(Body):
    """``PATCH /people/{email}``: what is not named stays as it is."""

    email: Short | None = None
    name: Short | None = None
    position: Short | None = None
    department: Short | None = None
    is_active: bool | None = None
