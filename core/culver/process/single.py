"""The whole server in one process on one nursery: demo, tests, small machines."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import trio

from culver.auth.configured import local_auth
from culver.noticing.wiring import Noticing
from culver.process.endpoints import endpoints
from culver.process.identity import mail_identity
from culver.process.metrics_listener import metrics_endpoints, serve_metrics
from culver.process.notify import notify
from culver.process.privileges import Identity, UnknownIdentity, drop
from culver.process.runtime_dirs import make_runtime_dirs
from culver.process.server import emit_remarks, emit_started, make_server
from culver.process.sockets import open_endpoint
from culver.process.worker import Worker, obey_signals
from culver_events.server import ServerStopping

if TYPE_CHECKING:
    from culver.composition import Composition


def make_noticing(composition: Composition, *, log: bool = True) -> Noticing:
    """All readers of events, in this process.  Raises CannotNotice."""
    noticing = Noticing(composition.config, composition.registry, composition.bus)
    noticing.listen()
    if log:
        noticing.log()
    noticing.count()
    noticing.export()
    return noticing


def serve_single(
    composition: Composition,
    when_ready: Callable[[], Awaitable[None]] | None = None,
    *,
    log: bool = True,
) -> int:
    """Serve until a signal; returns the exit code.

    ``when_ready`` is run in a task of its own once the ports answer; without ``log`` nothing is
    logged (somebody else shows the events).  Raises CannotListen,
    BadCertificate, CannotNotice.
    """
    noticing = make_noticing(composition, log=log)
    emit_remarks(composition)
    trio.run(_serve, composition, noticing, when_ready)
    return 0


def _owner(composition: Composition) -> Identity:
    """Whose the mail is, if the configuration says so: root serves nobody's mail but his own."""
    try:
        return mail_identity(composition.config)
    except UnknownIdentity:
        return Identity()


async def _serve(
    composition: Composition,
    noticing: Noticing,
    when_ready: Callable[[], Awaitable[None]] | None,
) -> None:
    config, registry = composition.config, composition.registry
    make_runtime_dirs(config)
    sockets = [(each, open_endpoint(each)) for each in endpoints(config, registry)]
    drop(_owner(composition))
    scrapes = [open_endpoint(each) for each in metrics_endpoints(config)]
    server = make_server(composition, local_auth(config, registry, composition.scope))
    worker = Worker(server, sockets)

    def stopping(reason: str) -> None:
        composition.scope.emit(ServerStopping(reason=reason, sessions=len(worker.live)))

    async with trio.open_nursery() as nursery:
        await nursery.start(obey_signals, worker, noticing.reopen, stopping)
        nursery.start_soon(noticing.run)
        nursery.start_soon(serve_metrics, noticing, scrapes)

        def ready() -> None:
            emit_started(composition)
            notify("READY=1")
            if when_ready is not None:
                nursery.start_soon(when_ready)

        await worker.run(ready)
        notify("STOPPING=1")
        nursery.cancel_scope.cancel()
