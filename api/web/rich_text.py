"""Rich text of an item: CommonMark to HTML, without HTML of its own, links or pictures: nothing in it leads anywhere."""

_PAGE_HEADINGS = 3
"""Headings of a text stand below those of the page that shows it."""
_DEEPEST = 6


def rich(text: str) -> str:
    """Return ``text`` as HTML that is safe to show: the writer escapes all that is typed."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - for the few definitions that have rich text

    writer = MarkdownIt("commonmark", {"html": False}).disable(
        ["image", "link", "autolink", "reference"]
    )
    tokens = writer.parse(text)
    for token in tokens:
        if token.type.startswith("heading"):
            token.tag = f"h{min(_DEEPEST, int(token.tag[1]) + _PAGE_HEADINGS)}"
    return str(writer.renderer.render(tokens, writer.options, {}))
