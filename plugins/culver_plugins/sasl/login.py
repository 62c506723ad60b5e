"""LOGIN: what old mail clients speak (draft-murchison-sasl-login)."""

from __future__ import annotations

from culver.auth.client import Challenge
from culver.auth.mechanism import SaslMechanism, Step, VerifyPlain


class Login(SaslMechanism):
    """Name and password in two responses; the prompts are what clients expect to the letter."""

    name = "LOGIN"
    plaintext = True

    def __init__(self) -> None:
        self._user: str | None = None

    def step(self, response: bytes | None) -> Step:
        """Prompt, prompt, verify.  An initial response is the user name."""
        if self._user is None:
            if not response:
                # Some clients send an empty initial response instead of none.
                return Challenge(b"Username:")
            self._user = response.decode(errors="surrogateescape")
            return Challenge(b"Password:")
        return VerifyPlain(self._user, (response or b"").decode(errors="surrogateescape"))
