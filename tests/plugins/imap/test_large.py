"""Mails of 100 MB pass through with little memory: APPEND, LMTP, FETCH."""

from __future__ import annotations

import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest

from culver.testing.imap_client import ImapClient
from culver.testing.lmtp_client import LmtpClient
from culver.testing.pytest_plugin import StartServer
from culver.testing.server import TestServer

HEAD = b"Subject: large\r\n\r\n"
PIECE = (b"m" * 998 + b"\r\n") * 1000
PIECES = 100
SIZE = len(PIECE) * PIECES
ENOUGH = 16 << 20
"""Bytes of memory: a few pieces in flight, whatever the size of the mail."""


@contextmanager
def bounded_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < ENOUGH


async def by_append(server: TestServer, head: bytes) -> None:
    # Lockstep: what the server hasn't read isn't kept in the stream either.
    client = ImapClient(server.connect("imap", lockstep=True))
    await client.greet()
    await client.login("alice")
    with bounded_memory():
        await client.send(b"a APPEND INBOX {%d+}\r\n%b" % (len(head) + SIZE, head))
        for _ in range(PIECES):
            await client.send(PIECE)
        await client.send(b"\r\n")
        assert (await client.answer(b"a")).ok


async def by_lmtp(server: TestServer, head: bytes) -> None:
    client = LmtpClient(server.connect("lmtp", lockstep=True))
    await client.reply()
    await client.lhlo()
    await client.mail("a@example.org")
    await client.rcpt("alice")
    await client.rcpt("bob")
    await client.command("DATA")
    with bounded_memory():
        await client.send(head)
        for _ in range(PIECES):
            await client.send(PIECE)
        await client.send(b".\r\n")
        assert (await client.reply()).ok
        assert (await client.reply()).ok


@pytest.mark.slow
@pytest.mark.parametrize("head", [HEAD, b""])
@pytest.mark.parametrize("way", [by_append, by_lmtp])
async def test_in_and_out(
    culver: StartServer,
    way: Callable[[TestServer, bytes], Awaitable[None]],
    head: bytes,
) -> None:
    async with culver() as server:
        await way(server, head)
        client = ImapClient(server.connect("imap", lockstep=True))
        await client.greet()
        await client.login("alice")
        await client.select()
        await client.send(b"a FETCH 1 BODY.PEEK[]\r\n")
        received = 0
        with bounded_memory():
            while received < SIZE:
                received += len(await client.stream.receive_some(1 << 20))
