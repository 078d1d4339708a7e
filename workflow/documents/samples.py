"""A document of each kind with invented facts, by which a template and the words are tried.

Long names and many rows are among them: what a template must bear. Pure.
"""

from collections.abc import Callable, Mapping
from datetime import date

from workflow.definition import DocumentWords
from workflow.documents.award_decision import DecisionFacts, award_decision, certificates
from workflow.documents.council_minutes import (
    RoundFacts,
    SeatedMember,
    VotedCase,
    council_minutes,
    tally_sheet,
)
from workflow.documents.elements import AwardCertificate, OfficialDocument
from workflow.documents.facts import Issue, IssuingAgency, ListedNominee, MovementFacts, Signer
from workflow.documents.letters import LetterFacts, letter
from workflow.documents.merit_report import MeritReportFacts, merit_report
from workflow.documents.movement_report import GatheredFigures, MovementReportFacts, movement_report
from workflow.documents.sections import FieldWords, FormPart
from workflow.documents.submission import SubmissionFacts, submission
from workflow.model import Position, SignedFor

_DAY = date(2022, 3, 5)
_LONG = "Abc Def Ghi " * 12
_NOMINEES = tuple(
    ListedNominee(
        name=f"{_LONG}{number}",
        is_collective=number < 2,  # noqa: PLR2004 - two collectives, then individuals
        beside=("Abc", "Def"),
        award=f"Abc {number % 2}",
        authority="Def" if number % 2 else "",
        merit=_LONG,
        certificate_text=_LONG,
    )
    for number in range(30)
)
_ISSUE = Issue(year=2022)
_MOVEMENT = MovementFacts(name=_LONG, plans=("Abc", "Def"), outside=("Ghi",))
_SIGNER = Signer(position=Position.DEPUTY_DIRECTOR, name=_LONG, form=SignedFor.KT)
_PARTS = (
    FormPart(
        title="I. Abc",
        entries=(
            FieldWords(label="1. Abc", text=_LONG, is_long=True),
            FieldWords(label="2. Def", text=_LONG, is_long=True),
            FieldWords(label="Abc (def)", text="02", is_figure=True),
            FieldWords(label="Abc", columns=("Abc", "Def"), rows=(("Ghi", _LONG),)),
        ),
    ),
)
_DECISION = DecisionFacts(
    issue=Issue(year=2022, notation="01/ABC", day=_DAY),
    movement=_MOVEMENT,
    bases=("Abc",),
    nominees=_NOMINEES,
    signer=_SIGNER,
    council_day=_DAY,
    units=("Abc",),
)
_ROUND = RoundFacts(
    title=_LONG,
    held_on=_DAY,
    place="Abc",
    meeting="Abc",
    voting="Def",
    agenda="",
    chair="Abc",
    secretary="Def",
    members=(SeatedMember(name=_LONG, role="Abc", attendance="Def"),) * 9,
    present=9,
    cases=(VotedCase(title=_LONG, share="90%", agree=8, base=9, needed=9),) * 30,
    papers=9,
    receipts=("ABCD",) * 9,
    opinions=(("Abc", "Def"),),
)
_Makers = Mapping[str, Callable[[IssuingAgency], tuple[OfficialDocument | AwardCertificate, ...]]]
SAMPLES: _Makers = {
    "submission": lambda issuer: (
        submission(
            issuer,
            SubmissionFacts(
                issue=_ISSUE,
                movement=_MOVEMENT,
                bases=("Abc",),
                nominees=_NOMINEES,
                signer=_SIGNER,
                council_day=_DAY,
                papers=("Abc",),
            ),
        ),
    ),
    "decision": lambda issuer: (award_decision(issuer, _DECISION),),
    "certificates": lambda issuer: certificates(issuer, _DECISION),
    "merit-report": lambda issuer: tuple(
        merit_report(
            issuer,
            MeritReportFacts(
                issue=_ISSUE,
                movement=_MOVEMENT,
                unit=_LONG,
                nominee=nominee,
                first_day=_DAY,
                last_day=_DAY,
                about=("Abc",),
                deed=_LONG,
                parts=_PARTS,
                form="Abc",
            ),
        )
        for nominee in _NOMINEES[1:3]
    ),
    "report": lambda issuer: (
        movement_report(
            issuer,
            MovementReportFacts(
                issue=_ISSUE,
                kind="BC",
                subject="",
                movement=_MOVEMENT,
                bases=("Abc",),
                period="Abc",
                until=_DAY,
                parts=_PARTS,
                signer=_SIGNER,
                gathered=GatheredFigures(departments=("Abc",) * 6, rows=(("Abc", *("1",) * 7),)),
            ),
        ),
    ),
    "minutes": lambda issuer: (council_minutes(issuer, _ROUND),),
    "tally": lambda issuer: (tally_sheet(issuer, _ROUND),),
    "letter": lambda issuer: (
        letter(
            issuer,
            LetterFacts(
                issue=_ISSUE,
                subject=_LONG,
                addressees=("Abc", "Def"),
                signer=_SIGNER,
                papers=("Abc",),
            ),
        ),
    ),
}
"""By the name of the template that draws it."""


def sample_agency(words: DocumentWords) -> IssuingAgency:
    """Return an invented agency with the words to be tried."""
    return IssuingAgency(
        agency=_LONG,
        superior=_LONG,
        symbol="ABC",
        place="Abc",
        office="Abc",
        office_unit="A",
        board="Abc",
        words=words,
    )
