"""Every sentence is said in both languages, and none is written past the catalogue."""

import ast
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from notifications.translation import LANGUAGES, language, speaking, translate, translated
from tests.catalogue import MO, PO, ROOT, catalogue, in_words, kept, written
from workflow.messages import lazy

VIETNAMESE = re.compile(r"[à-ỹđÀ-ỸĐ]")
SAYING = {"translate", "lazy", "reason"}
RECORDED = {
    "api/cli/people.py": "what a first administrator is called",
    "api/v1/openapi_examples.py": "what a program might send",
    "api/web/dates.py": "the day in an official document",
    "api/web/environment.py": "the letters of a code",
    "api/web/new_items.py": "the title that a nomination begins with",
    "api/people_sheet.py": "what a list of people says",
    "api/past_award_sheet.py": "what offices call the columns of their sheets",
    "api/web/pages/printing.py": "official documents",
    "api/web/signatures.py": "official documents",
    "workflow/definition/diagrams/bpmn.py": "a file for other programs",
    "workflow/definition/diagrams/scxml_drafts.py": "a file for other programs",
    "workflow/people/names.py": "the alphabet",
    "workflow/context.py": "the letters of a code",
    "workflow/values.py": "letters that a search takes for the same",
    "workflow/definition/document_kinds.py": "official names of documents, and the letters of a symbol",
    "workflow/lookups/agency.py": "what an agency is called at first",
    "notifications/translation/__init__.py": "each language in its own name",
    "api/bootstrap.py": "both languages at once: nothing is installed yet",
}
"""Where Vietnamese stands as it is, for it is recorded, or read by programs."""


def kept_sentences():
    return [each for each in kept() if each.id]


@cache
def asked_for():
    """Return the catalogue as the code asks for it; reading all sources takes seconds."""
    return catalogue()


def original(message):
    return message.id[0] if isinstance(message.id, tuple) else message.id


def places(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_the_catalogue_is_what_the_code_says():
    wanted = {original(each) for each in asked_for() if each.id}
    assert len(wanted) > 1000
    assert wanted == {original(each) for each in kept_sentences()}, (
        "run: python3 -m tests.catalogue, then write the Vietnamese"
    )


def test_every_sentence_has_vietnamese():
    assert [
        original(each) for each in kept_sentences() if not all(in_words(each.string)) or each.fuzzy
    ] == []


def test_a_sentence_about_a_count_has_two_forms_and_others_one():
    wrong = [
        original(each)
        for each in kept_sentences()
        if isinstance(each.id, tuple) != any("{count}" in form for form in in_words(each.id))
    ]
    assert wrong == []


def test_vietnamese_uses_no_place_that_the_sentence_has_not():
    with_places = [each for each in kept_sentences() if places(original(each))]
    wrong = [
        original(each)
        for each in kept_sentences()
        for form in in_words(each.string)
        if not places(form) <= set().union(*map(places, in_words(each.id)))
    ]
    assert wrong == []
    assert len(with_places) > 100


def test_the_program_reads_what_people_wrote():
    people, program = written(asked_for())
    assert people == PO.read_bytes(), "run: python3 -m tests.catalogue"
    assert program == MO.read_bytes(), "run: python3 -m tests.catalogue"


def test_every_sentence_can_be_said():
    for message in kept_sentences():
        plural = message.id[1] if isinstance(message.id, tuple) else ""
        for count in (1, 2):
            template = translated(original(message), plural, count if plural else None)
            assert template in in_words(message.string)


def test_one_and_many_differ_in_english_and_not_in_vietnamese():
    one, many = "{count} working day left", "{count} working days left"
    assert translate(one, many, count=1) == "còn 1 ngày làm việc"
    with speaking("en"):
        assert translate(one, many, count=1) == "1 working day left"
        assert translate(one, many, count=2) == "2 working days left"


def test_a_message_is_translated_when_it_is_read():
    due = lazy("due {before} → {after}", before=lazy("no due day"), after="1/6")
    assert translate(due) == "hạn không hạn → 1/6"
    assert str(due) == "due no due day → 1/6"
    with speaking("en"):
        assert translate(due) == "due no due day → 1/6"


def test_an_unknown_language_is_not_spoken():
    with speaking("fr"):
        assert language() in LANGUAGES
        assert translate("Save") == "Lưu"


def sources() -> Iterator[Path]:
    for package in ("api", "notifications", "workflow"):
        yield from sorted((ROOT / package).rglob("*.py"))


def _written_past(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the Vietnamese of a module that is neither said nor a docstring."""
    said = {
        id(below)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SAYING
        for below in ast.walk(node)
    }
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and VIETNAMESE.search(node.value)
            and id(node) not in said | docs
        ):
            yield node.lineno, node.value


def test_every_exception_is_needed():
    assert [
        name
        for name in RECORDED
        if not list(_written_past(ast.parse((ROOT / name).read_text("utf-8"))))
    ] == []


def test_no_sentence_of_the_code_is_written_past_the_catalogue():
    found = [
        f"{name}:{line} {text[:60]}"
        for path in sources()
        if (name := path.relative_to(ROOT).as_posix()) not in RECORDED
        and "migrations" not in path.parts
        for line, text in _written_past(ast.parse(path.read_text("utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    "path",
    sorted([*ROOT.glob("api/web/templates/**/*.html"), *ROOT.glob("notifications/templates/*")]),
    ids=lambda path: path.name,
)
def test_no_sentence_of_a_page_is_written_past_the_catalogue(path):
    official = {"paper.html", "print.html"}
    if path.name in official:
        return
    text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    text = re.sub(r"""translate\(("[^"]*"|'[^']*')""", "translate(", text)
    assert VIETNAMESE.findall(text) == []


def test_an_office_calls_nobody_by_a_friends_pronoun():
    said = [form for each in kept_sentences() for form in in_words(each.string)]
    assert len(said) > 3000
    assert [each for each in said if re.search(r"\bbạn\b", each, re.IGNORECASE)] == []
