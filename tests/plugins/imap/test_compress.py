"""COMPRESS=DEFLATE, with a client that inflates."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import pytest
import trio

from culver.testing.imap_client import ImapClient
from culver.testing.mails import mail
from culver.testing.pytest_plugin import StartServer
from culver_events.session import MailUserSessionFinished


class Deflated(trio.abc.Stream):
    """A stream whose octets are compressed on the way."""

    def __init__(self, inner: trio.abc.Stream) -> None:
        self.inner = inner
        self._in = zlib.decompressobj(-15)
        self._out = zlib.compressobj(wbits=-15)

    def pack(self, data: bytes) -> bytes:
        """The octets on the wire."""
        return self._out.compress(data) + self._out.flush(zlib.Z_SYNC_FLUSH)

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self.inner.send_all(self.pack(bytes(data)))

    async def wait_send_all_might_not_block(self) -> None:
        await self.inner.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        while data := bytes(await self.inner.receive_some(max_bytes)):
            if plain := self._in.decompress(data):
                return plain
        return b""

    async def aclose(self) -> None:
        await self.inner.aclose()


async def _compressed(client: ImapClient) -> Deflated:
    assert (await client.command("COMPRESS DEFLATE")).ok
    client.stream = stream = Deflated(client.stream)
    return stream


async def test_a_session_goes_on_compressed(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        assert b"COMPRESS=DEFLATE" in (await alice.command("CAPABILITY")).of("CAPABILITY")[0]
        await _compressed(alice)
        assert b"COMPRESS" not in (await alice.command("CAPABILITY")).of("CAPABILITY")[0]
        large = mail("a", body="x" * 300_000)
        assert (await alice.append("INBOX", large)).ok
        await alice.select()
        (row,) = (await alice.fetch(1, "(BODY.PEEK[])")).fetched().values()
        assert row["BODY[]"] == large
        second = await alice.command("COMPRESS DEFLATE")
        assert (second.status, second.code) == ("NO", "COMPRESSIONACTIVE")
        assert (await alice.logout()).ok


@pytest.mark.parametrize("step", [1, 2, 7, 1000])
async def test_pipelined_behind_the_command_in_pieces(culver: StartServer, step: int) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        stream = Deflated(alice.stream)
        octets = b"a COMPRESS DEFLATE\r\n" + stream.pack(b"b NOOP\r\nc NOOP\r\n")
        for start in range(0, len(octets), step):
            await stream.inner.send_all(octets[start : start + step])
        said = answers = b""
        while not answers.endswith(b"\r\nc OK NOOP completed.\r\n"):
            said += await stream.inner.receive_some()
            agreed, _, packed = said.partition(b"\r\n")
            answers = zlib.decompressobj(-15).decompress(packed)
        assert agreed == b"a OK Begin compression."
        assert answers.startswith(b"b OK")


GARBAGE: Sequence[bytes] = [b"\xff" * 20, b"a NOOP\r\n" * 20, b"\x03\x00"]


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_garbage_ends_the_session(culver: StartServer, garbage: bytes) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        stream = await _compressed(alice)
        await stream.inner.send_all(garbage)
        assert await stream.receive_some() == b""
        assert len(server.events(MailUserSessionFinished)) == 1


async def test_a_bomb_is_a_line_too_long(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await _compressed(alice)
        await alice.send(b"a " + b"x" * 20_000_000 + b"\r\nb NOOP\r\n")
        refused = await alice.read()
        assert b"BAD Error in IMAP command: IMAP command line too large" in refused.line
        assert (await alice.answer(b"b")).ok
