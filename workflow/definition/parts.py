"""What files are made of: closed immutable models, identifiers, days, bilingual labels."""

import re
from collections.abc import Collection
from datetime import date
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from workflow.messages import lazy
from workflow.values import searchable

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
"""A condition in CEL (Common Expression Language): true or false for an item; checked at load,
never run as Python."""

Words = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
_OTHER_SIGNS: Final = re.compile(r"[^a-z0-9]+")
_LETTERS: Final = 30
"""Of an identifier that is made from a name: what keeps it apart from others still fits."""


def identifier_from(name: str, taken: Collection[str]) -> str:
    """Return an identifier made from a name, none of those ``taken``: a-z, digits and ``_``."""
    plain = _OTHER_SIGNS.sub("_", searchable(name)).strip("_")[:_LETTERS].rstrip("_")
    plain = plain if plain[:1].isalpha() else f"x_{plain}".rstrip("_")
    found, count = plain, 2
    while found in taken:
        found, count = f"{plain}_{count}", count + 1
    return found


class Part(BaseModel):
    """One piece of a definition file: closed, immutable."""

    # Built when first used: a serving process needs the models of a definition, not those of files
    # it never reads.
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class Dated(Part):
    """Something with local days on which it is in force; None: open."""

    in_force_from: date | None = None
    in_force_until: date | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.in_force_from and self.in_force_until and self.in_force_until < self.in_force_from:
            raise ValueError(
                lazy("'in_force_until' lies before 'in_force_from': correct one of the two dates")
            )
        return self

    def is_in_force(self, day: date) -> bool:
        """Return whether it is in force on ``day``."""
        return (self.in_force_from is None or self.in_force_from <= day) and (
            self.in_force_until is None or day <= self.in_force_until
        )

    def overlaps(self, other: "Dated") -> bool:
        """Return whether there is a day on which both are in force."""
        return (self.in_force_from or date.min) <= (other.in_force_until or date.max) and (
            other.in_force_from or date.min
        ) <= (self.in_force_until or date.max)


class Label(Part):
    """A text that a person sees, in Vietnamese and English; ``str`` gives the Vietnamese."""

    vi: Words
    en: Words

    def __str__(self) -> str:
        return self.vi

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)
