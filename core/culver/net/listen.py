"""Accept connections and give each a task."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

import msgspec
import trio

from culver.net.session import Address, Terms, make_connection, serve_connection

if TYPE_CHECKING:
    from culver.net.stream import StreamConnection
    from culver_events.scope import Scope

# Errors of accept() that concern one connection or a passing shortage, not the listener.
ACCEPT_SHORTAGE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS}
ACCEPT_IGNORE = {errno.ECONNABORTED, errno.EPERM, errno.EPROTO, errno.ENETDOWN, errno.EHOSTDOWN}
SHORTAGE_PAUSE = 0.1


class Listener(msgspec.Struct, kw_only=True):
    """A listening socket and what is behind it."""

    socket: socket.socket
    terms: Terms


async def serve(
    listener: Listener, scope: Scope, nursery: trio.Nursery, live: set[StreamConnection]
) -> None:
    """Accept until cancelled; sessions run in ``nursery``, so that closing listeners leaves them.

    ``live`` holds the connections that are open.  The socket is closed in the end: while old
    sessions finish, new clients are refused instead of waiting in the backlog for nobody.
    """
    with trio.socket.from_stdlib_socket(listener.socket) as sock:
        while True:
            client = await _accept(sock)
            if client is not None:
                nursery.start_soon(_session, listener.terms, client, scope, live)


async def _accept(sock: trio.socket.SocketType) -> trio.socket.SocketType | None:
    """A client; None when there is none to be had just now."""
    try:
        client, _ = await sock.accept()
        return client
    except OSError as error:
        if error.errno in ACCEPT_SHORTAGE:
            # Out of descriptors: the backlog holds the clients until some session ends.
            await trio.sleep(SHORTAGE_PAUSE)
        elif error.errno not in ACCEPT_IGNORE:
            raise
    return None


async def _session(
    terms: Terms,
    client: trio.socket.SocketType,
    scope: Scope,
    live: set[StreamConnection],
) -> None:
    with client:
        local, remote = _addresses(client)
        if remote is None:
            return  # it hung up between accept and now
        stream = trio.SocketStream(client)
        await serve_connection(terms, make_connection(terms, stream, scope, local, remote), live)


def _addresses(client: trio.socket.SocketType) -> tuple[Address, Address | None]:
    if client.family == socket.AF_UNIX:
        return ("", 0), ("", 0)
    try:
        local, remote = client.getsockname(), client.getpeername()
    except OSError:
        return ("", 0), None
    return (_plain(local[0]), local[1]), (_plain(remote[0]), remote[1])


def _plain(address: str) -> str:
    """IPv4 addresses that came through an IPv6 socket, as IPv4."""
    return address.removeprefix("::ffff:")
