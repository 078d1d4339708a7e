"""The words of the agency's official documents, as its file says them.

Owns the model of ``documents/wording.yaml``: sentences with places ({movement}) that the makers of
documents fill. A place that a sentence does not know is refused when the file is read.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from workflow.definition.parts import Part, Slug, Words
from workflow.messages import lazy
from workflow.model import Position
from workflow.wording import unknown_places


class Sentences(Part):
    """The sentences of one kind of document; ``places``: what they may name."""

    places: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="after")
    def _names_known_places(self) -> Self:
        for name, text in self._sentences():
            unknown = unknown_places(text, self.places)
            if unknown is None or unknown:
                raise ValueError(
                    lazy(
                        "'{name}': there is no {{{place}}} here. Use one of: {known}",
                        name=name,
                        place=(unknown or ["…"])[0],
                        known=", ".join(sorted(self.places)),
                    )
                )
        return self

    def _sentences(self) -> Iterator[tuple[str, str]]:
        for name in type(self).model_fields:
            value = getattr(self, name)
            for text in value if isinstance(value, tuple) else (value,):
                if isinstance(text, str):
                    yield name, text


class CommonWords(Sentences):
    """What documents of every kind say."""

    places = frozenset(
        {"place", "day", "month", "year", "number", "kind", "text", "unit", "count"}
        | {"agency", "document", "collectives", "individuals"}
    )

    day: Words
    open_day: Words
    place_day: Words
    number: Words
    basis: Words
    plan: Words
    as_above: Words
    kept_by: Words
    collectives: Words
    individuals: Words
    both: Words
    list_reference: Words
    erased: Words


class SubmissionWords(Sentences):
    """A submission (Tờ trình) and its list."""

    places = frozenset(
        {"agency", "movement", "authority", "award", "counts", "day", "papers", "board", "text"}
    )

    subject: Words
    minutes: Words
    introduction: Words
    request: Words
    requests: Words
    request_line: Words
    own: Words
    voted: Words
    simplified: Words
    assurance: Words
    papers: Words
    closing: Words
    closing_own: Words
    list_title: Words
    list_about: Words
    collectives: Words
    individuals: Words
    columns: Annotated[tuple[Words, ...], Field(min_length=5, max_length=5)]


class DocumentWords(Part):
    """The words of every kind of document.

    ``positions``: as what somebody signs; ``units``: how departments are abbreviated, by their id.
    """

    positions: Mapping[Position, Words]
    units: Mapping[Slug, Words] = Field(default_factory=dict)
    common: CommonWords
    submission: SubmissionWords
