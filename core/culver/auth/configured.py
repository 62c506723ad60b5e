"""The auth service as a configuration describes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from culver.auth.build import ServicePlan, build_service
from culver.auth.local import LocalAuth
from culver.auth.notes import SILENT, Notes
from culver.auth.rules import PassdbRules, UserdbRules
from culver.auth.username import UsernameSettings
from culver.config.common.auth import AuthSettings, PassdbBlock, UserdbBlock
from culver.config.common.login import LoginSettings

if TYPE_CHECKING:
    from culver.auth.service import AuthService
    from culver.config.config import Config
    from culver.net.connection import Connection
    from culver.registry import Registry
    from culver_events.scope import Scope


def plan_of(config: Config) -> ServicePlan:
    """What the blocks and settings say."""
    settings = config.get(AuthSettings)
    return ServicePlan(
        passdbs=[_passdb(block) for block in config.blocks(PassdbBlock)],
        userdbs=[_userdb(block) for block in config.blocks(UserdbBlock)],
        mechanisms=settings.mechanisms,
        usernames=UsernameSettings(
            username_chars=settings.username_chars,
            username_translation=settings.username_translation,
            username_format=settings.username_format.to_text(),
            default_realm=settings.default_realm,
            master_user_separator=settings.master_user_separator,
        ),
        failure_delay=float(settings.failure_delay),
    )


def _passdb(block: PassdbBlock) -> PassdbRules:
    found = {name: getattr(block, name) for name in PassdbRules.__struct_fields__}
    return PassdbRules(**found)


def _userdb(block: UserdbBlock) -> UserdbRules:
    found = {name: getattr(block, name) for name in UserdbRules.__struct_fields__}
    return UserdbRules(**found)


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


def auth_service(config: Config, registry: Registry, notes: Notes = SILENT) -> AuthService:
    """The service.  Raises DriverError for what can't work."""
    return build_service(plan_of(config), registry, notes)


def local_auth(config: Config, registry: Registry, scope: Scope) -> LocalAuth:
    """The service in this process, telling events in ``scope``."""
    service = auth_service(config, registry)
    return LocalAuth(service, plaintext_allowed(config))
