"""Frames of dovecot.index.log: size, type, payload; and what of them is complete."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from culver.index.boxrecords import Boundary
from culver.index.errors import BadRecord
from culver.index.logrecord import BOUNDARY, TYPE_MASK, LogRecord
from culver.index.packing import pack_size, unpack_size

HEAD: Final = 8
"""Bytes of a frame's size and type."""
_TYPE = struct.Struct("<I")


class Frame(NamedTuple):
    """One record of the log, not decoded.

    Attributes:
        offset: where it starts in the file.
        kind: its type word.
        payload: its content.
        end: where the next one starts.
    """

    offset: int
    kind: int
    payload: bytes
    end: int


def frame(record: LogRecord) -> bytes:
    """Return a record as it stands in the log."""
    payload = record.encode()
    return pack_size(HEAD + len(payload)) + _TYPE.pack(record.kind()) + payload


def frames(data: bytes, start: int) -> Iterator[Frame]:
    """Yield the complete frames of data; stops before one that is not written in full.

    Args:
        data: bytes of the log.
        start: the offset in the file of data's first byte.

    Raises:
        BadRecord: a size is impossible, whatever may still be written after it.
    """
    at, size = 0, len(data)
    while at + HEAD <= size:
        length = unpack_size(data, at)
        if length == 0 and data[at : at + 4] != bytes(4):
            raise BadRecord(f"log record size at {start + at}", data[at : at + 4].hex(), "packed")
        if length == 0 or at + length > size:
            return
        if length < HEAD:
            raise BadRecord(f"log record size at {start + at}", length, f"at least {HEAD}")
        (kind,) = _TYPE.unpack_from(data, at + 4)
        if kind & TYPE_MASK == BOUNDARY and not _is_whole(data, at, length):
            return
        yield Frame(start + at, kind, data[at + HEAD : at + length], start + at + length)
        at += length


def _is_whole(data: bytes, at: int, length: int) -> bool:
    """Is the transaction that a boundary at `at` opens completely in data?"""
    if length < HEAD + 4:
        return True
    return at + int.from_bytes(data[at + HEAD : at + HEAD + 4], "little") <= len(data)


def transaction(records: list[LogRecord]) -> bytes:
    """Return records as one append: with a boundary when there is more than one."""
    body = b"".join(frame(record) for record in records)
    if len(records) < 2:
        return body
    size = HEAD + 4 + len(body)
    return frame(Boundary(size=size)) + body
