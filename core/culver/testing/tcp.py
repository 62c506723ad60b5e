"""The same server behind real sockets on loopback, for what only sockets can show."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import trio

from culver.process.sockets import Endpoint, open_endpoint
from culver.process.worker import Worker

if TYPE_CHECKING:
    from culver.composition import Composition
    from culver.service import Server


def make_worker(server: Server, *protocols: str) -> tuple[Worker, dict[str, int]]:
    """A worker that listens on 127.0.0.1, and the port of each protocol."""
    sockets = [
        (endpoint, open_endpoint(endpoint))
        for name in protocols
        if (endpoint := Endpoint(service=name, name=name, address="127.0.0.1"))
    ]
    ports = {endpoint.service: int(sock.getsockname()[1]) for endpoint, sock in sockets}
    return Worker(server, sockets), ports


@asynccontextmanager
async def run_worker(composition: Composition, *protocols: str) -> AsyncGenerator[dict[str, int]]:
    """Serve while the block runs; gives the ports."""
    from culver.auth.configured import local_auth
    from culver.process.server import make_server

    auth = local_auth(composition.config, composition.registry, composition.scope)
    worker, ports = make_worker(make_server(composition, auth), *protocols)
    async with trio.open_nursery() as nursery:
        started = trio.Event()
        nursery.start_soon(worker.run, started.set)
        await started.wait()
        try:
            yield ports
        finally:
            worker.stop()
            nursery.cancel_scope.cancel()
