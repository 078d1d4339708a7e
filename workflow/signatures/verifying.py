"""What the digital signatures in a PDF are worth, as pyHanko finds it; the network is never asked.

Owns the translation of what the library finds into the codes of ``workflow.verdicts``. Files are
strangers': this runs in the child process of ``api.intake``.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import pikepdf
from asn1crypto import crl, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESFailure, AdESIndeterminate, AdESSubIndic
from pyhanko.sign.diff_analysis import DiffResult
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleTrustManager

from workflow.signatures.pages import shows_the_same
from workflow.values import replaced
from workflow.verdicts import (
    UNREADABLE,
    FoundInFile,
    FoundSignature,
    JudgedSignature,
    Sameness,
    SignerRole,
    Soundness,
    Trust,
)

_Asn1 = TypeVar("_Asn1")
_MOST = 20
"""So many signatures are judged; a document has two or three."""
_LONGEST = 200
_FORMS = {"/ETSI.CAdES.detached": "pades", "/adbe.pkcs7.detached": "pkcs7"}
_WHOLE = {SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION}
_TRUST: dict[AdESSubIndic, Trust] = {
    AdESFailure.REVOKED: Trust.REVOKED,
    AdESIndeterminate.REVOKED_NO_POE: Trust.REVOKED,
    AdESIndeterminate.REVOKED_CA_NO_POE: Trust.REVOKED,
    AdESIndeterminate.REVOCATION_OUT_OF_BOUNDS_NO_POE: Trust.REVOKED,
    AdESFailure.NOT_YET_VALID: Trust.EXPIRED,
    AdESIndeterminate.NOT_YET_VALID: Trust.EXPIRED,
    AdESIndeterminate.EXPIRED: Trust.EXPIRED,
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE: Trust.EXPIRED,
    AdESIndeterminate.OUT_OF_BOUNDS_NOT_REVOKED: Trust.EXPIRED,
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE: Trust.WEAK,
    AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: Trust.WEAK,
    AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND: Trust.UNKNOWN,
    AdESIndeterminate.CERTIFICATE_CHAIN_GENERAL_FAILURE: Trust.UNKNOWN,
}
_SIGNS = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What a file is judged by: documents of the program, what is trusted, what was revoked.

    ``trusted`` and ``revoked``: certificates and lists of revoked ones (CRL), each PEM or DER.
    """

    at: datetime
    produced: Sequence[bytes] = ()
    trusted: Sequence[bytes] = ()
    revoked: Sequence[bytes] = ()


def judge_file(content: bytes, judging: Judging) -> FoundInFile:
    """Return what the signatures in ``content`` are worth, and whether it is a document made here.

    A file that cannot be read has one signature, which cannot be read.
    """
    try:
        signatures = _signatures(content)
        found = tuple(_judged(each, judging) for each in signatures)
    except Exception:  # noqa: BLE001 - whatever a hostile file does to the library
        found = (UNREADABLE,)
    return FoundInFile(document=_sameness(content, judging.produced), signatures=found)


def _signatures(content: bytes) -> list[EmbeddedPdfSignature]:
    reader = PdfFileReader(io.BytesIO(content), strict=True)
    signatures = list(reader.embedded_regular_signatures)
    if len(signatures) > _MOST:
        raise ValueError(len(signatures))
    return sorted(signatures, key=lambda each: each.signed_revision)


def _judged(signature: EmbeddedPdfSignature, judging: Judging) -> FoundSignature:
    form = _FORMS.get(str(signature.sig_object.get("/SubFilter")), "")
    if not form:
        return UNREADABLE
    stamp = _status(signature, judging, judging.at).timestamp_validity
    stamped = stamp.timestamp if stamp is not None and stamp.trusted else None
    status = _status(signature, judging, stamped or judging.at, revocation="require")
    is_known = _trust_of(status) in {Trust.TRUSTED, Trust.REVOKED}
    if not is_known:
        status = _status(signature, judging, stamped or judging.at)
    certificate = signature.signer_cert
    soundness = _soundness(signature, status)
    trust = _trust(status, judging) if soundness is not Soundness.BROKEN else Trust.UNCHECKED
    return FoundSignature(
        judged=JudgedSignature(
            role=SignerRole.OTHER,
            soundness=soundness,
            trust=trust,
            form=form,
            serial=f"{certificate.serial_number:x}",
            anchor=_anchor(status) if trust is Trust.TRUSTED else "",
            signed_at=_written(status.signer_reported_dt),
            stamped_at=_written(stamped),
            revocation_known=is_known and trust in {Trust.TRUSTED, Trust.REVOKED},
        ),
        name=_attribute_of(certificate.subject, "common_name"),
        addresses=tuple(_addresses(certificate)),
        issuer=_attribute_of(certificate.issuer, "common_name")
        or _one_line(certificate.issuer.human_friendly),
    )


