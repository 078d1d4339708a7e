"""Time-stamps (RFC 3161): by whose word, and since when at the latest, a checkpoint was there.

Owns what is asked of an authority and what makes its answer good: that it is about this note, and
signed under a certificate that the agency trusts. Pure; nothing is sent from here.
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

LARGEST_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is sent to an authority, and the number by which its answer is known."""

    body: bytes
    nonce: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampAuthority:
    """Whose time-stamps are believed: those under one of these certificates."""

    certificates: tuple[x509.Certificate, ...]

    @classmethod
    def from_pem(cls, pem: bytes) -> "TimestampAuthority":
        """Return the authority of a file of certificates (PEM). Raises ValueError."""
        return cls(certificates=tuple(x509.load_pem_x509_certificates(pem)))

    def stamped_at(self, answer: bytes, note: str, nonce: int | None = None) -> datetime:
        """Return when the authority says that ``note`` was there.

        ``nonce``: of the question, where it has just been asked. Raises ValueError where the answer
        is none, is about something else, or is not signed under a certificate of the authority.
        """
        found = decode_timestamp_response(answer)
        builder = VerifierBuilder(nonce=nonce)
        for each in self.certificates:
            builder = (
                builder.add_root_certificate(each)
                if each.issuer == each.subject
                else builder.add_intermediate_certificate(each)
            )
        try:
            builder.build().verify_message(found, note.encode())
        except VerificationError as exc:
            # What the library says behind it is the stack of another one.
            raise ValueError(str(exc).partition(": ErrorStack")[0]) from exc
        return found.tst_info.gen_time


def question(note: str) -> Question:
    """Return what is asked about the text of a checkpoint: its hash goes out, nothing else."""
    request = (
        TimestampRequestBuilder()
        .data(note.encode())
        .hash_algorithm(HashAlgorithm.SHA256)
        .cert_request(cert_request=True)
        .build()
    )
    return Question(body=request.as_bytes(), nonce=request.nonce or 0)
