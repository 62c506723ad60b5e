"""Argon2 (RFC 9106) with the parameters of libsodium, as Dovecot uses it (inventory R3-089)."""

from __future__ import annotations

import secrets
from typing import ClassVar, Final

from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import Type, hash_secret, verify_secret

from culver.auth.scheme import BadStoredPassword, PasswordScheme
from culver_plugins.schemes.plain import to_bytes

_KINDS: Final = {b"$argon2i$": Type.I, b"$argon2id": Type.ID}
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32


class Argon2Scheme(PasswordScheme):
    """What the two kinds share: both read both."""

    kind: ClassVar[Type]
    default_rounds: ClassVar[int]
    memory: ClassVar[tuple[tuple[int, int], ...]]
    """(rounds, KiB): the memory for at least so many rounds, most first."""

    def verify(self, password: str, stored: bytes, user: str) -> bool:
        """Same hash with the parameters in it?  Takes tens of milliseconds and of megabytes."""
        kind = _KINDS.get(stored[:9])
        if kind is None:
            raise BadStoredPassword(
                f"a {self.names[0]} password starts with $argon2i$ or $argon2id$"
            )
        try:
            return verify_secret(stored, to_bytes(password), kind)
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError) as error:
            raise BadStoredPassword(f"{self.names[0]}: {error}") from None

    def generate(self, password: str, user: str, rounds: int) -> bytes:
        """Hash with a random salt; more rounds use more memory."""
        wanted = rounds or self.default_rounds
        memory = next(kib for least, kib in self.memory if wanted >= least)
        return hash_secret(
            to_bytes(password),
            secrets.token_bytes(_SALT_BYTES),
            time_cost=max(wanted, 3),
            memory_cost=memory,
            parallelism=1,
            hash_len=_HASH_BYTES,
            type=self.kind,
        )


class Argon2iScheme(Argon2Scheme):
    """ARGON2I."""

    names = ("ARGON2I",)
    kind = Type.I
    default_rounds = 4
    memory = ((8, 524288), (6, 131072), (0, 32768))


class Argon2idScheme(Argon2Scheme):
    """ARGON2ID."""

    names = ("ARGON2ID",)
    kind = Type.ID
    default_rounds = 2
    memory = ((4, 1048576), (3, 262144), (0, 65536))
