"""The bus: hands events to those who listen, each behind a wall, and costs nothing otherwise."""

import os
import sys
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from culver_events.event import Event
from culver_events.record import Record
from culver_events.registry import EventRegistry
from culver_events.scope import Scope
from culver_events.server import PluginFailed

Listener = Callable[[Record], None]
"""Reads a record at once and returns; what waits belongs behind a `noticing.QueueSink`."""

_REPORT_EVERY: Final = 60_000_000
"""Microseconds between two reports of the same failing listener. A listener that fails on each
event would otherwise double the log's volume just when something is wrong."""


class RecordFilter(Protocol):
    """What a subscription may be narrowed by: `culver_events.filter.Filter`, or your own."""

    @property
    def uses_source(self) -> bool:
        """Whether it reads `Record.source`."""
        ...

    def bind(self, cls: type[Event], /) -> Callable[[Record], bool] | None:
        """The test for records of this class; None if no event of it can ever pass."""
        ...


class OnlyClasses:
    """The filter of a listener that wants some classes and all their events."""

    uses_source = False

    def __init__(self, *classes: type[Event]) -> None:
        self.classes = frozenset(classes)

    def bind(self, cls: type[Event]) -> Callable[[Record], bool] | None:
        """All records of these classes, none of others."""
        return _always if cls in self.classes else None


def _always(record: Record) -> bool:
    return True


class Subscription:
    """One listener on the bus. `failures` counts the events that it raised on."""

    __slots__ = ("failures", "filter", "listener", "name", "plugin", "reported", "unreported")

    def __init__(
        self, listener: Listener, filter: RecordFilter | None, name: str, plugin: str
    ) -> None:
        self.listener = listener
        self.filter = filter
        self.name = name
        self.plugin = plugin
        self.failures = 0
        self.unreported = 0
        self.reported: int | None = None


Route = tuple[Callable[[Record], bool], Subscription]


def _routes(cls: type[Event], subscriptions: list[Subscription]) -> Iterator[Route]:
    for subscription in subscriptions:
        chosen = subscription.filter
        passes = _always if chosen is None else chosen.bind(cls)
        if passes is not None:
            yield passes, subscription


class Bus:
    """Routes each emitted event to the subscriptions whose filter can match its class.

    A listener that raises is counted, reported (`plugin_failed`, at most once a minute) and
    skipped; the others still hear. Routes are rebuilt when somebody subscribes or registers, so
    that `wants` and an unheard `emit` cost one dictionary look-up.
    """

    def __init__(self, registry: EventRegistry) -> None:
        self.registry = registry
        self.emitted = 0
        self._subscriptions: list[Subscription] = []
        self._routes: dict[type[Event], tuple[Route, ...]] = {}
        self._wants_source = False
        self._reporting: set[Subscription] = set()
        registry.watch(self.refresh)

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """All who listen, in the order in which they hear."""
        return tuple(self._subscriptions)

    def subscribe(
        self,
        listener: Listener,
        filter: RecordFilter | None = None,
        *,
        name: str = "",
        plugin: str = "culver",
    ) -> Subscription:
        """Let `listener` hear all records that `filter` passes, or all. Hand the result back to
        `unsubscribe`. `name` and `plugin` are what a failure report calls it."""
        label = name or getattr(listener, "__qualname__", type(listener).__name__)
        subscription = Subscription(listener, filter, label, plugin)
        self._subscriptions.append(subscription)
        self.refresh()
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop listening; doing it twice is harmless."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
            self.refresh()

    def wants(self, cls: type[Event]) -> bool:
        """Whether an event of this class could reach anybody."""
        return cls in self._routes

    def emit(self, scope: Scope, event: Event) -> None:
        """Hand the event to all who listen for it. Never raises, never waits."""
        routes = self._routes.get(type(event))
        if routes is None:
            return
        self.emitted += 1
        source = _caller() if self._wants_source else None
        self._hand_out(routes, Record(event, scope, scope.clock(), source))

    def relay(self, record: Record) -> None:
        """Hand out a record of another process. Never raises, never waits."""
        routes = self._routes.get(type(record.event))
        if routes is not None:
            self._hand_out(routes, record)

    def _hand_out(self, routes: "tuple[Route, ...]", record: Record) -> None:
        for passes, subscription in routes:
            try:
                if passes(record):
                    subscription.listener(record)
            except Exception as error:
                self._failed(subscription, record, error)

    def refresh(self) -> None:
        """Ask all filters anew; call it when one of them changed what it can match."""
        routes: dict[type[Event], tuple[Route, ...]] = {}
        for cls in self.registry:
            able = tuple(_routes(cls, self._subscriptions))
            if able:
                routes[cls] = able
        self._routes = routes
        self._wants_source = any(
            s.filter is not None and s.filter.uses_source for s in self._subscriptions
        )

    def _failed(self, subscription: Subscription, record: Record, error: Exception) -> None:
        subscription.failures += 1
        subscription.unreported += 1
        last = subscription.reported
        due = last is None or record.time - last >= _REPORT_EVERY
        # A listener that fails on its own failure report would report for ever.
        if not due or subscription in self._reporting:
            return
        subscription.reported = record.time
        failures, subscription.unreported = subscription.unreported, 0
        self._reporting.add(subscription)
        try:
            self.emit(record.scope, _report(subscription, record, error, failures))
        finally:
            self._reporting.discard(subscription)


def _report(
    subscription: Subscription, record: Record, error: Exception, failures: int
) -> PluginFailed:
    return PluginFailed(
        plugin=subscription.plugin,
        part=f"listener {subscription.name}",
        doing=record.name,
        error=f"{type(error).__name__}: {error}",
        error_location=_where(error),
        failures=failures,
    )


def _where(error: Exception) -> str:
    """file:line where it was raised: the innermost frame, which is the plugin's own."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"


_OURS: Final = (__file__, Scope.emit.__code__.co_filename)


def _caller() -> str:
    """file:line of the emitter: the first frame outside the bus and the scope."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame.f_code.co_filename in _OURS and frame.f_back is not None:
        frame = frame.f_back
    return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
