"""What the server announces: computed from the commands that are there, never listed by hand."""

from __future__ import annotations

from collections.abc import Iterable

from culver.plugin import Connection, MechanismInfo
from culver_plugins.imap.settings import ImapSettings

BASE = ("IMAP4rev1", "SASL-IR", "ID", "ENABLE", "IDLE")
"""What every state has."""


def before_login(
    settings: ImapSettings,
    connection: Connection,
    offered: Iterable[MechanismInfo],
) -> list[bytes]:
    """For the greeting and CAPABILITY before login.  ``offered`` may be used now; without PLAIN
    among them there is no LOGIN either (RFC 3501 6.2.3)."""
    names = [each.name for each in offered]
    words = [*BASE, _literal(settings)]
    if connection.can_start_tls:
        words.append("STARTTLS")
    if "PLAIN" not in names:
        words.append("LOGINDISABLED")
    words += [f"AUTH={name}" for name in names]
    return [word.encode() for word in words]


def after_login(settings: ImapSettings, provided: Iterable[str]) -> list[bytes]:
    """For the login's OK and CAPABILITY afterwards.  ``provided`` by commands and plugins.

    ``imap_capability`` replaces the list, or adds to it when it starts with ``+`` (R5-006).
    """
    fixed = settings.capability
    if fixed and not fixed.startswith("+"):
        return [word.encode() for word in fixed.split()]
    words = dict.fromkeys([*BASE, _literal(settings), *provided])
    words |= dict.fromkeys(fixed[1:].split())
    return [word.encode() for word in words]


def _literal(settings: ImapSettings) -> str:
    return "LITERAL-" if settings.literal_minus else "LITERAL+"
