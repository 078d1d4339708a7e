"""What is found of the digital signatures in a file, in codes and values that history keeps.

Owns the choices and what each demand of an agency asks of them. The sentences stand where they are
read; whoever a signature names stands in erasable texts beside the entry.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum, auto


class SignerRole(StrEnum):
    """Whom a signature names, by its certificate's address or name."""

    APPROVER = auto()
    """Who signed the item here."""
    AGENCY = auto()
    OTHER = auto()


class Soundness(StrEnum):
    """Whether what was signed is as it was."""

    INTACT = auto()
    BROKEN = auto()
    """What is signed was changed, or the signature is not its key's."""
    CHANGED = auto()
    """As signed; but what was added afterwards changes what is shown."""
    UNREADABLE = auto()
    """No PAdES and no detached PKCS#7 signature, or one that cannot be read."""


class Trust(StrEnum):
    """What a certificate is worth, by what the agency trusts."""

    TRUSTED = auto()
    UNANCHORED = auto()
    """The agency has said of no authority that it trusts it."""
    SELF_SIGNED = auto()
    UNKNOWN = auto()
    """Of an authority that the agency does not trust."""
    EXPIRED = auto()
    """Before or after its days, at the time that is proved for the signature."""
    REVOKED = auto()
    UNFIT = auto()
    """Not issued for signing, or against a rule of its authority."""
    WEAK = auto()
    """By a method that is no longer safe."""
    UNCHECKED = auto()
    """The signature does not hold, so nobody vouches for anything."""


class Sameness(StrEnum):
    """Whether the file is the document that the program made."""

    SAME = auto()
    """It begins with its very bytes, and shows nothing else."""
    PAGES = auto()
    """Written anew by another program; each page shows the same."""
    OTHER = auto()
    UNKNOWN = auto()
    """There is no document of the program to compare it with."""


class SignatureDemand(StrEnum):
    """What an agency asks of a digitally signed file before it is sent."""

    INTEGRITY = auto()
    TRUSTED = auto()


class Shortfall(StrEnum):
    """Why a file does not do."""

    UNSIGNED = auto()
    UNREADABLE = auto()
    BROKEN = auto()
    CHANGED = auto()
    OTHER_DOCUMENT = auto()
    NOT_APPROVER = auto()
    UNTRUSTED = auto()
    AGENCY_FIRST = auto()
    """The agency's seal stands on signed papers alone (NĐ 30/2020/NĐ-CP, Điều 32)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSignature:
    """One signature: whose, whether it holds, what its certificate is worth, of when.

    ``by_address``: the certificate says the approver's address, not the name alone. ``form``:
    ``pades`` or ``pkcs7``. ``serial``: of the certificate, in hex. ``anchor``: SHA-256 of the
    trusted authority's certificate. ``signed_at`` is what the signer's machine said, ``stamped_at``
    what a trusted time-stamp proves; ISO 8601 in UTC, or empty. ``revocation_known``: a list of
    revoked certificates that covers it was at hand.
    """

    role: SignerRole
    soundness: Soundness
    trust: Trust
    by_address: bool = False
    form: str = ""
    serial: str = ""
    anchor: str = ""
    signed_at: str = ""
    stamped_at: str = ""
    revocation_known: bool = False

    @property
    def is_good(self) -> bool:
        """Return whether it holds, and the agency trusts its certificate."""
        return self.soundness is Soundness.INTACT and self.trust is Trust.TRUSTED


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedFileVerdict:
    """What a file's signatures are worth, in the order in which they were made."""

    document: Sameness
    signatures: tuple[JudgedSignature, ...]

    def shortfalls(self, demand: SignatureDemand) -> list[Shortfall]:
        """Return every reason why the file does not do."""
        found = [*self._of_integrity()]
        if demand is SignatureDemand.TRUSTED:
            found += self._of_trust()
        return found

    @property
    def is_good(self) -> bool:
        """Return whether nothing speaks against it."""
        return not self.shortfalls(SignatureDemand.TRUSTED)

    @property
    def is_bad(self) -> bool:
        """Return whether it is not even as it was signed, or another document."""
        return bool(self.shortfalls(SignatureDemand.INTEGRITY))

    def _of_integrity(self) -> Iterator[Shortfall]:
        if not self.signatures:
            yield Shortfall.UNSIGNED
        found = {each.soundness for each in self.signatures}
        for soundness, shortfall in (
            (Soundness.UNREADABLE, Shortfall.UNREADABLE),
            (Soundness.BROKEN, Shortfall.BROKEN),
            (Soundness.CHANGED, Shortfall.CHANGED),
        ):
            if soundness in found:
                yield shortfall
        if self.document is Sameness.OTHER:
            yield Shortfall.OTHER_DOCUMENT

    def _of_trust(self) -> Iterator[Shortfall]:
        roles = [each.role for each in self.signatures]
        if self.signatures and SignerRole.APPROVER not in roles:
            yield Shortfall.NOT_APPROVER
        for role in (SignerRole.APPROVER, SignerRole.AGENCY):
            mine = [each for each in self.signatures if each.role is role]
            if mine and not any(each.is_good for each in mine):
                yield Shortfall.UNTRUSTED
                break
        if (
            SignerRole.AGENCY in roles
            and SignerRole.APPROVER not in (roles[: roles.index(SignerRole.AGENCY)])
        ):
            yield Shortfall.AGENCY_FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSignature:
    """A signature, with what its certificate says of who holds it and who issued it."""

    judged: JudgedSignature
    name: str = ""
    addresses: tuple[str, ...] = ()
    issuer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundInFile:
    """What a file is, and its signatures in the order in which they were made."""

    document: Sameness
    signatures: tuple[FoundSignature, ...] = ()


UNREADABLE = FoundSignature(
    judged=JudgedSignature(
        role=SignerRole.OTHER, soundness=Soundness.UNREADABLE, trust=Trust.UNCHECKED
    )
)
"""A signature, or a whole file, that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who is to have signed: the person who signed the item here, and the agency."""

    approver: str
    address: str
    agency: str


def verdict_of(found: FoundInFile, parties: Parties) -> SignedFileVerdict:
    """Return the verdict on a file, with whom each signature names."""
    return SignedFileVerdict(
        document=found.document,
        signatures=tuple(_attributed(each, parties) for each in found.signatures),
    )


def _attributed(found: FoundSignature, parties: Parties) -> JudgedSignature:
    by_address = parties.address.casefold() in {each.casefold() for each in found.addresses}
    if by_address or _same_name(found.name, parties.approver):
        return replace(found.judged, role=SignerRole.APPROVER, by_address=by_address)
    is_agency = _same_name(found.name, parties.agency)
    return replace(found.judged, role=SignerRole.AGENCY if is_agency else SignerRole.OTHER)


def _same_name(first: str, second: str) -> bool:
    """Return whether two names are one, also where an authority wrote it without tones."""
    return bool(first) and (
        _folded(first) == _folded(second) or _folded(first) == _bare(_folded(second))
    )


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _bare(name: str) -> str:
    letters = unicodedata.normalize("NFD", name.translate({0x111: "d"}))
    return "".join(each for each in letters if not unicodedata.combining(each))
