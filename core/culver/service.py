"""What a protocol plugin provides, and what it is given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

import msgspec

if TYPE_CHECKING:
    from culver.auth.client import AuthClient
    from culver.bus import Bus
    from culver.config.config import Config
    from culver.mail.user import MailService
    from culver.net.connection import Connection
    from culver.registry import Registry
    from culver_events.scope import Scope


class ListenerDefault(msgspec.Struct, frozen=True, kw_only=True):
    """A listener that exists unless the configuration says otherwise: an inet_listener with a
    port, or a unix_listener with a path below ``base_dir``."""

    name: str
    port: int = 0
    ssl: bool = False
    path: str = ""
    mode: int = 0o666


class Server:
    """What services and layers may use of the process they run in."""

    def __init__(
        self,
        *,
        config: Config,
        registry: Registry,
        bus: Bus,
        scope: Scope,
        auth: AuthClient,
        mail: MailService,
    ) -> None:
        self.config = config
        self.registry = registry
        self.bus = bus
        self.scope = scope
        self.auth = auth
        self.mail = mail


class ProtocolService(ABC):
    """A protocol that clients speak.  One instance per worker process.

    ``serve`` owns the connection until it returns; it emits exactly one closing event whatever
    ends the session, and may be cancelled at any checkpoint when the server drains.
    """

    name: ClassVar[str]
    """The word in ``protocols`` and in ``protocol NAME { }``."""
    login_service: ClassVar[str]
    """The ``service`` block that holds its listeners: ``imap-login``, ``lmtp``."""
    listeners: ClassVar[tuple[ListenerDefault, ...]]

    def __init__(self, server: Server) -> None:
        self.server = server

    @abstractmethod
    async def serve(self, connection: Connection) -> None:
        """Speak the protocol until the session ends."""

    def drain(self) -> None:  # noqa: B027 - optional
        """The server stops: tell sessions that wait (IDLE) to end soon.  Called once."""
