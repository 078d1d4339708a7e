"""Write the catalogue of English sentences anew: ``python3 -m tests.catalogue``.

Owns how sentences are found: every ``say``, ``phrase`` and ``reason`` in the code and every ``say`` in a template.
What was said before keeps its English words; a new sentence comes in without any, and a test tells until it has them.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "workflow" / "locale" / "en" / "LC_MESSAGES"
PO, MO = FOLDER / "thidua.po", FOLDER / "thidua.mo"
_KEYWORDS: Final = {"say": None, "phrase": None, "reason": (2,)}
_METHODS: Final = [("**.py", "python"), ("**.html", "jinja2"), ("**.mjml", "jinja2"), ("**.txt", "jinja2")]
_PACKAGES: Final = ("workflow", "notifications", "api")


def sentences() -> Iterator[tuple[str, str]]:
    """Yield each sentence of the product with the file that says it, in a stable order."""
    for package in _PACKAGES:
        found = extract_from_dir(ROOT / package, _METHODS, keywords=_KEYWORDS, comment_tags=(), strip_comment_tags=False)
        for file, _, message, *_ in sorted(found, key=lambda each: (each[0], each[1])):
            yield str(message), f"{package}/{file}"


def catalogue() -> Catalog:
    """Return the catalogue as the code asks for it, with the English that is known."""
    known = kept()
    fresh = Catalog(
        locale="en",
        header_comment="# The English of every sentence that thidua says.",
        project="thidua",
        version="1",
        last_translator="thidua",
        language_team="thidua",
        msgid_bugs_address="thidua",
        creation_date=known.creation_date,
        revision_date=known.creation_date,
        fuzzy=False,
    )
    for sentence, file in sentences():
        has_count = "{count}" in sentence
        before = known.get(sentence)
        blank = ("", "") if has_count else ""
        words = before.string if before is not None and isinstance(before.string, tuple) == has_count else blank
        fresh.add((sentence, sentence) if has_count else sentence, words, locations=[(file, 0)])
    return fresh


def kept() -> Catalog:
    """Return the catalogue that is kept."""
    return read_po(io.BytesIO(PO.read_bytes()), locale="en") if PO.exists() else Catalog(locale="en")


def written(fresh: Catalog) -> tuple[bytes, bytes]:
    """Return the bytes of the catalogue for people (.po) and for the program (.mo)."""
    people, program = io.BytesIO(), io.BytesIO()
    write_po(people, fresh, width=0, sort_by_file=False, include_lineno=False)
    write_mo(program, fresh)
    return people.getvalue(), program.getvalue()


def in_words(string: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the forms that a sentence of the catalogue has: one, or one for each number."""
    return string if isinstance(string, tuple) else (string,)


def main() -> None:
    """Write both files and say what has no English yet."""
    fresh = catalogue()
    FOLDER.mkdir(parents=True, exist_ok=True)
    people, program = written(fresh)
    PO.write_bytes(people)
    MO.write_bytes(program)
    missing = [each.id for each in fresh if each.id and not all(in_words(each.string))]
    print(f"{len(fresh)} sentences, {len(missing)} without English")


if __name__ == "__main__":
    main()
