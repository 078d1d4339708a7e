"""Write the catalogue of Vietnamese sentences anew: ``python3 -m tests.catalogue``.

Owns how sentences are found: every ``translate``, ``lazy`` and ``reason`` of code and templates.
What was said before keeps its Vietnamese; a new sentence comes in without any, and a test tells
until it has them.
"""

import ast
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "notifications" / "translation" / "vi" / "LC_MESSAGES"
PO, MO = FOLDER / "thidua.po", FOLDER / "thidua.mo"
_FIRST: Final = {"translate": 0, "lazy": 0, "reason": 1}
"""Where the sentence stands among the arguments of what marks it; its plural stands next."""

_PACKAGES: Final = ("workflow", "notifications", "api")


def sentences() -> Iterator[tuple[str, str, str]]:
    """Yield each sentence (one, many or empty) with the file that says it, in a stable order."""
    for package in _PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix == ".py":
                yield from (
                    (one, many, name) for one, many in _in_code(ast.parse(path.read_text("utf-8")))
                )
            elif path.suffix in {".html", ".mjml", ".txt"}:
                yield from (
                    (one, many, name) for one, many in _in_template(path.read_text("utf-8"))
                )


def _in_code(tree: ast.AST) -> Iterator[tuple[str, str]]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda each: (each.lineno, each.col_offset)):
        first = _FIRST.get(getattr(call.func, "id", ""))
        if first is not None:
            texts = [each.value if isinstance(each, ast.Constant) else None for each in call.args]
            yield from _pair(texts[first : first + 2])


def _in_template(text: str) -> Iterator[tuple[str, str]]:
    for node in Environment(autoescape=True).parse(text).find_all(nodes.Call):
        if isinstance(node.node, nodes.Name) and node.node.name in _FIRST:
            yield from _pair(
                [each.value if isinstance(each, nodes.Const) else None for each in node.args[:2]]
            )


def _pair(texts: Sequence[object]) -> Iterator[tuple[str, str]]:
    if texts and isinstance(texts[0], str) and texts[0]:
        yield texts[0], texts[1] if len(texts) > 1 and isinstance(texts[1], str) else ""


def catalogue() -> Catalog:
    """Return the catalogue as the code asks for it, with the Vietnamese that is known."""
    known = kept()
    fresh = Catalog(
        locale="vi",
        header_comment="# The Vietnamese of every sentence that thidua says.",
        project="thidua",
        version="1",
        last_translator="thidua",
        language_team="thidua",
        msgid_bugs_address="thidua",
        creation_date=known.creation_date,
        revision_date=known.creation_date,
        fuzzy=False,
    )
    for one, many, file in sentences():
        before = known.get(one)
        words = in_words(before.string)[0] if before is not None else ""
        fresh.add((one, many) if many else one, (words,) if many else words, locations=[(file, 0)])
    return fresh


def kept() -> Catalog:
    """Return the catalogue that is kept."""
    return (
        read_po(io.BytesIO(PO.read_bytes()), locale="vi") if PO.exists() else Catalog(locale="vi")
    )


def written(fresh: Catalog) -> tuple[bytes, bytes]:
    """Return the bytes of the catalogue for people (.po) and for the program (.mo)."""
    people, program = io.BytesIO(), io.BytesIO()
    write_po(people, fresh, width=0, sort_by_file=False, include_lineno=False)
    write_mo(program, fresh)
    return people.getvalue(), program.getvalue()


def in_words(string: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the forms that a sentence of the catalogue has; Vietnamese has one."""
    return string if isinstance(string, tuple) else (string,)


def main() -> None:
    """Write both files and say what has no Vietnamese yet."""
    fresh = catalogue()
    FOLDER.mkdir(parents=True, exist_ok=True)
    people, program = written(fresh)
    PO.write_bytes(people)
    MO.write_bytes(program)
    missing = [each.id for each in fresh if each.id and not all(in_words(each.string))]
    print(f"{len(fresh)} sentences, {len(missing)} without Vietnamese")


if __name__ == "__main__":
    main()
