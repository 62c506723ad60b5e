"""``service stats { inet_listener http { port = 9900 } }``: the metrics page over TCP."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import trio

from culver.config.common.server import ServerSettings
from culver.config.common.service import ServiceBlock
from culver.noticing.endpoint import MetricsEndpoint
from culver.process.sockets import Endpoint

if TYPE_CHECKING:
    import socket

    from culver.config.config import Config

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


def metrics_endpoints(config: Config) -> list[Endpoint]:
    """The listeners named ``http`` of service stats."""
    listen = [word for word in config.get(ServerSettings).listen if word != "::"]
    return [
        Endpoint(
            service="stats",
            name="http",
            address=address.replace("*", "0.0.0.0"),
            port=int(inet.port),
        )
        for block in config.blocks(ServiceBlock)
        if block.name == "stats"
        for inet in block.inet_listeners
        if inet.name == "http" and inet.port
        for address in (inet.address.split() or listen)
    ]


async def serve_metrics(render: Callable[[], str], sockets: list[socket.socket]) -> None:
    """Answer scrapes for ever with what ``render`` gives."""
    page = MetricsEndpoint(render, OPENMETRICS)
    if not sockets:
        await trio.sleep_forever()
    listeners = [trio.SocketListener(trio.socket.from_stdlib_socket(each)) for each in sockets]
    await trio.serve_listeners(page.serve, listeners)
