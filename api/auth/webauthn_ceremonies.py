"""The two ceremonies of WebAuthn, by the library: what a browser is asked, and whether it is true.

The only module that knows the library, which takes 75 ms to load; ``passkeys`` loads it when asked.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import webauthn
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from api.auth.passkey_challenges import PasskeyRequest
from api.auth.passkey_records import Passkey
from workflow.model import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """What the library does for one request."""

    request: PasskeyRequest

    def options_to_sign(self, known: Sequence[Passkey]) -> str:
        """Return what a browser is asked for a signature with, as JSON."""
        options = webauthn.generate_authentication_options(
            rp_id=self.request.party.host,
            challenge=self.request.challenge(),
            allow_credentials=_descriptors(known),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return webauthn.options_to_json(options)

    def options_to_register(self, person: Person, known: Sequence[Passkey]) -> str:
        """Return what a browser is asked for a new passkey with, as JSON."""
        options = webauthn.generate_registration_options(
            rp_id=self.request.party.host,
            rp_name=self.request.party.name,
            user_id=f"{self.request.party.keys.deployment[:32]}:{person.id}".encode(),
            user_name=person.email,
            user_display_name=person.name,
            challenge=self.request.challenge(),
            exclude_credentials=_descriptors(known),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.DISCOURAGED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
        )
        return webauthn.options_to_json(options)

    def registered(self, given: str, challenge: bytes) -> VerifiedRegistration | None:
        """Return the passkey that answers ``challenge``, or None where it does not."""
        try:
            return webauthn.verify_registration_response(
                credential=given,
                expected_challenge=challenge,
                expected_rp_id=self.request.party.host,
                expected_origin=self.request.party.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError):
            return None

    def signed(self, passkey: Passkey, given: str, challenge: bytes) -> int | None:
        """Return the passkey's new count of signatures; None where it did not sign."""
        try:
            verified = webauthn.verify_authentication_response(
                credential=given,
                expected_challenge=challenge,
                expected_rp_id=self.request.party.host,
                expected_origin=self.request.party.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError):
            return None
        return verified.new_sign_count


def _descriptors(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64.urlsafe_b64decode(each.credential_id + "=" * (-len(each.credential_id) % 4))
        )
        for each in known
    ]
