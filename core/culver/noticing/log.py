"""The log: a listener that writes each event as one line."""

from collections.abc import Callable
from typing import Any, Final

import structlog

from culver.bus import RecordFilter
from culver.noticing.renderers import STRUCTLOG_LEVELS, Renderer
from culver.noticing.target import LineTarget
from culver_events.auth import AuthPassdbRequestFinished
from culver_events.connection import ClientConnectionConnected, ClientConnectionDisconnected
from culver_events.event import Event, event_info
from culver_events.record import Record

_LINES: Final[frozenset[type[Event]]] = frozenset(
    {ClientConnectionConnected, ClientConnectionDisconnected}
)


class LogSink:
    """Subscribe it with itself as the filter: `bus.subscribe(log.hear, log)`.

    Events above debug are lines; so are those that `debug` (the `log_debug` filter) passes, and
    with `verbose_auth` (`auth_verbose`) each failed password check.
    """

    def __init__(
        self,
        renderer: Renderer,
        target: LineTarget,
        debug: RecordFilter | None = None,
        verbose_auth: bool = False,
    ) -> None:
        self.target = target
        self._debug = debug
        self._always = _LINES | {AuthPassdbRequestFinished} if verbose_auth else _LINES
        # Bound once: the lazy proxy would assemble a logger for each line.
        self._logger: Any = structlog.wrap_logger(
            structlog.BytesLogger(target),  # type: ignore[arg-type]
            processors=[renderer],
            wrapper_class=structlog.make_filtering_bound_logger(0),
            context_class=dict,
        ).bind()

    @property
    def uses_source(self) -> bool:
        """Whether the `log_debug` filter reads the source location."""
        return self._debug is not None and self._debug.uses_source

    def bind(self, cls: type[Event]) -> Callable[[Record], bool] | None:
        """As a filter: what is a line at all. Debug events nobody asked for are never made."""
        info = event_info(cls)
        debug = self._debug.bind(cls) if self._debug is not None else None
        if cls in self._always or (info.level != "debug" and "level" not in info.field_names):
            return _yes
        if "level" in info.field_names:
            return lambda record: record.level != "debug" or bool(debug and debug(record))
        return debug

    def hear(self, record: Record) -> None:
        """Write the line. Raises OSError when it can't; the bus counts and reports that."""
        getattr(self._logger, STRUCTLOG_LEVELS[record.level])(record.name, record=record)

    def reopen(self) -> None:
        """After rotation (SIGUSR1, `doveadm log reopen`)."""
        self.target.reopen()


def _yes(record: Record) -> bool:
    return True
