"""Registers the storage format ``sdbox``."""

from __future__ import annotations

from culver.plugin import Registry, hookimpl
from culver_plugins.sdbox.format import SdboxFormat


@hookimpl
def culver_register(registry: Registry) -> None:
    """Declare the format."""
    registry.storage_format(SdboxFormat)
