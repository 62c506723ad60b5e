"""Registers the schemes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.hookspecs import hookimpl
from culver_plugins.schemes.plain import PlainScheme, PlainTruncScheme

if TYPE_CHECKING:
    from culver.registry import Registry


@hookimpl
def culver_register(registry: Registry) -> None:
    """Every scheme by its names."""
    registry.password_scheme(PlainScheme())
    registry.password_scheme(PlainTruncScheme())
