"""Add the agency's signature with the key in a token: runs in the child."""

from api.intake.sealing import answer_with
from workflow.signatures.token import from_token


def main(_: list[str]) -> None:
    """Answer what is to be added behind the file in the parcel on standard input."""
    answer_with(lambda uri, pin: from_token(uri.decode(), pin))
