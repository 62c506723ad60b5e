"""Dotlocks as Dovecot takes them: ``FILE.lock`` created with O_EXCL, holding ``pid:host``.

Synchronous, because what is done under the lock blocks too: call it in a thread.
"""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Final

from culver.errors import Unavailable

STALE_AFTER: Final = 120.0
"""Seconds without a sign of life after which Dovecot overrides a uidlist's lock."""

_FIRST_PAUSE: Final = 0.002
_LONGEST_PAUSE: Final = 0.1


@contextmanager
def dotlock(
    path: str,
    *,
    stale: float = STALE_AFTER,
    timeout: float = STALE_AFTER + 2,
    mode: int = 0o600,
    sleep: Callable[[float], None] = time.sleep,
) -> Generator[None]:
    """Hold ``path.lock``.

    Raises Unavailable when nobody lets go within ``timeout`` seconds, and OSError when the lock
    file can't be created.  A lock whose process is dead on this host is overridden at once, any
    other when it hasn't changed for ``stale`` seconds.
    """
    lock = f"{path}.lock"
    inode = _acquire(lock, stale, timeout, mode, sleep)
    try:
        yield
    finally:
        _release(lock, inode)


def _acquire(
    lock: str, stale: float, timeout: float, mode: int, sleep: Callable[[float], None]
) -> int:
    deadline = time.monotonic() + timeout
    pause = _FIRST_PAUSE
    while (inode := _try_create(lock, mode)) is None:
        if _override_stale(lock, stale):
            continue
        if time.monotonic() >= deadline:
            raise Unavailable(
                "INUSE", "The mailbox is locked", f"{lock}: not released within {timeout:g} s"
            )
        # Random, so that many waiters don't march in step.
        sleep(pause * random.uniform(0.5, 1.0))
        pause = min(pause * 2, _LONGEST_PAUSE)
    return inode


def _try_create(lock: str, mode: int) -> int | None:
    if os.path.lexists(lock):
        return None
    # Made aside and linked: a process killed between the making and the writing of its name would
    # leave a lock that nobody can attribute, and that so stands for two minutes.
    aside = f"{lock.removesuffix('.lock')}.{os.getpid()}.{threading.get_ident()}.lock"
    fd = os.open(aside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, mode)
    try:
        os.write(fd, f"{os.getpid()}:{socket.gethostname()}".encode())
        os.link(aside, lock)
        return os.fstat(fd).st_ino
    except FileExistsError:
        return None
    finally:
        os.close(fd)
        os.unlink(aside)


def _override_stale(lock: str, stale: float) -> bool:
    """Whether it is worth trying again at once."""
    try:
        with open(lock, "rb") as file:
            owner = file.read(256)
            info = os.fstat(file.fileno())
    except FileNotFoundError:
        return True
    if not _is_dead(owner) and time.time() - max(info.st_mtime, info.st_ctime) < stale:
        return False
    # Another process may have done the same and hold a fresh lock by now: look at what was
    # taken away, and put it back if it isn't what was judged.
    aside = f"{lock}.{os.getpid()}.{threading.get_ident()}"
    try:
        os.rename(lock, aside)
    except FileNotFoundError:
        return True
    if os.stat(aside).st_ino != info.st_ino:
        with suppress(FileExistsError):
            os.link(aside, lock)
    os.unlink(aside)
    return True


def _is_dead(owner: bytes) -> bool:
    pid, _, host = owner.partition(b":")
    if not pid.isdigit() or host.decode(errors="replace") != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def _release(lock: str, inode: int) -> None:
    # If somebody overrode us, the file there is theirs.
    with suppress(FileNotFoundError):
        if os.stat(lock).st_ino == inode:
            os.unlink(lock)
