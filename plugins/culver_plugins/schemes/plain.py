"""Passwords stored as they are."""

from __future__ import annotations

import re
from hmac import compare_digest

from culver.auth.scheme import BadStoredPassword, PasswordScheme


def to_bytes(password: str) -> bytes:
    """The password as the client sent it."""
    return password.encode(errors="surrogateescape")


class PlainScheme(PasswordScheme):
    """PLAIN: what every mechanism can be computed from."""

    names: tuple[str, ...] = ("PLAIN", "CLEAR", "CLEARTEXT")
    cheap = True
    weak = True

    def verify(self, password: str, stored: bytes, user: str) -> bool:
        """Equal?"""
        return compare_digest(to_bytes(password), stored)

    def generate(self, password: str, user: str, rounds: int) -> bytes:
        """The password."""
        return to_bytes(password)


_TRUNCATED = re.compile(rb"(\d+)-(.*)", re.DOTALL)


class PlainTruncScheme(PlainScheme):
    """PLAIN-TRUNC: ``<length>-<prefix>``, from databases that cut long passwords."""

    names = ("PLAIN-TRUNC",)

    def verify(self, password: str, stored: bytes, user: str) -> bool:
        """Equal, or equal in the stored part when that was cut at ``length``."""
        match = _TRUNCATED.fullmatch(stored)
        if match is None:
            raise BadStoredPassword("a PLAIN-TRUNC password is LENGTH-PREFIX")
        given, known = to_bytes(password), match[2]
        if len(known) == int(match[1]):
            given = given[: len(known)]
        return compare_digest(given, known)
