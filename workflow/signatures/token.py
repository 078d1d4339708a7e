"""The agency's key in a token or HSM, by PKCS#11; the key never leaves it.

Needs the package ``python-pkcs11`` (the extra ``token``). Nothing else imports this.
"""

from urllib.parse import parse_qs, unquote

from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
from pyhanko.sign.signers import Signer


def from_token(uri: str, pin: str) -> Signer:
    """Return who signs with the key that an RFC 7512 URI names.

    Like ``pkcs11:token=so;object=con-dau?module-path=/usr/lib/softhsm/libsofthsm2.so``.
    """
    path, _, query = uri.removeprefix("pkcs11:").partition("?")
    named = {
        name: unquote(value) for name, _, value in (each.partition("=") for each in path.split(";"))
    }
    session = open_pkcs11_session(
        parse_qs(query)["module-path"][0],
        token_criteria=TokenCriteria(label=named["token"]),
        user_pin=pin,
    )
    # The digest is made here: tokens know the plain mechanism of a key, and not all the others.
    return PKCS11Signer(
        session, cert_label=named["object"], key_label=named["object"], use_raw_mechanism=True
    )
