"""What happens to a user name before any database sees it (inventory R3-104 to R3-107)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from culver.auth.variables import RequestVariables, Template

if TYPE_CHECKING:
    from collections.abc import Callable

    from culver.auth.request import AuthRequest


class BadUsername(ValueError):
    """The name can't be anybody's.  The text is for the log."""


class UsernameSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings by their names without ``auth_``."""

    username_chars: str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01234567890.-_@"
    """Empty: all."""
    username_translation: str = ""
    """Pairs of characters: from, to, from, to."""
    username_format: str = "%Lu"
    default_realm: str = ""
    master_user_separator: str = ""


class UsernameRules:
    """The settings, compiled.  Raises what ``compile`` raises for a bad format."""

    def __init__(self, settings: UsernameSettings, compile: Callable[[str], Template]) -> None:
        self._realm = settings.default_realm
        self.separator = settings.master_user_separator[:1]
        chars = settings.username_chars.encode(errors="surrogateescape")
        self._bad = re.compile(b"[^" + re.escape(chars) + b"]") if chars else None
        self._translate = _translation(settings.username_translation)
        # The default, and the most common other one, need no variables.
        self._lower = settings.username_format == "%Lu"
        plain = self._lower or settings.username_format in ("", "%u")
        self._format = None if plain else compile(settings.username_format)

    def set_user(self, request: AuthRequest, name: str) -> None:
        """Take the name that a client sent, with a master login in it if there is a separator.

        Raises :class:`BadUsername`.
        """
        login_user = ""
        if self.separator and not request.userdb_lookup:
            head, found, tail = name.partition(self.separator)
            if found:
                login_user, name = head, tail
                if not login_user:
                    raise BadUsername("Master user login attempted to use empty login username")
        request.original_user = request.original_user or name
        request.user = self.fix(request.cert_username or name, request)
        request.translated_user = request.translated_user or request.user
        if login_user:
            self.set_login_user(request, login_user)

    def set_login_user(self, request: AuthRequest, name: str) -> None:
        """Take the name of the user that a master user wants to be.

        Wanting to be oneself is no master login.  Raises :class:`BadUsername`.
        """
        if name != request.user:
            request.login_user = self.fix(name, request)

    def fix(self, name: str, request: AuthRequest) -> str:
        """Realm, translation, character check and format, in this order."""
        if self._realm and "@" not in name:
            name = f"{name}@{self._realm}"
        raw = name.encode(errors="surrogateescape")
        if self._translate is not None:
            raw = raw.translate(self._translate)
        bad = self._bad.search(raw) if self._bad is not None else None
        if bad is not None:
            raise BadUsername(
                "Username character disallowed by auth_username_chars:"
                f" 0x{bad[0][0]:02x} (username: {name[:128]!r})"
            )
        if self._lower:
            raw = raw.lower()  # ASCII only, as %L is
        name = raw.decode(errors="surrogateescape")
        if self._format is not None:
            name = self._format.expand(_WithUser(request, name))
        if not name:
            raise BadUsername("Empty username")
        return name


class _WithUser(RequestVariables):
    """The request's variables with another user in %u, %n and %d."""

    __slots__ = ("_parts",)

    def __init__(self, request: AuthRequest, user: str) -> None:
        super().__init__(request)
        local, _, domain = user.partition("@")
        self._parts = {
            **dict.fromkeys(("user", "u"), user),
            **dict.fromkeys(("username", "n"), local),
            **dict.fromkeys(("domain", "d"), domain),
            "domain_first": domain.partition("@")[0],
            "domain_last": domain.rpartition("@")[2],
        }

    def __getitem__(self, name: str) -> str:
        value = self._parts.get(name)
        return super().__getitem__(name) if value is None else value


def _translation(pairs: str) -> bytes | None:
    raw = pairs.encode(errors="surrogateescape")
    if not raw:
        return None
    table = bytearray(range(256))
    for old, new in zip(raw[::2], raw[1::2], strict=False):
        table[old] = new
    return bytes(table)
