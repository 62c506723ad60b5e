"""What DIGEST-MD5 needs to know of a password (RFC 2831 2.1.2.1)."""

from __future__ import annotations

import hashlib
from hmac import compare_digest

from culver.auth.scheme import PasswordScheme
from culver_plugins.schemes.plain import to_bytes


class DigestMd5Scheme(PasswordScheme):
    """``MD5(user:realm:password)``; the realm is what follows the last @ of the name."""

    names = ("DIGEST-MD5",)
    encoding = "hex"
    size = 16
    cheap = True
    weak = True

    def verify(self, password: str, stored: bytes, user: str) -> bool:
        """Same hash for this user name?"""
        return compare_digest(self.generate(password, user, 0), stored)

    def generate(self, password: str, user: str, rounds: int) -> bytes:
        """The hash."""
        name, at, realm = user.rpartition("@")
        if not at:
            name, realm = user, ""
        data = to_bytes(f"{name}:{realm}:{password}")
        return hashlib.md5(data, usedforsecurity=False).digest()
