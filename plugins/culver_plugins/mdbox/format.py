"""The storage format ``mdbox`` (inventory 4.4)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from culver.index.engine import MailboxIndex
from culver.index.specs import GUID, MDBOX, MDBOX_HDR
from culver.mail.engine.flagwrites import Uids
from culver.mail.engine.indexed import commit_expunge
from culver.mail.engine.openindex import index_settings
from culver.mail.engine.persistent import PersistentIndex
from culver.mail.engine.threads import in_thread
from culver.mail.location import MailLocation
from culver.mail.newmail import Link, NewMail, Saved
from culver.mail.storage import Bodies, MailboxPath, OpenBox
from culver.mail.storagecontext import StorageContext
from culver.mail.uids import UidSet
from culver_plugins.dbox.box import DboxBox
from culver_plugins.dbox.boxheader import BoxHeader, read_header
from culver_plugins.dbox.errors import DboxCorrupted
from culver_plugins.dbox.facts import GONE, Facts
from culver_plugins.dbox.format import BATCH, DboxFormat, ours
from culver_plugins.dbox.guid import guid_bits, new_guid
from culver_plugins.dbox.metadata import Metadata
from culver_plugins.dbox.newrecord import new_record
from culver_plugins.dbox.remembered import remembered, start_anew
from culver_plugins.dbox.stable import places_of
from culver_plugins.mdbox.altmove import map_uids_of, move
from culver_plugins.mdbox.boxrecords import BoxColumns
from culver_plugins.mdbox.commit import Copy, Prepared, commit
from culver_plugins.mdbox.link import MdboxLink
from culver_plugins.mdbox.map import MAX_REFS, Columns, Entry, add_refs, finish, sync_log
from culver_plugins.mdbox.purge import Purged, purge
from culver_plugins.mdbox.rebuild import rebuild
from culver_plugins.mdbox.settings import MdboxSettings
from culver_plugins.mdbox.storage import MdboxStorage

T = TypeVar("T")


class MdboxFormat(DboxFormat[Prepared]):
    """mdbox as Dovecot writes it."""

    name = "mdbox"
    header_spec = MDBOX_HDR

    def __init__(self, location: MailLocation, context: StorageContext) -> None:
        super().__init__(location, context)
        self.settings = context.config.get(MdboxSettings)
        self.storage = MdboxStorage(
            self.list.root,
            self.list.index_root,
            self.list.alt_root,
            index_settings(context),
            rotate_size=int(self.settings.rotate_size),
            rotate_interval=int(self.settings.rotate_interval),
            sync=self.sync,
        )

    @classmethod
    def detect(cls, root: Path) -> bool:
        return (root / "storage").is_dir() and (root / "mailboxes").is_dir()

    def temporary_directory(self, path: MailboxPath) -> str:
        return self.storage.directory

    def new_header(self, old: BoxHeader, guid: bytes) -> BoxHeader:
        return BoxHeader(self.storage.map.uid_validity, guid, old.flags)

    async def open(self, path: MailboxPath) -> DboxBox:
        box = await super().open(path)
        await in_thread("read the map", partial(self._check_map, box))
        if self.storage.map.is_broken:
            await box.files.run(self.rebuild_now, "rebuild")
            await box.files.refresh()
        return box

    def _check_map(self, box: DboxBox) -> None:
        """Whether the map is the one that the mailbox was written with."""
        files = box.files.files
        map_uids = BoxColumns.of(files.state).map_uids
        with self.storage.map.reading() as known:
            header = known.state.header
            # 0: made while there was no map yet.
            other = read_header(files, MDBOX_HDR).number not in (0, header.uid_validity)
            if other or (len(map_uids) and int(map_uids.max()) >= header.next_uid):
                self.storage.map.is_broken = True

    def create_index(self, path: MailboxPath) -> bytes:
        was_broken = self.storage.map.is_broken
        guid = super().create_index(path)
        # Of a mailbox that is new nothing was lost.
        self.storage.map.is_broken = was_broken
        return guid

    def rebuild_box(self, path: MailboxPath, files: MailboxIndex) -> None:
        with files.lock():
            past = remembered(files, MDBOX_HDR, (MDBOX, GUID))
        if not past.mails and past.next_uid == 1 and not self.storage.has_mails():
            return
        if past.mails and not files.state.messages:
            guid = past.header.guid if past.header else bytes.fromhex(new_guid())
            header = self.new_header(past.header, guid)
            start_anew(files, past, list(past.mails), (MDBOX_HDR, header), (MDBOX, GUID))
        # Something may be lost: what, the map and the files know.
        self.storage.map.is_broken = True

    def mend(self, box: DboxBox, broken: DboxCorrupted) -> None:
        self.rebuild_now()

    def rebuild_now(self) -> None:
        """Count and mend everything; in a thread."""
        rebuild(self.storage, self.list, self.open_index_of)

    @contextmanager
    def open_index_of(self, path: MailboxPath) -> Generator[MailboxIndex]:
        """A mailbox's index, opened once more: for a rebuild, which goes through all."""
        # The box is held: its index is closed with it.
        box = self.open_now(path)
        yield box.files.files
        box.files.files.close()

    def _mend_if_broken(self) -> None:
        if self.storage.map.is_broken:
            self.rebuild_now()

    def empty(self, path: MailboxPath) -> bytes:
        box = self.open_now(path)
        files = box.files.files
        with self.storage.map.lock(), files.lock():
            self.expunge(box, files, files.state.uids)
        return read_header(files, MDBOX_HDR).guid

    def spool(self, box: DboxBox, mail: NewMail) -> Prepared:
        link = mail.link
        if isinstance(link, MdboxLink) and link.format.storage.directory == self.storage.directory:
            copy = self._copy(mail, link)
            if copy is not None:
                return Prepared(mail, copy)
        return Prepared(mail, new_record(mail, self.context, self.list.names.spell(box.path)))

    def _copy(self, mail: NewMail, link: MdboxLink) -> Copy | None:
        """None when another GUID or date is wanted, or the mail has references enough."""
        if not any(link.guid) or link.entry().refs >= MAX_REFS - 1:
            return None
        try:
            metadata = link.metadata()
        except DboxCorrupted:
            return None
        guid = mail.guid or metadata.guid
        received = metadata.received if mail.received is None else mail.received
        if (guid, received) != (metadata.guid, metadata.received):
            return None
        return Copy(link.map_uid, guid, link.guid)

    def drop(self, prepared: Sequence[Prepared]) -> None:
        """Nothing was written yet."""

    def commit(self, box: DboxBox, prepared: Sequence[Prepared]) -> list[Saved]:
        with self.storage.map.lock():
            self._mend_if_broken()
        return commit(self.storage, box, prepared)

    def expunge(self, box: OpenBox, files: MailboxIndex, uids: Uids) -> None:
        """Under the map's lock, which the callers took before the mailbox's."""
        if not len(uids):
            return
        columns = BoxColumns.of(files.state)
        places = places_of(columns.uids, uids)
        guids = [columns.guid(place) for place in places.tolist()]
        with self.storage.map.lock() as map_files:
            begin = map_files.begin(external=False)
            add_refs(begin, _referred(map_files, columns.map_uids[places]), -1)
            begin.commit()
            sync_log(map_files)
            commit_expunge(files, uids, guids)
            finish(map_files)

    def _remove(self, box: OpenBox, index: PersistentIndex, uids: UidSet) -> Uids:
        with self.storage.map.lock():
            self._mend_if_broken()
            return super()._remove(box, index, uids)

    def _do_requests(self, box: OpenBox, index: PersistentIndex) -> None:
        with self.storage.map.lock():
            super()._do_requests(box, index)

    def _entries(
        self, box: DboxBox, uids: Sequence[int]
    ) -> tuple[list[Entry | None], dict[int, bytes]]:
        """Where mails lie, None for those that are gone; and their GUIDs by map UID."""
        columns = BoxColumns.of(box.files.files.state)
        places = places_of(columns.uids, np.array(uids, np.uint32)).tolist()
        map_uids = [int(columns.map_uids[place]) if place >= 0 else 0 for place in places]
        guids = {uid: columns.guid(p) for uid, p in zip(map_uids, places, strict=True) if uid}
        known = self.storage.map.find(list(guids))
        return [known.get(uid) for uid in map_uids], guids

    def read_some(self, box: DboxBox, uids: Sequence[int]) -> Bodies:
        entries, guids = self._entries(box, uids)
        count = _batch(entries)
        uids, entries = uids[:count], entries[:count]
        there = [entry for entry in entries if entry is not None]
        found = self._again(there, self.storage.read)
        bodies: dict[int, bytes] = {}
        for entry, one in zip(there, found, strict=True):
            if one is not None:
                record, data = one
                self._check_guid(guids[entry.uid], record.metadata, entry)
                bodies[entry.uid] = self.body_of(record.stored(data), record.metadata, "")
        pairs = [(u, bodies.get(e.uid) if e else None) for u, e in zip(uids, entries, strict=True)]
        return Bodies(
            tuple(uid for uid, body in pairs if body is not None),
            tuple(body for _, body in pairs if body is not None),
            tuple(uid for uid, body in pairs if body is None),
        )

    def _check_guid(self, guid: bytes, metadata: Metadata, entry: Entry) -> None:
        """Better no mail than another one, where the map is not what the mailbox means."""
        if any(guid) and guid_bits(metadata.guid) != guid:
            path = self.storage.paths_of(entry.file_id)[0]
            raise DboxCorrupted(
                f"GUID {metadata.guid}: allowed is {guid.hex()}", entry.offset, path
            )

    def _again(
        self, entries: list[Entry], read: Callable[[Sequence[Entry]], list[T | None]]
    ) -> list[T | None]:
        """Read; when a file is gone or another one, ask the map anew: a purge moves mails."""
        try:
            found = read(entries)
            if None not in found:
                return found
        except DboxCorrupted:
            pass
        known = self.storage.map.find([entry.uid for entry in entries], refresh=True)
        moved = [known.get(entry.uid) for entry in entries]
        again = iter(read([entry for entry in moved if entry is not None]))
        return [None if entry is None else next(again) for entry in moved]

    def facts_of(self, box: DboxBox, uids: Sequence[int]) -> list[Facts]:
        columns = BoxColumns.of(box.files.files.state)
        places = places_of(columns.uids, np.array(uids, np.uint32))
        saved = columns.saved[places].tolist() if len(columns.uids) else [-1] * len(uids)
        entries, _ = self._entries(box, uids)
        there = [entry for entry in entries if entry is not None]
        try:
            found = iter(self._again(there, self.storage.metadata))
        except DboxCorrupted:
            self.storage.map.is_broken = True
            return [Facts(saved=when, received=when) for when in saved]
        known = [next(found) if entry is not None else None for entry in entries]
        return [
            GONE if metadata is None else Facts.of(metadata, when)
            for metadata, when in zip(known, saved, strict=True)
        ]

    def link(self, box: OpenBox, uid: int) -> Link | None:
        columns = BoxColumns.of(ours(box).files.files.state)
        (place,) = places_of(columns.uids, np.array([uid], np.uint32)).tolist()
        if place < 0:
            return None
        return MdboxLink(self, int(columns.map_uids[place]), columns.guid(place))

    async def purge(self) -> Purged:
        """Remove mails that no mailbox has any more, moving their neighbours into other files."""
        return await in_thread("purge", self.purge_now)

    def purge_now(self) -> Purged:
        """The same, for who is in a thread already."""
        try:
            return purge(self.storage)
        except DboxCorrupted:
            self.rebuild_now()
            return purge(self.storage)

    async def rebuild(self) -> None:
        """Make map and indexes anew from the storage files (force-resync)."""
        await in_thread("rebuild", self.rebuild_now)

    async def altmove(self, box: OpenBox, uids: UidSet, *, to_alt: bool = True) -> UidSet:
        """Move mails to the alternative storage, those that only this mailbox has, or back.
        Returns those that exist.  Refused CANNOT without ALT=."""
        return (await self.altmove_all([(box, uids)], to_alt=to_alt))[0]

    async def altmove_all(
        self, chosen: Sequence[tuple[OpenBox, UidSet]], *, to_alt: bool = True
    ) -> list[UidSet]:
        """The same for several mailboxes: a mail is moved when all that have it are named."""
        found = [map_uids_of(ours(box), uids) for box, uids in chosen]
        map_uids = [map_uid for _, of_box in found for map_uid in of_box]
        await in_thread("altmove", partial(move, self.storage, map_uids, to_alt=to_alt))
        return [uids for uids, _ in found]


def _referred(files: MailboxIndex, map_uids: Uids) -> list[int]:
    """Those that the map has with references left: a count never goes below none."""
    columns = Columns.of(files.state)
    places = places_of(columns.uids, map_uids)
    left = {place: int(columns.refs[place]) for place in set(places.tolist()) if place >= 0}
    found: list[int] = []
    for uid, place in zip(map_uids.tolist(), places.tolist(), strict=True):
        if left.get(place, 0) > 0:
            left[place] -= 1
            found.append(uid)
    return found


def _batch(entries: Sequence[Entry | None]) -> int:
    """How many mails make a batch; at least one."""
    total = 0
    for count, entry in enumerate(entries):
        total += entry.size if entry else 0
        if total > BATCH and count:
            return count
    return len(entries)
