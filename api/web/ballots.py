"""A paper of the council as a form: what stands on it, and what somebody chose.

Owns the names of its fields. What was chosen is read here and given to the command alone: it is in
no cause, no log and no address.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.datastructures import FormData

from api.auth.sessions import Caller
from api.web.form_fields import text_in
from api.web.forms import page_cause
from notifications.translation import translate
from workflow.command import Cause
from workflow.lookups.rounds import CouncilRound
from workflow.messages import Message, lazy
from workflow.model import PersonId
from workflow.queries.items import ItemView
from workflow.queries.rounds import BallotCase
from workflow.values import counter
from workflow.voting import BallotChoice

CHOICES: Mapping[BallotChoice, Message] = {
    BallotChoice.AGREE: lazy("Agree"),
    BallotChoice.DISAGREE: lazy("Disagree"),
    BallotChoice.BLANK: lazy("Blank vote"),
    BallotChoice.CONCERNED: lazy("I am concerned and leave the vote on this case"),
}
_LETTERS: Mapping[str, BallotChoice] = {
    "a": BallotChoice.AGREE,
    "d": BallotChoice.DISAGREE,
    "b": BallotChoice.BLANK,
    "c": BallotChoice.CONCERNED,
}
"""What a form says of a choice: all of one length, so that no length on its way tells a vote."""
_GROUP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRow:
    """A nominee on a paper, as it was put to the vote.

    ``is_left``: its member is concerned and has no vote on it; ``is_left_out``: nobody has.
    """

    code: str
    title: str
    view: ItemView
    name: str
    chosen: str
    is_left: bool
    is_left_out: bool


def blind_cause(asker: Caller, form: FormData, part: str) -> Cause:
    """Return the cause of an act; nothing that a form says is in it, neither votes nor codes."""
    return replace(page_cause(asker, form, part), digest="")


def choices_on_paper() -> list[tuple[str, Message]]:
    """Return the choices of a form, each with its words."""
    return [(letter, CHOICES[choice]) for letter, choice in _LETTERS.items()]


def paper_rows(
    cases: Sequence[BallotCase], member: PersonId, form: FormData | None
) -> list[PaperRow]:
    """Return what stands on the paper of a member; ``form``: what they chose, refused."""
    return [
        PaperRow(
            code=each.case.code,
            title=each.title,
            view=each.view,
            name=_field(each.case.code),
            chosen=str(form.get(_field(each.case.code)) or "") if form else "",
            is_left=member in each.case.concerned,
            is_left_out=each.case.left_out,
        )
        for each in cases
    ]


def choices_in(form: FormData, found: CouncilRound) -> dict[str, str]:
    """Return what was chosen on a paper, by code; a case without a choice is left out."""
    given = {each.code: form.get(_field(each.code)) for each in found.cases}
    return {
        code: _LETTERS.get(choice, choice)
        for code, choice in given.items()
        if isinstance(choice, str)
    }


def run_in(form: FormData) -> int:
    """Return which vote a paper was shown for; -1 for none."""
    run = counter(text_in(form, "run"))
    return -1 if run is None else run


def receipt_in_groups(receipt: str) -> str:
    """Return the number of a paper as it is read and compared."""
    groups = (receipt[place : place + _GROUP] for place in range(0, len(receipt), _GROUP))
    return "-".join(groups)


def receipt_sentences() -> list[str]:
    """Return what the number of a paper proves, and what it does not."""
    return [
        translate(
            "After the count, this number stands in the list of the papers that were counted. It "
            "shows that your paper was counted, and to nobody how you voted."
        ),
        translate("Write it down or take a picture: it is shown this once and kept nowhere."),
    ]


def _field(code: str) -> str:
    return f"choice-{code}"
