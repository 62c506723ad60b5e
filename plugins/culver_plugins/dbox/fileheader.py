"""The first line of a dbox file: version, size of message headers, when it was made (R4-037)."""

from __future__ import annotations

from typing import Final

import msgspec

from culver.mail.newmail import Buffer
from culver_plugins.dbox.errors import DboxCorrupted
from culver_plugins.dbox.messageheader import HEADER_SIZE

VERSION: Final = 2
_LONGEST: Final = 1024
"""Bytes in which the line must end; Dovecot writes 16."""


class FileHeader(msgspec.Struct, frozen=True):
    """What the line says; sizes in bytes, times in seconds since 1970."""

    created: int = 0
    message_header_size: int = HEADER_SIZE
    version: int = VERSION
    size: int = 0
    """Length of the line itself, LF included; the first message starts there."""

    @property
    def appendable(self) -> bool:
        """Whether messages as we write them may follow."""
        return self.version == VERSION and self.message_header_size == HEADER_SIZE


def encode_file_header(created: int) -> bytes:
    """The line of a new file."""
    return b"%d M%x C%x\n" % (VERSION, HEADER_SIZE, created)


def decode_file_header(data: Buffer) -> FileHeader:
    """The header of a file.  Raises :class:`DboxCorrupted`."""
    end = data.find(b"\n", 0, _LONGEST)
    if end < 0:
        raise DboxCorrupted("no file header: allowed is a line", 0)
    version, *fields = data[:end].split(b" ")
    if version not in (b"1", b"2"):
        raise DboxCorrupted(f"version {version[:20]!r}: allowed are 1 and 2", 0)
    values: dict[bytes, int] = {}
    for field in fields:
        try:
            values[field[:1]] = int(field[1:], 16)
        except ValueError:
            # Keys of later versions may have other values (dbox-file.c ignores them too).
            if field[:1] in (b"M", b"C"):
                raise DboxCorrupted(f"{field[:20]!r}: allowed is a hex number", 0) from None
    if values.get(b"M", 0) < HEADER_SIZE:
        raise DboxCorrupted(f"message header size: allowed is {HEADER_SIZE:#x} or more", 0)
    return FileHeader(values.get(b"C", 0), values[b"M"], int(version), end + 1)
