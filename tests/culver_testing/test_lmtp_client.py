"""The LMTP client."""

from __future__ import annotations

import pytest
import trio.testing

from culver.testing.imap_client import ConnectionEnded
from culver.testing.lmtp_client import LmtpClient, LmtpReply, NotDelivered, dot_stuffed
from culver.testing.pytest_plugin import StartServer


@pytest.mark.parametrize(
    ("mail", "stuffed"),
    [
        (b"", b"\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b"a\r\n", b"a\r\n.\r\n"),
        (b".a\r\n.\r\n..", b"..a\r\n..\r\n...\r\n.\r\n"),
    ],
)
def test_stuffing(mail: bytes, stuffed: bytes) -> None:
    assert dot_stuffed(mail) == stuffed


async def test_replies() -> None:
    mine, theirs = trio.testing.memory_stream_pair()
    client = LmtpClient(mine)
    await theirs.send_all(b"250-a\r\n250 B\r\n550 5.1.1 no\r\n354 OK\r\n")
    await theirs.aclose()
    assert await client.reply() == LmtpReply(250, "", "a\nB")
    assert await client.reply() == LmtpReply(550, "5.1.1", "no")
    assert (await client.reply()).ok
    with pytest.raises(ConnectionEnded):
        await client.reply()


async def test_refusals(culver: StartServer) -> None:
    async with culver() as server:
        client = await server.lmtp()
        replies = await client.deliver(["nobody", "alice"], b"x")
        assert [reply.ok for reply in replies] == [False, True]
        assert [reply.ok for reply in await client.deliver(["nobody"], b"x")] == [False]
        assert [reply.ok for reply in await client.deliver(["alice"], b"x", "a b")] == [False]
        assert (await client.data(b"x"))[0].status == 503
        with pytest.raises(NotDelivered, match=r"550 5\.1\.1"):
            await server.deliver("nobody", b"x")
