"""The readers of events that a configuration asks for, subscribed to a bus."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Container, Iterator
from typing import TYPE_CHECKING, Any

import trio

from culver.config.common.auth import AuthSettings
from culver.config.common.log import LogSettings
from culver.config.common.stats import EventExporterBlock, MetricBlock
from culver.noticing.export import PARTS, Exporter
from culver.noticing.log import LogSink
from culver.noticing.renderers import DovecotRenderer, JsonRenderer, LogfmtRenderer
from culver.noticing.syslog import SyslogRenderer, SyslogTarget
from culver.noticing.target import Target
from culver.noticing.wording import Wording
from culver.settings import CulverSettings
from culver.version import VERSION
from culver_events.auth import AuthRequestFinished
from culver_events.filter import Filter, FilterError, compile_filter
from culver_events.mail import (
    MailAppended,
    MailboxCreated,
    MailboxDeleted,
    MailboxRenamed,
    MailboxSubscribed,
    MailboxUnsubscribed,
    MailCopied,
    MailExpunged,
    MailFlagsChanged,
)
from culver_events.metrics import MetricError, Metrics
from culver_events.metrics.definition import MetricDefinition, define
from culver_events.metrics.openmetrics import render
from culver_events.smtp import SmtpServerTransactionFinished

if TYPE_CHECKING:
    from culver.bus import Bus, RecordFilter
    from culver.config.config import Config
    from culver.noticing.sink import EventSink
    from culver.registry import Registry
    from culver_events.event import Event
    from culver_events.record import Record

DISCARD = "drop"
"""The transport that takes events and forgets them, as in Dovecot."""


class CannotNotice(Exception):
    """A metric, exporter, filter or log target of the configuration can't work."""


class Noticing:
    """Log, metrics and exporters of a process.  Raises :exc:`CannotNotice`."""

    def __init__(self, config: Config, registry: Registry, bus: Bus) -> None:
        self.config = config
        self.registry = registry
        self.bus = bus
        self.started = time.time()
        self.sinks: list[EventSink] = []
        self.logs: list[LogSink] = []
        self.metrics = Metrics(bus.registry)

    def listen(self) -> None:
        """Subscribe the listeners that plugins declared."""
        for entry in self.registry.listeners:
            text = entry.value.filter
            chosen = self._filter(text, f"listener {entry.name}") if text else None
            self.bus.subscribe(entry.value.hear, chosen, name=entry.name, plugin=entry.plugin)

    def log(self) -> None:
        """Subscribe the log."""
        settings = self.config.get(LogSettings)
        try:
            targets = _targets(settings)
        except (OSError, ValueError) as error:
            raise CannotNotice(f"log_path: can't write to it: {error}") from error
        debug = self._filter(settings.log_debug, "log_debug") if settings.log_debug else None
        for target, levels in targets:
            sink = LogSink(
                self._renderer(target),
                target,
                debug,
                verbose_auth=self.config.get(AuthSettings).verbose,
            )
            self.logs.append(sink)
            chosen = _OfLevel(sink, levels)
            self.bus.subscribe(sink.hear, chosen, name=f"log {target.path}")

    def _renderer(self, target: Target | SyslogTarget) -> Any:
        renderer = self._lines(target)
        if isinstance(target, SyslogTarget):
            return SyslogRenderer(renderer, self.config.get(LogSettings).syslog_facility)
        return renderer

    def _lines(self, target: Target | SyslogTarget) -> Any:
        settings = self.config.get(CulverSettings)
        hidden = frozenset(settings.log_hide)
        if settings.log_format == "json":
            return JsonRenderer(hidden)
        if settings.log_format == "logfmt":
            return LogfmtRenderer(hidden)
        return DovecotRenderer(self._stamp(target), wordings=QUIET, hidden=hidden)

    def _stamp(self, target: Target | SyslogTarget) -> str:
        """What a line begins with; the daemon stamps its lines itself."""
        if isinstance(target, SyslogTarget):
            return ""
        return self.config.get(LogSettings).log_timestamp

    def count(self) -> None:
        """Subscribe the metrics of ``metric`` blocks and of plugins."""
        self.metrics.load(self._definitions_or_raise())
        self.bus.subscribe(self.metrics.hear, self.metrics, name="metrics")

    def _definitions_or_raise(self) -> list[MetricDefinition]:
        try:
            definitions = list(self._definitions())
            Metrics(self.bus.registry, definitions)
        except (MetricError, FilterError) as error:
            raise CannotNotice(str(error)) from error
        return definitions

    def check(self) -> None:
        """Find out now what :meth:`count` and :meth:`export` would raise in another process."""
        self.metrics.load(self._definitions_or_raise())
        self._exports()

    def wanted(self) -> list[RecordFilter]:
        """Filters of all metrics and exports: what a worker has to send to the monitor."""
        self.metrics.load(self._definitions_or_raise())
        return [self.metrics, *(chosen for chosen, _, _ in self._exports())]

    def _definitions(self) -> Iterator[MetricDefinition]:
        events = self.bus.registry
        for entry in self.registry.metrics:
            each = entry.value
            yield define(
                events, entry.name, each.filter, each.fields, each.group_by, each.description
            )
        for block in self.config.blocks(MetricBlock):
            yield define(
                events,
                block.name,
                block.filter,
                " ".join(block.fields),
                " ".join(block.group_by),
                block.description,
            )

    def export(self) -> None:
        """Subscribe an exporter for each ``metric`` that names one."""
        for chosen, metric, block in self._exports():
            cls = self._sink_class(block)
            try:
                sink = cls(_encoder(block, metric.exporter_include), block.transport_args)
            except (ValueError, OSError) as error:
                raise CannotNotice(f"event_exporter {block.name}: {error}") from error
            self.sinks.append(sink)
            self.bus.subscribe(sink.hear, chosen, name=f"event_exporter {block.name}")

    def _exports(self) -> list[tuple[Filter, MetricBlock, EventExporterBlock]]:
        """What is exported: by which filter, metric and exporter."""
        blocks = {block.name: block for block in self.config.blocks(EventExporterBlock)}
        found: list[tuple[Filter, MetricBlock, EventExporterBlock]] = []
        for metric in self.config.blocks(MetricBlock):
            if not metric.exporter:
                continue
            block = blocks.get(metric.exporter)
            if block is None:
                allowed = ", ".join(blocks) or "none is defined"
                raise CannotNotice(
                    f"metric {metric.name}: exporter = {metric.exporter}: no such"
                    f" event_exporter; allowed: {allowed}"
                )
            if block.transport != DISCARD:
                self._sink_class(block)
                chosen = self._filter(metric.filter, f"metric {metric.name}")
                found.append((chosen, metric, block))
        return found

    def _sink_class(self, block: EventExporterBlock) -> type[EventSink]:
        cls = self.registry.sinks.find(block.transport)
        if cls is None:
            allowed = ", ".join((DISCARD, *self.registry.sinks.names()))
            raise CannotNotice(
                f"event_exporter {block.name}: transport = {block.transport!r}:"
                f" no such transport; allowed: {allowed}"
            )
        return cls

    def _filter(self, text: str, where: str) -> Filter:
        try:
            return compile_filter(text, self.bus.registry)
        except FilterError as error:
            raise CannotNotice(f"{where}: {error}") from error

    def page(self) -> str:
        """The metrics in OpenMetrics text."""
        return render(self.metrics, VERSION, self.started)

    def reopen(self) -> None:
        """After log rotation."""
        for log in self.logs:
            log.reopen()
        for sink in self.sinks:
            sink.reopen()

    async def run(self) -> None:
        """What the sinks do beside the sessions; cancel it at the end."""
        async with trio.open_nursery() as nursery:
            for sink in self.sinks:
                nursery.start_soon(sink.run)
            await trio.sleep_forever()


