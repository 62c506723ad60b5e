"""IMAP as a service of a worker: what all its sessions share."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

from culver.plugin import (
    Connection,
    ListenerDefault,
    LoginSettings,
    MechanismInfo,
    ProtocolService,
    Server,
)
from culver_plugins.imap.answer import Answer
from culver_plugins.imap.api import ImapCommand
from culver_plugins.imap.capabilities import after_login, before_login
from culver_plugins.imap.commands import compress, starttls
from culver_plugins.imap.session import Session
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.events import CommandReceived
from culver_plugins.imap.wire.table import CommandTable

Handler = Callable[[Session, Any], Awaitable[Answer]]


def _module(name: str) -> ModuleType:
    """The module of a command bears its name; the UID form shares it."""
    stem = name.removeprefix("UID ").lower()
    return importlib.import_module(f"culver_plugins.imap.commands.{stem}")


MODULES = {name: _module(name) for name in CommandTable().names()}
"""Loaded with the plugin, so that all workers share them."""


class ImapService(ProtocolService):
    """Access to mail (RFC 3501)."""

    name = "imap"
    login_service = "imap-login"
    listeners = (
        ListenerDefault(name="imap", port=143),
        ListenerDefault(name="imaps", port=993, ssl=True),
    )

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.table = CommandTable()
        self._handlers: dict[str, Handler] = {}
        self._provided: list[str] = []
        for name in self.table.names():
            self._add_bundled(name)
        self._add_plugins()

    def _add_bundled(self, name: str) -> None:
        module = MODULES[name]
        self._handlers[name] = module.run
        self._provided += getattr(module, "CAPABILITIES", ())

    def _add_plugins(self) -> None:
        registry = self.server.registry
        for entry in registry.commands:
            if entry.value.protocol == "imap":
                command = entry.value.value
                assert isinstance(command, ImapCommand), f"{entry.plugin}: no ImapCommand"
                name = entry.name.removeprefix("imap ")
                self.table.add(name, command.spec)
                self._handlers[name] = command.run
                self._provided += command.capabilities
        self._provided += [
            str(entry.value.value)
            for entry in registry.capabilities
            if entry.value.protocol == "imap"
        ]

    def handler(self, name: str) -> Handler:
        """What runs a command."""
        return self._handlers[name]

    def mechanisms(self) -> tuple[MechanismInfo, ...]:
        """The SASL mechanisms of the configuration."""
        return self.server.auth.mechanisms("imap")

    def capabilities(self, session: Session) -> list[bytes]:
        """What the session may use in its present state."""
        if session.user is not None:
            provided = set(self._provided)
            if session.deflate is not None:
                provided -= set(compress.CAPABILITIES)  # RFC 4978 3: there is no second layer
            return after_login(session.settings, sorted(provided))
        connection = session.connection
        offered = self.server.auth.offered("imap", connection)
        return before_login(session.settings, connection, offered)

    def greeting(self, session: Session) -> bytes:
        """The first line."""
        text = self.server.config.get(LoginSettings, protocol="imap").login_greeting
        return responses.greeting(self.capabilities(session), text.encode())

    async def serve(self, connection: Connection) -> None:
        await Session(self, connection).run()

    async def after(self, session: Session, event: CommandReceived, answer: Answer) -> None:
        """What can be done only once the tagged answer has been sent."""
        if event.name == "STARTTLS":
            await starttls.after(session, answer)
        elif event.name == "COMPRESS":
            await compress.after(session, answer)
