"""Destinations of exported events: the transports of ``event_exporter``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import trio

from culver_events.record import Record


class EventSink(ABC):
    """Takes events as the bytes that ``format`` makes of them.

    :meth:`hear` is called in the task that emitted and must not wait: a sink that has to, puts
    the bytes into a :class:`culver.noticing.queue.QueueSink` and delivers them in :meth:`run`.
    Raising drops the event; the bus counts and reports it.
    """

    name: ClassVar[str]
    """The word of ``transport = NAME``."""

    def __init__(self, encode: Callable[[Record], bytes], args: str) -> None:
        """``args`` is ``transport_args``.  Raises :exc:`ValueError` when it makes no sense."""
        self.encode = encode
        self.args = args

    @abstractmethod
    def hear(self, record: Record) -> None:
        """Take one event.  The record is valid during the call only."""

    async def run(self) -> None:
        """Runs beside the sessions of a process; cancelled at its end."""
        await trio.sleep_forever()

    def reopen(self) -> None:  # noqa: B027 - optional
        """After log rotation."""
