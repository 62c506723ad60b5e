"""Registers the storage formats ``mdbox`` and ``mdbox_deleted``."""

from __future__ import annotations

from culver.plugin import Registry, hookimpl
from culver_plugins.mdbox.deleted import MdboxDeletedFormat
from culver_plugins.mdbox.format import MdboxFormat
from culver_plugins.mdbox.settings import MdboxSettings


@hookimpl
def culver_register(registry: Registry) -> None:
    """Declare the formats and their settings."""
    registry.settings(MdboxSettings)
    registry.storage_format(MdboxFormat)
    registry.storage_format(MdboxDeletedFormat)
