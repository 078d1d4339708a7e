"""What an agency asks of a digitally signed file before it is sent, and why one does not do.

Owns the sentences of what is missing; what was found stands in ``workflow.verdicts``.
"""

from collections.abc import Mapping
from types import MappingProxyType

from workflow.errors import Reason, reason
from workflow.messages import Message, lazy
from workflow.verdicts import Shortfall, SignatureDemand, SignedFileVerdict

SHORTFALLS: Mapping[Shortfall, Message] = MappingProxyType(
    {
        Shortfall.UNSIGNED: lazy("The file bears no digital signature."),
        Shortfall.UNREADABLE: lazy("A signature in the file cannot be read."),
        Shortfall.BROKEN: lazy("What was signed has been changed, or a signature is forged."),
        Shortfall.CHANGED: lazy("The file was changed after it was signed."),
        Shortfall.OTHER_DOCUMENT: lazy("The file is not the document that was approved here."),
        Shortfall.NOT_APPROVER: lazy("It is not signed by the person who signed the item here."),
        Shortfall.UNTRUSTED: lazy("The certificate of a signature is not trusted."),
        Shortfall.AGENCY_FIRST: lazy(
            "The agency's signature was made before the signer's: it goes on signed documents "
            "alone (Decree 30/2020/NĐ-CP, Article 32)."
        ),
    }
)


def demand_problems(verdict: SignedFileVerdict | None, demand: SignatureDemand) -> list[Reason]:
    """Return why a digitally signed file may not be sent; None: nobody has looked at it."""
    shortfalls = [Shortfall.UNSIGNED] if verdict is None else verdict.shortfalls(demand)
    return [_reason(each) for each in shortfalls]


def _reason(shortfall: Shortfall) -> Reason:
    return reason(
        "signature",
        "{what} Upload the rightly signed file, then send it.",
        what=SHORTFALLS[shortfall],
    )
