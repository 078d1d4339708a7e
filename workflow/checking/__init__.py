"""Checks of a definition as a whole, before anybody uses it."""

from workflow.checking.graph import graph_problems

__all__ = ["graph_problems"]
