"""One client: one session, one closing event, whatever ends it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from culver.bus import Bus
from culver.net.connection import Connection
from culver.net.session import Terms, make_connection, serve_connection
from culver.net.session_id import new_session_id
from culver.net.stream import SEND_TIMEOUT, StreamConnection
from culver.service import ListenerDefault, ProtocolService
from culver.testing.capture import CapturedEvents, capture_events
from culver_events.connection import ClientConnectionConnected, ClientConnectionDisconnected
from culver_events.registry import default_registry
from culver_events.scope import Scope
from culver_events.server import LogMessage

Work = Callable[[Connection], Awaitable[None]]


class Spoken(ProtocolService):
    """Does what the test says."""

    name = "spoken"
    login_service = "spoken"
    listeners: ClassVar[tuple[ListenerDefault, ...]] = ()

    def __init__(self, work: Work) -> None:
        self.work = work

    async def serve(self, connection: Connection) -> None:
        await self.work(connection)


def terms(work: Work) -> Terms:
    return Terms(
        service=Spoken(work),
        tls_first=False,
        tls_context=lambda local, remote: None,
        trusted=lambda local, remote: remote == "192.0.2.9",
    )


class Place:
    """A bus that is listened to, and a connection on it."""

    def __init__(self, work: Work, remote: tuple[str, int] = ("192.0.2.2", 99)) -> None:
        bus = Bus(default_registry())
        self.captured: CapturedEvents = capture_events(bus)
        self.client, theirs = trio.testing.memory_stream_pair()
        self.terms = terms(work)
        self.live: set[StreamConnection] = set()
        self.connection = make_connection(
            self.terms, theirs, Scope(emitter=bus), ("192.0.2.1", 143), remote
        )

    async def serve(self) -> str:
        await serve_connection(self.terms, self.connection, self.live)
        assert not self.live
        (ended,) = self.captured.of(ClientConnectionDisconnected)
        assert len(self.captured.of(ClientConnectionConnected)) == 1
        return ended.reason


async def nothing(connection: Connection) -> None:
    await trio.lowlevel.checkpoint()


async def test_an_orderly_end() -> None:
    place = Place(nothing)
    assert await place.serve() == "Connection closed"
    assert await place.client.receive_some(1) == b""
    record = place.captured.records_of(ClientConnectionDisconnected)[0]
    assert record.get("remote_ip") == "192.0.2.2"
    assert record.get("local_port") == 143
    assert record.get("session") == place.connection.session_id


async def test_octets_are_counted() -> None:
    async def echo(connection: Connection) -> None:
        await connection.send(bytes(await connection.receive(10)) * 2)

    place = Place(echo)
    await place.client.send_all(b"abc")
    await place.serve()
    (ended,) = place.captured.of(ClientConnectionDisconnected)
    assert (ended.net_in_bytes, ended.net_out_bytes) == (3, 6)


async def test_a_bug_ends_one_session() -> None:
    async def bug(connection: Connection) -> None:
        raise KeyError("oops")

    place = Place(bug)
    assert await place.serve() == "Internal error"
    (told,) = place.captured.of(LogMessage)
    assert "KeyError: 'oops'" in told.text


async def test_a_broken_connection() -> None:
    async def send(connection: Connection) -> None:
        await connection.send(b"x")

    place = Place(send)
    await place.client.aclose()
    assert (await place.serve()).startswith("Connection lost")
    assert place.captured.of(LogMessage) == []


async def test_silence(autojump_clock: MockClock) -> None:
    async def wait(connection: Connection) -> None:
        await connection.receive(7)

    place = Place(wait)
    began = trio.current_time()
    await place.serve()
    assert trio.current_time() - began == 7


async def test_a_client_that_reads_nothing(autojump_clock: MockClock) -> None:
    async def send(connection: Connection) -> None:
        await connection.send(b"x" * 200_000)

    place = Place(send)
    client, theirs = trio.testing.lockstep_stream_pair()
    place.connection = make_connection(
        place.terms, theirs, place.connection.scope, ("", 0), ("", 0)
    )
    began = trio.current_time()
    await serve_connection(place.terms, place.connection, place.live)
    # Closing may not wait for the client either.
    assert SEND_TIMEOUT <= trio.current_time() - began <= SEND_TIMEOUT + 10
    await client.aclose()


async def test_cancelled() -> None:
    async def wait(connection: Connection) -> None:
        await trio.sleep_forever()

    place = Place(wait)
    with trio.CancelScope() as scope:
        scope.cancel()
        await place.serve()
    (ended,) = place.captured.of(ClientConnectionDisconnected)
    assert ended.reason == "Server shutting down"


@pytest.mark.parametrize("already_waiting", [False, True])
async def test_draining(already_waiting: bool) -> None:
    heard: list[bytes] = []

    async def wait(connection: Connection) -> None:
        heard.append(bytes(await connection.receive(1000)))

    place = Place(wait)
    async with trio.open_nursery() as nursery:
        if already_waiting:
            nursery.start_soon(place.serve)
            await trio.testing.wait_all_tasks_blocked()
        place.connection.drain()
        if not already_waiting:
            nursery.start_soon(place.serve)
    assert heard == [b""]


@pytest.mark.parametrize(
    ("local", "remote", "security"),
    [
        (("192.0.2.1", 1), ("192.0.2.2", 2), ""),
        (("192.0.2.1", 1), ("192.0.2.9", 2), "trusted"),
        (("", 0), ("", 0), "trusted"),
    ],
)
async def test_trust(local: tuple[str, int], remote: tuple[str, int], security: str) -> None:
    _, theirs = trio.testing.memory_stream_pair()
    connection = make_connection(terms(nothing), theirs, Scope(), local, remote)
    assert connection.security == security
    assert not connection.can_start_tls


def test_session_ids_ascend_and_differ() -> None:
    ids = [new_session_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {len(each) for each in ids} == {12}
