"""QR codes for paper.

Owns the use of segno. Level M (15 % may be lost): paper is copied, folded and stamped on.
"""

import io

import segno


def qr_svg(text: str) -> str:
    """Return the QR code of ``text`` as SVG, with the quiet zone that readers need."""
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(out, kind="svg", border=4, xmldecl=False)
    return out.getvalue().decode()
