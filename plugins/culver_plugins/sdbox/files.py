"""The files of an sdbox mailbox: ``u.<uid>``, and temporary ones on their way to that name."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from typing import Final

from culver.mail.files import set_access, try_unlink
from culver_plugins.dbox.box import DboxBox
from culver_plugins.dbox.guid import temporary_name
from culver_plugins.maildir.permissions import permissions_of

_NAME: Final = re.compile(r"u\.([1-9][0-9]{0,9})")


def paths_of(box: DboxBox, uid: int) -> tuple[str, ...]:
    """Where the file of a mail may be, the alternative storage last."""
    primary = f"{box.directory}/u.{uid}"
    return (primary,) if box.alt is None else (primary, f"{box.alt}/u.{uid}")


def uids_in(directory: str) -> dict[int, str]:
    """UID -> path of every mail in a directory; none when there is no such directory."""
    found: dict[int, str] = {}
    with suppress(FileNotFoundError):
        for name in os.listdir(directory):
            match = _NAME.fullmatch(name)
            if match and int(match[1]) <= 0xFFFFFFFF:
                found[int(match[1])] = f"{directory}/{name}"
    return found


def create_temporary(directory: str) -> tuple[int, str]:
    """A new file with the permissions of the directory, open for writing, and its path."""
    path = f"{directory}/{temporary_name()}"
    perms = permissions_of(directory)
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC
    fd = os.open(path, flags, perms.file_mode)
    set_access(fd, perms.file_mode, perms.gid)
    return fd, path


def unlink_all(paths: tuple[str, ...]) -> bool:
    """Remove a mail wherever it is; False when it was gone."""
    removed = False
    for path in paths:
        removed |= try_unlink(path)
    return removed


def copy_durably(source: str, target: str) -> None:
    """Copy a file with its times to where no file of that name is seen before it is whole."""
    fd, path = create_temporary(os.path.dirname(target))
    try:
        try:
            with open(source, "rb") as file, os.fdopen(os.dup(fd), "wb") as copy:
                shutil.copyfileobj(file, copy, 1 << 20)
            info = os.stat(source)
            os.utime(fd, ns=(info.st_atime_ns, info.st_mtime_ns))
            os.fsync(fd)
        finally:
            os.close(fd)
        os.rename(path, target)
    except BaseException:
        try_unlink(path)
        raise
