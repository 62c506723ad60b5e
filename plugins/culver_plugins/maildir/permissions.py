"""Modes and group of new files: those of the mailbox's directory (inventory R4-103)."""

from __future__ import annotations

import os
import stat

import msgspec


class Permissions(msgspec.Struct, frozen=True):
    """What new files and directories get."""

    dir_mode: int = 0o700
    file_mode: int = 0o600
    gid: int = -1
    """-1: whatever the system gives."""


def permissions_of(directory: str) -> Permissions:
    """The permissions of an existing directory, to be given to what is made in it.

    The group is passed on only when it may do something and the directory has no setgid bit,
    with which the system does it itself.
    """
    info = os.stat(directory)
    mode = stat.S_IMODE(info.st_mode)
    shared = mode & 0o070 and not mode & stat.S_ISGID
    gid = info.st_gid if shared and info.st_gid != os.getegid() else -1
    return Permissions(dir_mode=mode & 0o2777, file_mode=mode & 0o666, gid=gid)


def make_dir(path: str, permissions: Permissions) -> None:
    """Create one directory; FileExistsError when it is there."""
    os.mkdir(path, permissions.dir_mode & 0o777)
    # The process's umask is for files that have no model to follow.
    if os.stat(path).st_mode & 0o777 != permissions.dir_mode & 0o777:
        os.chmod(path, permissions.dir_mode)
    if permissions.gid >= 0:
        try:
            os.chown(path, -1, permissions.gid)
        except PermissionError:
            return
