"""A service built of real plugins, and connections that are only addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import pytest

from culver.auth.build import ServicePlan, build_service
from culver.auth.notes import Level, Notes
from culver.auth.rules import PassdbRules, UserdbRules
from culver.auth.service import AuthService
from culver.net.connection import Connection, TlsInfo
from culver.registry import Registry
from culver_events.scope import Scope
from culver_plugins.passwd_file import plugin as passwd_file
from culver_plugins.sasl import plugin as sasl
from culver_plugins.schemes import plugin as schemes
from culver_plugins.static import plugin as static

if TYPE_CHECKING:
    from pathlib import Path

    from culver.auth.request import AuthRequest
    from culver.auth.result import PassdbResult, UserdbResult


class FakeConnection(Connection):
    """Addresses without a stream."""

    def __init__(
        self, *, security: Literal["", "tls", "trusted"] = "trusted", ip: str = "192.0.2.7"
    ) -> None:
        self.scope = Scope()
        self.session_id = "s1"
        self.local_ip, self.local_port = "192.0.2.1", 143
        self.remote_ip, self.remote_port = ip, 40000
        self.security = security
        self.tls = (
            TlsInfo(protocol="TLSv1.3", cipher="x", cipher_bits=256, server_name="mail.example")
            if security == "tls"
            else None
        )
        self.bytes_in = self.bytes_out = 0

    @property
    def can_start_tls(self) -> bool:
        return False

    async def receive(self, timeout: float) -> bytes:  # noqa: ASYNC109 - the interface's
        raise AssertionError("nobody reads here")

    async def send(self, data: bytes | bytearray | memoryview) -> None:
        raise AssertionError("nobody writes here")

    async def start_tls(self) -> None:
        raise AssertionError("nobody starts TLS here")

    async def aclose(self) -> None:
        pass


class RecordingNotes(Notes):
    """Keeps what the chains say."""

    def __init__(self) -> None:
        self.lines: list[tuple[Level, str]] = []
        self.lookups: list[tuple[str, str]] = []
        self.finished: list[tuple[bool, str, str]] = []

    def log(self, request: AuthRequest | None, level: Level, text: str) -> None:
        self.lines.append((level, text))

    def passdb_finished(
        self, request: AuthRequest, driver: str, ident: str, result: PassdbResult
    ) -> None:
        self.lookups.append((f"passdb {ident}", result.value))

    def userdb_finished(
        self, request: AuthRequest, driver: str, ident: str, result: UserdbResult
    ) -> None:
        self.lookups.append((f"userdb {ident}", result.value))

    def request_finished(self, request: AuthRequest, success: bool, why: str, code: str) -> None:
        self.finished.append((success, why, code))

    def said(self, text: str) -> bool:
        return any(text in line for _, line in self.lines)


Build = Callable[..., AuthService]


@pytest.fixture
def registry() -> Registry:
    filled = Registry()
    for plugin in (passwd_file, sasl, schemes, static):
        filled.plugin = plugin.__name__
        plugin.culver_register(filled)
    return filled


@pytest.fixture
def notes() -> RecordingNotes:
    return RecordingNotes()


@pytest.fixture
def connection() -> FakeConnection:
    return FakeConnection()


@pytest.fixture
def make_connection() -> type[FakeConnection]:
    return FakeConnection


@pytest.fixture
def build(registry: Registry, notes: RecordingNotes) -> Build:
    """``build([passdb dicts], [userdb dicts], **plan)``."""

    def build_it(
        passdbs: list[dict[str, Any]],
        userdbs: list[dict[str, Any]] | None = None,
        mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN"),
        **plan: Any,
    ) -> AuthService:
        return build_service(
            ServicePlan(
                passdbs=[msgspec.convert(p, PassdbRules) for p in passdbs],
                userdbs=[msgspec.convert(u, UserdbRules) for u in userdbs or []],
                mechanisms=mechanisms,
                **plan,
            ),
            registry,
            notes,
        )

    return build_it


@pytest.fixture
def users(tmp_path: Path) -> Callable[[str], str]:
    """Write a passwd-file, get its path."""
    count = 0

    def write(text: str) -> str:
        nonlocal count
        count += 1
        path = tmp_path / f"users{count}"
        path.write_text(text)
        return str(path)

    return write
