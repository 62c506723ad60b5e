"""Told by the kernel when a directory changes: one inotify instance per process.

The C library is called through ctypes; Python has no binding of its own.  inotify(7).
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import trio

_IN_MODIFY: Final = 0x2
"""An index log stays open while it grows."""
_IN_CLOSE_WRITE: Final = 0x8
_IN_MOVED_FROM: Final = 0x40
_IN_MOVED_TO: Final = 0x80
_IN_CREATE: Final = 0x100
_IN_DELETE: Final = 0x200
_IN_DELETE_SELF: Final = 0x400
_IN_MOVE_SELF: Final = 0x800
_IN_Q_OVERFLOW: Final = 0x4000
_IN_IGNORED: Final = 0x8000
_MASK: Final = (
    _IN_MODIFY
    | _IN_CLOSE_WRITE
    | _IN_MOVED_FROM
    | _IN_MOVED_TO
    | _IN_CREATE
    | _IN_DELETE
    | _IN_DELETE_SELF
    | _IN_MOVE_SELF
)
_HEADER: Final = struct.Struct("iIII")

Callback = Callable[[], None]


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


class Watcher:
    """Calls back on the loop when a watched directory changes.

    Get it from :func:`watcher`.  Callbacks must be quick, must not raise, and are called at least
    once after any change; several changes may be one call.
    """

    def __init__(self) -> None:
        self._fd: int = _libc().inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1: no inotify instance to be had")
        self._callbacks: dict[int, list[Callback]] = {}

    def add(self, paths: Sequence[Path], callback: Callback) -> tuple[int, ...]:
        """Watch; hand the result to :meth:`remove`.  OSError when a path is gone or the system's
        limit of watches is reached; nothing is watched then."""
        added: list[int] = []
        for path in paths:
            watch = _libc().inotify_add_watch(self._fd, os.fsencode(path), _MASK)
            if watch < 0:
                error = ctypes.get_errno()
                self.remove(tuple(added), callback)
                raise OSError(error, f"inotify_add_watch: {os.strerror(error)}", str(path))
            # The same directory gives the same number.
            self._callbacks.setdefault(watch, []).append(callback)
            added.append(watch)
        return tuple(added)

    def remove(self, watches: tuple[int, ...], callback: Callback) -> None:
        """Stop calling this callback."""
        for watch in watches:
            callbacks = self._callbacks.get(watch)
            if callbacks is None or callback not in callbacks:
                continue
            callbacks.remove(callback)
            if not callbacks:
                del self._callbacks[watch]
                if self._fd >= 0:
                    _libc().inotify_rm_watch(self._fd, watch)

    async def run(self) -> None:
        """Read events until cancelled."""
        try:
            while True:
                await trio.lowlevel.wait_readable(self._fd)
                self._dispatch(os.read(self._fd, 65536))
        finally:
            fd, self._fd = self._fd, -1
            os.close(fd)

    def _dispatch(self, events: bytes) -> None:
        touched: set[int] = set()
        at = 0
        while at < len(events):
            watch, mask, _, length = _HEADER.unpack_from(events, at)
            at += _HEADER.size + length
            if mask & _IN_Q_OVERFLOW:
                touched.update(self._callbacks)
            elif not mask & _IN_IGNORED:
                touched.add(watch)
        for callback in {c for watch in touched for c in self._callbacks.get(watch, ())}:
            callback()


_watcher: trio.lowlevel.RunVar[Watcher] = trio.lowlevel.RunVar("culver.mail.watch")


def watcher() -> Watcher:
    """The watcher of this trio run.  OSError when the system has no inotify instance left: poll
    then."""
    try:
        return _watcher.get()
    except LookupError:
        made = Watcher()
        trio.lowlevel.spawn_system_task(made.run, name="inotify")
        _watcher.set(made)
        return made
