"""A message in a dbox file: header, body, metadata."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from culver.mail.newmail import Buffer
from culver_plugins.dbox.fileheader import FileHeader
from culver_plugins.dbox.messageheader import decode_message_header
from culver_plugins.dbox.metadata import PHYSICAL_SIZE, Metadata, decode_metadata


class Record(msgspec.Struct, frozen=True):
    """Where a message lies in its file, offsets and sizes in bytes."""

    offset: int
    body: int
    """Where the stored body starts."""
    stored_size: int
    """Length of the body as it is stored."""
    metadata: Metadata
    end: int
    """Where the next message starts."""

    @property
    def size(self) -> int:
        """Length of the mail before transforms."""
        size = self.metadata.number(PHYSICAL_SIZE)
        return self.stored_size if size is None else size

    @property
    def length(self) -> int:
        """Length of all of it, as mdbox's map has it."""
        return self.end - self.offset

    def stored(self, data: Buffer) -> bytes:
        """The stored body, out of the data it was read from."""
        return data[self.body : self.body + self.stored_size]


def read_record(data: Buffer, offset: int, header: FileHeader) -> Record:
    """The message at ``offset``.  Raises :class:`DboxCorrupted`."""
    size = decode_message_header(data, offset, header.message_header_size)
    body = offset + header.message_header_size
    metadata, end = decode_metadata(data, body + size)
    return Record(offset, body, size, metadata, end)


def read_records(data: Buffer, header: FileHeader, start: int = 0) -> Iterator[Record]:
    """Every message from ``start`` on, by default all.  Raises :class:`DboxCorrupted` at the first
    that is broken; those before it are sound."""
    offset = start or header.size
    while offset < len(data):
        record = read_record(data, offset, header)
        yield record
        offset = record.end
