"""The command line: one function for each verb, imported when it is used."""

from api.cli.main import main

__all__ = ["main"]
