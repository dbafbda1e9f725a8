"""What a signed envelope says about itself: facts found by arithmetic, never a verdict of trust.

Whether a certificate was worth anything on a given day (its issuer, its revocation, the trusted lists) is a qualified
validation service's to say. These facts tell whether the bytes are those that were signed, and who is named.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signer:
    """One signature of an envelope, and what its certificate says of whoever made it.

    Attributes:
        common_name: of the certificate's subject; empty when the envelope does not hold the certificate.
        tax_code: the codice fiscale in the subject's serial number (``TINIT-…``) or dnQualifier.
        issuer: common name of the certificate's issuer.
        certificate_serial: the certificate's serial number, hexadecimal.
        not_before: first moment of the certificate's validity, UTC.
        not_after: its last.
        claimed_at: when the signer's machine says it was signed, UTC: a claim.
        timestamped: whether a time-stamp token lies with the signature; it is not verified.
        digest_holds: whether the content is the one that was signed; ``None`` when that cannot be computed.
        signature_holds: whether the certificate's key made the signature; ``None`` when that cannot be computed.
        countersigns: whether it signs another signature of the envelope rather than the content.
    """

    common_name: str
    tax_code: str | None
    issuer: str
    certificate_serial: str
    not_before: dt.datetime | None
    not_after: dt.datetime | None
    claimed_at: dt.datetime | None
    timestamped: bool
    digest_holds: bool | None
    signature_holds: bool | None
    countersigns: bool = False


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """What an envelope says of its signatures, in the order in which they lie in it."""

    signers: tuple[Signer, ...]

    @property
    def broken(self) -> bool:
        """Whether a signature was computed and does not hold; one that cannot be computed is not broken."""
        return any(signer.digest_holds is False or signer.signature_holds is False for signer in self.signers)

    @property
    def intact(self) -> bool:
        """Whether every signature was computed and holds, and there is one; trust is another matter."""
        return bool(self.signers) and all(signer.digest_holds and signer.signature_holds for signer in self.signers)
