"""What an agency's file says of the documents that leave it: who numbers them, and how they leave.

It describes; it never acts.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from workflow.definition.document_kinds import Abbreviation
from workflow.definition.parts import Part, Slug
from workflow.messages import lazy
from workflow.model import DispatchChannel
from workflow.verdicts import SignatureDemand


class OutgoingRules(Part):
    """Who numbers the documents that leave (NĐ 30/2020/NĐ-CP, Điều 15), and how they leave.

    ``kept``: ``here``, the register of outgoing documents is this program's, which gives each its
    number; ``elsewhere``, the agency's own system gives it, and it is typed. ``together``: kinds
    that are numbered in one series; every other kind has its own. ``before``: the last number of a
    kind that was given in ``before_in`` before the register was kept here. ``channel``: how they
    usually leave. ``signed_copy``: whether nothing leaves before the signed document was uploaded;
    ``signature``: what a digitally signed one must be before it leaves. ``integrity``: as it was
    signed, and the document made here; ``trusted``: also by the right person, under an authority
    that the agency trusts, and before the agency's own signature.
    ``answered_by``: the body outside that gets the package of what leaves by mail, and answers it.
    ``organ_id``: the agency's identifier on the document axis, for example ``000.00.11.H10``.
    """

    kept: Literal["here", "elsewhere"] = "elsewhere"
    together: tuple[Annotated[tuple[Abbreviation, ...], Field(min_length=2)], ...] = ()
    before: dict[Abbreviation, Annotated[int, Field(ge=1, le=999_999)]] = Field(
        default_factory=dict
    )
    before_in: Annotated[int, Field(ge=2000, le=2199)] | None = None
    channel: DispatchChannel = DispatchChannel.AXIS
    signed_copy: Literal["required", "optional"] = "optional"
    answered_by: Slug | None = None
    signature: SignatureDemand | None = None
    organ_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z.]{0,13}$")] = ""

    @model_validator(mode="after")
    def _says_when_and_each_kind_once(self) -> Self:
        if bool(self.before) != (self.before_in is not None):
            raise ValueError(
                lazy("'before' needs the year of its numbers as 'before_in', and only that does")
            )
        named = [kind for each in self.together for kind in each]
        if twice := sorted({kind for kind in named if named.count(kind) > 1}):
            raise ValueError(
                lazy(
                    "{kinds}: a kind of document is in one series. Name it once",
                    kinds=", ".join(twice),
                )
            )
        return self

    @property
    def is_kept_here(self) -> bool:
        """Return whether this program gives the numbers."""
        return self.kept == "here"

    @property
    def asks_signed_copy(self) -> bool:
        """Return whether nothing leaves before the signed document was uploaded."""
        return self.signed_copy == "required"

    def kinds_with(self, kind: str) -> tuple[str, ...]:
        """Return the kinds that are numbered in one series with ``kind``, itself among them."""
        return next((each for each in self.together if kind in each), (kind,))

    def last_before(self, kinds: tuple[str, ...], year: int) -> int:
        """Return the last number that a series had before the register was kept here."""
        if year != self.before_in:
            return 0
        return max((self.before.get(each, 0) for each in kinds), default=0)
