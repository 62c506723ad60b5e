"""Events from a worker to the monitor, which counts and exports them for all processes.

One frame per event: a length (32 bits, big-endian) and a msgpack array.  The worker drops and
counts when the monitor can't keep up: mail never waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec
import trio

from culver.noticing.queue import QueueSink
from culver_events.event import Event, event_info
from culver_events.record import Record
from culver_events.scope import SILENT, Scope

if TYPE_CHECKING:
    from culver.bus import Bus, RecordFilter

MAX_FRAME: Final = 1 << 20
RETRY_SECONDS: Final = 0.2
"""Between two tries to reach a monitor that is being restarted."""


class Frame(msgspec.Struct, array_like=True, frozen=True):
    """A record on its way."""

    name: str
    time: int
    created: int
    categories: tuple[str, ...]
    fields: dict[str, Any]
    source: str | None = None


def encode(record: Record) -> bytes:
    """A record as one frame.  Secrets are left out."""
    frame = Frame(
        record.name,
        record.time,
        record.scope.created,
        record.scope.categories,
        record.fields(),
        record.source,
    )
    body = msgspec.msgpack.encode(frame)
    return len(body).to_bytes(4, "big") + body


def decode(body: bytes, find: Callable[[str], type[Event] | None]) -> Record | None:
    """The record of a frame's body; None for an event that this process doesn't know.

    Raises :exc:`msgspec.MsgspecError` for what no worker of this version sends.
    """
    frame = msgspec.msgpack.decode(body, type=Frame)
    cls = find(frame.name)
    if cls is None:
        return None
    own = {field.name for field in event_info(cls).fields}
    event = msgspec.convert({k: v for k, v in frame.fields.items() if k in own}, cls)
    inherited = {k: v for k, v in frame.fields.items() if k not in own}
    scope = Scope(
        categories=frame.categories, clock=lambda: frame.created, emitter=SILENT, **inherited
    )
    return Record(event, scope, frame.time, frame.source)


class Relay:
    """The worker's end: a listener whose queue is sent to the monitor."""

    def __init__(self, path: str, bus: Bus, filters: list[RecordFilter]) -> None:
        self._path = path
        self._queue = QueueSink(encode, self._deliver)
        self._stream: trio.SocketStream | None = None
        self._sent = trio.Event()
        if filters:
            bus.subscribe(self._queue.hear, _Any(filters), name="relay to the monitor")

    async def run(self) -> None:
        """Send what comes, until :meth:`close` and the last event is sent."""
        await self._queue.run()
        self._sent.set()

    async def close(self) -> None:
        """Take no more, and wait until all is sent."""
        self._queue.close()
        await self._sent.wait()

    async def _deliver(self, frames: list[bytes]) -> None:
        while True:
            try:
                if self._stream is None:
                    self._stream = await trio.open_unix_socket(self._path)
                return await self._stream.send_all(b"".join(frames))
            except (OSError, trio.BrokenResourceError):
                # The batch is sent again: events may arrive twice, never not at all.
                if self._stream is not None:
                    await trio.aclose_forcefully(self._stream)
                    self._stream = None
                await trio.sleep(RETRY_SECONDS)


class _Any:
    """Matches what any of several filters matches."""

    def __init__(self, filters: list[RecordFilter]) -> None:
        self._filters = filters

    @property
    def uses_source(self) -> bool:
        return any(each.uses_source for each in self._filters)

    def bind(self, cls: type[Event]) -> Callable[[Record], bool] | None:
        matchers = [found for each in self._filters if (found := each.bind(cls)) is not None]
        if not matchers:
            return None
        return lambda record: any(matches(record) for matches in matchers)


async def receive(stream: trio.abc.ReceiveStream, bus: Bus) -> None:
    """The monitor's end: hand every record of a worker to the bus, until the worker goes."""
    buffer = bytearray()
    try:
        while data := await stream.receive_some(64 * 1024):
            buffer += data
            while len(buffer) >= 4:
                size = int.from_bytes(buffer[:4], "big")
                if size > MAX_FRAME:
                    return  # no worker of ours
                if len(buffer) < 4 + size:
                    break
                body = bytes(buffer[4 : 4 + size])
                del buffer[: 4 + size]
                _hand_over(body, bus)
    except trio.BrokenResourceError:
        return


def _hand_over(body: bytes, bus: Bus) -> None:
    record = decode(body, bus.registry.get)
    if record is not None:
        bus.relay(record)
