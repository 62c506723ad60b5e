"""A mail as it will lie in a dbox file: sizes known before the first byte is written."""

from __future__ import annotations

import mmap
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from culver.mail.files import write_all
from culver.mail.newmail import Buffer, NewMail
from culver.mail.storagecontext import StorageContext
from culver.mime.crlf import iter_crlf, to_crlf, to_lf, virtual_size
from culver_plugins.dbox.guid import new_guid
from culver_plugins.dbox.messageheader import encode_message_header
from culver_plugins.dbox.metadata import Metadata, new_metadata

_CHUNK: Final = 1 << 20


class NewRecord(msgspec.Struct, frozen=True):
    """A message to be written; sizes in bytes."""

    guid: str
    received: int
    size: int
    """Length of all of it: header, body, metadata."""
    header: bytes
    pieces: Callable[[], Iterable[bytes]]
    """Gives the stored body, anew with each call."""
    metadata: Metadata

    def write(self, fd: int, before: bytes = b"") -> None:
        """Write it, after ``before``, at the descriptor's position."""
        held = before + self.header
        for piece in self.pieces():
            write_all(fd, held + piece)
            held = b""
        write_all(fd, held + self.metadata.encode())


def new_record(mail: NewMail, context: StorageContext, mailbox: str = "") -> NewRecord:
    """What a mail becomes, with the line ends and transforms of the context.

    Args:
        mail: with its body, or a link that is read now.
        context: of the storage.
        mailbox: noted for a rebuild that knows nothing better.
    """
    body = mail.content()
    if isinstance(body, mmap.mmap) and not context.transforms:
        size, virtual, stored, pieces = _mapped(body, crlf=context.save_crlf)
    else:
        text = to_crlf(body) if context.save_crlf else to_lf(body)
        encoded = bytes(context.encode(text)[:])
        size, virtual, stored = len(text), virtual_size(text), len(encoded)
        pieces = one_piece(encoded)
    guid = mail.guid or new_guid()
    received = int(time.time()) if mail.received is None else mail.received
    metadata = new_metadata(
        received=received,
        virtual_size=virtual,
        guid=guid,
        physical_size=None if stored == size else size,
        mailbox=mailbox,
    )
    header = encode_message_header(stored)
    length = len(header) + stored + len(metadata.encode())
    return NewRecord(guid, received, length, header, pieces, metadata)


def one_piece(data: bytes) -> Callable[[], Iterable[bytes]]:
    """A body of one piece."""
    return lambda: (data,)


def _mapped(body: mmap.mmap, *, crlf: bool) -> tuple[int, int, int, Callable[[], Iterable[bytes]]]:
    """Sizes and pieces of a large mail: read twice, so that it is never in memory whole."""

    def pieces() -> Iterator[bytes]:
        return iter_crlf(body, chunk=_CHUNK) if crlf else iter_lf(body)

    size = virtual = 0
    for piece in pieces():
        size += len(piece)
        virtual += virtual_size(piece)
    # A CR at the end of a piece and the LF after it are a pair all the same.
    virtual = size if crlf else virtual
    return size, virtual, size, pieces


def iter_lf(body: Buffer) -> Iterator[bytes]:
    """The mail with LF line ends, in pieces; a CR at a cut goes with what follows it."""
    at, size = 0, len(body)
    while at < size:
        end = min(at + _CHUNK, size)
        while end < size and body[end - 1] == 0x0D:
            end += 1
        yield to_lf(body, at, end)
        at = end
