"""Records of dovecot.index.cache: a message's fields, linked to the ones cached before."""

import struct
from collections.abc import Iterator, Sequence
from typing import Final

from culver.index.cachefields import ANY_SIZE, BITMASK, CacheField
from culver.index.errors import BadRecord
from culver.index.packing import padded

_U32 = struct.Struct("<I")
_HEAD = struct.Struct("<II")
MAX_CHAIN: Final = 1024
"""Records of one message; Dovecot purges long before, so more is a loop."""


def encode_record(previous: int, values: Sequence[tuple[int, CacheField, bytes]]) -> bytes:
    """Return a record.

    Args:
        previous: offset of the message's record before, 0 for none.
        values: field number in the file, field, value.

    Raises:
        ValueError: a value does not have its field's fixed size.
    """
    parts: list[bytes] = []
    for number, field, value in values:
        parts.append(_U32.pack(number))
        if field.size == ANY_SIZE:
            parts.append(_U32.pack(len(value)))
        elif field.size != len(value):
            raise ValueError(f"{field.name}: {len(value)} bytes, allowed are {field.size}")
        parts.append(padded(value))
    body = b"".join(parts)
    return _HEAD.pack(previous, _HEAD.size + len(body)) + body


def decode_record(
    data: bytes | memoryview, offset: int, fields: Sequence[CacheField]
) -> tuple[int, list[tuple[int, bytes]]]:
    """Return the offset of the record before, and field numbers with values.

    Args:
        data: the whole cache file.
        offset: where the record starts.
        fields: the file's fields.

    Raises:
        BadRecord: the record lies or points outside.
    """
    if offset % 4 or offset + _HEAD.size > len(data):
        raise BadRecord("cache record offset", offset, f"a multiple of 4 below {len(data)}")
    previous, size = _HEAD.unpack_from(data, offset)
    end = offset + size
    if size < _HEAD.size or end > len(data) or previous >= offset:
        raise BadRecord(f"cache record at {offset}", (previous, size), "before it, in the file")
    found: list[tuple[int, bytes]] = []
    at = offset + _HEAD.size
    while at + 4 <= end:
        number = int(_U32.unpack_from(data, at)[0])
        if number >= len(fields):
            raise BadRecord(f"cache field number at {at}", number, f"below {len(fields)}")
        at, length = _length(data, at + 4, end, fields[number])
        found.append((number, bytes(data[at : at + length])))
        at += length + -length % 4
    return previous, found


def _length(data: bytes | memoryview, at: int, end: int, field: CacheField) -> tuple[int, int]:
    length = field.size
    if length == ANY_SIZE:
        if at + 4 > end:
            raise BadRecord(f"cache record at {at}", "no size", "the size of a value")
        (length,) = _U32.unpack_from(data, at)
        at += 4
    if at + length > end:
        raise BadRecord(f"cache value {field.name} at {at}", length, f"at most {end - at}")
    return at, length


def chain(
    data: bytes | memoryview, offset: int, fields: Sequence[CacheField]
) -> Iterator[tuple[int, bytes]]:
    """Yield field numbers and values of a message, the newest record first.

    Raises:
        BadRecord: a record is broken, or there are more than MAX_CHAIN.
    """
    for _ in range(MAX_CHAIN):
        if offset == 0:
            return
        offset, values = decode_record(data, offset, fields)
        yield from values
    raise BadRecord("cache record chain", f"more than {MAX_CHAIN}", "at most that")


def merged(data: bytes | memoryview, offset: int, fields: Sequence[CacheField]) -> dict[int, bytes]:
    """Return the values of a message by field number: the newest, bitmasks with all bits."""
    found: dict[int, bytes] = {}
    for number, value in chain(data, offset, fields):
        if number not in found:
            found[number] = value
        elif fields[number].type == BITMASK:
            found[number] = bytes(a | b for a, b in zip(found[number], value, strict=True))
    return found
