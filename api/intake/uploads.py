"""Judge one file that somebody attaches: runs in the child.

Owns which judge looks at which kind; the sentences stand in ``checks``.
"""

from api.intake.images import image_problems
from api.intake.office import office_problems
from api.intake.pdf import pdf_problems
from api.intake.problems import Problem


def problems_of(name: str, content: bytes) -> list[Problem]:
    """Return what speaks against a file whose name says its kind."""
    kind = name.rpartition(".")[2].lower()
    if kind == "pdf":
        return pdf_problems(content)
    if kind in {"docx", "xlsx"}:
        return office_problems(kind, content)
    return image_problems(kind, content)
