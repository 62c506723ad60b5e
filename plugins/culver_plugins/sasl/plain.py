"""SASL PLAIN (RFC 4616)."""

from __future__ import annotations

from culver.auth.client import Challenge
from culver.auth.mechanism import Failed, SaslMechanism, Step, VerifyPlain


class Plain(SaslMechanism):
    """``authzid NUL authcid NUL passwd`` in one response."""

    name = "PLAIN"
    plaintext = True
    allows_nul = True

    def step(self, response: bytes | None) -> Step:
        """Ask with an empty challenge when there was no initial response."""
        if response is None:
            return Challenge(b"")
        parts = response.split(b"\0")
        if len(parts) != 3:
            return Failed("invalid input: PLAIN wants authzid NUL authcid NUL passwd")
        authzid, authcid, password = (p.decode(errors="surrogateescape") for p in parts)
        return VerifyPlain(authcid, password, authzid if authzid != authcid else "")
