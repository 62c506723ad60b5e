"""Replace the tail of an mbox in place so that no kill and no power cut loses a mail.

The file can't be replaced by rename: programs that wait for its lock would append to the old one.
So the new tail is written to a file of its own and synced first.  Whoever takes a lock and finds
it there writes the tail again; what others appended in between is kept behind it.
"""

from __future__ import annotations

import os
import struct
import time
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from culver.mail.files import fsync_dir, try_unlink, write_all
from culver_plugins.mbox.fileview import FileView

NAME: Final = "culver.rewrite"
_MAGIC: Final = b"CULVMBX1"
_HEAD: Final = struct.Struct("<8sQQQQI4x")
_BLOCK: Final = 4096
_CHUNK: Final = 1 << 20

Piece = bytes | tuple[int, int]
"""Bytes, or offsets (from, to) in the file as it is."""


class Journal(msgspec.Struct):
    """A tail that is to be written."""

    path: str
    inode: int
    at: int
    """Offset in the mbox where the new tail begins."""
    old_size: int
    length: int
    crc: int
    begins: int
    """Offset of the tail in the journal; the blocks' checksums of the old tail lie before."""

    @property
    def new_size(self) -> int:
        """Of the mbox, when all is done."""
        return self.at + self.length


def replace_tail(fd: int, directory: str, at: int, pieces: Sequence[Piece], *, sync: bool) -> int:
    """Make ``pieces`` what follows offset ``at``.  Under the write lock.  Returns the new size.

    On OSError (full disk) before anything was changed the mbox is as it was.
    """
    os.makedirs(directory, mode=0o700, exist_ok=True)
    journal = _write(fd, directory, at, pieces, sync=sync)
    try:
        _grow(fd, journal)
    except OSError:
        os.ftruncate(fd, journal.old_size)
        os.unlink(journal.path)
        raise
    _apply(fd, journal, b"", sync=sync)
    return journal.new_size


def _write(fd: int, directory: str, at: int, pieces: Sequence[Piece], *, sync: bool) -> Journal:
    info = os.fstat(fd)
    path = os.path.join(directory, NAME)
    sums = _checksums(fd, at, info.st_size)
    begins = _HEAD.size + len(sums)
    journal = Journal(path, info.st_ino, at, info.st_size, 0, 0, begins)
    temporary = f"{path}.tmp"
    out = os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        write_all(out, bytes(_HEAD.size) + sums)
        for data in _data(fd, pieces):
            write_all(out, data)
            journal.length += len(data)
            journal.crc = zlib.crc32(data, journal.crc)
        fields = (journal.inode, at, journal.old_size, journal.length, journal.crc)
        os.pwrite(out, _HEAD.pack(_MAGIC, *fields), 0)
        if sync:
            os.fdatasync(out)
        os.rename(temporary, path)
        if sync:
            fsync_dir(directory)
    except OSError:
        try_unlink(temporary)
        raise
    finally:
        os.close(out)
    return journal


def _checksums(fd: int, at: int, size: int) -> bytes:
    blocks = (os.pread(fd, min(_BLOCK, size - place), place) for place in range(at, size, _BLOCK))
    return b"".join(struct.pack("<I", zlib.crc32(block)) for block in blocks)


def _data(fd: int, pieces: Sequence[Piece]) -> Iterator[bytes]:
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
            continue
        at, end = piece
        while at < end:
            data = os.pread(fd, min(_CHUNK, end - at), at)
            if not data:
                raise OSError(f"the mailbox was truncated by somebody at {at}")
            yield data
            at += len(data)


