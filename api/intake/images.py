"""Judge pictures by what decoding them would take: their declared size, never by decoding them."""

from collections.abc import Iterator

from api.intake.problems import Problem

_PIXELS = 100_000_000
_SIDE = 60_000
_SCANS = 100
_PNG_HEAD = 29
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8), 0xD8})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN, _END = 0xDA, 0xD9


def image_problems(kind: str, content: bytes) -> list[Problem]:
    """Return what speaks against a PNG or JPEG."""
    sizes = list(_png_sizes(content)) if kind == "png" else list(_jpeg_sizes(content))
    if not sizes or any(not width or not height for width, height in sizes):
        return [("content", kind)]
    if any(width * height > _PIXELS or max(width, height) > _SIDE for width, height in sizes):
        return [("pixels", "")]
    return []


def _png_sizes(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield the size in the first chunk, which must be IHDR (PNG, third edition, §11.2.1)."""
    if len(content) < _PNG_HEAD or content[12:16] != b"IHDR" or content[25] not in _PNG_CHANNELS:
        return
    yield int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def _jpeg_sizes(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield the size of every frame, from marker to marker (ITU-T T.81 §B.1)."""
    at, scans = 2, 0
    while (at := content.find(b"\xff", at)) >= 0 and at + 4 <= len(content):
        marker = content[at + 1]
        if marker in {0x00, 0xFF} or marker in _ALONE:
            at += 1 if marker == 0xFF else 2  # noqa: PLR2004 - a fill byte
            continue
        if marker == _END:
            return
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        if marker in _FRAMES:
            yield (
                int.from_bytes(content[at + 7 : at + 9], "big"),
                int.from_bytes(content[at + 5 : at + 7], "big"),
            )
        scans += marker == _START_OF_SCAN
        if scans > _SCANS:
            yield _SIDE + 1, 1  # each scan costs a pass over the whole picture
            return
        at += 2 + length
