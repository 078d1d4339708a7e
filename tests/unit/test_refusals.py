"""One table from refusal to HTTP status: each class has its line, and each line one status."""

import pytest

from api.problems import ANSWERS, PreconditionError, answer_to, page_status, problem
from workflow.errors import (
    FactorLockedRefusal,
    InvalidRefusal,
    LinkEndedRefusal,
    LinkRefusal,
    Refusal,
    SecondFactorRefusal,
    StaleRefusal,
    ThiduaError,
    reason,
)

WHY = reason("why", "Because.")


def descendants(kind):
    return {each for child in kind.__subclasses__() for each in {child, *descendants(child)}}


def test_every_refusal_has_a_line_of_its_own():
    refusals = {each for each in descendants(Refusal) if each.__module__ == "workflow.errors"}
    assert len(refusals) > 8
    assert refusals <= set(ANSWERS)


def test_every_error_that_can_leave_has_an_answer():
    errors = {
        each
        for each in descendants(ThiduaError) - {Refusal}
        if each.__module__.startswith(("api.", "workflow.", "notifications."))
    }
    answered = {each for each in errors if any(kind in ANSWERS for kind in each.__mro__)}
    assert len(answered) > 15
    assert errors == answered


@pytest.mark.parametrize(
    ("error", "status", "on_page"),
    [
        (SecondFactorRefusal(WHY), 403, 403),
        (FactorLockedRefusal(WHY), 403, 429),
        (LinkRefusal(WHY), 409, 409),
        (LinkEndedRefusal(WHY), 410, 410),
        (InvalidRefusal(WHY), 422, 422),
        (StaleRefusal(state="submitted", version=3, given=2, last=None), 409, 409),
        (
            PreconditionError(StaleRefusal(state="submitted", version=3, given=2, last=None)),
            412,
            412,
        ),
    ],
    ids=lambda each: type(each).__name__,
)
def test_its_status_for_programs_and_on_a_page(error, status, on_page):
    assert answer_to(error).status == status
    assert problem(error).status_code == status
    assert page_status(error) == on_page


def test_a_class_without_a_line_answers_as_its_nearest_ancestor():
    class WrongHourRefusal(FactorLockedRefusal):
        pass

    assert answer_to(WrongHourRefusal(WHY)) is ANSWERS[FactorLockedRefusal]
