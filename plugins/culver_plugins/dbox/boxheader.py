"""The header extension by which dbox knows a mailbox: ``dbox-hdr``, ``mdbox-hdr`` (R4-041, 042)."""

from __future__ import annotations

import struct
from typing import Final

import msgspec

from culver.index.engine import MailboxIndex
from culver.index.specs import ExtensionSpec
from culver.index.state import IndexState

_LAYOUT: Final = struct.Struct("<I16sB3x")
HAVE_POP3_UIDLS: Final = 0x01
HAVE_POP3_ORDERS: Final = 0x02


class BoxHeader(msgspec.Struct, frozen=True):
    """What the extension's header says."""

    number: int = 0
    """sdbox: how often the index was rebuilt; mdbox: the UIDVALIDITY of the map."""
    guid: bytes = bytes(16)
    flags: int = 0

    def __bool__(self) -> bool:
        """Whether it names the mailbox."""
        return any(self.guid)

    def encode(self) -> bytes:
        """The 24 bytes."""
        return _LAYOUT.pack(self.number, self.guid, self.flags)


def read_header(files: MailboxIndex, spec: ExtensionSpec) -> BoxHeader:
    """The header of an open index; an empty one when there is none."""
    return header_of(files.state, spec)


def header_of(state: IndexState, spec: ExtensionSpec) -> BoxHeader:
    """The header in a state of an index.  Older ones are shorter."""
    found = state.find_extension(spec.name)
    if found is None or len(found.data) < 4:
        return BoxHeader()
    return BoxHeader(*_LAYOUT.unpack(bytes(found.data[:24]).ljust(_LAYOUT.size, b"\0")))
