"""The locks that mail programs agree on for an mbox, taken in the configured order (R4-031).

Synchronous: call it in a thread.
"""

from __future__ import annotations

import errno
import fcntl
import os
import random
import struct
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import Final

import msgspec

from culver.errors import Refused, Unavailable
from culver.mail.dotlock import dotlock
from culver_plugins.mbox.settings import MboxSettings

METHODS: Final = ("dotlock", "dotlock_try", "fcntl", "flock", "lockf")

_FLOCK: Final = struct.Struct("hhqqi4x")
_FIRST_PAUSE: Final = 0.002
_LONGEST_PAUSE: Final = 0.1
_NO_DOTLOCK: Final = frozenset((errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC))


class LockPlan(msgspec.Struct, frozen=True):
    """Which locks, and how long to wait."""

    read: tuple[str, ...] = ("fcntl",)
    write: tuple[str, ...] = ("fcntl", "dotlock")
    timeout: float = 300.0
    """Seconds."""
    stale: float = 120.0
    """Seconds after which a dotlock that doesn't change is overridden."""


def lock_plan(settings: MboxSettings) -> LockPlan:
    """The plan that the settings describe.

    Raises Unavailable (CONTACTADMIN) for a name that is none, and for orders that don't agree:
    two programs that wait for each other would wait for ever.
    """
    read = _methods("mbox_read_locks", settings.read_locks)
    write = _methods("mbox_write_locks", settings.write_locks)
    rest = iter(write)
    if not all(method in rest for method in read):
        raise _misconfigured(
            f"mbox_write_locks = {settings.write_locks}: must contain mbox_read_locks"
            f" ({settings.read_locks}) in the same order"
        )
    timeout, stale = float(settings.lock_timeout), float(settings.dotlock_change_timeout)
    return LockPlan(read, write, timeout, stale)


def _methods(name: str, text: str) -> tuple[str, ...]:
    methods = tuple(text.lower().split())
    for place, method in enumerate(methods):
        if method not in METHODS:
            allowed = ", ".join(METHODS)
            raise _misconfigured(f"{name} = {text}: {method!r} is no lock; allowed: {allowed}")
        if method in methods[:place]:
            raise _misconfigured(f"{name} = {text}: {method!r} is there twice")
    return methods


def _misconfigured(why: str) -> Unavailable:
    return Unavailable("CONTACTADMIN", "Internal error in the mail setup", why)


@contextmanager
def locked(
    path: str, plan: LockPlan, *, write: bool, sleep: Callable[[float], None] = time.sleep
) -> Generator[int]:
    """Hold the locks; gives a descriptor of the file that is at the path while they are held.

    Raises Refused NONEXISTENT when there is no file, Unavailable INUSE after the timeout, and
    OSError, PermissionError among them, from opening.
    """
    deadline = time.monotonic() + plan.timeout
    while True:
        with ExitStack() as stack:
            fd = _open(path, write=write)
            stack.callback(os.close, fd)
            for method in plan.write if write else plan.read:
                _take(stack, method, path, fd, plan, deadline, write=write, sleep=sleep)
            # Who held the lock may have put another file in its place.
            if _is_at(path, fd):
                yield fd
                return


def _open(path: str, *, write: bool) -> int:
    try:
        return os.open(path, (os.O_RDWR if write else os.O_RDONLY) | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise Refused("NONEXISTENT", "Mailbox doesn't exist", path) from None


def _is_at(path: str, fd: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(fd))
    except FileNotFoundError:
        raise Refused("NONEXISTENT", "Mailbox was deleted", path) from None


def _take(
    stack: ExitStack,
    method: str,
    path: str,
    fd: int,
    plan: LockPlan,
    deadline: float,
    *,
    write: bool,
    sleep: Callable[[float], None],
) -> None:
    if method.startswith("dotlock"):
        wait = max(deadline - time.monotonic(), 0.0)
        try:
            stack.enter_context(dotlock(path, stale=plan.stale, timeout=wait, sleep=sleep))
        except OSError as error:
            if method != "dotlock_try" or error.errno not in _NO_DOTLOCK:
                raise
        return
    pause = _FIRST_PAUSE
    while not _try(method, fd, write=write):
        if time.monotonic() >= deadline:
            why = f"{path}: {method} lock not released within {plan.timeout:g} s"
            raise Unavailable("INUSE", "The mailbox is locked", why)
        sleep(pause * random.uniform(0.5, 1.0))
        pause = min(pause * 2, _LONGEST_PAUSE)


def _try(method: str, fd: int, *, write: bool) -> bool:
    try:
        if method == "flock":
            fcntl.flock(fd, (fcntl.LOCK_EX if write else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        else:
            # Of the open file, not of the process: POSIX locks, which it conflicts with, would
            # be gone when another session of this process closes the same file.
            kind = fcntl.F_WRLCK if write else fcntl.F_RDLCK
            fcntl.fcntl(fd, fcntl.F_OFD_SETLK, _FLOCK.pack(kind, os.SEEK_SET, 0, 0, 0))
    except (BlockingIOError, PermissionError):
        return False
    return True
