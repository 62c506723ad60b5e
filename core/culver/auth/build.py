"""From blocks and settings to a running service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from culver.auth.driver import DriverEnv, DriverError, Passdb, Userdb
from culver.auth.failure_delay import FailureDelay
from culver.auth.notes import SILENT, Notes
from culver.auth.passdb_chain import PassdbChain
from culver.auth.rules import PassdbRules, UserdbRules
from culver.auth.schemes import SchemeSet
from culver.auth.service import AuthService
from culver.auth.userdb_chain import UserdbChain
from culver.auth.username import UsernameRules, UsernameSettings
from culver.config.common.auth import AuthSettings, PassdbBlock, UserdbBlock
from culver.config.variables import template

_Rules = TypeVar("_Rules", PassdbRules, UserdbRules)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from culver.auth.mechanism import SaslMechanism
    from culver.auth.request import AuthRequest
    from culver.auth.result import PassdbResult
    from culver.auth.variables import Template
    from culver.config.config import Config
    from culver.config.settings import Block
    from culver.registry import Kind, Registry


class ServicePlan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the configuration says of authentication."""

    passdbs: Sequence[PassdbRules]
    userdbs: Sequence[UserdbRules]
    mechanisms: Sequence[str] = ("PLAIN",)
    usernames: UsernameSettings = UsernameSettings()
    failure_delay: float = 2.0
    """Seconds."""


def plan_of(config: Config) -> ServicePlan:
    """What a loaded configuration says of authentication."""
    settings = config.get(AuthSettings)
    return ServicePlan(
        passdbs=[_rules(block, PassdbRules) for block in config.blocks(PassdbBlock)],
        userdbs=[_rules(block, UserdbRules) for block in config.blocks(UserdbBlock)],
        mechanisms=settings.mechanisms,
        usernames=UsernameSettings(
            username_chars=settings.username_chars,
            username_translation=settings.username_translation,
            username_format=str(settings.username_format),
            default_realm=settings.default_realm,
            master_user_separator=settings.master_user_separator,
        ),
        failure_delay=float(settings.failure_delay),
    )


def _rules(block: Block, cls: type[_Rules]) -> _Rules:
    values = {name: getattr(block, name) for name in cls.__struct_fields__ if hasattr(block, name)}
    return cls(**values)


def build_service(
    plan: ServicePlan,
    registry: Registry,
    notes: Notes = SILENT,
    template: Callable[[str], Template] = template,
) -> AuthService:
    """Make drivers, chains and service.

    Raises :class:`DriverError` (a ValueError) for what can't work: an unknown driver or
    mechanism, bad args, a bad template.
    """
    env = DriverEnv(
        schemes=SchemeSet(entry.value for entry in registry.schemes),
        template=template,
        notes=notes,
        lone_userdb=len(plan.userdbs) == 1,
    )
    chain = PassdbChain([_passdb(rules, registry, env) for rules in plan.passdbs], notes)
    env.exists = _existence(chain)
    return AuthService(
        passdbs=chain,
        userdbs=UserdbChain([_userdb(rules, registry, env) for rules in plan.userdbs], notes),
        mechanisms=[_mechanism(name, registry) for name in plan.mechanisms],
        usernames=UsernameRules(plan.usernames, template),
        delay=FailureDelay(plan.failure_delay),
        notes=notes,
    )


def _existence(chain: PassdbChain) -> Callable[[AuthRequest], Awaitable[PassdbResult]]:
    async def exists(request: AuthRequest) -> PassdbResult:
        answer = await chain.credentials(request, ())
        return answer.result

    return exists


def _passdb(rules: PassdbRules, registry: Registry, env: DriverEnv) -> Passdb:
    cls = registry.passdbs.find(rules.driver)
    if cls is None:
        raise _unknown("passdb driver", rules.driver, registry.passdbs)
    return cls(rules.args, rules, env)


def _userdb(rules: UserdbRules, registry: Registry, env: DriverEnv) -> Userdb:
    cls = registry.userdbs.find(rules.driver)
    if cls is None:
        raise _unknown("userdb driver", rules.driver, registry.userdbs)
    return cls(rules.args, rules, env)


def _mechanism(name: str, registry: Registry) -> type[SaslMechanism]:
    cls = registry.mechanisms.find(name.upper())
    if cls is None:
        raise _unknown("auth_mechanisms: mechanism", name, registry.mechanisms)
    return cls


def _unknown(what: str, found: str, kind: Kind[Any]) -> DriverError:
    return DriverError(f"{what} {found!r} is unknown; allowed: {', '.join(kind.names())}")
