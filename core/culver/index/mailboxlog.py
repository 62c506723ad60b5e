"""dovecot.mailbox.log: what happened to mailboxes as such, for dsync."""

import contextlib
import os
import struct
from collections.abc import Iterator
from typing import Final

import msgspec

DELETE_MAILBOX, DELETE_DIR, RENAME, SUBSCRIBE, UNSUBSCRIBE, CREATE_DIR = range(1, 7)
ROTATE_SIZE: Final = 4096
_RECORD = struct.Struct("<B3x16s")
_STAMP = struct.Struct(">I")
_SIZE: Final = 24


class MailboxEvent(msgspec.Struct, frozen=True):
    """One entry.

    Attributes:
        type: DELETE_MAILBOX to CREATE_DIR.
        guid: of the mailbox, or the hash of its name, 16 bytes.
        stamp: unix seconds.
    """

    type: int
    guid: bytes
    stamp: int


def append_event(path: str, event: MailboxEvent, mode: int = 0o600) -> None:
    """Append an entry; a full log becomes PATH.2. No lock: one small write is whole.

    Raises:
        OSError: it could not be written.
    """
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, mode)
    try:
        os.write(fd, _RECORD.pack(event.type, event.guid) + _STAMP.pack(event.stamp))
        full = os.fstat(fd).st_size >= ROTATE_SIZE
    finally:
        os.close(fd)
    if full:
        with contextlib.suppress(FileNotFoundError):
            os.rename(path, f"{path}.2")


def read_events(path: str) -> Iterator[MailboxEvent]:
    """Yield the entries of the log before and of this one, oldest first; unknown types too."""
    for name in (f"{path}.2", path):
        with contextlib.suppress(FileNotFoundError), open(name, "rb") as f:
            data = f.read()
            for at in range(0, len(data) - _SIZE + 1, _SIZE):
                type_, guid = _RECORD.unpack_from(data, at)
                yield MailboxEvent(type_, guid, _STAMP.unpack_from(data, at + 20)[0])
