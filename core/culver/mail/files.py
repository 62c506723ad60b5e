"""Small file work that storage formats share.  Synchronous: call it in a thread."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache

from culver.errors import CulverError, Refused, Unavailable

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


def storage_error(error: OSError, doing: str) -> CulverError:
    """The error for sessions: a full disk is temporary, missing rights are permanent."""
    log = f"{doing}: {error}"
    if error.errno == errno.EDQUOT:
        return Unavailable("OVERQUOTA", "Not enough disk quota", log)
    if error.errno in _FULL:
        return Unavailable("LIMIT", "Not enough disk space", log)
    if error.errno in _DENIED:
        return Refused("NOPERM", "Permission denied", log)
    return Unavailable("UNAVAILABLE", "Internal error in the mail storage", log)


def fsync_dir(path: str) -> None:
    """Make the entries of a directory durable."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fdatasync(fd)
    finally:
        os.close(fd)


@lru_cache(maxsize=1)
def _pool(pid: int) -> ThreadPoolExecutor:
    # Keyed by process: threads don't survive a fork.
    return ThreadPoolExecutor(max_workers=16, thread_name_prefix="fsync")


def fsync_dirs(paths: Sequence[str]) -> None:
    """Make several directories durable at once: the disk's waits overlap."""
    if len(paths) == 1:
        fsync_dir(paths[0])
        return
    for done in [_pool(os.getpid()).submit(fsync_dir, path) for path in paths]:
        done.result()


def write_all(fd: int, data: bytes | memoryview) -> None:
    """Write everything or raise; os.write stops in the middle when the disk fills up."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def replace_file(
    path: str, data: bytes, *, mode: int = 0o600, gid: int = -1, temporary: str = "", sync: bool
) -> os.stat_result:
    """Replace a file by rename: readers see the old or the new one, whole.  Returns its stat."""
    temporary = temporary or f"{path}.tmp"
    fd = os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, mode)
    try:
        try:
            set_access(fd, mode, gid)
            write_all(fd, data)
            if sync:
                os.fdatasync(fd)
            os.rename(temporary, path)
            return os.fstat(fd)
        finally:
            os.close(fd)
    except OSError:
        try_unlink(temporary)
        raise


def set_access(fd: int, mode: int, gid: int) -> None:
    """Give a file just created the mode and group of its mailbox; -1 leaves the group.

    The process's umask has taken bits from the mode.  Missing rights are no failure: the mail is
    more important than who else may read it.
    """
    if mode & 0o077:
        os.fchmod(fd, mode)
    if gid >= 0:
        with suppress(PermissionError):
            os.fchown(fd, -1, gid)


def try_unlink(path: str) -> bool:
    """Remove a file; False when it is not there."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True
