"""The block after a message: a key letter and a value a line, then an empty line (R4-039)."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from culver.mail.newmail import Buffer
from culver_plugins.dbox.errors import DboxCorrupted

POST: Final = b"\n\x01\x03\n"
GUID: Final = b"G"
POP3_UIDL: Final = b"P"
POP3_ORDER: Final = b"O"
RECEIVED: Final = b"R"
PHYSICAL_SIZE: Final = b"Z"
VIRTUAL_SIZE: Final = b"V"
EXT_REFS: Final = b"X"
ORIG_MAILBOX: Final = b"B"

_LINES: Final = re.compile(rb"((?:[^\x00-\x20][^\n]*\n)*)(?:(\n)| [^\n]*\n)?")
"""Lines and what ends them; in version 1 that was a line that begins with a space."""
_NEXT: Final = b"\x01\x02N "


class Metadata(msgspec.Struct, frozen=True):
    """The lines of a block, in their order; unknown keys are kept for whoever knows them."""

    lines: tuple[bytes, ...] = ()

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, the first of several."""
        return next((line[1:] for line in self.lines if line[:1] == key), None)

    def number(self, key: bytes) -> int | None:
        """A hex number; None when it is missing or none."""
        value = self.get(key)
        try:
            return None if value is None else int(value, 16)
        except ValueError:
            return None

    @property
    def guid(self) -> str:
        """The mail's GUID, "" when there is none."""
        return (self.get(GUID) or b"").decode("utf-8", "surrogateescape")

    @property
    def received(self) -> int:
        """INTERNALDATE in seconds since 1970; 0 when there is none."""
        return self.number(RECEIVED) or 0

    @property
    def virtual_size(self) -> int:
        """RFC822.SIZE in bytes; -1 when it is not told."""
        size = self.number(VIRTUAL_SIZE)
        return -1 if size is None else size

    def encode(self) -> bytes:
        """The block as it stands in a file, magic included."""
        return POST + b"".join(b"%s\n" % line for line in self.lines) + b"\n"


def new_metadata(
    *,
    received: int,
    virtual_size: int,
    guid: str,
    physical_size: int | None = None,
    mailbox: str = "",
) -> Metadata:
    """The block of a new mail, in Dovecot's order (dbox-save.c).

    ``physical_size`` only when transforms made the stored size another one; ``mailbox`` is where
    a rebuild puts the mail when nothing else knows it.
    """
    lines = [] if physical_size is None else [b"%s%x" % (PHYSICAL_SIZE, physical_size)]
    lines += [b"%s%x" % (RECEIVED, max(received, 0)), b"%s%x" % (VIRTUAL_SIZE, virtual_size)]
    lines.append(GUID + guid.encode("utf-8", "surrogateescape"))
    if mailbox and not {"\r", "\n"} & set(mailbox):
        lines.append(ORIG_MAILBOX + mailbox.encode("utf-8", "surrogateescape"))
    return Metadata(tuple(lines))


def decode_metadata(data: Buffer, offset: int) -> tuple[Metadata, int]:
    """The block at ``offset`` and where it ends.  Raises :class:`DboxCorrupted`."""
    if data[offset : offset + len(POST)] != POST:
        found = data[offset : offset + len(POST)]
        raise DboxCorrupted(f"metadata starts with {found!r}: allowed is {POST!r}", offset)
    metadata, end, is_whole = read_lines(data, offset + len(POST))
    if not is_whole:
        raise DboxCorrupted("metadata: allowed is an empty line at its end", offset)
    return metadata, end


def read_lines(data: Buffer, start: int) -> tuple[Metadata, int, bool]:
    """The lines from ``start`` on, where they end, and whether they end as they must.

    A block whose end was lost ends before the header of the next message."""
    found = _LINES.match(data, start)
    # The expression matches everywhere, if nothing but the empty string.
    text, end = (found[1], found.end()) if found else (b"", start)
    following = text.find(_NEXT)
    if following >= 0:
        text, end = text[:following], start + following
    is_whole = following < 0 and end > start + len(text)
    return Metadata(tuple(filter(None, text.split(b"\n")))), end, is_whole
