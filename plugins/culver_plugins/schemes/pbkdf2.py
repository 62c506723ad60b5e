"""PBKDF2 (RFC 8018) with HMAC-SHA-1 (inventory R3-090)."""

from __future__ import annotations

import hashlib
import re
from hmac import compare_digest
from typing import Final

from culver.auth.scheme import BadStoredPassword, PasswordScheme
from culver_plugins.schemes.crypt import salt
from culver_plugins.schemes.plain import to_bytes

_FORM: Final = re.compile(rb"\$1\$([^$]*)\$(\d{1,10})\$([0-9a-fA-F]{40})")


class Pbkdf2Scheme(PasswordScheme):
    """``$1$salt$rounds$hex``; the salt is used as it is written."""

    names = ("PBKDF2",)

    def verify(self, password: str, stored: bytes, user: str) -> bool:
        """Same key?"""
        match = _FORM.fullmatch(stored)
        if match is None or int(match[2]) == 0:
            raise BadStoredPassword("a PBKDF2 password is $1$SALT$ROUNDS$ and 40 hex digits")
        key = _derive(password, match[1], int(match[2]))
        return compare_digest(key, bytes.fromhex(match[3].decode()))

    def generate(self, password: str, user: str, rounds: int) -> bytes:
        """5000 rounds by default."""
        rounds = rounds or 5000
        salted = salt(16)
        key = _derive(password, salted.encode(), rounds)
        return f"$1${salted}${rounds}${key.hex()}".encode()


def _derive(password: str, salted: bytes, rounds: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha1", to_bytes(password), salted, rounds)
