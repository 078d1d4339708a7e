"""Keys, authorities and signed files for tests, made once for whoever asks.

``pki`` makes an authority with its people; ``signed`` signs as the tools of agencies do.
"""

import io
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pikepdf
import pkcs11
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pkcs11.util.x509 import decode_x509_certificate
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers, timestamps
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from api.bootstrap import ROOT
from workflow.documents.typesetting import FONTS, typeset

AT = datetime(2022, 6, 1, 3, 0, tzinfo=UTC)
"""When tests look at signatures."""
APPROVER, AGENCY = "Trần Đức Bình", "Sở Ngoại vụ tỉnh Lâm Giang"
_EARLIER, _LATER = AT - timedelta(days=400), AT + timedelta(days=400)
_TEMPLATE = """#let data = json(bytes(sys.inputs.data))
#set page(paper: "a4")
#set text(font: "Tinos", size: 14pt, lang: "vi")
= TỜ TRÌNH
#data.text
"""


@dataclass(frozen=True)
class Holder:
    """A key with the certificate for it, and that of its authority."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    certificate: x509.Certificate
    issuer: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def signer(self) -> signers.SimpleSigner:
        chain = SimpleCertificateStore.from_certs([_plain(self.issuer)])
        return signers.SimpleSigner(
            signing_cert=_plain(self.certificate),
            signing_key=_plain_key(self.key),
            cert_registry=chain,
        )


def _plain(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _plain_key(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> asn1_keys.PrivateKeyInfo:
    return asn1_keys.PrivateKeyInfo.load(
        key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


class Authority:
    """An authority that certifies people, agencies and time-stampers, and revokes them."""

    def __init__(self, name: str = "CA thử nghiệm") -> None:
        self.root = _certified(name, is_authority=True)

    def certify(
        self,
        name: str,
        *,
        email: str = "",
        ends: datetime = _LATER,
        stamps: bool = False,
    ) -> Holder:
        return _certified(name, issuer=self.root, email=email, ends=ends, stamps=stamps)

    def revoked(
        self, *gone: Holder, at: datetime = AT - timedelta(days=30), now: datetime = AT
    ) -> bytes:
        """Return the list of what was revoked, as PEM."""
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.root.certificate.subject)
            .last_update(now - timedelta(days=1))
            .next_update(now + timedelta(days=7))
        )
        for each in gone:
            made = made.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(each.certificate.serial_number)
                .revocation_date(at)
                .build()
            )
        made = made.add_extension(x509.CRLNumber(1), critical=False).add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.root.key.public_key()),
            critical=False,
        )
        return made.sign(self.root.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _certified(
    name: str,
    *,
    issuer: Holder | None = None,
    email: str = "",
    ends: datetime = _LATER,
    is_authority: bool = False,
    stamps: bool = False,
) -> Holder:
    # The library's stamper of tests signs with RSA alone.
    key = (
        rsa.generate_private_key(65537, 2048) if stamps else ec.generate_private_key(ec.SECP256R1())
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by = issuer.key if issuer else key
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_EARLIER)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False
        )
        .add_extension(_usage(is_authority=is_authority), critical=True)
    )
    if email:
        made = made.add_extension(
            x509.SubjectAlternativeName([x509.RFC822Name(email)]), critical=False
        )
    if stamps:
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        made = made.add_extension(stamping, critical=True)
    certificate = made.sign(by, hashes.SHA256())
    return Holder(
        key=key, certificate=certificate, issuer=issuer.certificate if issuer else certificate
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def self_made(name: str) -> Holder:
    """Return somebody who certified themselves."""
    return _certified(name)


@cache
def produced(text: str = "Đề nghị tặng Bằng khen cho ông Lê Văn An.") -> bytes:
    """Return a document as the program makes it."""
    with TemporaryDirectory() as folder:
        template = Path(folder) / "t.typ"
        template.write_text(_TEMPLATE, "utf-8")
        fonts = ROOT / "definitions" / "documents" / FONTS
        return typeset(template, {"text": text}, fonts=fonts, at=AT)


def signed(
    content: bytes,
    holder: Holder,
    *,
    field: str = "Chu_ky_1",
    old: bool = False,
    stamper: Holder | None = None,
    box: tuple[int, int, int, int] = (300, 100, 500, 180),
    md_algorithm: str = "sha256",
) -> bytes:
    """Return ``content`` with a further signature, PAdES or ``old`` PKCS#7, that is shown."""
    meta = signers.PdfSignatureMetadata(
        field_name=field,
        md_algorithm=md_algorithm,
        subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED if old else SigSeedSubFilter.PADES,
    )
    clock = None
    if stamper is not None:
        clock = timestamps.DummyTimeStamper(
            tsa_cert=_plain(stamper.certificate),
            tsa_key=_plain_key(stamper.key),
            fixed_dt=AT - timedelta(days=2),
            certs_to_embed=SimpleCertificateStore.from_certs([_plain(stamper.issuer)]),
        )
    signer = signers.PdfSigner(
        meta,
        signer=holder.signer(),
        timestamper=clock,
        new_field_spec=SigFieldSpec(sig_field_name=field, on_page=0, box=box),
    )
    out = io.BytesIO()
    signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)), output=out)
    return out.getvalue()


