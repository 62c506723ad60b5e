"""The server as processes: master, auth, monitor, workers (design section 7)."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from culver.auth.configured import auth_service
from culver.composition import Composition
from culver.net.tls import TlsContexts
from culver.noticing.wiring import Noticing
from culver.process.auth_process import auth_endpoints, run_auth
from culver.process.endpoints import endpoints
from culver.process.identity import internal_identity, mail_identity
from culver.process.lifeline import end_with
from culver.process.metrics_listener import metrics_endpoints
from culver.process.monitor_process import events_endpoint, run_monitor
from culver.process.notify import notify
from culver.process.preload import preload
from culver.process.privileges import Identity, drop
from culver.process.runtime_dirs import make_runtime_dirs
from culver.process.server import emit_remarks, emit_started
from culver.process.sockets import CannotListen, Endpoint, open_endpoint
from culver.process.supervisor import Child, Supervisor
from culver.process.unusable import UNUSABLE
from culver.process.worker_process import run_worker
from culver.settings import CulverSettings
from culver.version import VERSION
from culver_events.server import ServerReloaded, ServerStopping, WorkerDied, WorkerStarted

if TYPE_CHECKING:
    from collections.abc import Iterable

Slot = tuple[int, Endpoint]
"""A worker's number (0 for sockets that all share) and what it listens on."""


def serve_multi(composition: Composition, workers: int) -> int:
    """Serve until a signal; returns the exit code.  Raises one of UNUSABLE before it starts."""
    return _Master(composition, workers or os.cpu_count() or 1).run()


