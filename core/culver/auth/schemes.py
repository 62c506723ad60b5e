"""All password schemes of this process: prefixes, encodings, and checks off the event loop."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

import trio

from culver.auth.scheme import BadStoredPassword, PasswordScheme

if TYPE_CHECKING:
    from collections.abc import Iterable

_PREFIX: Final = re.compile(r"\{([^}]*)\}(.*)", re.DOTALL)
# $1$salt$hash, and whatever follows a further $ is not part of it (inventory R3-100).
_MD5_CRYPT: Final = re.compile(r"(\$1\$[^$]*\$[^$]*)(\$.*)?", re.DOTALL)
_ENCODINGS: Final = {"HEX": "hex", "B64": "base64", "BASE64": "base64"}


class UnknownScheme(LookupError):
    """No scheme of that name; the text lists near names."""


def split_scheme(text: str) -> tuple[str, str]:
    """``{SCHEME}rest`` to (SCHEME, rest); ("", text) when no scheme is named."""
    if text.startswith("{"):
        match = _PREFIX.fullmatch(text)
        return (match[1], match[2]) if match else ("", text)
    if text.startswith("$1$"):
        match = _MD5_CRYPT.fullmatch(text)
        if match:
            return "MD5-CRYPT", match[1]
    return "", text


class SchemeSet:
    """The schemes that plugins declared.

    Hashes that cost milliseconds run in threads, at most ``threads`` at once: a flood of logins
    waits here, not in the threads that mail needs.
    """

    def __init__(self, schemes: Iterable[PasswordScheme], threads: int = 0) -> None:
        self._schemes = {name: scheme for scheme in schemes for name in scheme.names}
        self._parsed: dict[str, tuple[PasswordScheme, str, bool]] = {}
        self._threads = threads
        self._limiter: trio.CapacityLimiter | None = None

    def names(self) -> tuple[str, ...]:
        """Every name, aliases too, sorted."""
        return tuple(sorted(self._schemes))

    def find(self, name: str) -> tuple[PasswordScheme, str, bool]:
        """Scheme, encoding, and whether the encoding may be guessed from the data.

        Raises :class:`UnknownScheme` for unknown names and for unknown ``.SUFFIX``.
        """
        parsed = self._parsed.get(name)
        if parsed is None:
            parsed = self._parse(name)
            # Only known names get here: what databases hold can't grow the table for long.
            self._parsed[name] = parsed
        return parsed

    def _parse(self, name: str) -> tuple[PasswordScheme, str, bool]:
        base, dot, suffix = name.upper().partition(".")
        scheme = self._schemes.get(base)
        if scheme is None or (dot and suffix not in _ENCODINGS):
            raise UnknownScheme(
                f"unknown password scheme {name[:64]!r}; known: {', '.join(self.names())}"
            )
        encoding = _ENCODINGS[suffix] if dot else scheme.encoding
        return scheme, encoding, bool(not dot and scheme.encoding and scheme.size)

    def same(self, one: str, other: str) -> bool:
        """Whether two names mean the same scheme (CLEAR is PLAIN)."""
        return self.find(one)[0] is self.find(other)[0]

    def decode(self, name: str, text: str) -> tuple[PasswordScheme, bytes]:
        """Raw data of a stored password.  Raises UnknownScheme or BadStoredPassword."""
        scheme, encoding, guess = self.find(name)
        if not encoding:
            raw = text.encode(errors="surrogateescape")
        elif guess:
            raw = _guess(text, scheme.size, name)
        else:
            raw = _decode(text, encoding, name)
        if scheme.size and len(raw) != scheme.size:
            raise BadStoredPassword(
                f"a {name} password has {scheme.size} bytes, this one has {len(raw)}"
            )
        return scheme, raw

    async def verify(self, password: str, name: str, text: str, user: str) -> bool:
        """Check a password against a stored one.  Raises UnknownScheme or BadStoredPassword."""
        scheme, raw = self.decode(name, text)
        if scheme.cheap:
            return scheme.verify(password, raw, user)
        return await trio.to_thread.run_sync(
            scheme.verify, password, raw, user, limiter=self._get_limiter()
        )

    def verify_sync(self, password: str, name: str, text: str, user: str) -> bool:
        """The same in the calling thread, for tools.  Raises the same."""
        scheme, raw = self.decode(name, text)
        return scheme.verify(password, raw, user)

    def generate(self, password: str, name: str, user: str = "", rounds: int = 0) -> str:
        """A stored password without its ``{SCHEME}``.  Slow.  Raises UnknownScheme."""
        scheme, encoding, _ = self.find(name)
        raw = scheme.generate(password, user, rounds)
        if encoding == "hex":
            return raw.hex()
        if encoding == "base64":
            return base64.b64encode(raw).decode()
        return raw.decode(errors="surrogateescape")

    def _get_limiter(self) -> trio.CapacityLimiter:
        # Made late: it belongs to the process that hashes, not to the one that forked it.
        if self._limiter is None:
            self._limiter = trio.CapacityLimiter(self._threads or _cores())
        return self._limiter


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0))


def _decode(text: str, encoding: str, name: str) -> bytes:
    try:
        if encoding == "hex":
            return bytes.fromhex(text)
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (ValueError, binascii.Error):
        raise BadStoredPassword(f"a {name} password is not valid {encoding}") from None


def _guess(text: str, size: int, name: str) -> bytes:
    # Some lengths fit both encodings; then only the alphabet tells.
    if len(text) == size * 2:
        try:
            return bytes.fromhex(text)
        except ValueError:
            pass
    return _decode(text, "base64", name)
