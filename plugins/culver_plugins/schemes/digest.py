"""One hash of the password, no salt: SHA*, LDAP-MD5, PLAIN-MD5, PLAIN-MD4."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from hmac import compare_digest

from culver.auth.scheme import PasswordScheme
from culver.config.functions.md4 import md4
from culver_plugins.schemes.plain import to_bytes


class DigestScheme(PasswordScheme):
    """Raw data is ``digest(password)``."""

    cheap = True
    weak = True

    @abstractmethod
    def digest(self, data: bytes) -> bytes:
        """The hash function."""

    def verify(self, password: str, stored: bytes, user: str) -> bool:
        """Same hash?"""
        return compare_digest(self.digest(to_bytes(password)), stored)

    def generate(self, password: str, user: str, rounds: int) -> bytes:
        """The hash."""
        return self.digest(to_bytes(password))


class Sha1Scheme(DigestScheme):
    """SHA, SHA1."""

    names = ("SHA1", "SHA")
    encoding = "base64"
    size = 20

    def digest(self, data: bytes) -> bytes:
        """SHA-1 (FIPS 180)."""
        return hashlib.sha1(data, usedforsecurity=False).digest()


class Sha256Scheme(DigestScheme):
    """SHA256."""

    names = ("SHA256",)
    encoding = "base64"
    size = 32

    def digest(self, data: bytes) -> bytes:
        """SHA-256 (FIPS 180)."""
        return hashlib.sha256(data).digest()


class Sha512Scheme(DigestScheme):
    """SHA512."""

    names = ("SHA512",)
    encoding = "base64"
    size = 64

    def digest(self, data: bytes) -> bytes:
        """SHA-512 (FIPS 180)."""
        return hashlib.sha512(data).digest()


class PlainMd5Scheme(DigestScheme):
    """PLAIN-MD5: in hex."""

    names = ("PLAIN-MD5",)
    encoding = "hex"
    size = 16

    def digest(self, data: bytes) -> bytes:
        """MD5 (RFC 1321)."""
        return hashlib.md5(data, usedforsecurity=False).digest()


class LdapMd5Scheme(DigestScheme):
    """LDAP-MD5: in base64 (RFC 2307)."""

    names = ("LDAP-MD5",)
    encoding = "base64"
    size = 16

    def digest(self, data: bytes) -> bytes:
        """MD5 (RFC 1321)."""
        return hashlib.md5(data, usedforsecurity=False).digest()


class PlainMd4Scheme(DigestScheme):
    """PLAIN-MD4: in hex."""

    names = ("PLAIN-MD4",)
    encoding = "hex"
    size = 16

    def digest(self, data: bytes) -> bytes:
        """MD4 (RFC 1320)."""
        return md4(data)
