"""Registers the storage format ``mbox``."""

from __future__ import annotations

from culver.plugin import Registry, hookimpl
from culver_plugins.mbox.format import MboxFormat
from culver_plugins.mbox.settings import MboxSettings


@hookimpl
def culver_register(registry: Registry) -> None:
    """Declare the format and its settings."""
    registry.settings(MboxSettings)
    registry.storage_format(MboxFormat)
