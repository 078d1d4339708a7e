"""What a definition may say of the fields of an item, and what each rests on.

They describe; they never act.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from workflow.definition.parts import Dated, Expression, Identifier, Label, Part, Words
from workflow.messages import lazy
from workflow.model import Position


class Choice(Part):
    """One value of a choice field."""

    id: Identifier
    label: Label


class FieldType(StrEnum):
    """The kinds of field a form may have."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    RICH_TEXT = "rich_text"
    INTEGER = "integer"
    MONEY = "money"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    BOOLEAN = "boolean"
    TABLE = "table"
    NOMINEES = "nominees"
    PERSON = "person"
    DEPARTMENT = "department"
    FILE = "file"


class CampaignPart(StrEnum):
    """What of a campaign's plan a field may take its choices from."""

    CONTENT = "content"
    RECOGNITION = "recognition"


class Currency(StrEnum):
    """What an amount of money is counted in."""

    VND = "VND"
    USD = "USD"


class LegalBasis(Dated):
    """A text that a definition or field rests on, and the local days it is in force."""

    text: Words

    @model_validator(mode="before")
    @classmethod
    def _may_be_text_alone(cls, given: object) -> object:
        return {"text": given} if isinstance(given, str) else given


class Column(Part):
    """One column of a table field; cells are text."""

    id: Identifier
    label: Label


class ItemField(Part):
    """One field of an item's content. ``personal`` marks personal data, which never enters a mail.

    ``shown_when``: the field is asked for, and may be required, only where this holds of the other
    fields, the department and the author. ``seen_by``: beside the author, whoever holds the item,
    and auditors, only these positions read what it says. Rich text is written in CommonMark; a file
    is one of the item's own, by its SHA-256. ``or_deadline``: beside its choices, the field takes
    the kind of any deadline that the Office has set in the item's campaign. ``from_merit``: what of
    a merit noted during the campaign begins this field when an item is drafted from it.
    ``from_author: unit``: the author's department and agency begin it.
    ``choices_from: awards``: its choices are all awards of that file. ``balance``: a campaign's
    page counts the items by this choice. ``decides``: mails show it first to whoever decides,
    unless it is personal or says much. ``concerned``: whom this person field names is never found
    as a holder of the item. ``from_campaign``: the choices are what the plan of the item's campaign
    names, not the definition's own. ``currency``: what money is counted in. ``columns_of``: the
    fields of one nominee that each row of a list of nominees has; they are then not asked for
    beside it.
    """

    id: Identifier
    type: FieldType
    label: Label
    help: Label | None = None
    group: Identifier
    required: bool = False
    personal: bool = False
    choices: tuple[Choice, ...] = ()
    choices_from: Literal["awards"] | None = None
    columns: tuple[Column, ...] = ()
    columns_of: tuple[Identifier, ...] = ()
    max_length: Annotated[int, Field(ge=1, le=20000)] = 4000
    legal_basis: LegalBasis | tuple[LegalBasis, ...] | None = None
    shown_when: Expression | None = None
    seen_by: tuple[Position, ...] = ()
    or_deadline: bool = False
    balance: bool = False
    decides: bool = False
    concerned: bool = False
    from_campaign: CampaignPart | None = None
    currency: Currency = Currency.VND
    from_merit: Literal["whose", "whose_kind", "recognition", "what", "story"] | None = None
    from_author: Literal["unit"] | None = None
    example: JsonValue = None

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        needs_choices = self.type in {FieldType.CHOICE, FieldType.CHOICES}
        if needs_choices != bool(self.choices or self.choices_from or self.from_campaign):
            raise ValueError(
                lazy(
                    "field '{id}': 'choices' belongs to the types choice and choices, and "
                    "only there: add or remove it",
                    id=self.id,
                )
            )
        for key in ("or_deadline", "balance", "choices_from"):
            if getattr(self, key) and self.type is not FieldType.CHOICE:
                raise ValueError(
                    lazy(
                        "field '{id}': '{key}' belongs to the type choice, and only there: "
                        "remove it",
                        id=self.id,
                        key=key,
                    )
                )
        if self.concerned and self.type is not FieldType.PERSON:
            raise ValueError(
                lazy(
                    "field '{id}': 'concerned' belongs to the type person, and only there: "
                    "remove it",
                    id=self.id,
                )
            )
        for key, kind in (("columns", FieldType.TABLE), ("columns_of", FieldType.NOMINEES)):
            if (self.type is kind) != bool(getattr(self, key)):
                raise ValueError(
                    lazy(
                        "field '{id}': '{key}' belongs to the type {type}, and only there: "
                        "add or remove it",
                        id=self.id,
                        key=key,
                        type=kind.value,
                    )
                )
        return self


class Group(Part):
    """A section of the form and of the printed page."""

    id: Identifier
    label: Label
