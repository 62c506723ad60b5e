"""Registers the storage format ``maildir``."""

from __future__ import annotations

from culver.plugin import Registry, hookimpl
from culver_plugins.maildir.format import MaildirFormat
from culver_plugins.maildir.settings import MaildirSettings


@hookimpl
def culver_register(registry: Registry) -> None:
    """Declare the format and its settings."""
    registry.settings(MaildirSettings)
    registry.storage_format(MaildirFormat)
