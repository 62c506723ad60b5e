"""Registers the drivers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.hookspecs import hookimpl
from culver_plugins.passwd_file.passdb import PasswdFilePassdb
from culver_plugins.passwd_file.userdb import PasswdFileUserdb

if TYPE_CHECKING:
    from culver.registry import Registry


@hookimpl
def culver_register(registry: Registry) -> None:
    """``driver = passwd-file``."""
    registry.passdb(PasswdFilePassdb)
    registry.userdb(PasswdFileUserdb)
