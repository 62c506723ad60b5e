"""Connections to the auth service that many requests share and that mend themselves."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from itertools import count
from typing import TYPE_CHECKING, Final

import trio

from culver.auth.client import MechanismInfo
from culver.auth.lines import LineStream
from culver.auth.protocol import (
    MASTER_VERSION,
    VERSION,
    ProtocolError,
    check_version,
    encode,
)
from culver.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from trio.abc import Stream

REPLY_TIMEOUT: Final = 155.0
"""Seconds; a little more than the service gives itself."""
HANDSHAKE_TIMEOUT: Final = 30.0

LOST: Final = (trio.EndOfChannel, trio.BrokenResourceError, trio.ClosedResourceError)
"""The connection went while a request was under way: nobody has answered it."""

_Sink = trio.MemorySendChannel[list[str]]


class Link(ABC):
    """One connection, opened when somebody needs it and opened again when it broke."""

    def __init__(self, nursery: trio.Nursery, open_stream: Callable[[], Awaitable[Stream]]) -> None:
        self._nursery = nursery
        self._open = open_stream
        self._lines: LineStream | None = None
        self._lock = trio.Lock()
        self._ready = trio.Event()
        self._ids = count(1)
        self._waiting: dict[str, _Sink] = {}

    async def ready(self) -> LineStream:
        """The connection after its handshake.  Raises :class:`Unavailable`."""
        lines = self._lines
        if lines is not None and self._ready.is_set():
            return lines
        async with self._lock:
            if self._lines is None:
                await self._connect()
        return await self._wait_ready()

    def lost(self, lines: LineStream) -> None:
        """A request found the connection broken, perhaps before its reader did."""
        if self._lines is lines:
            self._lines = None

    async def _connect(self) -> None:
        try:
            lines = LineStream(await self._open())
            await lines.send(self._greeting())
        except (OSError, trio.BrokenResourceError) as error:
            raise Unavailable("UNAVAILABLE", "Internal error", f"auth: {error}") from error
        # Each connection has its own requests: those of a dying one end with it, and only those.
        self._lines = lines
        self._ready = trio.Event()
        self._waiting = {}
        self._nursery.start_soon(self._run, lines, self._ready, self._waiting)

    async def _wait_ready(self) -> LineStream:
        ready = self._ready
        with trio.move_on_after(HANDSHAKE_TIMEOUT):
            await ready.wait()
        lines = self._lines
        if lines is None or not ready.is_set():
            raise Unavailable("UNAVAILABLE", "Internal error", "auth: no handshake")
        return lines

    async def _run(self, lines: LineStream, ready: trio.Event, waiting: dict[str, _Sink]) -> None:
        try:
            while (batch := await lines.read()) is not None:
                for words in batch:
                    self._heard(words, ready, waiting)
        except ProtocolError:
            pass
        finally:
            self.lost(lines)
            ready.set()  # those who wait find no connection
            for sink in waiting.values():
                sink.close()
            waiting.clear()
            with trio.CancelScope(shield=True):
                await lines.aclose()

    def _heard(self, words: list[str], ready: trio.Event, waiting: dict[str, _Sink]) -> None:
        if not ready.is_set():
            if self._handshake(words):
                ready.set()
            return
        sink = waiting.get(words[1]) if len(words) > 1 else None
        if sink is not None:
            sink.send_nowait(words)

    def subscribe(self) -> tuple[str, trio.MemoryReceiveChannel[list[str]]]:
        """A fresh request id, and where its replies come out."""
        ident = str(next(self._ids))
        sink, source = trio.open_memory_channel[list[str]](float("inf"))
        self._waiting[ident] = sink
        return ident, source

    def forget(self, ident: str) -> None:
        """No more replies to this request are wanted."""
        self._waiting.pop(ident, None)

    @abstractmethod
    def _greeting(self) -> bytes:
        """What we say first."""

    @abstractmethod
    def _handshake(self, words: list[str]) -> bool:
        """Take a line of the handshake; True when it is over.  Raises ProtocolError."""


class ClientLink(Link):
    """To the client socket: AUTH and CONT."""

    def __init__(self, nursery: trio.Nursery, open_stream: Callable[[], Awaitable[Stream]]) -> None:
        super().__init__(nursery, open_stream)
        self.mechanisms: tuple[MechanismInfo, ...] = ()
        self.cookie = ""
        self._announced: list[MechanismInfo] = []

    def _greeting(self) -> bytes:
        return encode("VERSION", *VERSION) + encode("CPID", str(os.getpid()))

    def _handshake(self, words: list[str]) -> bool:
        if words[0] == "VERSION":
            check_version(words)
            self._announced = []
        elif words[0] == "MECH" and len(words) > 1:
            if "private" not in words:
                self._announced.append(
                    MechanismInfo(
                        name=words[1],
                        plaintext="plaintext" in words[2:],
                        anonymous="anonymous" in words[2:],
                    )
                )
        elif words[0] == "COOKIE" and len(words) > 1:
            self.cookie = words[1]
        elif words[0] == "DONE":
            self.mechanisms = tuple(self._announced)
            return True
        return False


class MasterLink(Link):
    """To the master socket: one question, one answer."""

    def _greeting(self) -> bytes:
        return encode("VERSION", *MASTER_VERSION)

    def _handshake(self, words: list[str]) -> bool:
        if words[0] == "VERSION":
            check_version(words)
        return words[0] == "SPID"

    async def ask(self, command: str, *words: str) -> list[str]:
        """The reply's words.  A question that a dying service left open is put once more.

        Raises :class:`Unavailable`.
        """
        try:
            return await self._ask(command, *words)
        except LOST:
            pass
        try:
            return await self._ask(command, *words)
        except LOST as error:
            raise Unavailable("UNAVAILABLE", "Internal error", "auth: connection lost") from error

    async def _ask(self, command: str, *words: str) -> list[str]:
        lines = await self.ready()
        ident, source = self.subscribe()
        try:
            await lines.send(encode(command, ident, *words))
            with trio.fail_after(REPLY_TIMEOUT):
                return await source.receive()
        except trio.TooSlowError as error:
            raise Unavailable("UNAVAILABLE", "Internal error", "auth: no reply") from error
        except LOST:
            self.lost(lines)
            raise
        finally:
            self.forget(ident)
