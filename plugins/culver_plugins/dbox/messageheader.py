"""The fixed-size header before each message of a dbox file (R4-038)."""

from __future__ import annotations

import re
from typing import Final

from culver.mail.newmail import Buffer
from culver_plugins.dbox.errors import DboxCorrupted

HEADER_SIZE: Final = 30
"""Bytes: magic, type, old UID, size in 16 hex digits, LF."""
PRE: Final = b"\x01\x02"
_BLANK: Final = PRE + b"N" + b" " * 10
_SIZE_AT: Final = len(_BLANK)
_DIGITS: Final = re.compile(rb"[0-9a-fA-F]{16}")


def encode_message_header(size: int) -> bytes:
    """The header of a message whose stored body is ``size`` bytes long."""
    return b"%s%016x\n" % (_BLANK, size)


def decode_message_header(data: Buffer, offset: int, header_size: int) -> int:
    """The size of the body of the message that starts at ``offset``.

    Raises :class:`DboxCorrupted` when no whole header is there.
    """
    raw = data[offset : offset + header_size]
    if len(raw) < header_size:
        raise DboxCorrupted(f"message header: {len(raw)} of {header_size} bytes", offset)
    if not raw.startswith(PRE):
        raise DboxCorrupted(f"message header starts with {raw[:2]!r}: allowed is {PRE!r}", offset)
    if raw[-1] != 0x0A:
        raise DboxCorrupted("message header: allowed is LF at its end", offset)
    found = _DIGITS.match(raw, _SIZE_AT)
    if found is None:
        raise DboxCorrupted("message size: allowed are 16 hex digits", offset + _SIZE_AT)
    return int(found[0], 16)
