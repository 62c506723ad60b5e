"""IMAP as a plugin."""

from __future__ import annotations

from culver.plugin import Registry, hookimpl
from culver_plugins.imap.service import ImapService
from culver_plugins.imap.settings import ImapSettings


@hookimpl
def culver_register(registry: Registry) -> None:
    """Declare the protocol and its settings."""
    registry.settings(ImapSettings)
    registry.protocol(ImapService)
