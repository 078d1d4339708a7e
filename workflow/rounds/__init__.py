"""A round of the council: who votes on what, when it may be counted, and what the count says.

Pure, and exact: shares are fractions of whole numbers, and nothing here is ever a float.
"""

from workflow.rounds.ballot_box import BallotPaper, BoxKey, open_paper, read_box_code, seal_paper
from workflow.rounds.council import (
    Council,
    CouncilCase,
    CountRules,
    Seat,
    case_code,
    council_faults,
    item_of,
    quorum_reached,
    voters_of,
)
from workflow.rounds.counting import CaseVerdict, Tally, tally_of, verdict_on, votes_needed
from workflow.rounds.shares import parse_share, written_share

__all__ = [
    "BallotPaper",
    "BoxKey",
    "CaseVerdict",
    "Council",
    "CouncilCase",
    "CountRules",
    "Seat",
    "Tally",
    "case_code",
    "council_faults",
    "item_of",
    "open_paper",
    "parse_share",
    "quorum_reached",
    "read_box_code",
    "seal_paper",
    "tally_of",
    "verdict_on",
    "voters_of",
    "votes_needed",
    "written_share",
]
