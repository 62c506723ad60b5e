"""One client from its first byte to its last: one session, one closing event."""

from __future__ import annotations

import ssl
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
import trio

from culver.net.session_id import new_session_id
from culver.net.stream import StreamConnection
from culver_events.connection import ClientConnectionConnected, ClientConnectionDisconnected
from culver_events.server import LogMessage

if TYPE_CHECKING:
    from culver.service import ProtocolService
    from culver_events.scope import Scope

Address = tuple[str, int]
"""IP and port; ("", 0) where there are none: unix sockets, memory."""


class Terms(msgspec.Struct, kw_only=True, frozen=True):
    """What is spoken on a listener, and how its clients are judged."""

    service: ProtocolService
    tls_first: bool
    """The client begins with a TLS handshake (imaps)."""
    tls_context: Callable[[str, str], ssl.SSLContext | None]
    """From (local ip, remote ip) to the certificate to use; None when ssl = no."""
    trusted: Callable[[str, str], bool]
    """From (local ip, remote ip): same host or login_trusted_networks."""


def make_connection(
    terms: Terms, stream: trio.abc.Stream, scope: Scope, local: Address, remote: Address
) -> StreamConnection:
    """A connection with a session of its own, its scope below ``scope``."""
    session_id = new_session_id()
    name = terms.service.name
    return StreamConnection(
        stream,
        scope=scope.child(
            categories=(name,),
            protocol=name,
            session=session_id,
            remote_ip=remote[0] or None,
            remote_port=remote[1] or None,
            local_ip=local[0] or None,
            local_port=local[1] or None,
        ),
        session_id=session_id,
        local=local,
        remote=remote,
        tls_context=terms.tls_context(local[0], remote[0]),
        trusted=not local[1] or terms.trusted(local[0], remote[0]),
    )


async def serve_connection(
    terms: Terms, connection: StreamConnection, live: set[StreamConnection]
) -> None:
    """Serve until the session ends; nothing that happens in it touches another one.

    ``live`` holds the connection meanwhile.  The connection is closed in the end.
    """
    reason = "Server shutting down"
    connection.scope.emit(ClientConnectionConnected())
    live.add(connection)
    try:
        reason = await _serve(terms, connection)
    finally:
        live.discard(connection)
        connection.scope.emit(
            ClientConnectionDisconnected(
                net_in_bytes=connection.bytes_in,
                net_out_bytes=connection.bytes_out,
                reason=reason,
            )
        )


async def _serve(terms: Terms, connection: StreamConnection) -> str:
    """Run the service; the reason why the connection ended."""
    try:
        if terms.tls_first:
            await connection.start_tls()
        await terms.service.serve(connection)
        return "Connection closed"
    except (trio.BrokenResourceError, trio.ClosedResourceError, ssl.SSLError, OSError) as error:
        return _why(error)
    except Exception as error:
        # A bug of ours or of a plugin ends this session only.
        text = "".join(traceback.format_exception(error))
        connection.scope.emit(LogMessage(level="error", text=f"Session failed: {text}"))
        return "Internal error"
    finally:
        await connection.aclose()


def _why(error: BaseException) -> str:
    cause = error.__cause__ or error
    if isinstance(cause, TimeoutError):
        return f"Disconnected for inactivity: {cause}"
    return f"Connection lost: {cause}" if str(cause) else "Connection lost"
