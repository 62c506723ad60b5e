"""Every mail in the storage files, for a rebuild; broken files are mended on the way (R4-047)."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from culver.mail.files import fsync_dir, replace_file, try_unlink
from culver_plugins.dbox.errors import DboxCorrupted
from culver_plugins.dbox.fileheader import FileHeader, decode_file_header
from culver_plugins.dbox.fix import fixed
from culver_plugins.dbox.guid import guid_bits, new_guid, temporary_name
from culver_plugins.dbox.metadata import ORIG_MAILBOX
from culver_plugins.dbox.record import Record, read_records
from culver_plugins.mdbox.mailfile import file_ids_in

if TYPE_CHECKING:
    from culver_plugins.mdbox.storage import MdboxStorage


class Scanned(msgspec.Struct):
    """A mail that a storage file has."""

    file_id: int
    offset: int
    length: int
    """With header and metadata, as the map has it."""
    size: int
    """Of the mail itself."""
    guid: bytes
    """16 bytes."""
    mailbox: str
    """Where it was saved first, as mailboxes are spelled on the disk."""
    map_uid: int = 0
    refs: int = 0
    is_known_unused: bool = False
    """The map says that nobody has it, or another mail is the same."""


def scan(storage: MdboxStorage) -> list[Scanned]:
    """All mails in the order of files and offsets.  Under the map's lock."""
    found: list[Scanned] = []
    for file_id, path in sorted(_files(storage).items()):
        found += [_scanned(file_id, record) for record in _records(path)]
    return found


def _files(storage: MdboxStorage) -> dict[int, str]:
    """File id -> path.  A file that is in both storages gets a new id in one, so that no mail of
    either is lost."""
    files = file_ids_in(storage.directory)
    others = file_ids_in(storage.alt) if storage.alt else {}
    highest = max((*files, *others, 0))
    for file_id, path in others.items():
        if file_id in files:
            highest += 1
            new = f"{os.path.dirname(path)}/m.{highest}"
            os.link(path, new)
            os.unlink(path)
            file_id, path = highest, new
        files[file_id] = path
    return files


def _scanned(file_id: int, record: Record) -> Scanned:
    metadata = record.metadata
    mailbox = (metadata.get(ORIG_MAILBOX) or b"").decode("utf-8", "surrogateescape")
    guid = guid_bits(metadata.guid)
    return Scanned(file_id, record.offset, record.length, record.size, guid, mailbox)


def _records(path: str) -> list[Record]:
    data = _read(path)
    records = _sound(data)
    if records and records[-1].end == len(data) and all(r.metadata.guid for r in records):
        return records
    if not mend(path, data):
        return records
    return _sound(_read(path))


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _sound(data: bytes) -> list[Record]:
    return list(_sound_records(data))


def _sound_records(data: bytes) -> Iterator[Record]:
    try:
        header: FileHeader = decode_file_header(data)
        yield from read_records(data, header)
    except DboxCorrupted:
        return


def mend(path: str, data: bytes) -> bool:
    """Replace a broken file by one with all of its mails that can be found; the broken one stays
    as ``<path>.broken``.  False when somebody is writing to it right now, or it has no mail."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        pieces = list(fixed(data, int(time.time()), new_guid))
        try_unlink(f"{path}.broken")
        os.link(path, f"{path}.broken")
        directory = os.path.dirname(path)
        if len(pieces) < 2:
            os.unlink(path)
        else:
            mode = os.fstat(fd).st_mode & 0o777
            whole = b"".join(pieces)
            temporary = f"{directory}/{temporary_name()}"
            replace_file(path, whole, mode=mode, temporary=temporary, sync=True)
        fsync_dir(directory)
    except BlockingIOError:
        return False
    finally:
        os.close(fd)
    return len(pieces) > 1
