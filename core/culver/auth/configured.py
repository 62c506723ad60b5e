"""The auth service as a configuration describes it, ready to be asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from culver.auth.build import build_service, plan_of
from culver.auth.local import LocalAuth
from culver.auth.noticing import EventNotes
from culver.config.common.auth import AuthSettings
from culver.config.common.login import LoginSettings

if TYPE_CHECKING:
    from culver.auth.service import AuthService
    from culver.config.config import Config
    from culver.net.connection import Connection
    from culver.registry import Registry
    from culver_events.scope import Scope


def plaintext_allowed(config: Config) -> Callable[[str, Connection], bool]:
    """``disable_plaintext_auth = no`` as it holds for a connection."""

    def allowed(service: str, connection: Connection) -> bool:
        settings = config.get(
            LoginSettings,
            protocol=service,
            local_ip=connection.local_ip or None,
            remote_ip=connection.remote_ip or None,
        )
        return not settings.disable_plaintext_auth

    return allowed


def auth_service(config: Config, registry: Registry, scope: Scope) -> AuthService:
    """The service, telling events in ``scope``.  Raises DriverError for what can't work."""
    notes = EventNotes(scope, verbose=config.get(AuthSettings).verbose)
    return build_service(plan_of(config), registry, notes)


def local_auth(config: Config, registry: Registry, scope: Scope) -> LocalAuth:
    """The service in this process."""
    return LocalAuth(auth_service(config, registry, scope), plaintext_allowed(config))
