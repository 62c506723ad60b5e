"""The storage format ``mdbox_deleted`` (R4-049): the mails that nobody refers to any more, until a
purge removes them.  For looking at and copying out; nothing can be changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from culver.errors import Refused
from culver.mail.changes import FlagChange
from culver.mail.engine.openindex import index_settings
from culver.mail.engine.threads import in_thread
from culver.mail.location import MailLocation
from culver.mail.newmail import Link, NewMail, Saved
from culver.mail.rows import make_rows
from culver.mail.storage import (
    INBOX,
    Bodies,
    Found,
    ListedBox,
    MailboxList,
    MailboxPath,
    OpenBox,
    Stats,
    StorageFormat,
)
from culver.mail.storagecontext import StorageContext
from culver.mail.uids import UidSet
from culver_plugins.dbox.format import BATCH
from culver_plugins.dbox.metadata import Metadata
from culver_plugins.mdbox.map import Entry
from culver_plugins.mdbox.storage import MdboxStorage

_READ_ONLY = "Mails that were deleted can only be read and copied"


class DeletedList(MailboxList):
    """One mailbox, INBOX."""

    separator = "/"

    async def walk(self) -> Sequence[ListedBox]:
        return (ListedBox(INBOX),)

    async def exists(self, path: MailboxPath) -> bool:
        return path == INBOX

    async def create(self, path: MailboxPath, *, directory: bool = False) -> None:
        raise Refused("NOPERM", _READ_ONLY)

    async def delete(self, path: MailboxPath) -> None:
        raise Refused("NOPERM", _READ_ONLY)

    async def rename(self, old: MailboxPath, new: MailboxPath) -> None:
        raise Refused("NOPERM", _READ_ONLY)

    async def subscriptions(self) -> frozenset[MailboxPath]:
        return frozenset()

    async def subscribe(self, path: MailboxPath, subscribed: bool) -> None:
        raise Refused("NOPERM", _READ_ONLY)


class DeletedBox(OpenBox):
    """The mails without references; their UIDs are those of the map."""

    def __init__(self, key: str, uid_validity: int) -> None:
        self.path = INBOX
        self.key = key
        self.uid_validity = uid_validity
        self.uid_next = 1
        self.guid = f"{uid_validity:032x}"
        self.keywords: list[str] = []
        self.max_keywords = 0
        self.recent = UidSet()
        self.changed = 0
        self.told: dict[int, Entry] = {}


class MdboxDeletedFormat(StorageFormat):
    """An mdbox seen from its other side."""

    name = "mdbox_deleted"

    def __init__(self, location: MailLocation, context: StorageContext) -> None:
        super().__init__(location, context)
        self.mailboxes = DeletedList()
        index_root = location.options.get("INDEX") or location.path
        self.storage = MdboxStorage(
            location.path,
            index_root,
            location.options.get("ALT", ""),
            index_settings(context),
            rotate_size=0,
            rotate_interval=0,
            sync=False,
        )

    def key(self, path: MailboxPath) -> str:
        return f"{self.storage.directory}#deleted"

    async def open(self, path: MailboxPath) -> DeletedBox:
        if path != INBOX:
            raise Refused("NONEXISTENT", "Mailbox doesn't exist")
        return await in_thread("open the map", partial(self._open, path))

    def _open(self, path: MailboxPath) -> DeletedBox:
        if not Path(self.storage.directory).is_dir():
            raise Refused("NONEXISTENT", "Mailbox doesn't exist")
        return DeletedBox(self.key(path), self.storage.map.uid_validity)

    async def rescan(self, box: OpenBox) -> Found:
        box = _ours(box)
        columns = await in_thread("read the map", self.storage.map.columns)
        places = np.flatnonzero(columns.refs == 0).tolist()
        now = {entry.uid: entry for entry in map(columns.entry, places)}
        # A UID below one that was told can't come to a session any more.
        last = max(box.told, default=0)
        new = [uid for uid in now if uid > last]
        gone = UidSet(uid for uid in box.told if uid not in now)
        box.told = {uid: now[uid] for uid in now if uid in box.told or uid > last}
        box.uid_next = max(box.uid_next, max(box.told, default=0) + 1)
        rows = make_rows(new, [0] * len(new), [0] * len(new), [-1] * len(new))
        return Found(appeared=rows, expunged=gone)

    async def read(self, box: OpenBox, uids: Sequence[int]) -> AsyncIterator[Bodies]:
        left = list(uids)
        while left:
            bodies = await in_thread("read mails", partial(self._read, _ours(box), left))
            yield bodies
            del left[: len(bodies.uids) + len(bodies.vanished)]

    def _read(self, box: DeletedBox, uids: Sequence[int]) -> Bodies:
        found: dict[int, bytes] = {}
        vanished: list[int] = []
        for uid in uids:
            entry = box.told.get(uid)
            one = self.storage.read([entry])[0] if entry else None
            if one is None:
                vanished.append(uid)
                continue
            record, data = one
            found[uid] = bytes(self.context.decode(record.stored(data))[:])
            if sum(map(len, found.values())) > BATCH:
                break
        return Bodies(tuple(found), tuple(found.values()), tuple(vanished))

    async def stat(self, box: OpenBox, uids: Sequence[int]) -> Stats:
        found = await in_thread("read metadata", partial(self._metadata, _ours(box), uids))
        received = np.array([metadata.received for metadata in found], np.int64)
        return Stats(received, received, np.zeros(len(received), np.int64))

    def _metadata(self, box: DeletedBox, uids: Sequence[int]) -> list[Metadata]:
        found: list[Metadata] = []
        for uid in uids:
            entry = box.told.get(uid)
            found.append((self.storage.metadata([entry])[0] if entry else None) or Metadata())
        return found

    def guids(self, box: OpenBox, uids: Sequence[int]) -> list[str]:
        return [metadata.guid for metadata in self._metadata(_ours(box), uids)]

    async def save(self, box: OpenBox, mails: Sequence[NewMail]) -> tuple[Sequence[Saved], Found]:
        raise Refused("NOPERM", _READ_ONLY)

    async def write_flags(self, box: OpenBox, uids: UidSet, change: FlagChange) -> Found:
        raise Refused("NOPERM", _READ_ONLY)

    async def remove(self, box: OpenBox, uids: UidSet) -> Found:
        raise Refused("NOPERM", _READ_ONLY)

    async def claim_recent(self, box: OpenBox) -> UidSet:
        return UidSet()

    def link(self, box: OpenBox, uid: int) -> Link | None:
        entry = _ours(box).told.get(uid)
        return None if entry is None else DeletedLink(self, entry)

    def watch_paths(self, box: OpenBox) -> Sequence[Path]:
        return (Path(self.storage.map.path + ".log"),)


class DeletedLink(Link):
    """A copy's way to a mail without references: it is saved anew."""

    def __init__(self, format: MdboxDeletedFormat, entry: Entry) -> None:
        self._format = format
        self._entry = entry

    @property
    def size(self) -> int:
        """Bytes of the mail."""
        return len(self.read())

    def read(self) -> bytes:
        """The mail."""
        (found,) = self._format.storage.read([self._entry])
        if found is None:
            raise Refused("EXPUNGEISSUED", "Some of the messages no longer exist")
        record, data = found
        return bytes(self._format.context.decode(record.stored(data))[:])


def _ours(box: OpenBox) -> DeletedBox:
    assert isinstance(box, DeletedBox)
    return box
