"""What the child answers: the rows of a sheet, or what is wrong with a file."""

from typing import TypedDict

Problem = tuple[str, str]
"""A code, and a detail that the sentence for it names."""


class IntakeAnswer(TypedDict, total=False):
    """``rows`` with their numbers, or ``problem``: its code; for an attachment ``problems``."""

    rows: list[tuple[int, list[str]]]
    problem: str
    problems: list[Problem]