def _apply(fd: int, journal: Journal, foreign: bytes, *, sync: bool) -> None:
    """Write what lies before the old end, and cut the file.  :func:`_grow` comes first."""
    source = os.open(journal.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _copy(source, journal, fd, 0, min(journal.old_size - journal.at, journal.length))
        if foreign:
            _pwrite_all(fd, foreign, journal.new_size)
        os.ftruncate(fd, journal.new_size + len(foreign))
        if sync:
            os.fdatasync(fd)
    finally:
        os.close(source)
    os.unlink(journal.path)


def _grow(fd: int, journal: Journal) -> None:
    """Write what lies behind the old end.  First, because this fails when the disk is full, and
    because the size tells later how far it came."""
    source = os.open(journal.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _copy(source, journal, fd, journal.old_size - journal.at, journal.length)
    finally:
        os.close(source)


def _copy(source: int, journal: Journal, fd: int, start: int, end: int) -> None:
    while start < end:
        data = os.pread(source, min(_CHUNK, end - start), journal.begins + start)
        if not data:
            raise OSError(f"{journal.path}: truncated")
        _pwrite_all(fd, data, journal.at + start)
        start += len(data)


def _pwrite_all(fd: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, at)
        view, at = view[written:], at + written


def exists(directory: str) -> bool:
    """Whether somebody died while writing."""
    return os.path.exists(os.path.join(directory, NAME))


def recover(fd: int, directory: str, *, sync: bool) -> bool:
    """Finish what somebody began.  Under the write lock.  False when the journal doesn't fit the
    mbox any more: it is set aside, with the mails in it, under a name with the time."""
    path = os.path.join(directory, NAME)
    journal = _read(path)
    if journal is None or not _fits(fd, journal):
        os.rename(path, f"{path}.{time.time_ns()}.unused")
        return False
    foreign = _foreign(fd, journal)
    _grow(fd, journal)
    _apply(fd, journal, foreign, sync=sync)
    return True


def _read(path: str) -> Journal | None:
    with open(path, "rb") as file:
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return None
        magic, inode, at, old_size, length, crc = _HEAD.unpack(head)
        begins = _HEAD.size + 4 * -(-max(old_size - at, 0) // _BLOCK)
        file.seek(begins)
        found = size = 0
        while data := file.read(_CHUNK):
            found, size = zlib.crc32(data, found), size + len(data)
    if magic != _MAGIC or (found, size) != (crc, length):
        return None
    return Journal(path, inode, at, old_size, length, crc, begins)


def _fits(fd: int, journal: Journal) -> bool:
    """Whether nobody else has changed the tail: each block is an old or a new one, but for the one
    at which the writing stopped."""
    info = os.fstat(fd)
    if info.st_ino != journal.inode or info.st_size < min(journal.new_size, journal.old_size):
        return False
    end = min(journal.old_size, journal.new_size)
    with open(journal.path, "rb") as source:
        strange = sum(
            not _is_ours(fd, source.fileno(), journal, place)
            for place in range(journal.at, end, _BLOCK)
        )
    return strange <= 1


def _is_ours(fd: int, source: int, journal: Journal, place: int) -> bool:
    number = (place - journal.at) // _BLOCK
    width = min(_BLOCK, journal.old_size - place)
    old = int.from_bytes(os.pread(source, 4, _HEAD.size + 4 * number), "little")
    data = os.pread(fd, width, place)
    if zlib.crc32(data) == old:
        return True
    width = min(width, journal.new_size - place)
    return data[:width] == os.pread(source, width, journal.begins + place - journal.at)


def _foreign(fd: int, journal: Journal) -> bytes:
    """What others have appended since."""
    size = os.fstat(fd).st_size
    if journal.new_size <= journal.old_size:
        cut = size < journal.old_size or not _has_old_end(fd, journal)
        start = journal.new_size if cut else journal.old_size
        return FileView.of(fd, size).read(start, size)
    start = journal.old_size
    there = FileView.of(fd, size).read(start, size)
    with open(journal.path, "rb") as source:
        ours = os.pread(source.fileno(), len(there), journal.begins + start - journal.at)
    ours = ours[: journal.new_size - start]
    if there.startswith(ours):
        return there[len(ours) :]
    same = next(i for i, (a, b) in enumerate(zip(there, ours, strict=False)) if a != b)
    # It may have begun with the same letters as ours would have gone on.
    return there[max(there.rfind(b"From ", 0, same + 5), 0) :]


def _has_old_end(fd: int, journal: Journal) -> bool:
    """Whether the file hasn't been cut yet: what lies behind the new end is still the old."""
    number = (journal.old_size - 1 - journal.at) // _BLOCK
    place = journal.at + number * _BLOCK
    if place < journal.new_size:
        # The last block is partly new: only its rest can be compared, and there is no sum of it.
        return os.fstat(fd).st_size >= journal.old_size
    with open(journal.path, "rb") as source:
        old = int.from_bytes(os.pread(source.fileno(), 4, _HEAD.size + 4 * number), "little")
    return zlib.crc32(os.pread(fd, journal.old_size - place, place)) == old
