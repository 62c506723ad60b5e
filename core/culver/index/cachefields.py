"""Fields of dovecot.index.cache: names, types, decisions, and their header in the file."""

import struct
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from culver.index.errors import BadRecord
from culver.index.packing import padded

FIXED, VARIABLE, STRING, BITMASK, HEADER = range(5)
"""Types: how long a value is, and (bitmask) whether later values add to earlier ones."""

NO: Final = 0
TEMP: Final = 1
"""Cache it for mails of the last week."""
YES: Final = 2
FORCED: Final = 0x80
"""The administrator decided; never in the file."""

ANY_SIZE: Final = 0xFFFFFFFF
MAX_FIELDS: Final = 4096
"""More are a broken count: a mailbox caches some dozens of header fields."""

_START = struct.Struct("<III")


class CacheField(msgspec.Struct):
    """A field that the cache keeps for messages.

    Attributes:
        name: "imap.envelope", "hdr.subject" and so on.
        type: FIXED, VARIABLE, STRING, BITMASK or HEADER.
        size: bytes of a value, ANY_SIZE when it says so itself.
        decision: NO, TEMP or YES.
        last_used: unix seconds.
    """

    name: str
    type: int
    size: int = ANY_SIZE
    decision: int = TEMP
    last_used: int = 0


_KNOWN: Final[Mapping[str, tuple[int, int]]] = {
    "flags": (BITMASK, 4),
    "date.sent": (FIXED, 8),
    "date.received": (FIXED, 4),
    "date.save": (FIXED, 4),
    "size.virtual": (FIXED, 8),
    "size.physical": (FIXED, 8),
    "imap.body": (STRING, ANY_SIZE),
    "imap.bodystructure": (STRING, ANY_SIZE),
    "imap.envelope": (STRING, ANY_SIZE),
    "pop3.uidl": (STRING, ANY_SIZE),
    "pop3.order": (FIXED, 4),
    "guid": (STRING, ANY_SIZE),
    "mime.parts": (VARIABLE, ANY_SIZE),
    "binary.parts": (VARIABLE, ANY_SIZE),
    "body.snippet": (VARIABLE, ANY_SIZE),
}


def field(name: str, decision: int = TEMP, last_used: int = 0) -> CacheField:
    """Return a field that Dovecot knows, with the type it gives it.

    Raises:
        ValueError: Dovecot has no such field.
    """
    if name.startswith("hdr."):
        return CacheField(name, HEADER, ANY_SIZE, decision, last_used)
    if name not in _KNOWN:
        raise ValueError(f"cache field {name!r}: allowed are hdr.* and {', '.join(_KNOWN)}")
    type_, size = _KNOWN[name]
    return CacheField(name, type_, size, decision, last_used)


def encode_fields(fields: Sequence[CacheField]) -> bytes:
    """Return the header that lists fields, the last of its chain."""
    count = len(fields)
    columns = struct.pack(
        f"<{2 * count}I{2 * count}B",
        *(f.last_used for f in fields),
        *(f.size for f in fields),
        *(f.type for f in fields),
        *(f.decision & ~FORCED for f in fields),
    )
    names = b"".join(f.name.encode("utf-8", "surrogateescape") + b"\0" for f in fields)
    size = _START.size + len(columns) + len(names)
    return padded(_START.pack(0, size, count) + columns + names)


def decode_fields(data: bytes) -> list[CacheField]:
    """Return the fields that a header lists.

    Raises:
        BadRecord: it is cut off, or a type, decision or name is impossible.
    """
    if len(data) < _START.size:
        raise BadRecord("cache field header size", len(data), f"at least {_START.size}")
    _, size, count = (int(n) for n in _START.unpack_from(data))
    names_at = _START.size + 10 * count
    if count > MAX_FIELDS or not names_at <= size <= len(data):
        raise BadRecord("cache field header size", (size, count), f"within {len(data)} bytes")
    used = struct.unpack_from(f"<{2 * count}I", data, _START.size)
    kinds = data[_START.size + 8 * count : names_at]
    names = data[names_at:size].split(b"\0")
    if len(names) <= count or not all(names[:count]) or len(set(names[:count])) != count:
        raise BadRecord("cache field names", names[:count], "distinct, each ended by NUL")
    found = [
        CacheField(
            name.decode("utf-8", "surrogateescape"),
            kinds[n],
            used[count + n],
            kinds[count + n] & ~FORCED,
            used[n],
        )
        for n, name in enumerate(names[:count])
    ]
    for f in found:
        _check(f)
    return found


def _check(f: CacheField) -> None:
    if f.type > HEADER:
        raise BadRecord(f"cache field {f.name} type", f.type, f"0 to {HEADER}")
    if f.decision > YES:
        raise BadRecord(f"cache field {f.name} decision", f.decision, f"0 to {YES}")
    if f.type in (FIXED, BITMASK) and f.size > 0xFFFF:
        raise BadRecord(f"cache field {f.name} size", f.size, "at most 65535")


def decisions_offset(count: int) -> int:
    """Return where the decisions of a header of count fields start in it."""
    return _START.size + 9 * count


LAST_USED_OFFSET: Final = _START.size
