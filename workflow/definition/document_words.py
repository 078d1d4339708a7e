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
from workflow.voting import Attendance, MeetingForm, Role, Voting
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
    numbered: Words
    basis: Words
    plan: Words
    plan_about: Words
    plan_alone: Words
    own_plan: Words
    as_above: Words
    kept_by: Words
    collectives: Words
    individuals: Words
    both: Words
    list_reference: Words
    erased: Words
    collectives_head: Words
    individuals_head: Words


class SubmissionWords(Sentences):
    """A submission (Tờ trình) and its list."""

    places = frozenset(
        {"agency", "movement", "authority", "award", "counts", "day", "papers", "board"}
    )

    subject: Words
    minutes: Words
    introduction: Words
    request: Words
    requests: Words
    request_line: Words
    own: Words
    voted: Words
    assurance: Words
    papers: Words
    closing: Words
    closing_own: Words
    list_title: Words
    list_about: Words
    columns: Annotated[tuple[Words, ...], Field(min_length=5, max_length=5)]


class DecisionWords(Sentences):
    """A decision on awards (Quyết định khen thưởng) and its list; ``mandate``: its first bases."""

    places = frozenset(
        {
            "agency",
            "award",
            "count",
            "counts",
            "day",
            "movement",
            "multiple",
            "name",
            "text",
            "units",
        }
    )

    subject: Words
    authority: Words
    mandate: tuple[Words, ...] = ()
    minutes: Words
    at_request: Words
    decides: Words
    article: Words
    award: Words
    awards: Words
    award_line: Words
    award_one: Words
    rewards: Words
    rewards_by_law: Words
    collective_reward: Words
    individual_reward: Words
    in_force: Words
    as_article: Words
    list_title: Words
    list_about: Words
    columns: Annotated[tuple[Words, ...], Field(min_length=4, max_length=4)]


class CertificateWords(Sentences):
    """A certificate; an award is named there as what stands before ``until``."""

    places = frozenset({"agency", "document"})

    authority: Words
    verb: Words
    until: Words
    reference: Words


class MeritReportWords(Sentences):
    """A report of merit (Báo cáo thành tích) of one nominee."""

    places = frozenset({"award", "first_day", "form", "last_day", "movement", "name"})

    name: Words
    subject: Words
    movement: Words
    form: Words
    about_collective: Words
    about_individual: Words
    collective: Words
    individual: Words
    open_collective: tuple[Words, ...] = ()
    open_individual: tuple[Words, ...] = ()
    achieved: Words
    period: Words
    confirmed: Words
    reported_by_individual: Words
    reported_by_collective: Words
    sign_note: Words


class MovementReportWords(Sentences):
    """A report on the movement: of a department, or of the agency with a table of theirs."""

    places = frozenset({"count", "day", "issuer", "movement", "office", "period", "text"})

    subject: Words
    introduction: Words
    introduction_other: Words
    figures: Words
    money: Words
    dollars: Words
    closing: Words
    closing_other: Words
    department_table: Words
    table_heads: Annotated[tuple[Words, ...], Field(min_length=2, max_length=2)]
    attached: Words
    missing: Words
    list_title: Words
    department_addressee: Words


class MinutesWords(Sentences):
    """The minutes of a meeting of the council."""

    places = frozenset(
        {
            "chair",
            "count",
            "counts",
            "day",
            "meeting",
            "members",
            "place",
            "present",
            "secretary",
            "text",
            "voting",
        }
    )

    symbol: Words
    body_name: Words
    subject: Words
    began: Words
    place: Words
    form: Words
    attendance: Words
    chair: Words
    secretary: Words
    agenda_head: Words
    agenda: Words
    heard: Words
    voted: Words
    voted_less: Words
    concerned: Words
    left_out: Words
    passed: Words
    not_passed: Words
    opinion: Words
    answer: Words
    concluded: Words
    ended: Words
    open: Words
    secretary_title: Words
    chair_title: Words
    kept: Words
    members_about: Words
    members_columns: Annotated[tuple[Words, ...], Field(min_length=4, max_length=4)]
    votes_about: Words
    votes_columns: Annotated[tuple[Words, ...], Field(min_length=7, max_length=7)]


class TallyWords(Sentences):
    """The minutes of a count of votes."""

    places = frozenset({"agency", "count", "day", "text", "voting"})

    name: Words
    subject: Words
    introduction: Words
    handed_out: Words
    returned: Words
    valid: Words
    invalid: Words
    results: Words
    receipts: Words
    closing: Words
    columns: Annotated[tuple[Words, ...], Field(min_length=6, max_length=6)]


class LetterWords(Sentences):
    """A covering letter (Công văn), and one that corrects what was issued."""

    places = frozenset({"addressee", "agency", "document", "subject", "text"})

    about: Words
    body: Words
    paper: Words
    thanks: Words
    correction_about: Words
    correction_body: Words
    correction_wrong: Words
    correction_right: Words
    correction_kept: Words
    correction_thanks: Words


class CouncilWords(Part):
    """What the council's minutes call the choices of a round."""

    meetings: Mapping[MeetingForm, Words]
    votings: Mapping[Voting, Words]
    roles: Mapping[Role, Words]
    attendances: Mapping[Attendance, Words]


class DocumentWords(Part):
    """The words of every kind of document.

    ``positions``: as what somebody signs; ``units``: how departments are abbreviated, by their id.
    """

    positions: Mapping[Position, Words]
    units: Mapping[Slug, Words] = Field(default_factory=dict)
    common: CommonWords
    submission: SubmissionWords
    decision: DecisionWords
    certificate: CertificateWords
    merit_report: MeritReportWords
    movement_report: MovementReportWords
    council: CouncilWords
    minutes: MinutesWords
    tally: TallyWords
    letter: LetterWords
