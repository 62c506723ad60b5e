"""A worker: one event loop that serves all protocols."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import trio

from culver.config.common.server import ServerSettings
from culver.net.listen import Listener, serve
from culver.net.stream import StreamConnection
from culver.process.services import make_services, terms_of

if TYPE_CHECKING:
    from culver.process.sockets import Endpoint
    from culver.service import Server

DRAIN_SECONDS = 5.0
"""How long running commands may take once the server was told to stop."""


class Worker:
    """Serves connections from the given sockets until it is told to stop."""

    def __init__(self, server: Server, sockets: Iterable[tuple[Endpoint, socket.socket]]) -> None:
        self.server = server
        self.sockets = list(sockets)
        self.live: set[StreamConnection] = set()
        self.sessions = trio.CancelScope()
        self.accepting = trio.CancelScope()
        self.ended = trio.Event()
        self.services = make_services(server, (each.service for each, _ in self.sockets))

    def _listeners(self) -> list[Listener]:
        terms = terms_of(self.server, self.services)
        return [Listener(socket=sock, terms=terms(endpoint)) for endpoint, sock in self.sockets]

    async def run(self, ready: Callable[[], None]) -> None:
        """Serve; returns when stopped and every session has ended."""
        listeners = self._listeners()
        with self.sessions:
            async with trio.open_nursery() as sessions:
                with self.accepting:
                    async with trio.open_nursery() as accepting:
                        for listener in listeners:
                            accepting.start_soon(
                                serve, listener, self.server.scope, sessions, self.live
                            )
                        ready()
        self.ended.set()

    def stop(self) -> None:
        """Accept no more, end sessions between two commands, give running ones a few seconds."""
        self.finish()
        if self.server.config.get(ServerSettings).shutdown_clients:
            for service in self.services.values():
                service.drain()
            for connection in list(self.live):
                connection.drain()
            self.sessions.deadline = trio.current_time() + DRAIN_SECONDS

    def finish(self) -> None:
        """Accept no more; sessions end when their clients want it."""
        self.accepting.cancel()


async def obey_signals(
    worker: Worker,
    reopen: Callable[[], None],
    on_stop: Callable[[str], None] = lambda reason: None,
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """TERM and INT stop, USR2 lets sessions finish (a reload), USR1 reopens logs."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2)
    with trio.open_signal_receiver(*numbers) as received:
        task_status.started()
        async for number in received:
            if number == signal.SIGUSR1:
                reopen()
            elif number == signal.SIGUSR2:
                worker.finish()
            else:
                on_stop(signal.Signals(number).name)
                worker.stop()
