"""crypt(3) hashes: DES, MD5, SHA-256, SHA-512 and Blowfish (inventory R3-088)."""

from __future__ import annotations

import secrets
from hmac import compare_digest
from typing import Final

from culver.auth.scheme import BadStoredPassword, PasswordScheme
from culver_plugins.schemes.digest import PlainMd5Scheme
from culver_plugins.schemes.libcrypt import CryptError, crypt, gensalt
from culver_plugins.schemes.plain import to_bytes

_SALT_CHARS: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def salt(length: int) -> str:
    """Random characters that crypt(3) takes as a salt."""
    return "".join(secrets.choice(_SALT_CHARS) for _ in range(length))


class CryptScheme(PasswordScheme):
    """CRYPT: whatever the hash itself says; new ones are Blowfish."""

    names: tuple[str, ...] = ("CRYPT",)

    def verify(self, password: str, stored: bytes, user: str) -> bool:
        """Same hash?  An empty stored password matches nothing."""
        if not stored:
            return False
        given = to_bytes(password)
        if b"\0" in given:
            return False
        try:
            return compare_digest(crypt(given, stored), stored)
        except CryptError as error:
            raise BadStoredPassword(f"{self.names[0]}: {error}") from None

    def generate(self, password: str, user: str, rounds: int) -> bytes:
        """Hash with a random salt."""
        return crypt(to_bytes(password), self.setting(rounds))

    def setting(self, rounds: int) -> bytes:
        """Method, rounds and salt for a new hash."""
        # 2^5 by default, as Dovecot; 4 to 31 is the algorithm's range.
        cost = min(max(rounds or 5, 4), 31)
        return gensalt(b"$2y$", cost, secrets.token_bytes(16))


class BlowfishCryptScheme(CryptScheme):
    """BLF-CRYPT: ``$2y$``."""

    names = ("BLF-CRYPT",)


class DesCryptScheme(CryptScheme):
    """DES-CRYPT: thirteen characters, eight of the password count."""

    names = ("DES-CRYPT",)
    weak = True

    def setting(self, rounds: int) -> bytes:
        """Two characters."""
        return salt(2).encode()


class Sha256CryptScheme(CryptScheme):
    """SHA256-CRYPT: ``$5$``."""

    names = ("SHA256-CRYPT",)

    def setting(self, rounds: int) -> bytes:
        """Rounds are written only when they aren't the default."""
        return _sha_setting("5", rounds)


class Sha512CryptScheme(CryptScheme):
    """SHA512-CRYPT: ``$6$``."""

    names = ("SHA512-CRYPT",)

    def setting(self, rounds: int) -> bytes:
        """Rounds are written only when they aren't the default."""
        return _sha_setting("6", rounds)


def _sha_setting(method: str, rounds: int) -> bytes:
    rounds = min(max(rounds or 5000, 1000), 999_999_999)
    written = "" if rounds == 5000 else f"rounds={rounds}$"
    return f"${method}${written}{salt(16)}".encode()


class Md5CryptScheme(CryptScheme):
    """MD5-CRYPT: ``$1$``."""

    names = ("MD5-CRYPT",)
    weak = True

    def setting(self, rounds: int) -> bytes:
        """Eight characters of salt."""
        return f"$1${salt(8)}".encode()


class Md5Scheme(Md5CryptScheme):
    """MD5: MD5-CRYPT, or PLAIN-MD5 in hex when the hash looks like that."""

    names = ("MD5",)

    def verify(self, password: str, stored: bytes, user: str) -> bool:
        """By its prefix."""
        if stored.startswith(b"$1$"):
            return super().verify(password, stored, user)
        try:
            raw = bytes.fromhex(stored.decode("ascii"))
        except ValueError:
            raise BadStoredPassword("not a valid MD5-CRYPT or PLAIN-MD5 password") from None
        return PlainMd5Scheme().verify(password, raw, user)
