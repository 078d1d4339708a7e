"""Judge one file that somebody attaches: runs in the child.

Owns which judge looks at which kind. Answers a list of ``[code, detail]``, empty for an ordinary file; the sentences stand in ``checks``.
"""

from api.intake.problems import Problem


def problems_of(name: str, content: bytes) -> list[Problem]:
    """Return what speaks against a file whose name says its kind."""
    kind = name.rpartition(".")[2].lower()
    if kind == "pdf":
        from api.intake.pdf import pdf_problems  # noqa: PLC0415 - each child loads only what it needs

        return pdf_problems(content)
    if kind in {"docx", "xlsx"}:
        from api.intake.office import office_problems  # noqa: PLC0415 - likewise

        return office_problems(kind, content)
    from api.intake.images import image_problems  # noqa: PLC0415 - likewise

    return image_problems(kind, content)
