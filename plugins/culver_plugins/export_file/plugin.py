"""Events as lines in a file."""

from __future__ import annotations

from collections.abc import Callable

from culver.plugin import EventSink, Record, Registry, Target, hookimpl


class FileSink(EventSink):
    """Appends each event to ``transport_args``.  Written at once and unbuffered: what was emitted
    is in the file when the process dies the next moment."""

    name = "file"

    def __init__(self, encode: Callable[[Record], bytes], args: str) -> None:
        super().__init__(encode, args)
        path = args.removeprefix("path=")
        if not path.startswith("/"):
            raise ValueError(f"transport_args = {args!r}: it has to be the full path of a file")
        self._target = Target(path)

    def hear(self, record: Record) -> None:
        self._target.write(self.encode(record))

    def reopen(self) -> None:
        self._target.reopen()


@hookimpl
def culver_register(registry: Registry) -> None:
    """Declare the transport."""
    registry.event_sink(FileSink)
