"""A storage file ``m.<id>``: opened, locked, appended to."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from culver.mail.files import set_access, try_unlink
from culver_plugins.dbox.errors import DboxCorrupted
from culver_plugins.dbox.fileheader import FileHeader, encode_file_header
from culver_plugins.dbox.guid import temporary_name
from culver_plugins.dbox.newrecord import NewRecord
from culver_plugins.dbox.readfile import pread_all, read_file_header
from culver_plugins.dbox.record import read_records
from culver_plugins.maildir.permissions import permissions_of

_NAME: Final = re.compile(r"m\.([1-9][0-9]{0,9})")


def file_ids_in(directory: str) -> dict[int, str]:
    """File id -> path of the storage files in a directory; none when it is not there."""
    found: dict[int, str] = {}
    with suppress(FileNotFoundError):
        for name in os.listdir(directory):
            match = _NAME.fullmatch(name)
            if match and int(match[1]) <= 0xFFFFFFFF:
                found[int(match[1])] = f"{directory}/{name}"
    return found


class MailFile:
    """An open file that is ours to append to: locked (flock, as Dovecot does), or new.

    Attributes:
        file_id: 0 while it has a temporary name.
        end: where the next message goes, in bytes.
        start: where it ended before the first append.
    """

    def __init__(self, fd: int, path: str, header: FileHeader, file_id: int, end: int) -> None:
        self.fd = fd
        self.path = path
        self.header = header
        self.file_id = file_id
        self.is_new = file_id == 0
        self.start = self.end = end
        self._header_due = self.is_new

    @classmethod
    def create(cls, directory: str, created: int) -> MailFile:
        """A new file under a temporary name."""
        path = f"{directory}/{temporary_name()}"
        perms = permissions_of(directory)
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC
        fd = os.open(path, flags, perms.file_mode)
        set_access(fd, perms.file_mode, perms.gid)
        line = encode_file_header(created)
        return cls(fd, path, FileHeader(created, size=len(line)), 0, len(line))

    @classmethod
    def lock(cls, path: str, file_id: int) -> MailFile | None:
        """The file, locked; None when it is gone, broken, or somebody else has it."""
        try:
            fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except (FileNotFoundError, PermissionError):
            return None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            info = os.fstat(fd)
            # Somebody may have removed it between the open and the lock.
            if os.stat(path).st_ino == info.st_ino:
                return cls(fd, path, read_file_header(fd), file_id, info.st_size)
        except (BlockingIOError, FileNotFoundError, DboxCorrupted):
            pass
        os.close(fd)
        return None

    def is_sound_from(self, offset: int) -> bool:
        """Whether only whole messages follow, if any."""
        if offset == self.end:
            return True
        data = pread_all(self.fd, offset, self.end - offset) if offset < self.end else b""
        if not data:
            return False
        header = FileHeader(message_header_size=self.header.message_header_size, size=0)
        try:
            return all(True for _ in read_records(data, header))
        except DboxCorrupted:
            return False

    def append(self, record: NewRecord) -> int:
        """Write a message at the end; returns where it starts."""
        os.lseek(self.fd, 0 if self._header_due else self.end, os.SEEK_SET)
        record.write(self.fd, encode_file_header(self.header.created) if self._header_due else b"")
        return self._appended(record.size)

    def append_raw(self, pieces: Iterable[bytes], size: int) -> int:
        """Write a message that is already in its stored form."""
        line = encode_file_header(self.header.created) if self._header_due else b""
        os.lseek(self.fd, 0 if self._header_due else self.end, os.SEEK_SET)
        with os.fdopen(os.dup(self.fd), "wb", buffering=0) as file:
            for piece in (line, *pieces):
                file.write(piece)
        return self._appended(size)

    def _appended(self, size: int) -> int:
        self._header_due = False
        offset, self.end = self.end, self.end + size
        return offset

    def sync(self) -> None:
        """Make what was appended durable."""
        os.fdatasync(self.fd)

    def assign(self, directory: str, file_id: int) -> None:
        """Give a new file its name; FileExistsError when another file has it."""
        path = f"{directory}/m.{file_id}"
        os.link(self.path, path)
        os.unlink(self.path)
        self.path, self.file_id = path, file_id

    def rollback(self) -> None:
        """Take back what was appended."""
        with suppress(OSError):
            if self.is_new:
                try_unlink(self.path)
            else:
                os.ftruncate(self.fd, self.start)

    def close(self) -> None:
        """Close, and with it unlock."""
        os.close(self.fd)
