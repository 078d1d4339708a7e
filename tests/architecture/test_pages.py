"""Each page's values are one type, and its template uses exactly them."""

import re
import sys
from dataclasses import fields

import pytest
from jinja2 import meta, nodes

import api.web.routes  # noqa: F401 - all pages are there once it is loaded
from api.web import environment, rendering

_ENVIRONMENT = environment.templates()
_FRAME = {each.name for each in fields(rendering.Frame)}


def _pages(kind=rendering.Page):
    """Yield every page that has a template; a class with slots has a twin that nothing names."""
    for each in kind.__subclasses__():
        if getattr(sys.modules[each.__module__], each.__name__) is each:
            if hasattr(each, "template"):
                yield each
            yield from _pages(each)


PAGES = tuple(_pages())
TEMPLATES = sorted(each.name for each in environment._TEMPLATES.glob("*.html"))


def _used(template):
    """Return the names that a template takes from its page, and the templates that it extends."""
    source, _, _ = _ENVIRONMENT.loader.get_source(_ENVIRONMENT, template)
    tree = _ENVIRONMENT.parse(source)
    names = meta.find_undeclared_variables(tree) - set(_ENVIRONMENT.globals) - _pieces(tree)
    names.discard("self")
    parents = [each.template.value for each in tree.find_all(nodes.Extends)]
    for parent in tuple(parents):
        more, above = _used(parent)
        names, parents = names | more, [*parents, *above]
    return names, parents


def _pieces(tree):
    """Return the names of a template's pieces: imported, or macros of its own."""
    whole = {each.target for each in tree.find_all(nodes.Import)}
    whole |= {each.name for each in tree.find_all(nodes.Macro)}
    return whole.union(*(each.names for each in tree.find_all(nodes.FromImport)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_a_template_uses_what_its_page_holds_and_nothing_else(page):
    used, parents = _used(page.template)
    given = {each.name for each in fields(page)}
    assert page.__dataclass_params__.frozen
    assert used - (_FRAME if "frame.html" in parents else set()) == given


def test_every_page_has_one_type():
    own = {each.template for each in PAGES}
    framed = {each for each in TEMPLATES if _used(each)[1]}
    assert len(own) == len(PAGES)
    assert framed == own


LEAD_ON = {"flash", "errors", "hints", "sign_in", "sign_in_code", "demo", "languages"}
"""What redirects in silence: signing in, what shows itself, and who does it for all the others."""


def test_a_page_that_changes_something_leads_on_with_a_flash():
    sources = environment._TEMPLATES.parent.rglob("*.py")
    redirecting = {each.stem for each in sources if "RedirectResponse(" in each.read_text("utf-8")}
    assert redirecting == LEAD_ON


def test_no_control_speaks_the_browsers_language():
    kinds = re.compile(r'type="(date|datetime-local|time|month|week|number|color|range)"')
    for name in TEMPLATES:
        files = (environment._TEMPLATES / name).read_text("utf-8").count('type="file"')
        assert not files or name == "pieces.html", "a file is chosen by the piece"
        assert not kinds.search((environment._TEMPLATES / name).read_text("utf-8")), name


def test_what_a_form_requires_the_server_says_and_not_the_browser():
    forms = re.compile(r"<form\b((?:\"[^\"]*\"|[^\">])*)>(.*?)</form>", re.DOTALL)
    for name in TEMPLATES:
        for tag, inside in forms.findall((environment._TEMPLATES / name).read_text("utf-8")):
            assert "novalidate" in tag or "required" not in inside, name