class _Master:
    """What the master process knows: the sockets, and how to make children."""

    def __init__(self, composition: Composition, workers: int) -> None:
        self.workers = workers
        self.sockets: dict[Slot, socket.socket] = {}
        self.composition = composition
        self.children = self._prepare(composition)
        self.supervisor = Supervisor(
            self.children,
            on_event=self._tell,
            on_reload=self._reload,
            stop_timeout=float(composition.config.get(CulverSettings).stop_timeout),
        )

    def run(self) -> int:
        emit_remarks(self.composition)
        preload()
        # What was loaded until now is shared by all children, as long as nobody writes to it:
        # a collection would touch every object's header.
        gc.collect()
        gc.freeze()
        self.supervisor.run()
        for endpoint, sock in [(slot[1], sock) for slot, sock in self.sockets.items()]:
            _close(endpoint, sock)
        return 0

    def _prepare(self, composition: Composition) -> list[Child]:
        """Check everything that can fail, open sockets, and describe the processes."""
        config, registry = composition.config, composition.registry
        identity = mail_identity(config)
        make_runtime_dirs(config)
        TlsContexts(config).check()
        auth_service(config, registry, composition.scope)
        master = Noticing(config, registry, composition.bus)
        master.log()
        Noticing(config, registry, composition.bus).check()
        auth = list(auth_endpoints(config))
        events = events_endpoint(config)
        scrapes = metrics_endpoints(config)
        protocols = endpoints(config, registry)
        wanted = [(0, each) for each in [*auth, events, *scrapes]]
        for number in range(1, self.workers + 1):
            wanted += [(0 if each.path else number, each) for each in protocols]
        self._open(wanted, identity)
        return [
            Child("auth", self._auth(composition, auth)),
            Child("monitor", self._monitor(composition, events, scrapes)),
            *(
                Child(f"worker {number}", self._worker(composition, protocols, number, identity))
                for number in range(1, self.workers + 1)
            ),
        ]

    def _open(self, wanted: Iterable[Slot], identity: Identity) -> None:
        """Open what is new, close what nobody listens on any more."""
        slots = dict.fromkeys(wanted)
        opened: dict[Slot, socket.socket] = {}
        try:
            for slot in slots:
                if slot not in self.sockets and slot not in opened:
                    opened[slot] = open_endpoint(slot[1], share=slot[0] > 0)
                    _give(slot[1], identity)
        except CannotListen:
            for slot, sock in opened.items():
                _close(slot[1], sock)
            raise
        for slot in [slot for slot in self.sockets if slot not in slots]:
            _close(slot[1], self.sockets.pop(slot))
        self.sockets |= opened

    def _mine(self, numbers: tuple[int, ...], wanted: list[Endpoint]) -> list[Any]:
        return [
            (endpoint, sock)
            for (number, endpoint), sock in self.sockets.items()
            if number in numbers and endpoint in wanted
        ]

    def _auth(
        self, composition: Composition, wanted: list[Endpoint]
    ) -> Callable[[Callable[[], None]], None]:
        def run(ready: Callable[[], None]) -> None:
            noticing = _logging(composition)
            sockets = self._mine((0,), wanted)
            _become(internal_identity(composition.config, "auth"))
            run_auth(composition, sockets, ready, noticing.reopen)

        return run

    def _monitor(
        self, composition: Composition, events: Endpoint, scrapes: list[Endpoint]
    ) -> Callable[[Callable[[], None]], None]:
        def run(ready: Callable[[], None]) -> None:
            noticing = Noticing(composition.config, composition.registry, composition.bus)
            _forget(composition)
            noticing.count()
            noticing.export()
            listening = [sock for _, sock in self._mine((0,), scrapes)]
            incoming = self._mine((0,), [events])[0][1]
            _become(internal_identity(composition.config, "stats"))
            run_monitor(composition, noticing, incoming, listening, ready)

        return run

    def _worker(
        self, composition: Composition, wanted: list[Endpoint], number: int, identity: Identity
    ) -> Callable[[Callable[[], None]], None]:
        def run(ready: Callable[[], None]) -> None:
            noticing = _logging(composition)
            noticing.listen()
            sockets = self._mine((0, number), wanted)
            _become(identity)
            run_worker(composition, noticing, sockets, ready)

        return run

    def _reload(self) -> list[Child] | None:
        notify("RELOADING=1")
        try:
            assert self.composition.again is not None, "made by compose()"
            fresh = self.composition.again()
            children = self._prepare(fresh)
        except UNUSABLE as error:
            self.composition.scope.emit(ServerReloaded(error=str(error)))
            notify("READY=1")
            return None
        self.composition = fresh
        emit_remarks(fresh)
        fresh.scope.emit(ServerReloaded())
        gc.collect()
        gc.freeze()
        return children

    def _tell(self, name: str, **fields: Any) -> None:
        scope = self.composition.scope
        if name == "ready":
            emit_started(self.composition)
            notify(f"READY=1\nSTATUS=culver {VERSION}, {self.workers} workers")
        elif name == "stopping":
            scope.emit(ServerStopping(reason=fields["reason"]))
        elif name == "worker_started":
            scope.emit(WorkerStarted(worker=fields["worker"], pid=fields["pid"]))
        elif name == "worker_died":
            scope.emit(
                WorkerDied(
                    worker=fields["worker"],
                    pid=fields["pid"],
                    exit_status=fields.get("exit_status"),
                    signal=fields.get("signal"),
                    backoff_usecs=int(fields["delay"] * 1_000_000),
                )
            )


def _logging(composition: Composition) -> Noticing:
    """A child's own log; the master's subscriptions were its own."""
    _forget(composition)
    noticing = Noticing(composition.config, composition.registry, composition.bus)
    noticing.log()
    return noticing


def _become(identity: Identity) -> None:
    """In a child: give up root, and still end with the master."""
    drop(identity)
    end_with(os.getppid())


def _forget(composition: Composition) -> None:
    for subscription in composition.bus.subscriptions:
        composition.bus.unsubscribe(subscription)


def _give(endpoint: Endpoint, identity: Identity) -> None:
    """Our own sockets are for the workers only."""
    # One that the configuration gives to somebody (an MTA) may be called so too.
    named = bool(endpoint.user or endpoint.group)
    own = not named and endpoint.path.rpartition("/")[2].startswith("culver-")
    if endpoint.path and own and identity.uid is not None:
        os.chown(endpoint.path, identity.uid, -1 if identity.gid is None else identity.gid)


def _close(endpoint: Endpoint, sock: socket.socket) -> None:
    sock.close()
    if endpoint.path and os.path.exists(endpoint.path):
        os.unlink(endpoint.path)
