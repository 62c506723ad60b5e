"""Registers the drivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.hookspecs import hookimpl
from culver_plugins.static.passdb import StaticPassdb
from culver_plugins.static.prefetch import PrefetchUserdb
from culver_plugins.static.userdb import StaticUserdb

if TYPE_CHECKING:
    from culver.registry import Registry


@hookimpl
def culver_register(registry: Registry) -> None:
    """``driver = static`` and ``driver = prefetch``."""
    registry.passdb(StaticPassdb)
    registry.userdb(StaticUserdb)
    registry.userdb(PrefetchUserdb)
