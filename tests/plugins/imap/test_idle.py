"""IDLE."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

import pytest
import trio
import trio.lowlevel
from trio.testing import MockClock

from culver.testing.capture import capture_events
from culver.testing.imap_client import ImapClient
from culver.testing.mails import mail
from culver.testing.pytest_plugin import StartServer
from culver.testing.server import make_composition
from culver.testing.tcp import run_worker
from culver_events.server import LogMessage
from culver_events.session import MailUserSessionFinished


async def test_a_delivery_is_told(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.select()
        await alice.idle()
        await server.deliver("alice", mail())
        assert await alice.read_line() == b"* 1 EXISTS"
        assert await alice.read_line() == b"* 1 RECENT"
        assert (await alice.done()).ok


async def test_flags_and_expunges_are_told(culver: StartServer) -> None:
    async with culver() as server:
        alice, other = await server.imap("alice"), await server.imap("alice")
        await alice.append("INBOX", mail())
        await alice.select()
        await other.select()
        await alice.idle()
        await other.store(1, r"+FLAGS (\Deleted)")
        assert b"\\Deleted" in await alice.read_line()
        await other.command("EXPUNGE")
        assert await alice.read_line() == b"* 1 EXPUNGE"
        assert (await alice.done()).ok


async def test_without_a_mailbox(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.idle()
        assert (await alice.done()).ok


async def test_something_else_than_done(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.select()
        await alice.idle()
        await alice.send(b"x NOOP\r\n")
        answer = await alice.answer(b"c3")
        assert (answer.status, answer.text) == ("BAD", "Expected DONE.")
        assert (await alice.command("NOOP")).ok


async def test_done_in_the_same_packet(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.send(b"a IDLE\r\nDONE\r\nb NOOP\r\n")
        assert (await alice.answer(b"a")).ok
        assert (await alice.answer(b"b")).ok


async def test_hanging_up(culver: StartServer) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.select()
        await alice.idle()
        await alice.aclose()
        await server.all_ended()
        assert server.events(LogMessage) == []


async def test_it_is_kept_alive(culver: StartServer, autojump_clock: MockClock) -> None:
    async with culver() as server:
        alice = await server.imap("alice")
        await alice.idle()
        began = trio.current_time()
        for _ in range(20):
            assert await alice.read_line() == b"* OK Still here"
        assert trio.current_time() - began == 20 * 120
        assert (await alice.done()).ok


async def test_a_client_that_reads_no_more(culver: StartServer, autojump_clock: MockClock) -> None:
    async with culver() as server:
        client = ImapClient(server.connect("imap", lockstep=True))
        await client.greet()
        await client.login("alice")
        await client.idle()
        await server.all_ended()
        assert server.events(LogMessage) == []


@pytest.mark.parametrize("sessions", [2, 5])
async def test_everybody_is_told(culver: StartServer, sessions: int) -> None:
    async with culver() as server:
        clients = [await server.imap("alice") for _ in range(sessions)]
        for client in clients:
            await client.select()
            await client.idle()
        await server.deliver("alice", mail())
        for client in clients:
            assert await client.read_line() == b"* 1 EXISTS"


async def test_a_mailbox_that_vanishes(culver: StartServer) -> None:
    async with culver() as server:
        alice, other = await server.imap("alice"), await server.imap("alice")
        await alice.command("CREATE a")
        await alice.select("a")
        await alice.idle()
        await other.command("DELETE a")
        assert (await alice.done()).status in ("OK", "NO")
        assert (await alice.select("INBOX")).ok


async def test_a_reset_connection(tmp_path: Path) -> None:
    composition = make_composition(tmp_path)
    captured = capture_events(composition.bus)
    async with run_worker(composition, "imap") as ports:
        stream = await trio.open_tcp_stream("127.0.0.1", ports["imap"])
        alice = ImapClient(stream)
        await alice.greet()
        await alice.login("alice")
        await alice.select()
        await alice.idle()
        # Close with a RST instead of a FIN.
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await stream.aclose()
        while not captured.of(MailUserSessionFinished):
            await trio.lowlevel.checkpoint()
    assert captured.of(LogMessage) == []


async def test_a_client_that_reads_no_more_does_not_delay_the_stop(
    culver: StartServer, autojump_clock: MockClock
) -> None:
    async with culver() as server:
        client = ImapClient(server.connect("imap", lockstep=True))
        await client.greet()
        await client.login("alice")
        await client.select()
        await client.idle()
        await server.deliver("alice", mail())
        await trio.testing.wait_all_tasks_blocked()
        began = trio.current_time()
    assert trio.current_time() - began < 30
