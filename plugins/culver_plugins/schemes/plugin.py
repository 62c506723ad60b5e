"""Registers the schemes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.hookspecs import hookimpl
from culver_plugins.schemes import argon2, crypt, dead, digest
from culver_plugins.schemes.cram_md5 import CramMd5Scheme
from culver_plugins.schemes.digest_md5 import DigestMd5Scheme
from culver_plugins.schemes.pbkdf2 import Pbkdf2Scheme
from culver_plugins.schemes.plain import PlainScheme, PlainTruncScheme
from culver_plugins.schemes.salted import SaltedScheme
from culver_plugins.schemes.scram import ScramScheme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from culver.auth.scheme import PasswordScheme
    from culver.registry import Registry


def all_schemes() -> Iterator[PasswordScheme]:
    """One instance of each."""
    yield from (PlainScheme(), PlainTruncScheme())
    yield from (crypt.CryptScheme(), crypt.BlowfishCryptScheme(), crypt.DesCryptScheme())
    yield from (crypt.Md5CryptScheme(), crypt.Md5Scheme())
    yield from (crypt.Sha256CryptScheme(), crypt.Sha512CryptScheme())
    yield from (argon2.Argon2iScheme(), argon2.Argon2idScheme(), Pbkdf2Scheme())
    yield from (digest.Sha1Scheme(), digest.Sha256Scheme(), digest.Sha512Scheme())
    yield from (digest.PlainMd5Scheme(), digest.LdapMd5Scheme(), digest.PlainMd4Scheme())
    yield SaltedScheme("SMD5", "md5")
    yield SaltedScheme("SSHA", "sha1")
    yield SaltedScheme("SSHA256", "sha256")
    yield SaltedScheme("SSHA512", "sha512")
    yield from (CramMd5Scheme(), DigestMd5Scheme())
    yield ScramScheme("SCRAM-SHA-1", "sha1")
    yield ScramScheme("SCRAM-SHA-256", "sha256")
    yield from (dead.OldMicrosoftScheme(), dead.RpaScheme(), dead.OneTimeScheme())


@hookimpl
def culver_register(registry: Registry) -> None:
    """Every scheme by its names."""
    for scheme in all_schemes():
        registry.password_scheme(scheme)
