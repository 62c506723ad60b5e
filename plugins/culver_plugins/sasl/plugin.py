"""Registers the mechanisms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.hookspecs import hookimpl
from culver_plugins.sasl.login import Login
from culver_plugins.sasl.plain import Plain

if TYPE_CHECKING:
    from culver.registry import Registry


@hookimpl
def culver_register(registry: Registry) -> None:
    """PLAIN and LOGIN, offered when ``auth_mechanisms`` names them."""
    registry.sasl_mechanism(Plain)
    registry.sasl_mechanism(Login)
