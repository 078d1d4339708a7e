"""What definition files are made of: closed immutable models, identifiers, bilingual labels."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
"""A condition in CEL (Common Expression Language): true or false for an item; checked at load,
never run as Python."""

Words = Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class Part(BaseModel):
    """One piece of a definition file: closed, immutable."""

    # Built when first used: a serving process needs the models of a definition, not those of files
    # it never reads.
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class Label(Part):
    """A text that a person sees, in Vietnamese and English; ``str`` gives the Vietnamese."""

    vi: Words
    en: Words

    def __str__(self) -> str:
        return self.vi

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)
