"""dovecot.index.log as a file: opened, read from an offset, appended to, replaced."""

import contextlib
import os
from collections.abc import Generator
from typing import Final

from culver.index.errors import BadRecord, IndexCorrupted
from culver.index.locking import dotlocked
from culver.index.logheader import LogHeader
from culver.index.settings import IndexSettings

_FIRST: Final = 16 * 1024
"""Most reads find little or nothing new, and a large buffer costs more than the read."""
_CHUNK: Final = 1 << 20


class LogFile:
    """One open log. Its descriptor stays valid when the file is renamed to .log.2."""

    __slots__ = ("fd", "header", "inode", "path")

    def __init__(self, path: str, fd: int, header: LogHeader) -> None:
        self.path = path
        self.fd = fd
        self.header = header
        self.inode = _identity(os.fstat(fd))

    @classmethod
    def open(cls, path: str) -> "LogFile":
        """Open the log at path.

        Raises:
            FileNotFoundError: there is none.
            IndexCorrupted: its header cannot be used.
        """
        fd = _open(path)
        try:
            return cls(path, fd, LogHeader.decode(os.pread(fd, 4096, 0)))
        except BadRecord as bad:
            os.close(fd)
            raise IndexCorrupted.at(path, bad) from bad

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self.fd)

    def size(self) -> int:
        """Return the file's size in bytes."""
        return os.fstat(self.fd).st_size

    def is_current(self) -> bool:
        """Is this still the file at path? False after a rotation.

        Raises:
            FileNotFoundError: nothing is there: the mailbox was deleted or renamed.
        """
        return _identity(os.stat(self.path)) == self.inode

    def read(self, offset: int) -> bytes:
        """Return the bytes from offset to the end."""
        chunk = os.pread(self.fd, _FIRST, offset)
        if len(chunk) < _FIRST:
            return chunk
        chunks = [chunk]
        while chunk:
            offset += len(chunk)
            chunk = os.pread(self.fd, _CHUNK, offset)
            chunks.append(chunk)
        return b"".join(chunks)

    def append(self, offset: int, data: bytes, sync: bool) -> None:
        """Write data at the end, which is offset, cutting off what a writer that died left.

        The caller holds the lock and has read everything up to offset.

        Raises:
            OSError: disk full or the like; then nothing of data is in the file.
        """
        if self.size() != offset:
            os.ftruncate(self.fd, offset)
        try:
            _write(self.fd, data)
            if sync:
                os.fdatasync(self.fd)
        except OSError:
            os.ftruncate(self.fd, offset)
            raise


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
    except PermissionError:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _write(fd: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]


@contextlib.contextmanager
def new_log(
    path: str, header: LogHeader, settings: IndexSettings, records: bytes = b""
) -> Generator[LogFile]:
    """Prepare a log beside path, under Dovecot's lock for that (.newlock).

    Leaving the block without `install` removes the new file.

    Args:
        path: where `install` puts it.
        header: its header.
        settings: permissions, fsync and the lock's timeout.
        records: frames that it shall hold from the beginning.

    Raises:
        LockTimeout: another process is at it.
    """
    with dotlocked(f"{path}.newlock", settings) as fd:
        if settings.gid != -1:
            os.fchown(fd, -1, settings.gid)
        _write(fd, header.encode() + records)
        if settings.fsync == "always":
            os.fdatasync(fd)
        yield LogFile(path, fd, header)


def install(log: LogFile, keep_old: bool) -> None:
    """Move a prepared log to its path; the old one, if kept, becomes .log.2."""
    if keep_old:
        second = f"{log.path}.2"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(second)
        # A link and not a rename: at no moment may readers find no log.
        os.link(log.path, second)
    os.rename(f"{log.path}.newlock", log.path)
