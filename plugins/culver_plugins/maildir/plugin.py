"""Registers the storage format ``maildir``."""

from __future__ import annotations

from culver.hookspecs import hookimpl
from culver.registry import Registry
from culver_plugins.maildir.format import MaildirFormat
from culver_plugins.maildir.settings import MaildirSettings


@hookimpl
def culver_register(registry: Registry) -> None:
    """Declare the format and its settings."""
    registry.settings(MaildirSettings)
    registry.storage_format(MaildirFormat)
