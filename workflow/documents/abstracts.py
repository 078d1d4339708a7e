"""What a document is about (trích yếu), as the register tells it beside the document itself.

Decree 30/2020/NĐ-CP, Phụ lục IV. Pure.
"""

from dataclasses import dataclass

from workflow.definition import DECISION
from workflow.documents import submission
from workflow.documents.facts import Issue, IssuingAgency
from workflow.documents.letters import correction_about
from workflow.documents.movement_report import report_subject
from workflow.documents.phrases import filled


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredFacts:
    """What became of an item as a document of ``kind``; ``period``: of a report, "" where none.

    ``movement``: as documents name it. ``corrected``: name, number and day of what it corrects.
    """

    kind: str
    title: str
    movement: str
    nominates: bool = False
    period: str = ""
    corrected: tuple[str, Issue] | None = None


def abstract(issuer: IssuingAgency, facts: RegisteredFacts) -> str:
    """Return what the document says that it is about; the item's title where it says no more."""
    if facts.corrected is not None:
        return correction_about(issuer, *facts.corrected)
    subjects = {
        submission.KIND: issuer.words.submission.subject,
        DECISION: issuer.words.decision.subject,
    }
    if facts.nominates and facts.kind in subjects:
        return filled(subjects[facts.kind], {"movement": facts.movement})
    return report_subject(issuer, facts.period, facts.movement) or facts.title
