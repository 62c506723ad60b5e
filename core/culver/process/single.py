"""The whole server in one process on one nursery: demo, tests, small machines."""

from __future__ import annotations

import signal
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import trio

from culver.auth.configured import local_auth
from culver.net.tls import TlsContexts
from culver.noticing.wiring import Noticing
from culver.process.endpoints import endpoints
from culver.process.identity import mail_identity
from culver.process.metrics_listener import metrics_endpoints, serve_metrics
from culver.process.notify import notify
from culver.process.preload import preload
from culver.process.privileges import Identity, UnknownIdentity, drop
from culver.process.runtime_dirs import make_runtime_dirs
from culver.process.server import emit_remarks, emit_started, make_server
from culver.process.sockets import Endpoint, open_endpoint
from culver.process.unusable import UNUSABLE
from culver.process.worker import Worker
from culver_events.server import ServerReloaded, ServerStopping

if TYPE_CHECKING:
    from culver.composition import Composition

Ready = Callable[[], Awaitable[None]]


def serve_single(
    composition: Composition, when_ready: Ready | None = None, *, log: bool = True
) -> int:
    """Serve until a signal; returns the exit code.

    ``when_ready`` is run in a task of its own once the ports answer; without ``log`` nothing is
    logged (somebody else shows the events).  Raises one of UNUSABLE before it starts.
    """
    server = SingleServer(composition, log=log)
    owner = _owner(composition)
    if owner.uid is not None:
        preload()
        drop(owner)
    trio.run(server.run, when_ready)
    return 0


def _owner(composition: Composition) -> Identity:
    """Whose the mail is, if the configuration says so: root serves nobody's mail but his own."""
    try:
        return mail_identity(composition.config)
    except UnknownIdentity:
        return Identity()


class SingleServer:
    """Workers of one process: one at a time, and old ones whose sessions haven't ended yet."""

    def __init__(self, composition: Composition, *, log: bool) -> None:
        self.sockets: dict[Endpoint, socket.socket] = {}
        self.log = log
        self.composition = composition
        self.noticing = self._noticing(composition)
        self.worker = self._worker(composition)
        self.scrapes = [open_endpoint(each) for each in metrics_endpoints(composition.config)]
        """Opened once: a reload doesn't move the metrics page."""
        self.workers = [self.worker]
        emit_remarks(composition)

    def _noticing(self, composition: Composition) -> Noticing:
        noticing = Noticing(composition.config, composition.registry, composition.bus)
        noticing.listen()
        if self.log:
            noticing.log()
        noticing.count()
        noticing.export()
        return noticing

    def _worker(self, composition: Composition) -> Worker:
        """A worker on the sockets that the configuration wants; open ones are kept."""
        config, registry = composition.config, composition.registry
        make_runtime_dirs(config)
        TlsContexts(config).check()
        auth = local_auth(config, registry, composition.scope)
        wanted = endpoints(config, registry)
        for endpoint in wanted:
            if endpoint not in self.sockets:
                self.sockets[endpoint] = open_endpoint(endpoint)
        for endpoint in [each for each in self.sockets if each not in wanted]:
            self.sockets.pop(endpoint).close()
        # A worker closes what it was given when it stops to accept; the next one needs it.
        lent = [(each, self.sockets[each].dup()) for each in wanted]
        return Worker(make_server(composition, auth), lent)

    async def run(self, when_ready: Ready | None) -> None:
        """Serve until TERM or INT."""
        async with trio.open_nursery() as nursery:
            await nursery.start(self._obey, nursery)
            nursery.start_soon(serve_metrics, lambda: self.noticing.page(), self.scrapes)
            await nursery.start(self._serve, self.worker, self.noticing)
            emit_started(self.composition)
            notify("READY=1")
            if when_ready is not None:
                nursery.start_soon(when_ready)

    async def _serve(
        self,
        worker: Worker,
        noticing: Noticing,
        *,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """One worker and its readers of events, until its last session has ended."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(noticing.run)
            await worker.run(task_status.started)
            nursery.cancel_scope.cancel()
        self.workers.remove(worker)

    async def _obey(
        self,
        nursery: trio.Nursery,
        *,
        task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
    ) -> None:
        """TERM and INT stop, HUP reloads, USR1 reopens logs."""
        numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)
        with trio.open_signal_receiver(*numbers) as received:
            task_status.started()
            async for number in received:
                if number == signal.SIGUSR1:
                    self.noticing.reopen()
                elif number == signal.SIGHUP:
                    await self._reload(nursery)
                else:
                    await self._stop(signal.Signals(number).name)
                    nursery.cancel_scope.cancel()

    async def _reload(self, nursery: trio.Nursery) -> None:
        """The new configuration for new sessions; old ones go on under theirs."""
        assert self.composition.again is not None, "made by compose()"
        try:
            fresh = self.composition.again()
            noticing = self._noticing(fresh)
            worker = self._worker(fresh)
        except UNUSABLE as error:
            self.composition.scope.emit(ServerReloaded(error=str(error)))
            return
        old, self.worker = self.worker, worker
        self.composition, self.noticing = fresh, noticing
        self.workers.append(worker)
        await nursery.start(self._serve, worker, noticing)
        old.finish()
        fresh.scope.emit(ServerReloaded())
        emit_remarks(fresh)

    async def _stop(self, reason: str) -> None:
        notify("STOPPING=1")
        sessions = sum(len(worker.live) for worker in self.workers)
        self.composition.scope.emit(ServerStopping(reason=reason, sessions=sessions))
        running = list(self.workers)
        for worker in running:
            worker.stop()
        for worker in running:
            await worker.ended.wait()
