"""Read messages out of dbox files: whole, or only what their metadata tells."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from culver_plugins.dbox.errors import DboxCorrupted
from culver_plugins.dbox.fileheader import FileHeader, decode_file_header
from culver_plugins.dbox.messageheader import decode_message_header
from culver_plugins.dbox.metadata import Metadata, decode_metadata
from culver_plugins.dbox.record import Record, read_record

_TAIL: Final = 4096
"""Bytes that hold nearly every metadata block; it is read on when not."""


def open_first(paths: Sequence[str]) -> int | None:
    """A descriptor of the first path that is there; None when none is."""
    for path in paths:
        try:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
    return None


def pread_all(fd: int, offset: int, size: int) -> bytes:
    """``size`` bytes from ``offset``, fewer only at the file's end."""
    data = os.pread(fd, size, offset)
    if len(data) == size or not data:
        return data
    pieces = [data]
    while data and (size := size - len(data)) > 0:
        offset += len(data)
        data = os.pread(fd, size, offset)
        pieces.append(data)
    return b"".join(pieces)


def read_file_header(fd: int) -> FileHeader:
    """The header of an open file.  Raises :class:`DboxCorrupted`."""
    return decode_file_header(os.pread(fd, 1024, 0))


def read_only_record(fd: int) -> tuple[Record, bytes]:
    """The message of a file of one message, and the file.  Raises :class:`DboxCorrupted`."""
    data = pread_all(fd, 0, os.fstat(fd).st_size)
    header = decode_file_header(data)
    return read_record(data, header.size, header), data


def read_record_at(fd: int, offset: int, size: int, header: FileHeader) -> tuple[Record, bytes]:
    """A message of ``size`` bytes at ``offset``, its offsets those of the bytes it comes with.

    Raises :class:`DboxCorrupted`, also when it has another size."""
    data = pread_all(fd, offset, size)
    record = read_record(data, 0, header)
    if record.end != size:
        raise DboxCorrupted(f"message of {record.end} bytes: allowed are {size}", offset)
    return record, data


def read_metadata(fd: int, offset: int = 0) -> tuple[Metadata, int]:
    """The metadata of the message at ``offset`` (0: the first), and its stored size.

    The body is not read.  Raises :class:`DboxCorrupted`."""
    header = read_file_header(fd)
    at = offset or header.size
    start = os.pread(fd, header.message_header_size, at)
    size = decode_message_header(start, 0, header.message_header_size)
    at += header.message_header_size + size
    wanted = _TAIL
    while True:
        data = os.pread(fd, wanted, at)
        try:
            return decode_metadata(data, 0)[0], size
        except DboxCorrupted as error:
            if len(data) < wanted:
                raise DboxCorrupted(error.what, at) from None
            wanted *= 4
