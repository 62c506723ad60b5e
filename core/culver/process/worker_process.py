"""A worker process: the protocols, with auth and monitor in processes of their own."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import trio

from culver.auth.configured import plaintext_allowed
from culver.auth.remote import RemoteAuth
from culver.config.common.server import ServerSettings
from culver.noticing.relay import Relay
from culver.process.auth_process import LOGIN_SOCKET, MASTER_SOCKET
from culver.process.monitor_process import EVENTS_SOCKET
from culver.process.server import make_server
from culver.process.worker import Worker, obey_signals

if TYPE_CHECKING:
    from culver.composition import Composition
    from culver.noticing.wiring import Noticing
    from culver.process.sockets import Endpoint

Sockets = list[tuple["Endpoint", socket.socket]]


def run_worker(
    composition: Composition,
    noticing: Noticing,
    sockets: Sockets,
    ready: Callable[[], None],
) -> None:
    """The process's main function."""
    trio.run(_run, composition, noticing, sockets, ready)


async def _run(
    composition: Composition,
    noticing: Noticing,
    sockets: Sockets,
    ready: Callable[[], None],
) -> None:
    base = Path(composition.config.get(ServerSettings).base_dir)
    relay = Relay(str(base / EVENTS_SOCKET), composition.bus, noticing.wanted())
    async with trio.open_nursery() as nursery:
        auth = RemoteAuth(
            nursery,
            partial(trio.open_unix_socket, base / LOGIN_SOCKET),
            partial(trio.open_unix_socket, base / MASTER_SOCKET),
            plaintext_allowed(composition.config),
        )
        await auth.connect()
        worker = Worker(make_server(composition, auth), sockets)
        await nursery.start(obey_signals, worker, noticing.reopen)
        nursery.start_soon(relay.run)
        await worker.run(ready)
        with trio.move_on_after(RELAY_SECONDS):
            await relay.close()
        nursery.cancel_scope.cancel()


RELAY_SECONDS = 1.0
"""How long the last events may take to the monitor."""
