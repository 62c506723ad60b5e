"""The master: keeps the other processes alive, and does nothing else.

It is no trio program: a process forks safely only outside an event loop, and what a supervisor
does (wait for signals and for children) is one blocking call.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable

from culver.process.lifeline import end_with

FIRST_DELAY = 0.05
LONGEST_DELAY = 30.0
"""Seconds before a child that died is started again: doubles while it dies young (R1-042)."""

YOUNG = 10.0
"""Seconds; a child that lived longer starts with the first delay again."""

SIGNALS = (signal.SIGCHLD, signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)


class Child:
    """One process that is to be running."""

    def __init__(self, name: str, run: Callable[[Callable[[], None]], None]) -> None:
        self.name = name
        self.run = run
        """Called in the child with a function to call when it is ready."""
        self.pid = 0
        self.started = 0.0
        self.delay = FIRST_DELAY
        self.due = 0.0
        """When to start it, on the monotonic clock."""
        self.ready = -1
        """Reading end of the pipe that tells readiness."""
        self.keep = True
        """False once it may end without being started again."""


class Supervisor:
    """Starts children, restarts those that die, passes signals on.

    ``on_event(name, **fields)`` hears what happens: worker_started, worker_died,
    ready, stopping.
    ``on_reload()`` returns the children to run from now on, or None to keep the present ones
    (the new configuration was wrong and has been reported).
    """

    def __init__(
        self,
        children: Iterable[Child],
        *,
        on_event: Callable[..., None],
        on_reload: Callable[[], Iterable[Child] | None],
        stop_timeout: float,
    ) -> None:
        self.children = list(children)
        self._old: list[Child] = []
        self._on_event = on_event
        self._on_reload = on_reload
        self._stop_timeout = stop_timeout
        self._stopping = False
        self._told_ready = False

    def run(self) -> None:
        """Supervise until SIGTERM or SIGINT; returns when all children have ended."""
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        while not self._stopping:
            self._start_due()
            self._look_for_ready()
            self._wait()
        self._stop()

    def _wait(self) -> None:
        pending = [child.due for child in self.children if not child.pid]
        timeout = max(0.0, min(pending, default=3600.0) - time.monotonic())
        if any(child.ready >= 0 for child in self.children):
            timeout = min(timeout, 0.02)  # a pipe can't wake sigtimedwait
        info = signal.sigtimedwait(SIGNALS, timeout)
        if info is not None:
            self._handle(signal.Signals(info.si_signo))

    def _handle(self, number: signal.Signals) -> None:
        if number == signal.SIGCHLD:
            self._reap()
        elif number == signal.SIGHUP:
            self._reload()
        elif number == signal.SIGUSR1:
            self._send(signal.SIGUSR1, self.children + self._old)
        else:
            self._on_event("stopping", reason=number.name)
            self._stopping = True

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if not child.pid and child.due <= now:
                self._start(child)

    def _start(self, child: Child) -> None:
        reading, writing = os.pipe2(os.O_CLOEXEC)
        sys.stdout.flush()
        sys.stderr.flush()
        master = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _become(child, writing, master)
        os.close(writing)
        if child.ready >= 0:
            os.close(child.ready)
        child.pid, child.ready, child.started = pid, reading, time.monotonic()
        self._on_event("worker_started", worker=child.name, pid=pid)

    def _look_for_ready(self) -> None:
        waiting = [child for child in self.children if child.ready >= 0]
        if waiting:
            readable = select.select([child.ready for child in waiting], [], [], 0)[0]
            for child in waiting:
                if child.ready in readable:
                    told = os.read(child.ready, 1)
                    os.close(child.ready)
                    child.ready = -1
                    if told and child.pid:
                        child.delay = FIRST_DELAY
        if not self._told_ready and all(c.pid and c.ready < 0 for c in self.children):
            self._told_ready = True
            self._on_event("ready")

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._old = [child for child in self._old if child.pid != pid]
            for child in self.children:
                if child.pid == pid:
                    self._died(child, status)

    def _died(self, child: Child, status: int) -> None:
        pid, child.pid = child.pid, 0
        now = time.monotonic()
        lived = now - child.started
        child.delay = FIRST_DELAY if lived > YOUNG else min(child.delay * 2, LONGEST_DELAY)
        child.due = now + (0.0 if lived > YOUNG else child.delay)
        code = os.waitstatus_to_exitcode(status)
        if not self._stopping:
            self._on_event(
                "worker_died",
                worker=child.name,
                pid=pid,
                exit_status=code if code >= 0 else None,
                signal=signal.Signals(-code).name if code < 0 else None,
                delay=child.due - now,
            )

    def _reload(self) -> None:
        fresh = self._on_reload()
        if fresh is None:
            return
        for child in self.children:
            if child.ready >= 0:
                os.close(child.ready)
                child.ready = -1
        running = [child for child in self.children if child.pid]
        self._old += running
        self.children = list(fresh)
        self._told_ready = False
        self._start_due()
        # The new ones accept before the old ones stop: SIGUSR2 asks to finish sessions, no hurry.
        self._send(signal.SIGUSR2, running)

    def _send(self, number: signal.Signals, children: Iterable[Child]) -> None:
        for child in children:
            if child.pid:
                os.kill(child.pid, number)

    def _stop(self) -> None:
        everyone = self.children + self._old
        self._send(signal.SIGTERM, everyone)
        deadline = time.monotonic() + self._stop_timeout
        while any(child.pid for child in self.children) or self._old:
            self._reap()
            left = deadline - time.monotonic()
            if left <= 0:
                self._send(signal.SIGKILL, self.children + self._old)
                deadline = time.monotonic() + 1.0
            signal.sigtimedwait((signal.SIGCHLD,), min(max(left, 0.01), 0.2))


def _become(child: Child, writing: int, master: int) -> None:
    """In the child: run it and never return."""
    code = 1
    try:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        end_with(master)
        child.run(lambda: _tell_ready(writing))
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _tell_ready(writing: int) -> None:
    os.write(writing, b"1")
    os.close(writing)
