"""Values of dovecot.index.cache as Dovecot writes them, and as the engine hands them out."""

from __future__ import annotations

import struct
from typing import Final

from culver.mail.newmail import Buffer
from culver.mime.crlf import to_crlf
from culver.mime.headers import fields
from culver.mime.part import Part

_SENT: Final = struct.Struct("<Ii")
_U32: Final = struct.Struct("<I")
_U64: Final = struct.Struct("<Q")
_NUMBERS: Final = {
    "size.virtual": _U64,
    "size.physical": _U64,
    "date.received": _U32,
    "date.save": _U32,
}


def to_file(name: str, value: bytes, buf: Buffer, root: Part) -> bytes:
    """A field's value for the file.

    Args:
        name: of the field.
        value: as :func:`culver.mail.engine.fields.compute` gives it.
        buf: the mail.
        root: the mail's parsed tree.
    """
    if name == "date.sent":
        seconds, _, zone = value.partition(b" ")
        return _SENT.pack(int(seconds or 0) & 0xFFFFFFFF, int(zone or 0))
    return _header_lines(buf, root, name[4:]) if name.startswith("hdr.") else value


def from_file(name: str, stored: bytes) -> bytes:
    """The inverse: the value as ``compute`` gives it."""
    if name == "date.sent":
        seconds, zone = _SENT.unpack(stored)
        return b"%d %d" % (seconds, zone) if seconds else b""
    if name.startswith("hdr."):
        at = 0
        while stored[at : at + 4].strip(b"\0"):
            at += 4
        return to_crlf(stored[at + 4 :])
    return stored


def _header_lines(buf: Buffer, root: Part, name: str) -> bytes:
    """Line numbers of the fields, from 1, each a u32; 0; the fields with LF.  Empty without any
    (index-mail-headers.c)."""
    header = buf[root.header_start : root.body_start]
    wanted = name.lower().encode()
    found = [f for f in fields(header, 0, len(header)) if f.name.lower() == wanted]
    if not found:
        return b""
    numbers = b"".join(_U32.pack(1 + header.count(b"\n", 0, f.start)) for f in found)
    text = b"".join(f.raw for f in found).replace(b"\r\n", b"\n")
    return numbers + _U32.pack(0) + text


def pack_number(name: str, value: int) -> bytes:
    """A size or date for the file."""
    return _NUMBERS[name].pack(value)


def unpack_number(name: str, stored: bytes) -> int:
    """The inverse; -1 where nothing is stored."""
    return int(_NUMBERS[name].unpack(stored)[0]) if stored else -1
