"""A queue between the bus and a sink that has to wait."""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

import trio

from culver_events.record import Record

MAX_BATCH: Final = 500
"""Items per delivery: large enough that the sink's round trip doesn't count."""


class QueueSink:
    """Bounded: when `size` items wait, further records are dropped and counted, so that a dead
    sink costs neither time nor memory. The newest are dropped: what waits is in order.

    `encode` runs at once, in the listener, because a record is only valid there; `deliver` gets
    batches in order and may take its time. Start `run` in a nursery.
    """

    def __init__(
        self,
        encode: Callable[[Record], bytes],
        deliver: Callable[[list[bytes]], Awaitable[None]],
        size: int = 10_000,
    ) -> None:
        self.dropped = 0
        self.delivered = 0
        self._encode = encode
        self._deliver = deliver
        self._size = size
        self._waiting: deque[bytes] = deque()
        self._arrived = trio.Event()
        self._closed = False

    def __len__(self) -> int:
        """How many items wait."""
        return len(self._waiting)

    def hear(self, record: Record) -> None:
        """Take a record, or drop it when the queue is full."""
        if len(self._waiting) >= self._size or self._closed:
            self.dropped += 1
            return
        self._waiting.append(self._encode(record))
        self._arrived.set()

    def close(self) -> None:
        """Take no more; `run` returns when everything that waits is delivered."""
        self._closed = True
        self._arrived.set()

    async def run(self) -> None:
        """Deliver until closed. What `deliver` raises is raised here; its batch still waits."""
        while self._waiting or not self._closed:
            await self._arrived.wait()
            while self._waiting:
                count = min(MAX_BATCH, len(self._waiting))
                batch = [self._waiting[index] for index in range(count)]
                await self._deliver(batch)
                self.delivered += count
                for _ in range(count):
                    self._waiting.popleft()
            if not self._closed:
                self._arrived = trio.Event()
