"""Measure the house: sizes, names that say nothing of types, imports, docstrings.

Owns the figures that ``test_house.py`` holds; ``python3 -m tests.architecture.measures`` prints
them. It reads the sources as text and never imports them.
"""

import ast
import io
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("workflow", "notifications", "api")
_FREE_ARGUMENTS: Final = {"self", "cls", "context", "connection", "request"}
"""What nearly every function is given first; the rest is its own."""

VERIFIER: Final = "workflow.history.verify_history"
"""One file that leaves the house whole, so it has a bound of its own."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One source file: its dotted name, its text and its tree."""

    name: str
    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> list[str]:
        """Return the lines of the file."""
        return self.text.splitlines()

    @property
    def functions(self) -> Iterator[Function]:
        """Yield every function and method."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


@cache
def modules() -> tuple[Module, ...]:
    """Return the product's modules, migrations apart."""
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "versions" in path.parts:
                continue
            text = path.read_text("utf-8")
            relative = path.relative_to(ROOT)
            name = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
            found.append(Module(name, relative.as_posix(), text, ast.parse(text)))
    return tuple(found)


def length(function: Function) -> int:
    """Return the lines of a function, from ``def`` to its last line."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def own_arguments(function: Function) -> int:
    """Return how many arguments a function takes beside those that all take."""
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return sum(each.arg not in _FREE_ARGUMENTS for each in named)


def is_route(function: Function) -> bool:
    """Return whether a function is a route: its arguments are what a request may carry."""
    return any(
        isinstance(each, ast.Call)
        and isinstance(each.func, ast.Attribute)
        and each.func.attr in {"get", "post", "patch", "put", "delete", "api_route"}
        for each in function.decorator_list
    )


def code_lines(module: Module) -> int:
    """Return the lines that are neither blank, comment nor docstring."""
    skipped: set[int] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Expr) and isinstance(getattr(node.value, "value", None), str):
            skipped.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    kept: set[int] = set()
    ignored = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type not in ignored and token.type != tokenize.ENDMARKER:
            kept.update(range(token.start[0], token.end[0] + 1))
    return len(kept - skipped)


def any_names(module: Module) -> int:
    """Return how often ``Any`` is named, its import apart."""
    return sum(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(module.tree))


def deferred_imports(module: Module) -> list[ast.stmt]:
    """Return the imports inside functions; typing-only blocks are none."""
    return [
        node
        for function in module.functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def undocumented(module: Module) -> list[str]:
    """Return the public names without a docstring, the module's own included."""
    missing = [] if ast.get_docstring(module.tree) else [module.path]
    missing += list(_undocumented(module.tree, module.path))
    return missing


def _undocumented(owner: ast.AST, path: str) -> Iterator[str]:
    for node in ast.iter_child_nodes(owner):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_"):
            continue
        if not ast.get_docstring(node):
            yield f"{path}:{node.lineno} {node.name}"
        if isinstance(node, ast.ClassDef):
            yield from _undocumented(node, path)


def ambiguous_classes() -> list[str]:
    """Return the names that more than one class has: one idea, one word.

    Apart from the verifier, which stands alone, and from bodies and answers of the API, whose names
    are its interface's.
    """
    names = Counter(
        node.name
        for module in modules()
        if module.name != VERIFIER and not module.name.startswith("api.v1.schemas.")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    )
    return sorted(name for name, count in names.items() if count > 1)


def template_lines() -> list[str]:
    """Return the lines of all templates of pages."""
    found = (ROOT / "api" / "web" / "templates").glob("*.html")
    return [line for each in found for line in each.read_text("utf-8").splitlines()]


def imports_of(module: Module, known: Mapping[str, Module]) -> set[str]:
    """Return the modules of the product that one imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found.update(each.name for each in node.names if each.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                whole = f"{node.module}.{each.name}"
                found.add(whole if whole in known else node.module)
    return {each for each in found if each in known and each != module.name}


def cycles() -> list[list[str]]:
    """Return the knots of modules that import each other, lazily or not (Tarjan)."""
    known = {each.name: each for each in modules()}
    graph = {name: sorted(imports_of(module, known)) for name, module in known.items()}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    knots: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in graph[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            knot = [stack.pop()]
            while knot[-1] != name:
                knot.append(stack.pop())
            if len(knot) > 1:
                knots.append(sorted(knot))

    sys.setrecursionlimit(10_000)
    for name in graph:
        if name not in index:
            visit(name)
    return knots


def percentile(values: list[int], share: float) -> int:
    """Return the value that ``share`` of all do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def figures() -> dict[str, object]:
    """Return the table of figures."""
    functions = [(each, module) for module in modules() for each in module.functions]
    lengths = [length(each) for each, _ in functions]
    return {
        "modules": len(modules()),
        "lines": sum(len(each.lines) for each in modules()),
        "lines of code": sum(code_lines(each) for each in modules()),
        "lines over 100 columns": sum(len(line) > 100 for each in modules() for line in each.lines),
        "template lines over 120 columns": sum(len(line) > 120 for line in template_lines()),
        "functions": len(functions),
        "functions over 50 lines": sum(each > 50 for each in lengths),
        "function length median / p90 / p99": "{} / {} / {}".format(
            *(percentile(lengths, share) for share in (0.5, 0.9, 0.99))
        ),
        "files over 400 lines": sum(
            len(each.lines) > (900 if each.name == VERIFIER else 400) for each in modules()
        ),
        "functions with over five arguments of their own": sum(
            own_arguments(each) > 5 and not is_route(each) for each, _ in functions
        ),
        "Any": sum(any_names(each) for each in modules()),
        "deferred imports": sum(len(deferred_imports(each)) for each in modules()),
        "cycles": [len(each) for each in cycles()],
        "names of several classes": len(ambiguous_classes()),
        "public names without docstring": sum(len(undocumented(each)) for each in modules()),
    }


if __name__ == "__main__":
    for name, value in figures().items():
        print(f"{name:48} {value}")
