"""The agency's digital signature on a document that is signed already, as pyHanko makes it.

Owns where the seal stands (NĐ 30/2020/NĐ-CP, Phụ lục I: over the left third of the signature). The
file is a stranger's: this runs in the child process of ``api.intake``, which is handed the key.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from tempfile import NamedTemporaryFile

import pikepdf
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer, SimpleSigner
from pyhanko.stamp import StaticStampStyle

FIELD = "Chu_ky_co_quan"
SEAL_POINTS = 102.0
"""A seal of 36 mm, its real size."""
_COVERED = 1 / 3
_Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealPlace:
    """Where a seal stands: the number of its page from 0, and its box in points."""

    page: int
    box: _Box


def from_pkcs12(file: bytes, password: str) -> Signer:
    """Return who signs with the key in a PKCS#12 file. Raises ValueError if it cannot be read."""
    found: SimpleSigner | None = SimpleSigner.load_pkcs12_data(
        file, (), passphrase=password.encode()
    )
    if found is None:
        raise ValueError("the PKCS#12 file cannot be read")
    return found


def seal(content: bytes, signer: Signer, *, over: int, drawn: bytes) -> bytes:
    """Return what is to be added behind ``content`` for the agency's signature (PAdES).

    ``over``: the number of the signature, from 0, beside which the seal stands; ``drawn``: the
    seal as a PDF of one page. Where that signature shows nothing, the seal shows nothing either.
    """
    place = _place(content, _name_of_signature(content, over))
    with NamedTemporaryFile(suffix=".pdf") as page:
        page.write(drawn)
        page.flush()
        style = StaticStampStyle.from_pdf_file(page.name, border_width=0)
        out = io.BytesIO()
        PdfSigner(
            PdfSignatureMetadata(field_name=FIELD, subfilter=SigSeedSubFilter.PADES),
            signer=signer,
            stamp_style=style if place else None,
            new_field_spec=SigFieldSpec(
                sig_field_name=FIELD,
                on_page=place.page if place else 0,
                box=place.box if place else None,
            ),
        ).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)), output=out)
    made = out.getvalue()
    if not made.startswith(content):
        raise ValueError("the signature changed what was signed")
    return made[len(content) :]


def _place(content: bytes, name: str) -> SealPlace | None:
    """Return where the seal stands: over the left third of the box of the signature ``name``."""
    with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as document:
        for number, page in enumerate(document.pages):
            for each in page.obj.get("/Annots", ()):
                if _name_of(each) == name:
                    box = [float(side) for side in each.get("/Rect", (0, 0, 0, 0))]
                    return _over(number, box) if box[0] != box[2] and box[1] != box[3] else None
    return None


def _name_of(field: pikepdf.Object) -> str:
    named = field if "/T" in field else field.get("/Parent", field)
    return str(named.get("/T", ""))


def _over(page: int, box: Sequence[float]) -> SealPlace:
    left, right = sorted((box[0], box[2]))
    end = max(left + (right - left) * _COVERED, SEAL_POINTS)
    low = max((box[1] + box[3] - SEAL_POINTS) / 2, 0)
    sides = (end - SEAL_POINTS, low, end, low + SEAL_POINTS)
    first, second, third, fourth = (round(each) for each in sides)
    return SealPlace(page=page, box=(first, second, third, fourth))


def _name_of_signature(content: bytes, number: int) -> str:
    reader = PdfFileReader(io.BytesIO(content))
    signatures = sorted(reader.embedded_regular_signatures, key=lambda each: each.signed_revision)
    return str(signatures[number].field_name)