class _OfLevel:
    """A log's own filter, for records of some levels only."""

    def __init__(self, sink: LogSink, levels: Container[str]) -> None:
        self._sink = sink
        self._levels = levels

    @property
    def uses_source(self) -> bool:
        return self._sink.uses_source

    def bind(self, cls: type[Any]) -> Callable[[Any], bool] | None:
        matches = self._sink.bind(cls)
        if matches is None:
            return None
        levels = self._levels
        return lambda record: record.level in levels and matches(record)


def _no_line(record: Record) -> None:
    """Dovecot writes none either, unless its mail_log plugin is told to."""


QUIET: dict[type[Event], Wording] = dict.fromkeys(
    (
        MailAppended,
        MailCopied,
        MailExpunged,
        MailFlagsChanged,
        MailboxCreated,
        MailboxDeleted,
        MailboxRenamed,
        MailboxSubscribed,
        MailboxUnsubscribed,
        SmtpServerTransactionFinished,
        AuthRequestFinished,
    ),
    _no_line,
)
"""Events that the Dovecot form of the log leaves out; the other forms have them."""

ERRORS = ("warning", "error", "fatal", "panic")


def _targets(settings: LogSettings) -> list[tuple[Target | SyslogTarget, tuple[str, ...]]]:
    """Each target and the levels that go to it (inventory R15-001)."""
    errors = settings.log_path or "syslog"
    info = settings.info_log_path or errors
    debug = settings.debug_log_path or info
    by_path: dict[str, tuple[str, ...]] = {}
    for path, levels in ((errors, ERRORS), (info, ("info",)), (debug, ("debug",))):
        by_path[path] = (*by_path.get(path, ()), *levels)
    return [
        (SyslogTarget() if path == "syslog" else Target(path), levels)
        for path, levels in by_path.items()
    ]


def _encoder(block: EventExporterBlock, include: Container[str]) -> Callable[[Any], bytes]:
    """From ``format`` and ``format_args`` to a function.  Raises :exc:`ValueError`."""
    time_format: Any = "time-rfc3339"
    for word in block.format_args:
        if word not in ("time-rfc3339", "time-unix"):
            raise ValueError(f"format_args = {word}: allowed: time-rfc3339, time-unix")
        time_format = word
    parts: Any = tuple(part for part in PARTS if part in include)
    exporter = Exporter(socket.gethostname(), time_format, parts)
    encoders: dict[str, Callable[[Any], bytes]] = {
        "json": exporter.json,
        "tab-text": exporter.tab_text,
        "none": lambda record: b"",
    }
    found = encoders.get(block.format or "json")
    if found is None:
        raise ValueError(f"format = {block.format}: allowed: {', '.join(encoders)}")
    return found
