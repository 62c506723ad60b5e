"""Locks between processes (and Dovecot) on an open file, by lock_method."""

import contextlib
import fcntl
import os
import struct
import time
from collections.abc import Callable, Generator

from culver.index.errors import LockTimeout
from culver.index.settings import IndexSettings

_FLOCK = struct.Struct("hhqqi4x")
_STALE = 180.0
"""Seconds after which an unchanged dotlock belongs to a process that died."""
_FIRST_WAIT = 0.0005
_LONGEST_WAIT = 0.05


@contextlib.contextmanager
def locked(fd: int, path: str, settings: IndexSettings) -> Generator[None]:
    """Hold a write lock on an open file, against every other open file description.

    Raises:
        LockTimeout: somebody else held it for all of lock_timeout.
    """
    if settings.lock_method == "dotlock":
        with dotlocked(f"{path}.lock", settings):
            yield
        return
    set_lock = _flock if settings.lock_method == "flock" else _ofd_lock
    _wait(lambda: set_lock(fd, True), path, settings.lock_timeout)
    try:
        yield
    finally:
        set_lock(fd, False)


@contextlib.contextmanager
def dotlocked(path: str, settings: IndexSettings) -> Generator[int]:
    """Hold the file path, which did not exist before; yields its descriptor, open for writing.

    Renaming the file away while holding it is allowed. The descriptor stays open; it is the
    caller's.

    Raises:
        LockTimeout: somebody else held it for all of lock_timeout.
    """
    found: list[int] = []
    _wait(lambda: _create(path, settings.mode, found), path, settings.lock_timeout)
    mine = os.fstat(found[0])
    try:
        yield found[0]
    finally:
        with contextlib.suppress(FileNotFoundError):
            if os.stat(path).st_ino == mine.st_ino:
                os.unlink(path)


def _ofd_lock(fd: int, lock: bool) -> bool:
    # Open file description locks: Dovecot's fcntl locks of other processes respect them, and
    # unlike fcntl's they neither vanish when another descriptor of the same file is closed nor
    # let two users of the file in one process pass each other.
    kind = fcntl.F_WRLCK if lock else fcntl.F_UNLCK
    try:
        fcntl.fcntl(fd, fcntl.F_OFD_SETLK, _FLOCK.pack(kind, os.SEEK_SET, 0, 0, 0))
    except (BlockingIOError, PermissionError):
        return False
    return True


def _flock(fd: int, lock: bool) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB if lock else fcntl.LOCK_UN)
    except BlockingIOError:
        return False
    return True


def _create(path: str, mode: int, found: list[int]) -> bool:
    try:
        found.append(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, mode))
    except FileExistsError:
        with contextlib.suppress(FileNotFoundError):
            if time.time() - os.stat(path).st_mtime > _STALE:
                os.unlink(path)
        return False
    return True


def _wait(attempt: Callable[[], bool], path: str, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    pause = _FIRST_WAIT
    while not attempt():
        if time.monotonic() > deadline:
            raise LockTimeout(f"{path}: locked by another process for {timeout:g} s")
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_WAIT)
