"""What SCRAM needs to know of a password (RFC 5802 section 3, RFC 7677)."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from hmac import compare_digest
from hmac import digest as hmac_digest
from typing import Final

import msgspec

from culver.auth.scheme import BadStoredPassword, PasswordScheme
from culver_plugins.schemes.plain import to_bytes

_FORM: Final = re.compile(rb"(\d{1,10}),([A-Za-z0-9+/=]+),([A-Za-z0-9+/=]+),([A-Za-z0-9+/=]+)")
MIN_ITERATIONS: Final = 4096  # RFC 7677 section 4
MAX_ITERATIONS: Final = 2**31 - 1


class ScramKeys(msgspec.Struct, frozen=True):
    """A parsed stored password; the mechanism needs all of it."""

    iterations: int
    salt: bytes
    stored_key: bytes
    server_key: bytes


class ScramScheme(PasswordScheme):
    """``iterations,salt,StoredKey,ServerKey``, the last three in base64."""

    def __init__(self, name: str, algorithm: str) -> None:
        self.names = (name,)
        self._algorithm = algorithm
        self._size = hashlib.new(algorithm, usedforsecurity=False).digest_size

    def parse(self, stored: bytes) -> ScramKeys:
        """Raises :class:`BadStoredPassword`."""
        match = _FORM.fullmatch(stored)
        if match is None or not MIN_ITERATIONS <= int(match[1]) <= MAX_ITERATIONS:
            raise BadStoredPassword(
                f"a {self.names[0]} password is ITERATIONS,SALT,STOREDKEY,SERVERKEY"
                f" with at least {MIN_ITERATIONS} iterations"
            )
        try:
            parts = [base64.b64decode(part, validate=True) for part in match.groups()[1:]]
        except ValueError:
            raise BadStoredPassword(f"a {self.names[0]} password has bad base64") from None
        salt, stored_key, server_key = parts
        if len(stored_key) != self._size or len(server_key) != self._size:
            raise BadStoredPassword(f"a {self.names[0]} password has keys of {self._size} bytes")
        return ScramKeys(int(match[1]), salt, stored_key, server_key)

    def verify(self, password: str, stored: bytes, user: str) -> bool:
        """Does the password lead to the StoredKey?"""
        keys = self.parse(stored)
        made = self._derive(password, keys.salt, keys.iterations)
        return compare_digest(made.stored_key, keys.stored_key)

    def generate(self, password: str, user: str, rounds: int) -> bytes:
        """4096 iterations by default."""
        iterations = max(rounds, MIN_ITERATIONS)
        keys = self._derive(password, secrets.token_bytes(16), iterations)
        parts = (keys.salt, keys.stored_key, keys.server_key)
        return b",".join([str(iterations).encode(), *map(base64.b64encode, parts)])

    def _derive(self, password: str, salt: bytes, iterations: int) -> ScramKeys:
        name = self._algorithm
        salted = hashlib.pbkdf2_hmac(name, to_bytes(password), salt, iterations)
        client_key = hmac_digest(salted, b"Client Key", name)
        return ScramKeys(
            iterations,
            salt,
            hashlib.new(name, client_key).digest(),
            hmac_digest(salted, b"Server Key", name),
        )
