"""Whether two PDFs show the same, page by page, beside what signatures show.

Owns what counts as the same: size, what is drawn and with what, and every annotation but the
boxes of signatures, which may not cover much. How a file is written counts for nothing, so a
program may have written it anew before it was signed.
"""

import hashlib
import io
from decimal import Decimal

import pikepdf

_STAMP_SHARE = 0.2
"""The most of a page that one signature may cover; a red seal of real size covers a fortieth."""
_ASIDE = {"/Parent", "/P", "/StructParent", "/StructParents", "/Length", "/Filter", "/DecodeParms"}
"""Where a thing stands and how it is packed: not what is drawn."""
_BOXES = ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Resources")
_DEEPEST = 100
_Step = tuple[str, bytes]


def shows_the_same(produced: bytes, other: bytes) -> bool:
    """Return whether every page of ``other`` shows what that of ``produced`` does.

    Raises pikepdf.PdfError or ValueError where one of them cannot be read.
    """
    with (
        pikepdf.open(io.BytesIO(produced), suppress_warnings=True) as first,
        pikepdf.open(io.BytesIO(other), suppress_warnings=True) as second,
    ):
        return len(first.pages) == len(second.pages) and _page_digests(first) == _page_digests(
            second
        )


def _page_digests(document: pikepdf.Pdf) -> list[bytes]:
    graph = _Graph()
    layers = graph.digest(document.Root.get("/OCProperties"))
    return [layers, *(_page(each, graph) for each in document.pages)]


class _Graph:
    """Digests of objects with all that they refer to, each object looked at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bytes] = {}
        self._open: list[tuple[int, int]] = []

    def digest(self, value: object) -> bytes:
        """Return the digest of a thing, wherever in the file its parts stand."""
        if not isinstance(value, pikepdf.Object) or not value.is_indirect:
            return self._digest(value)
        number = value.objgen
        if number in self._open:
            return str(len(self._open) - self._open.index(number)).encode()
        if number not in self._known:
            self._open.append(number)
            self._known[number] = self._digest(value)
            self._open.pop()
        return self._known[number]

    def _digest(self, value: object) -> bytes:
        found = hashlib.sha256()
        if isinstance(value, pikepdf.Array):
            found.update(b"[")
            for each in value:
                found.update(self.digest(each))
        elif isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
            for name, each in sorted(value.items()):
                if name not in _ASIDE:
                    found.update(name.encode())
                    found.update(self.digest(each))
            if isinstance(value, pikepdf.Stream):
                found.update(b"stream")
                found.update(value.read_bytes())
        elif isinstance(value, (int, Decimal, float)) and not isinstance(value, bool):
            found.update(str(Decimal(value).normalize()).encode())
        else:
            found.update(repr(value).encode())
        return found.digest()


def _page(page: pikepdf.Page, graph: _Graph) -> bytes:
    found = hashlib.sha256()
    for name in _BOXES:
        found.update(graph.digest(_inherited(page.obj, name)))
    for operator, operands in _drawn(page, graph):
        found.update(operator.encode() + b" " + operands)
    for each in page.obj.get("/Annots", ()):
        if not _is_stamp(each, page):
            found.update(graph.digest(each))
    return found.digest()


def _inherited(node: pikepdf.Object | None, name: str) -> pikepdf.Object | None:
    """Return what a page or field says by that name, or what stands above it says."""
    for _ in range(_DEEPEST):
        if node is None or name in node:
            break
        node = node.get("/Parent")
    return None if node is None else node.get(name)


def _drawn(page: pikepdf.Page, graph: _Graph) -> list[_Step]:
    """Return what a page draws, without the brackets that programs put around all of it."""
    steps: list[_Step] = []
    for each in pikepdf.parse_content_stream(page):
        if isinstance(each, pikepdf.ContentStreamInlineImage):
            steps.append((str(each.operator), hashlib.sha256(each.iimage.unparse()).digest()))
        else:
            operands = b"".join(graph.digest(operand) for operand in each.operands)
            steps.append((str(each.operator), operands))
    while len(steps) > 1 and steps[0][0] == "q" and _closes_at_end(steps):
        steps = steps[1:-1]
    return steps


def _closes_at_end(steps: list[_Step]) -> bool:
    depth = 0
    for place, (operator, _) in enumerate(steps):
        depth += {"q": 1, "Q": -1}.get(operator, 0)
        if depth == 0:
            return place == len(steps) - 1
    return False


def _is_stamp(annotation: pikepdf.Object, page: pikepdf.Page) -> bool:
    """Return whether it is the box of a signature, of a size that hides nothing much."""
    if annotation.get("/Subtype") != "/Widget" or _inherited(annotation, "/FT") != "/Sig":
        return False
    left, low, right, high = (float(each) for each in annotation.get("/Rect", (0, 0, 0, 0)))
    x, y, wide, tall = (float(each) for each in page.mediabox)
    return abs((right - left) * (high - low)) <= _STAMP_SHARE * abs((wide - x) * (tall - y))
