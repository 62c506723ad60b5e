"""The monitor: metrics and exports of all workers, in one place."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import trio

from culver.config.common.server import ServerSettings
from culver.noticing.relay import receive
from culver.process.metrics_listener import serve_metrics
from culver.process.sockets import Endpoint
from culver.process.stream_service import Door, serve_doors

if TYPE_CHECKING:
    from culver.composition import Composition
    from culver.config.config import Config
    from culver.noticing.wiring import Noticing

EVENTS_SOCKET = "culver-events"


def events_endpoint(config: Config) -> Endpoint:
    """Where workers bring their events."""
    base = Path(config.get(ServerSettings).base_dir)
    return Endpoint(
        service="monitor", name=EVENTS_SOCKET, path=str(base / EVENTS_SOCKET), mode=0o600
    )


def run_monitor(
    composition: Composition,
    noticing: Noticing,
    events: socket.socket,
    scrapes: list[socket.socket],
    ready: Callable[[], None],
) -> None:
    """The process's main function."""
    trio.run(_run, composition, noticing, events, scrapes, ready)


async def _run(
    composition: Composition,
    noticing: Noticing,
    events: socket.socket,
    scrapes: list[socket.socket],
    ready: Callable[[], None],
) -> None:
    async def worker(stream: trio.SocketStream) -> None:
        await receive(stream, composition.bus)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(noticing.run)
        nursery.start_soon(serve_metrics, noticing.page, scrapes)
        await serve_doors([Door(events, worker)], ready, noticing.reopen)
        nursery.cancel_scope.cancel()
