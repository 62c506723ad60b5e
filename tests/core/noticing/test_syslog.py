"""Syslog lines, and a daemon that restarts, is away, or doesn't read."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from culver.bus import Bus
from culver.noticing.log import LogSink
from culver.noticing.renderers import DovecotRenderer
from culver.noticing.syslog import SyslogRenderer, SyslogTarget
from culver_events.event import Event
from culver_events.registry import default_registry
from culver_events.scope import Scope
from culver_events.server import LogMessage, PluginFailed, ServerReloaded


class Daemon:
    """A syslog daemon with a short queue, and a log that sends to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.target = SyslogTarget(str(path))
        self.bus = Bus(default_registry())
        log = LogSink(SyslogRenderer(DovecotRenderer(""), "local5"), self.target)
        self.subscription = self.bus.subscribe(log.hear, log)
        self.log = log
        self.start()

    def start(self) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(str(self.path))

    def stop(self) -> None:
        self.socket.close()
        self.path.unlink()

    def emit(self, event: Event) -> None:
        Scope(emitter=self.bus, clock=lambda: 0).emit(event)

    def received(self) -> bytes:
        return self.socket.recv(4096)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path / "log")
    yield daemon
    daemon.socket.close()
    daemon.target.close()


@pytest.mark.parametrize(
    ("event", "priority", "text"),
    [
        (ServerReloaded(), 21 * 8 + 6, "Info: Configuration reloaded"),
        (LogMessage(level="warning", text="Odd"), 21 * 8 + 4, "Warning: Odd"),
        (LogMessage(level="error", text="Bad"), 21 * 8 + 3, "Error: Bad"),
        (LogMessage(level="panic", text="Out"), 21 * 8 + 2, "Panic: Out"),
    ],
)
def test_a_line(daemon: Daemon, event: Event, priority: int, text: str) -> None:
    daemon.emit(event)

    assert daemon.received() == f"<{priority}>dovecot[{os.getpid()}]: master: {text}".encode()


def test_a_restarted_daemon_is_found_again(daemon: Daemon) -> None:
    daemon.emit(ServerReloaded())
    daemon.stop()
    daemon.start()
    daemon.emit(ServerReloaded(error="x"))

    assert daemon.received().endswith(b"Configuration not reloaded: x")


def test_a_daemon_that_is_away_costs_its_lines_only(daemon: Daemon) -> None:
    heard: list[Event] = []
    daemon.bus.subscribe(lambda record: heard.append(record.event))
    daemon.stop()
    daemon.emit(ServerReloaded())

    assert [type(event) for event in heard] == [PluginFailed, ServerReloaded]

    daemon.start()
    daemon.log.reopen()
    daemon.target.flush()
    daemon.emit(ServerReloaded())

    assert daemon.received().endswith(b"reloaded")


def test_a_daemon_that_does_not_read_never_blocks(daemon: Daemon) -> None:
    for _ in range(10_000):
        daemon.emit(ServerReloaded())
        if daemon.subscription.failures:
            break

    assert daemon.subscription.failures > 0


def test_an_unknown_facility_is_refused() -> None:
    with pytest.raises(ValueError, match="syslog_facility = post: allowed are kern, user, mail"):
        SyslogRenderer(DovecotRenderer(), "post")
