"""What the child answers: the rows of a sheet, or what is wrong with a file."""

from typing import TypedDict

from workflow.model import Json

Problem = tuple[str, str]
"""A code, and a detail that the sentence for it names."""


class IntakeAnswer(TypedDict, total=False):
    """``rows`` with their numbers, or ``problem``: its code; for an attachment ``problems``.

    ``signed``: of a signed file, the members of a ``FoundInFile``;
    ``added``: what a signature adds behind a file, in base64.
    """

    rows: list[tuple[int, list[str]]]
    problem: str
    problems: list[Problem]
    signed: dict[str, Json]
    added: str
