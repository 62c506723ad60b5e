"""``mail_location``: ``driver:path:KEY=value:...`` (inventory R4-001, R4-004)."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

KEYS = frozenset(
    {
        "INDEX",
        "ITERINDEX",
        "INDEXPVT",
        "INDEXCACHE",
        "INBOX",
        "LAYOUT",
        "NO-NOSELECT",
        "UTF-8",
        "BROKENCHAR",
        "CONTROL",
        "VOLATILEDIR",
        "SUBSCRIPTIONS",
        "MAILBOXDIR",
        "FULLDIRNAME",
        "DIRNAME",
        "ALT",
        "ALTNOCHECK",
        "LISTINDEX",
        "NO-FS-VALIDATION",
    }
)
"""Every key that Dovecot 2.3 knows; those without a value stand alone (``UTF-8``)."""

_PART = re.compile(r"((?:[^:]|::)*)(?::(?!:)|$)")


class BadLocation(ValueError):
    """A mail_location that can't be read.  Says what was found and what is allowed."""


class MailLocation(msgspec.Struct, frozen=True, kw_only=True):
    """Where a namespace's mail lies and in which format."""

    driver: str
    """Name of a storage format; ``auto`` when it has to be looked for."""
    path: str
    """Root directory, ``~/`` already expanded; empty for formats without one."""
    options: dict[str, str] = {}
    """KEY -> value, value empty for keys that stand alone."""

    @property
    def root(self) -> Path:
        """The root directory."""
        return Path(self.path)

    @property
    def control(self) -> Path:
        """Where control files lie (CONTROL=), by default the root."""
        return Path(self.options.get("CONTROL") or self.path)

    @property
    def utf8(self) -> bool:
        """Names lie on the disk as UTF-8, not as modified UTF-7."""
        return "UTF-8" in self.options

    def __str__(self) -> str:
        fields = [f"{key}={value}" if value else key for key, value in self.options.items()]
        return ":".join(text.replace(":", "::") for text in (self.driver, self.path, *fields))


def parse_location(text: str, home: Path | None) -> MailLocation:
    """Parse a location whose variables are expanded already.

    Without ``driver:`` a path alone means autodetection.  Raises :class:`BadLocation` for a key
    that doesn't exist, and for ``~`` without a home.
    """
    driver, found, rest = text.partition(":")
    if not found or not re.fullmatch(r"[a-z][a-z0-9_]*", driver):
        driver, rest = "auto", text
    fields = [part.replace("::", ":") for part in _split(rest)]
    options: dict[str, str] = {}
    for field in fields[1:]:
        key, _, value = field.partition("=")
        if key.upper() not in KEYS:
            allowed = ", ".join(sorted(KEYS))
            raise BadLocation(f"mail_location {text!r}: unknown key {key!r}; allowed: {allowed}")
        options[key.upper()] = expand_home(value, home)
    return MailLocation(driver=driver, path=expand_home(fields[0], home), options=options)


def _split(text: str) -> list[str]:
    parts: list[str] = []
    at = 0
    while at <= len(text):
        found = _PART.match(text, at)
        if found is None:  # pragma: no cover - the expression matches everywhere
            break
        parts.append(found[1])
        if found.end() == len(text) and not found[0].endswith(":"):
            break
        at = found.end()
    return parts


def expand_home(path: str, home: Path | None) -> str:
    """``~/x`` below the user's home; other paths as they are."""
    if path != "~" and not path.startswith("~/"):
        return path
    if home is None:
        raise BadLocation(f"{path!r} needs a home directory, and the userdb gave none")
    return str(home / path[2:])


DETECTED = ("~/mdbox", "~/sdbox", "~/Maildir", "~/mail", "~/Mail")
"""Where Dovecot looks for an existing store when mail_location is empty (R4-003)."""
