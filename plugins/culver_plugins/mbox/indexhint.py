"""What Dovecot's index knows of an mbox that the file doesn't say: the GUID of the mailbox, and the
UIDVALIDITY of a file that has no header for it yet (``struct mbox_index_header``)."""

from __future__ import annotations

import os

import msgspec

from culver.index.engine import MailboxIndex
from culver.index.errors import IndexCorrupted, IndexMissing

_GUID_AT = 16
"""sync_size (8), sync_mtime (4), dirty flag (1), 3 unused; then the GUID."""


class IndexHint(msgspec.Struct, frozen=True):
    """Zeros and empty where there is no index."""

    uid_validity: int = 0
    uid_next: int = 1
    guid: str = ""


def read_hint(directory: str) -> IndexHint:
    """From the index in a directory; changes nothing there."""
    if not os.path.exists(os.path.join(directory, "dovecot.index.log")):
        return IndexHint()
    index = MailboxIndex(directory)
    try:
        index.open()
        header = index.state.header
        extension = index.state.find_extension("mbox")
        data = b"" if extension is None else bytes(extension.data)
    except (IndexCorrupted, IndexMissing, OSError):
        return IndexHint()
    finally:
        index.close()
    guid = data[_GUID_AT : _GUID_AT + 16]
    return IndexHint(header.uid_validity, header.next_uid, guid.hex() if any(guid) else "")
