"""CommonMark as HTML: the rich text of items, and the pages of help.

What is typed as HTML is shown as it was typed. Rich text has no links or pictures: nothing in it
leads anywhere.
"""

from markdown_it import MarkdownIt

_PAGE_HEADINGS = 3
"""Headings of a text stand below those of the page that shows it."""
_DEEPEST = 6


def commonmark(text: str) -> str:
    """Return a text of our own as HTML; HTML in it is escaped."""
    return str(_writer().render(text))


def rich(text: str) -> str:
    """Return ``text`` as HTML that is safe to show: the writer escapes all that is typed."""
    writer = _writer().disable(["image", "link", "autolink", "reference"])
    tokens = writer.parse(text)
    for token in tokens:
        if token.type.startswith("heading"):
            token.tag = f"h{min(_DEEPEST, int(token.tag[1]) + _PAGE_HEADINGS)}"
    return str(writer.renderer.render(tokens, writer.options, {}))


def _writer() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})
