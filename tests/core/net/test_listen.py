"""Accepting: what concerns one client never ends the listener."""

from __future__ import annotations

import errno
import socket
from pathlib import Path
from typing import ClassVar

import pytest
import trio
import trio.testing

from culver.net import listen
from culver.net.connection import Connection
from culver.net.listen import Listener
from culver.net.session import Terms
from culver.process.sockets import Endpoint, open_endpoint
from culver.service import ListenerDefault, ProtocolService
from culver_events.scope import Scope


class Hello(ProtocolService):
    """Says where the client is."""

    name = "hello"
    login_service = "hello"
    listeners: ClassVar[tuple[ListenerDefault, ...]] = ()

    def __init__(self) -> None:
        pass

    async def serve(self, connection: Connection) -> None:
        text = f"{connection.remote_ip or 'local'} {connection.security}"
        await connection.send(text.encode())


TERMS = Terms(
    service=Hello(),
    tls_first=False,
    tls_context=lambda local, remote: None,
    trusted=lambda local, remote: False,
)


async def said(stream: trio.abc.Stream) -> bytes:
    text = b""
    async with stream:
        while data := await stream.receive_some(100):
            text += data
    return text


async def test_tcp() -> None:
    sock = open_endpoint(Endpoint(service="hello", name="x", address="127.0.0.1"))
    port = sock.getsockname()[1]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(
            listen.serve, Listener(socket=sock, terms=TERMS), Scope(), nursery, set()
        )
        for _ in range(3):
            assert await said(await trio.open_tcp_stream("127.0.0.1", port)) == b"127.0.0.1 "
        nursery.cancel_scope.cancel()
    assert sock.fileno() == -1


async def test_unix(tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    sock = open_endpoint(Endpoint(service="hello", name="x", path=path, mode=0o600))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(
            listen.serve, Listener(socket=sock, terms=TERMS), Scope(), nursery, set()
        )
        assert await said(await trio.open_unix_socket(path)) == b"local trusted"
        nursery.cancel_scope.cancel()


class Troubled:
    """A socket whose accept fails first."""

    def __init__(self, errors: list[int]) -> None:
        self.errors = errors
        self.accepts = 0

    async def accept(self) -> tuple[trio.socket.SocketType, object]:
        self.accepts += 1
        if self.errors:
            raise OSError(self.errors.pop(0), "trouble")
        await trio.sleep_forever()
        raise AssertionError

    def __enter__(self) -> Troubled:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    "error", [errno.EMFILE, errno.ENFILE, errno.ECONNABORTED, errno.EPERM, errno.ENOMEM]
)
async def test_passing_trouble(
    error: int, monkeypatch: pytest.MonkeyPatch, autojump_clock: trio.testing.MockClock
) -> None:
    troubled = Troubled([error] * 3)
    monkeypatch.setattr(trio.socket, "from_stdlib_socket", lambda _: troubled)
    with socket.socket() as sock:
        with trio.move_on_after(10):
            async with trio.open_nursery() as nursery:
                listener = Listener(socket=sock, terms=TERMS)
                await listen.serve(listener, Scope(), nursery, set())
    assert troubled.accepts == 4


async def test_other_trouble_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    troubled = Troubled([errno.EBADF])
    monkeypatch.setattr(trio.socket, "from_stdlib_socket", lambda _: troubled)
    with socket.socket() as sock:
        async with trio.open_nursery() as nursery:
            with pytest.raises(OSError, match="trouble"):
                await listen.serve(Listener(socket=sock, terms=TERMS), Scope(), nursery, set())
