"""What is said of the digital signatures in an uploaded file, one finding a line.

Owns the sentences; what was found is kept in codes (``workflow.verdicts``).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from api.composition import Application
from api.web.dates import hour_and_day
from notifications.translation import translate
from workflow.lookups.signatures import SignedCopy, SignerNames
from workflow.messages import Message, lazy
from workflow.rules import SHORTFALLS
from workflow.verdicts import (
    JudgedSignature,
    Sameness,
    Shortfall,
    SignatureDemand,
    SignedFileVerdict,
    SignerRole,
    Soundness,
    Trust,
)

_VERDICTS: Mapping[str, Message] = {
    "success": lazy("Valid"),
    "notice": lazy("Not certain"),
    "error": lazy("Do not hold"),
}
_DOCUMENTS: Mapping[Sameness, Message] = {
    Sameness.SAME: lazy("The file is the very document that this program made."),
    Sameness.PAGES: lazy(
        "Every page shows what the document made here shows; another program wrote the file anew."
    ),
    Sameness.OTHER: lazy("The file is not the document that was made here: compare the two."),
    Sameness.UNKNOWN: lazy(
        "Whether it is the document approved here is not known: compare the two by reading."
    ),
}
_ROLES: Mapping[SignerRole, Message] = {
    SignerRole.APPROVER: lazy(
        "The certificate names {name}, who signed the item here (number {serial}, of {issuer})."
    ),
    SignerRole.AGENCY: lazy(
        "The certificate names the agency, {name} (number {serial}, of {issuer})."
    ),
    SignerRole.OTHER: lazy(
        "The certificate names {name}, who is not the person who signed the item here (number "
        "{serial}, of {issuer})."
    ),
}
_SOUND: Mapping[Soundness, Message] = {
    Soundness.INTACT: lazy("The signature holds: nothing has changed since."),
    Soundness.BROKEN: lazy(
        "The signature does not hold: what was signed has been changed, or it is forged."
    ),
    Soundness.CHANGED: lazy(
        "The signature holds for what was signed; but the file was changed afterwards."
    ),
    Soundness.UNREADABLE: lazy(
        "A signature cannot be read (neither PAdES nor detached PKCS#7, or damaged), so nothing is "
        "known of it."
    ),
}
_TRUSTS: Mapping[Trust, Message] = {
    Trust.TRUSTED: lazy("The certificate was issued by an authority that the agency trusts."),
    Trust.UNANCHORED: lazy(
        "Whether the certificate is genuine is not known: the agency has named no authority that "
        "it trusts."
    ),
    Trust.SELF_SIGNED: lazy(
        "The certificate was made by its holder: no authority says who that is."
    ),
    Trust.UNKNOWN: lazy(
        "The certificate was issued by an authority that the agency does not trust."
    ),
    Trust.EXPIRED: lazy("The certificate was not valid at the time that is proved."),
    Trust.REVOKED: lazy("The certificate was revoked."),
    Trust.UNFIT: lazy("The certificate was not issued for signing documents."),
    Trust.WEAK: lazy("It was signed by a method that is no longer safe."),
}


def tone_of(verdict: SignedFileVerdict) -> str:
    """Return how a callout looks that says the verdict."""
    if verdict.is_bad:
        return "error"
    return "success" if verdict.is_good else "notice"


def verdict_words(verdict: SignedFileVerdict) -> str:
    """Return the verdict in a word or two."""
    return translate(_VERDICTS[tone_of(verdict)])


def findings(parts: Application, copy: SignedCopy) -> tuple[str, ...]:
    """Return all that was found of a file's signatures, in words."""
    verdict = copy.verdict
    if verdict is None:
        return ()
    return (
        translate(_DOCUMENTS[verdict.document]),
        *(
            " ".join(_of_signature(parts, each, named))
            for each, named in zip(verdict.signatures, copy.names, strict=True)
        ),
        *(
            translate(SHORTFALLS[each])
            for each in verdict.shortfalls(SignatureDemand.TRUSTED)
            if each in {Shortfall.UNSIGNED, Shortfall.NOT_APPROVER, Shortfall.AGENCY_FIRST}
        ),
    )


def _of_signature(
    parts: Application, signature: JudgedSignature, named: SignerNames
) -> Iterator[str]:
    sound = translate(_SOUND[signature.soundness])
    if signature.soundness is Soundness.UNREADABLE:
        yield sound
        return
    unknown = translate("unknown")
    yield translate(
        _ROLES[signature.role].template,
        name=named.name or unknown,
        serial=_grouped(signature.serial),
        issuer=named.issuer or unknown,
    )
    yield sound
    if signature.trust in _TRUSTS:
        yield translate(_TRUSTS[signature.trust])
    yield from _limits(signature)
    yield _when(parts, signature)


def _grouped(serial: str) -> str:
    """Return a serial number as people compare it, and as a line can be broken."""
    return " ".join(serial[at : at + 4] for at in range(0, len(serial), 4))


def _limits(signature: JudgedSignature) -> Iterator[str]:
    """Yield what is not known."""
    if signature.role is SignerRole.APPROVER and not signature.by_address:
        yield translate("The person is known by name alone.")
    if signature.trust is Trust.TRUSTED and not signature.revocation_known:
        yield translate("Whether the certificate was revoked is not known.")


def _when(parts: Application, signature: JudgedSignature) -> str:
    if signature.stamped_at:
        at = hour_and_day(parts, datetime.fromisoformat(signature.stamped_at))
        return translate("A time-stamp proves that it was signed by {at}.", at=at)
    if signature.signed_at:
        at = hour_and_day(parts, datetime.fromisoformat(signature.signed_at))
        return translate("Signed at {at} by the signer's own clock, which nothing proves.", at=at)
    return translate("When it was signed is not known.")
