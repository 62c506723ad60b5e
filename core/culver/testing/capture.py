"""Hold on to events, to look at them afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from culver_events.event import Event

if TYPE_CHECKING:
    from culver.bus import Bus
    from culver_events.record import Record

E = TypeVar("E", bound=Event)


class CapturedEvents:
    """Everything that a bus carried since :func:`capture_events`, in order."""

    def __init__(self, bus: Bus) -> None:
        self.records: list[Record] = []
        self._bus = bus
        self._subscription = bus.subscribe(self.records.append, name="capture")

    def of(self, cls: type[E]) -> list[E]:
        """The events of one class."""
        return [record.event for record in self.records if isinstance(record.event, cls)]

    def records_of(self, cls: type[Event]) -> list[Record]:
        """The same with scope and time: ``record.get("user")``."""
        return [record for record in self.records if isinstance(record.event, cls)]

    def clear(self) -> None:
        """Forget what was captured so far."""
        self.records.clear()

    def stop(self) -> None:
        """Listen no more; what was captured stays."""
        self._bus.unsubscribe(self._subscription)


def capture_events(bus: Bus) -> CapturedEvents:
    """Listen to all events of a bus from now on."""
    return CapturedEvents(bus)
