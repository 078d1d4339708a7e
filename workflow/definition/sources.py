"""Where a definition comes from: its file, the place of each part, what is wrong there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from workflow.definition.language import Definition
from workflow.messages import Message, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSignature:
    """The parameters that a guard takes, all of them needed, and which of them name fields."""

    parameters: frozenset[str] = frozenset()
    naming_fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What a definition may name: guards with their signatures.

    ``fault`` says what is wrong with an expression and what to do, or None.
    """

    guards: Mapping[str, GuardSignature]
    fault: Callable[[str, Definition], tuple[Message, Message] | None]


Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProblem:
    """One thing wrong in a file: where (1-based line and column), what, and what to do."""

    file: str
    line: int
    column: int
    problem: Message
    remedy: Message

    @property
    def message(self) -> Message:
        """Return one line: place, problem, remedy."""
        place = f"{self.file}:{self.line}:{self.column}"
        return listed((listed((place, self.problem), ": "), self.remedy), " → ")

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The file that a definition was read from; knows the place of each of its parts."""

    name: str
    tree: object = None

    def problem(self, path: Path, problem: Message, remedy: Message) -> FileProblem:
        """Return a problem at ``path`` (keys and indexes), or at its nearest ancestor."""
        line, column = _place(self.tree, path)
        return FileProblem(file=self.name, line=line, column=column, problem=problem, remedy=remedy)


def _place(tree: object, path: Path) -> tuple[int, int]:
    """Return the 1-based line and column of ``path``, or of its nearest ancestor that exists."""
    line, column, node = 1, 1, tree
    for step in path:
        mark = getattr(node, "lc", None)
        found = mark.data.get(step) if mark is not None and mark.data else None
        if found is None:
            continue  # a kind among several, which pydantic names between the parts
        line, column = found[0] + 1, found[1] + 1
        try:
            node = node[step]  # type: ignore[index]  # a node with marks is a mapping or a sequence
        except (KeyError, IndexError, TypeError):
            break
    return line, column
