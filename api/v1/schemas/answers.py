"""What the interface answers about items, as types: the schemas of the OpenAPI document.

They describe and are never run on the way out: routes answer with bytes made from the core's
values, and the tests hold real answers against these. A member that is not described here must not
be answered; programs may meet more members in later versions.
"""

from typing import Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue
from pydantic.config import JsonDict

from workflow.history.payloads import SignatureForm
from workflow.model import Method, Via
from workflow.verdicts import Sameness, Shortfall, SignerRole, Soundness, Trust

_Row = TypeVar("_Row")


def _is_open(schema: JsonDict) -> None:
    """Let programs expect more members than today's: what is added beside breaks nobody."""
    schema.pop("additionalProperties", None)


class Answer(BaseModel):
    """An answer, or a part of one; closed for the tests, open for programs."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_is_open)


class Page(Answer, Generic[_Row]):
    """A list: rows, and the cursor of the next page, null on the last."""

    data: list[_Row]
    next: str | None


class ReasonAnswer(Answer):
    """One reason of a refusal: a stable rule, and a sentence in the reader's language."""

    rule: str
    message: str


class CurrentAnswer(Answer):
    """What is there now."""

    state: str
    version: int


class GivenAnswer(Answer):
    """What the request said was there."""

    version: int | None


class LastAnswer(Answer):
    """What happened last, and who did it."""

    transition: str | None
    actor: str | None
    at: AwareDatetime


class Problem(Answer):
    """Problem details (RFC 9457). ``current``, ``given`` and ``last`` come with 409 and 412."""

    type: str = Field(examples=["urn:thidua:problem:not-permitted"])
    title: str
    status: int
    detail: str
    reasons: list[ReasonAnswer] | None = None
    current: CurrentAnswer | None = None
    given: GivenAnswer | None = None
    last: LastAnswer | None = None


class FileAnswer(Answer):
    """A file of an item."""

    sha256: str
    name: str
    size: int
    media_type: str


class HolderAnswer(Answer):
    """A person for whom an item waits."""

    email: str
    since: AwareDatetime
    due_at: AwareDatetime | None
    on_behalf_of: str | None


class DefinitionReference(Answer):
    """The definition that an item goes by."""

    id: str
    version: int
    hash: str


class ItemAnswer(Answer):
    """An item.

    ``due_at`` is the current step's, ``late`` that now is after it; ``withheld`` names the fields
    the reader may not see.
    """

    code: str = Field(examples=["DN-2022-0001"])
    type: str
    version: int
    step: int
    state: str
    department: str
    campaign: str
    author: str
    title: str
    fields: dict[str, JsonValue]
    withheld: list[str]
    files: list[FileAnswer]
    content_hash: str
    definition: DefinitionReference
    holders: list[HolderAnswer]
    since: AwareDatetime
    due_at: AwareDatetime | None
    late: bool


class EntryReference(Answer):
    """The history entry that an act made."""

    seq: int
    hash: str


class DecidedItem(ItemAnswer):
    """An item after a decision, or as of an instant.

    ``entry`` is absent on a dry run: nothing was written.
    """

    entry: EntryReference | None = None


class SequenceReference(Answer):
    """The number of the history entry that an act made."""

    seq: int


class RemarkAnswer(Answer):
    """What was said about an item is in its history."""

    code: str
    entry: SequenceReference


class LabelAnswer(Answer):
    """A label in both languages."""

    vi: str
    en: str


class TransitionAnswer(Answer):
    """A transition as it looks to the caller: with every reason why it is closed."""

    transition: str
    to: list[str]
    label: str
    labels: LabelAnswer
    allowed: bool
    reasons: list[ReasonAnswer]
    requires: list[str]


class EntryAnswer(Answer):
    """An entry of the history.

    ``comment_erased``: its words were erased for good, and ``comment`` is null for that.
    """

    subject: str
    seq: int
    type: str
    from_: str | None = Field(alias="from")
    to: str | None
    transition: str | None
    actor: str | None
    on_behalf_of: str | None
    position: str | None
    via: Via
    method: Method
    at: AwareDatetime
    comment: str | None
    comment_erased: bool
    content_hash: str | None
    version: int | None
    data: JsonValue
    prev: str
    hash: str


class HistoryAnswer(Page[EntryAnswer]):
    """Entries of the history; ``count``: how many the filters find, null beyond 10,000."""

    count: int | None


class EntryDifferenceAnswer(Answer):
    """One thing in which two entries differ."""

    name: str
    before: str
    after: str


class OpeningAnswer(Answer):
    """Who opened what, when, and from which address."""

    at: AwareDatetime
    what: str
    who: str | None
    code: str | None
    address: str | None


class CheckpointAnswer(Answer):
    """A checkpoint of the history; ``note`` is the signed text that leaves the house."""

    size: int
    root: str
    reason: str
    made_at: AwareDatetime
    note: str


class PlaceAnswer(Answer):
    """Where an entry stands in the log; ``proof`` is null while no checkpoint covers it."""

    seq: int
    position: int
    hash: str
    proof: list[str] | None


class ItemProofAnswer(Answer):
    """The entries of an item with their inclusion proofs (RFC 9162 §2.1.3)."""

    code: str
    checkpoint: CheckpointAnswer | None
    entries: list[PlaceAnswer]


class TreeAnswer(Answer):
    """The log at one size."""

    size: int
    root: str


class GrowthAnswer(Answer):
    """A consistency proof between two sizes of the log (RFC 9162 §2.1.4)."""

    origin: str
    from_: TreeAnswer = Field(alias="from")
    to: TreeAnswer
    hashes: list[str]


class LiveAnswer(Answer):
    """The process runs."""

    status: Literal["ok"]


class CheckAnswer(Answer):
    """One check of health."""

    ok: bool
    detail: str | None


class ReadyAnswer(Answer):
    """Every check that applies."""

    checks: dict[str, CheckAnswer]


class SignedCopyFile(BaseModel):
    """``POST /items/{code}/signed-copy``: the signed document; ``form``: how it was signed."""

    file: str = Field(json_schema_extra={"format": "binary"})
    form: SignatureForm


class JudgedSignatureAnswer(Answer):
    """One digital signature: whose, and what it is worth; times are empty where none is known."""

    role: SignerRole
    soundness: Soundness
    trust: Trust
    name: str
    issuer: str
    by_address: bool
    form: str
    serial: str
    anchor: str
    signed_at: str
    stamped_at: str
    revocation_known: bool


class SignedFileAnswer(Answer):
    """What the signatures in a file are worth; ``shortfalls``: what speaks against it."""

    document: Sameness
    shortfalls: list[Shortfall]
    signatures: list[JudgedSignatureAnswer]


class SignatureAnswer(Answer):
    """On what an item's signature rests; ``form`` null: on the approval alone, if there is one."""

    approved_at: AwareDatetime | None
    form: SignatureForm | None
    sha256: str | None
    size: int | None
    added_by: str | None
    added_at: AwareDatetime | None
    verdict: SignedFileAnswer | None


class AttachFile(BaseModel):
    """``POST /items/{code}/attachments``: a file, as the value of a field.

    ``for_field`` names it, where it is given.
    """

    file: str = Field(json_schema_extra={"format": "binary"})
    for_field: str | None = None
