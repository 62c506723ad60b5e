"""A program of ours or of others, started in the foreground and ended by its process id."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.ports import HOST
from tests.peers.process_tree import ProcessStat, descendants, stat

START_SECONDS = 15.0
STOP_SECONDS = 10.0
GRACE_SECONDS = 2.0
"""For the children of a server that has ended: a session may be writing its index."""
_PAUSE = 0.01


class PeerFailed(Exception):
    """A peer did not start, ended too early or would not end; the text ends with its output."""


GONE_SECONDS = 10
"""How long a killed process may take to be gone."""


def answers(port: int) -> bool:
    """Whether something accepts connections on the port of the loopback address."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _end_one(entry: ProcessStat, deadline: float) -> None:
    """Give a process until `deadline` to end, then kill it, and only it."""
    try:
        handle = os.pidfd_open(entry.pid)
    except ProcessLookupError:
        return
    try:
        now = stat(entry.pid)
        if now is None or now.started != entry.started:
            return  # the pid has been given to another process meanwhile
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        if not poll.poll(max(0, deadline - time.monotonic()) * 1000):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            # Its sockets are open until it is gone: the next server must not meet them.
            poll.poll(GONE_SECONDS * 1000)
    except ProcessLookupError:
        return
    finally:
        os.close(handle)


class Process:
    """One program in a session of its own; its output goes to the file `output`."""

    def __init__(
        self,
        argv: Sequence[str | Path],
        output: Path,
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        """Start `argv`; FileNotFoundError where the program is not there."""
        self.name = Path(argv[0]).name
        self.output = output
        with output.open("ab") as sink:
            self._popen = subprocess.Popen(
                [os.fspath(word) for word in argv],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=None if env is None else dict(env),
                cwd=cwd,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The root of the tree that `stop` ends."""
        return self._popen.pid

    def running(self) -> bool:
        """Whether the program itself (not only a child of it) is still there."""
        return self._popen.poll() is None

    def text(self) -> str:
        """What it has printed so far."""
        return self.output.read_text(errors="replace")

    def _failed(self, what: str) -> PeerFailed:
        return PeerFailed(
            f"{self.name} (pid {self.pid}) {what}; its output:\n{self.text()[-4000:]}"
        )

    def wait_for(self, ports: Sequence[int], seconds: float = START_SECONDS) -> None:
        """Return when every port answers; PeerFailed when it ends before or is not in time."""
        deadline = time.monotonic() + seconds
        missing = list(ports)
        while missing := [port for port in missing if not answers(port)]:
            # Waiting for its end, not for the clock: a program that refuses its
            # configuration is reported at once.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(_PAUSE)
                raise self._failed(f"ended with {self._popen.returncode} before it listened")
            if time.monotonic() > deadline:
                raise self._failed(f"does not answer on {missing} after {seconds:g} s")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program, not to its children."""
        self._popen.send_signal(number)

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """SIGTERM, then SIGKILL for what is left of the tree; PeerFailed if that was needed."""
        tree = descendants(self.pid)
        self._popen.terminate()
        late = False
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            late = True
        self._end(tree, GRACE_SECONDS)
        if late:
            raise self._failed(f"did not end within {seconds:g} s of SIGTERM")

    def kill(self) -> None:
        """SIGKILL for the whole tree at once, as a crash would end it."""
        self._end(descendants(self.pid), 0)

    def _end(self, tree: list[ProcessStat], grace: float) -> None:
        deadline = time.monotonic() + grace
        for entry in tree:
            _end_one(entry, deadline)
        self._popen.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def run(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    check: bool = True,
    seconds: float = 60,
) -> subprocess.CompletedProcess[str]:
    """Run a client to its end with its output captured as text.

    `env` is added to this process's environment.  PeerFailed with all it printed where `check` is
    set and its exit status is not 0, and where it is not done after `seconds`.
    """
    words = [os.fspath(word) for word in argv]
    try:
        done = subprocess.run(
            words,
            input=stdin,
            capture_output=True,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as late:
        printed = (late.stdout or b"") + (late.stderr or b"")
        raise PeerFailed(f"{words} ran for {seconds:g} s:\n{printed.decode()}") from late
    out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    if check and done.returncode:
        raise PeerFailed(f"{words} ended with {done.returncode}:\n{out}\n{err}")
    return subprocess.CompletedProcess(words, done.returncode, out, err)
