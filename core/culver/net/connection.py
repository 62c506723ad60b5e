"""One client's connection, as protocol services see it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from culver_events.scope import Scope


class TlsInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What was negotiated."""

    protocol: str
    """TLSv1.3"""
    cipher: str
    cipher_bits: int
    server_name: str = ""
    """SNI that the client sent, empty when none."""
    client_cert_subject: str = ""
    """Common name of a verified client certificate."""
    channel_binding: bytes = b""
    """tls-exporter of RFC 9266, empty when not available."""


class Connection(ABC):
    """A two-way byte stream with addresses.  Used by one task.

    Every wait is under a deadline: a client that neither sends nor reads ends with
    :exc:`TimeoutError`, a broken or closed connection with :exc:`trio.BrokenResourceError`.
    """

    scope: Scope
    """Holds session, service, remote_ip, remote_port, local_ip, local_port."""
    session_id: str
    local_ip: str
    """Empty for sockets that have none (unix, memory)."""
    local_port: int
    remote_ip: str
    remote_port: int
    tls: TlsInfo | None
    security: Literal["", "tls", "trusted"]
    """``trusted``: same host, unix socket or login_trusted_networks (inventory R1-065, R1-066).
    Cleartext logins are allowed when it isn't empty."""
    bytes_in: int
    bytes_out: int

    @property
    @abstractmethod
    def can_start_tls(self) -> bool:
        """A certificate is configured and the stream is not TLS yet."""

    @abstractmethod
    async def receive(self, timeout: float) -> bytes | bytearray:  # noqa: ASYNC109 - each step
        """Some bytes, empty at the end.  ``timeout`` in seconds."""

    @abstractmethod
    async def send(self, data: bytes | bytearray | memoryview) -> None:
        """Hand all of it to the system, under the configured send deadline per 64 KiB."""

    @abstractmethod
    async def start_tls(self) -> None:
        """Do the server's handshake.  Drop unparsed plaintext before you call this."""

    @abstractmethod
    async def aclose(self) -> None:
        """Close; never raises, never waits long."""
