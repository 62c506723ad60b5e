"""A hash of password and salt, the salt behind it: SSHA*, SMD5 (inventory R3-093)."""

from __future__ import annotations

import hashlib
import secrets
from hmac import compare_digest
from typing import Final

from culver.auth.scheme import BadStoredPassword, PasswordScheme
from culver_plugins.schemes.plain import to_bytes

_SALT_BYTES: Final = 4  # what Dovecot makes; any length is read


class SaltedScheme(PasswordScheme):
    """Raw data is ``hash(password + salt) + salt``."""

    encoding = "base64"
    cheap = True
    weak = True

    def __init__(self, name: str, algorithm: str) -> None:
        self.names = (name,)
        self._algorithm = algorithm
        self._size = hashlib.new(algorithm, usedforsecurity=False).digest_size

    def verify(self, password: str, stored: bytes, user: str) -> bool:
        """Same hash with the stored salt?"""
        digest, salt = stored[: self._size], stored[self._size :]
        if not salt:
            raise BadStoredPassword(f"a {self.names[0]} password is too short: it has no salt")
        return compare_digest(self._digest(password, salt), digest)

    def generate(self, password: str, user: str, rounds: int) -> bytes:
        """Hash with a random salt."""
        salt = secrets.token_bytes(_SALT_BYTES)
        return self._digest(password, salt) + salt

    def _digest(self, password: str, salt: bytes) -> bytes:
        data = to_bytes(password) + salt
        return hashlib.new(self._algorithm, data, usedforsecurity=False).digest()