def tampered(content: bytes) -> bytes:
    """Return ``content`` with one byte changed that is signed: a digit of the page's size."""
    place = content.index(b"/MediaBox")
    place += next(i for i, each in enumerate(content[place:]) if chr(each) in "123456789")
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def updated(content: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """Return ``content`` with what ``change`` does to it added behind its end."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def first_page(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    node = writer.root["/Pages"]
    while "/Kids" in node:
        node = node["/Kids"][0]
    return node


def drawn_over(content: bytes) -> bytes:
    """Return ``content`` with an update that draws a white field over its first page."""

    def draw(writer: IncrementalPdfFileWriter) -> None:
        page = first_page(writer)
        white = generic.StreamObject(stream_data=b"q 1 1 1 rg 50 600 400 150 re f Q")
        before = page.raw_get("/Contents")
        parts = before.get_object()
        kept = list(parts) if isinstance(parts, generic.ArrayObject) else [before]
        page["/Contents"] = generic.ArrayObject([*kept, writer.add_object(white)])
        writer.update_container(page)

    return updated(content, draw)


def prepared_to_replace(content: bytes) -> bytes:
    """Return ``content`` with a page that nobody sees yet, for an attack after the signing."""

    def hide(writer: IncrementalPdfFileWriter) -> None:
        shown = first_page(writer)
        other = generic.DictionaryObject({name: shown.raw_get(name) for name in shown})
        text = generic.StreamObject(stream_data=b"q 1 0 0 rg 50 600 400 150 re f Q")
        other["/Contents"] = writer.add_object(text)
        writer.root["/PieceInfo"] = generic.DictionaryObject(
            {pdf_name("/Other"): writer.add_object(other)}
        )
        writer.update_root()

    return updated(content, hide)


def replaced(content: bytes) -> bytes:
    """Return what was prepared to replace with the hidden page in the place of the signed one."""

    def swap(writer: IncrementalPdfFileWriter) -> None:
        pages = writer.root["/Pages"]
        pages["/Kids"] = generic.ArrayObject([writer.root["/PieceInfo"].raw_get("/Other")])
        writer.update_container(pages["/Kids"])

    return updated(content, swap)


def covered(content: bytes) -> bytes:
    """Return ``content`` with a note that covers its text, to be hidden after the signing."""

    def cover(writer: IncrementalPdfFileWriter) -> None:
        page = first_page(writer)
        look = generic.StreamObject(
            dict_data={
                pdf_name("/Type"): pdf_name("/XObject"),
                pdf_name("/Subtype"): pdf_name("/Form"),
                pdf_name("/BBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 400, 150))),
            },
            stream_data=b"1 1 1 rg 0 0 400 150 re f",
        )
        note = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/Stamp"),
                pdf_name("/Rect"): generic.ArrayObject(
                    map(generic.NumberObject, (50, 600, 450, 750))
                ),
                pdf_name("/F"): generic.NumberObject(4),
                pdf_name("/AP"): generic.DictionaryObject(
                    {pdf_name("/N"): writer.add_object(look)}
                ),
            }
        )
        page["/Annots"] = generic.ArrayObject([writer.add_object(note)])
        writer.update_container(page)

    return updated(content, cover)


def uncovered(content: bytes) -> bytes:
    """Return ``content`` with its first note hidden."""

    def hide(writer: IncrementalPdfFileWriter) -> None:
        note = first_page(writer)["/Annots"][0].get_object()
        note["/F"] = generic.NumberObject(2)
        writer.update_container(note)

    return updated(content, hide)


def written_anew(content: bytes) -> bytes:
    """Return ``content`` as another program writes the same pages."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, linearize=True)
    return out.getvalue()


def key_file(holder: Holder, password: str) -> bytes:
    """Return a key with its certificates as agencies keep them in a file."""
    return pkcs12.serialize_key_and_certificates(
        b"con-dau",
        holder.key,
        holder.certificate,
        [holder.issuer],
        serialization.BestAvailableEncryption(password.encode()),
    )


def in_token(holder: Holder, folder: Path) -> str | None:
    """Return the URI of a token of SoftHSM in ``folder`` that holds a key; None without SoftHSM.

    Its tools and its library read ``SOFTHSM2_CONF``, which names ``folder / "softhsm2.conf"``.
    """
    library = next(iter(Path("/usr/lib").glob("**/libsofthsm2.so")), None)
    program = shutil.which("softhsm2-util")
    if library is None or program is None:
        return None
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    plain = folder / "key.pem"
    plain.write_bytes(
        holder.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    for words in (
        "--init-token --free --label so --pin 4321 --so-pin 8765",
        f"--import {plain} --token so --label con-dau --id 01 --pin 4321",
    ):
        subprocess.run([program, *words.split()], check=True, capture_output=True)
    token = pkcs11.lib(str(library)).get_token(token_label="so")
    with token.open(user_pin="4321", rw=True) as session:
        der = holder.certificate.public_bytes(serialization.Encoding.DER)
        said = {pkcs11.Attribute.LABEL: "con-dau", pkcs11.Attribute.TOKEN: True}
        session.create_object({**decode_x509_certificate(der), **said})
    return f"pkcs11:token=so;object=con-dau?module-path={library}"