def _status(
    signature: EmbeddedPdfSignature,
    judging: Judging,
    moment: datetime,
    *,
    revocation: str = "soft-fail",
) -> PdfSignatureStatus:
    context = ValidationContext(
        trust_manager=SimpleTrustManager.build(trust_roots=_certificates(judging.trusted)),
        crls=_lists(judging.revoked),
        moment=moment,
        allow_fetching=False,
        revocation_mode=revocation,
        retroactive_revinfo=True,
    )
    return validate_pdf_signature(
        signature,
        signer_validation_context=context,
        key_usage_settings=_SIGNS,
        skip_diff=signature.diff_result is not None,
    )


def _soundness(signature: EmbeddedPdfSignature, status: PdfSignatureStatus) -> Soundness:
    if not status.intact or not status.valid or status.coverage not in _WHOLE:
        return Soundness.BROKEN
    return Soundness.INTACT if _is_as_signed(signature, status) else Soundness.CHANGED


def _is_as_signed(signature: EmbeddedPdfSignature, status: PdfSignatureStatus) -> bool:
    """Return whether later updates add signatures and proofs alone: no text of a form either."""
    if not status.docmdp_ok:
        return False
    signed = {each.field_name for each in signature.reader.embedded_signatures}
    diff = status.diff_result
    return not isinstance(diff, DiffResult) or diff.changed_form_fields <= signed


def _trust(status: PdfSignatureStatus, judging: Judging) -> Trust:
    found = _trust_of(status)
    if found not in {Trust.TRUSTED, Trust.REVOKED} and status.signing_cert.self_signed != "no":
        return Trust.SELF_SIGNED
    if found is not Trust.UNKNOWN:
        return found
    return Trust.UNKNOWN if judging.trusted else Trust.UNANCHORED


def _trust_of(status: PdfSignatureStatus) -> Trust:
    if status.trusted:
        return Trust.TRUSTED
    if status.revoked:
        return Trust.REVOKED
    if status.trust_problem_indic is None:
        return Trust.UNKNOWN
    return _TRUST.get(status.trust_problem_indic, Trust.UNFIT)


def _anchor(status: PdfSignatureStatus) -> str:
    path = status.validation_path
    return path.first.sha256.hex() if path is not None else ""


def _certificates(files: Iterable[bytes]) -> Iterator[x509.Certificate]:
    return _loaded(x509.Certificate.load, files)


def _lists(files: Iterable[bytes]) -> Iterator[crl.CertificateList]:
    return _loaded(crl.CertificateList.load, files)


def _loaded(load: Callable[..., _Asn1], files: Iterable[bytes]) -> Iterator[_Asn1]:
    """Yield what ``files`` hold; one that cannot be read vouches for nothing."""
    for each in files:
        with suppress(ValueError, TypeError):
            yield from [load(raw, strict=True) for raw in _blocks(each)]


def _blocks(file: bytes) -> list[bytes]:
    if not pem.detect(file):
        return [file]
    return [raw for _, _, raw in pem.unarmor(file, multiple=True)]


def _addresses(certificate: x509.Certificate) -> Iterator[str]:
    if said := _attribute_of(certificate.subject, "email_address"):
        yield said
    for each in certificate.subject_alt_name_value or ():
        if each.name == "rfc822_name":
            yield str(each.native)


def _attribute_of(name: x509.Name, what: str) -> str:
    """Return what a name says, the last where it says it several times."""
    said = name.native.get(what, "")
    last = said[-1] if isinstance(said, list) else said
    return _one_line(str(last or ""))


def _one_line(said: str) -> str:
    """Return on one line what a stranger's certificate says, as it can be kept and is read."""
    return " ".join(replaced(said).split())[:_LONGEST]


def _written(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _sameness(content: bytes, produced: Sequence[bytes]) -> Sameness:
    if not produced:
        return Sameness.UNKNOWN
    for each in produced:
        try:
            is_same = shows_the_same(each, content)
        except (pikepdf.PdfError, ValueError, ArithmeticError, TypeError, RecursionError):
            is_same = False
        if is_same:
            return Sameness.SAME if content.startswith(each) else Sameness.PAGES
    return Sameness.OTHER
