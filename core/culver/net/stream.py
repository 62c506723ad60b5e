"""A connection over a trio stream: the only place where bytes meet a socket."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal

import trio

from culver.net.connection import Connection, TlsInfo

if TYPE_CHECKING:
    from culver_events.scope import Scope

server_name: ContextVar[str] = ContextVar("server_name", default="")
"""The SNI of the handshake in this task.  OpenSSL tells it to a callback of the context, which
all connections share; the callback runs inside the task's own handshake and notes it here."""

RECEIVE_SIZE = 64 * 1024
SEND_CHUNK = 64 * 1024

SEND_TIMEOUT = 300.0
"""Seconds that a client may take to accept 64 KiB.  A deadline on reads alone would let a client
that stops reading hold its session for ever."""

TLS_TIMEOUT = 60.0
"""Seconds for a whole handshake."""

CLOSE_TIMEOUT = 5.0
"""Seconds for a TLS close_notify to be accepted."""


class StreamConnection(Connection):
    """A client over a socket, a TLS stream or a memory stream."""

    def __init__(
        self,
        stream: trio.abc.Stream,
        *,
        scope: Scope,
        session_id: str,
        local: tuple[str, int] = ("", 0),
        remote: tuple[str, int] = ("", 0),
        tls_context: ssl.SSLContext | None = None,
        trusted: bool = False,
    ) -> None:
        self._stream = stream
        self._tls_context = tls_context
        self.scope = scope
        self.session_id = session_id
        self.local_ip, self.local_port = local
        self.remote_ip, self.remote_port = remote
        self.tls: TlsInfo | None = None
        self.security: Literal["", "tls", "trusted"] = "trusted" if trusted else ""
        self.bytes_in = 0
        self.bytes_out = 0
        self._receiving: trio.CancelScope | None = None

    @property
    def can_start_tls(self) -> bool:
        return self._tls_context is not None and self.tls is None

    async def receive(self, timeout: float) -> bytes | bytearray:  # noqa: ASYNC109 - see base
        if self.draining:
            return b""
        with trio.move_on_after(timeout) as self._receiving:
            data = await self._stream.receive_some(RECEIVE_SIZE)
            self.bytes_in += len(data)
            return data
        if self.draining:
            return b""
        raise TimeoutError(f"the client sent nothing for {timeout:g} seconds")

    def drain(self) -> None:
        """End the session at its next wait for the client; a command that runs is finished."""
        self.draining = True
        if self._receiving is not None:
            self._receiving.cancel()

    async def send(self, data: bytes | bytearray | memoryview) -> None:
        if len(data) <= SEND_CHUNK:
            return await self._send_chunk(data)
        view = memoryview(data)
        for start in range(0, len(view), SEND_CHUNK):
            await self._send_chunk(view[start : start + SEND_CHUNK])

    async def _send_chunk(self, data: bytes | bytearray | memoryview) -> None:
        with trio.move_on_after(SEND_TIMEOUT):
            await self._stream.send_all(data)
            self.bytes_out += len(data)
            return
        raise TimeoutError(f"the client read nothing for {SEND_TIMEOUT:g} seconds")

    async def start_tls(self) -> None:
        """Handshake as the server; :exc:`trio.BrokenResourceError` when the client can't."""
        assert self._tls_context is not None, "can_start_tls was not asked"
        server_name.set("")
        stream = trio.SSLStream(
            self._stream, self._tls_context, server_side=True, https_compatible=True
        )
        with trio.move_on_after(TLS_TIMEOUT):
            await stream.do_handshake()
            self._stream = stream
            self.tls = _tls_info(stream)
            self.security = "tls"
            return
        raise TimeoutError(f"no TLS handshake within {TLS_TIMEOUT:g} seconds")

    async def aclose(self) -> None:
        scope = trio.CancelScope(shield=True, deadline=trio.current_time() + CLOSE_TIMEOUT)
        with scope, contextlib.suppress(trio.BrokenResourceError, OSError):
            await self._stream.aclose()


def _tls_info(stream: trio.SSLStream[trio.abc.Stream]) -> TlsInfo:
    name, _, bits = stream.cipher() or ("", "", 0)
    subject = ""
    certificate: Mapping[str, Any] = stream.getpeercert() or {}
    for rdn in certificate.get("subject", ()):
        for key, value in rdn:
            if key == "commonName":
                subject = str(value)
    return TlsInfo(
        protocol=stream.version() or "",
        cipher=name,
        cipher_bits=bits,
        server_name=server_name.get(),
        client_cert_subject=subject,
    )
