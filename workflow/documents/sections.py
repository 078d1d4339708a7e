"""What a form says, as the parts of a report: headings, running text, figures, tables.

Owns how a form becomes running text: a heading is said once, figures of one thing stand in one
line, parts are numbered without gaps. Pure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from workflow.documents.elements import (
    Align,
    Block,
    Heading,
    Paragraph,
    TableBlock,
    TableColumn,
    TableRow,
)
from workflow.documents.phrases import punctuated

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_NUMBERED = re.compile(r"^[IVX]+\. |^\d+\. ")
_WITH_UNIT = re.compile(r"^(?P<what>.+?) \((?P<unit>[^()]+)\)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldWords:
    """What one field says: words, a long text, a figure with its unit, or the rows of a table."""

    label: str
    text: str = ""
    is_long: bool = False
    is_figure: bool = False
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPart:
    """One group of a form: its title, and what its fields say; fields without words are none."""

    title: str
    entries: tuple[FieldWords, ...]


def sections(parts: Sequence[FormPart], figures: str, first: int = 1) -> tuple[Block, ...]:
    """Return parts as sections numbered from ``first``; ``figures``: what leads figures."""
    found: list[Block] = []
    for place, part in enumerate((each for each in parts if each.entries), first):
        title = without_number(part.title)
        found.append(Heading(text=f"{_ROMAN[place - 1]}. {title}"))
        found += _section(part, figures)
    return tuple(found)


def without_number(title: str) -> str:
    """Return a title without the number that it begins with."""
    return _NUMBERED.sub("", title)


def paragraphs(text: str) -> Iterator[Paragraph]:
    """Yield the paragraphs of a text that somebody typed."""
    for line in text.splitlines():
        if tidy := " ".join(line.split()):
            yield Paragraph(text=tidy)


def field_blocks(entries: Sequence[FieldWords]) -> Iterator[Block]:
    """Yield what some fields say, without a heading."""
    for each in entries:
        yield from _entry(each)


def _section(part: FormPart, figures: str) -> Iterator[Block]:
    many = sum(each.is_long for each in part.entries) > 1
    number = 0
    for is_figure, run in groupby(part.entries, key=lambda each: each.is_figure):
        if is_figure:
            yield Paragraph(text=figures)
            for line in punctuated(_figure_lines(list(run))):
                yield Paragraph(text=f"- {line}")
            continue
        for each in run:
            if each.is_long and many:
                number += 1
                yield Heading(text=f"{number}. {without_number(each.label)}", level=2)
            yield from _entry(each)


def _entry(each: FieldWords) -> Iterator[Block]:
    if each.rows:
        yield Paragraph(text=f"{without_number(each.label)}:")
        yield table(each.columns, each.rows, each.label)
    elif each.is_long:
        yield from paragraphs(each.text)
    else:
        colon = f": {' '.join(each.text.split()).rstrip('.')}" if each.text else ""
        yield Paragraph(text=f"{each.label}{colon}.")


def _figure_lines(entries: Sequence[FieldWords]) -> list[str]:
    """Return a line for each thing that is counted, with all of its figures."""
    lines = []
    for what, run in groupby(entries, key=lambda each: _split(each.label)[0]):
        figures = [" ".join(filter(None, (each.text, _split(each.label)[1]))) for each in run]
        lines.append(f"{what}: {', '.join(figures)}")
    return lines


def _split(label: str) -> tuple[str, str]:
    """Return what a figure counts, and its unit where the label ends with one in brackets."""
    found = _WITH_UNIT.match(label)
    return (found["what"], found["unit"]) if found else (label, "")


def table(columns: Sequence[str], rows: Sequence[tuple[str, ...]], about: str) -> TableBlock:
    """Return rows as a table whose columns share the width by how much they say."""
    shares = [
        min(max(6, len(head), *(len(row[place]) for row in rows)), 60)
        for place, head in enumerate(columns)
    ]
    return TableBlock(
        columns=tuple(
            TableColumn(head=head, share=share, align=Align.LEFT)
            for head, share in zip(columns, shares, strict=True)
        ),
        rows=tuple(TableRow(cells=each) for each in rows),
        about=about,
    )


def figure_text(value: int) -> str:
    """Return a count as documents write it: leading zero below 10, dots between thousands."""
    return f"{value:02,}".replace(",", ".")
