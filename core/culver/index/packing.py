"""Sizes as the log and the cache file store them, and alignment."""

import struct
from typing import Final

MAX_SIZE: Final = 0x40000000
"""Sizes are multiples of 4 below this: 28 bits once divided by 4."""

_BE32 = struct.Struct(">I")


def pack_size(size: int) -> bytes:
    """Return size as four big-endian groups of 7 bits, each with the top bit set.

    The top bits make an unwritten (zero) word differ from every size, so that a reader without
    a lock sees a half-written record as absent.

    Args:
        size: bytes, a multiple of 4 below MAX_SIZE.

    Raises:
        ValueError: for any other size.
    """
    if size % 4 or not 0 <= size < MAX_SIZE:
        raise ValueError(f"size {size}: allowed is a multiple of 4 below {MAX_SIZE}")
    n = size >> 2
    groups = (n & 0x7F) | (n & 0x3F80) << 1 | (n & 0x1FC000) << 2 | (n & 0xFE00000) << 3
    return _BE32.pack(groups | 0x80808080)


def unpack_size(packed: bytes | bytearray | memoryview, offset: int = 0) -> int:
    """Return the size packed at offset in bytes, 0 when the word was never (fully) written."""
    (n,) = _BE32.unpack_from(packed, offset)
    if n & 0x80808080 != 0x80808080:
        return 0
    high = (n & 0x7F0000) >> 2 | (n & 0x7F000000) >> 3
    return int((n & 0x7F) | (n & 0x7F00) >> 1 | high) << 2


def align(size: int, to: int) -> int:
    """Return size rounded up to a multiple of to."""
    return -(-size // to) * to


def padded(data: bytes) -> bytes:
    """Return data with zero bytes up to a multiple of 4."""
    return data + bytes(-len(data) % 4)
