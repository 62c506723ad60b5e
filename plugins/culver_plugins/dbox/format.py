"""What sdbox and mdbox have in common as storage formats."""

from __future__ import annotations

import os
import time
from abc import abstractmethod
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import ClassVar, Final, Generic, TypeVar

import numpy as np
import trio

from culver.config.common.mail import MailSettings, MailStorageSettings
from culver.errors import CulverError, Refused, Unavailable
from culver.index.engine import MailboxIndex
from culver.index.specs import ExtensionSpec
from culver.index.uidvalidity import next_uid_validity
from culver.mail.engine.indexed import IndexedFormat
from culver.mail.engine.openindex import index_settings, open_index
from culver.mail.engine.threads import in_thread
from culver.mail.files import storage_error
from culver.mail.location import MailLocation
from culver.mail.newmail import NewMail, Saved
from culver.mail.storage import Bodies, Found, MailboxPath, OpenBox, Stats
from culver.mail.storagecontext import StorageContext
from culver_plugins.dbox.attachment import join_attachments, parse_ext_refs
from culver_plugins.dbox.box import DboxBox, Pending
from culver_plugins.dbox.boxheader import BoxHeader, read_header
from culver_plugins.dbox.cleanup import clean_temporary
from culver_plugins.dbox.errors import DboxCorrupted
from culver_plugins.dbox.facts import Facts
from culver_plugins.dbox.guid import new_guid
from culver_plugins.dbox.layout import DboxList
from culver_plugins.dbox.metadata import EXT_REFS, Metadata
from culver_plugins.maildir.permissions import permissions_of

P = TypeVar("P")
"""A prepared mail: what its files need to become part of the mailbox."""

BATCH: Final = 512 << 10
"""Bytes of mail in one batch, unless a single mail is larger."""
_FEW: Final = 16
"""Mails whose metadata is read on the loop: 20 microseconds each, where a thread costs hundreds."""


class DboxFormat(IndexedFormat, Generic[P]):
    """A dbox: mails in files of their own or shared ones, everything about them in the index.

    Subclasses spool, commit, read and remove; what they get is in a thread, and blocks.
    """

    header_spec: ClassVar[ExtensionSpec]

    def __init__(self, location: MailLocation, context: StorageContext) -> None:
        super().__init__(location, context)
        if location.options.get("INDEX", "").upper() == "MEMORY":
            raise Refused("CANNOT", f"INDEX=MEMORY: {self.name} can't work without index files")
        self.sync = context.fsync != "never"
        self.list = DboxList(location, self, sync=self.sync)
        self.mailboxes = self.list
        settings = context.config.get(MailStorageSettings)
        self._attachments = str(settings.mail_attachment_dir)
        self._temp_scan_interval = float(context.config.get(MailSettings).mail_temp_scan_interval)

    def key(self, path: MailboxPath) -> str:
        return os.path.realpath(self.list.directory(path))

    async def open(self, path: MailboxPath) -> DboxBox:
        return await in_thread("open a mailbox", partial(self.open_now, path))

    def open_now(self, path: MailboxPath) -> DboxBox:
        """The same, for who is in a thread already."""
        directory = self.list.directory(path)
        if not os.path.isdir(directory):
            raise Refused("NONEXISTENT", "Mailbox doesn't exist", directory)
        perms = permissions_of(directory)
        where = self.list.index(path)
        settings = index_settings(self.context, mode=perms.file_mode, gid=perms.gid, backup=True)
        index = open_index(
            self.context,
            where,
            settings,
            partial(next_uid_validity, self._control(), time.time),
            partial(self.rebuild_box, path),
        )
        header = read_header(index.files, self.header_spec) or self.write_header(index.files)
        clean_temporary(self.temporary_directory(path), self._temp_scan_interval)
        key = self.key(path)
        return DboxBox(path, directory, self.list.alt(path), key, index, header)

    def _control(self) -> str:
        self.list.make_dirs(self.list.control_root)
        return self.list.control_root

    def write_header(self, files: MailboxIndex) -> BoxHeader:
        """Give the mailbox a GUID, unless somebody did meanwhile."""
        with files.lock():
            header = read_header(files, self.header_spec)
            if not header:
                header = self.new_header(header, bytes.fromhex(new_guid()))
                begin = files.begin()
                begin.set_extension_header(self.header_spec, header.encode())
                begin.commit()
        return header

    def create_index(self, path: MailboxPath) -> bytes:
        """Part of creating a mailbox: returns its GUID."""
        return bytes.fromhex(self.open_now(path).guid)

    async def save(self, box: OpenBox, mails: Sequence[NewMail]) -> tuple[Sequence[Saved], Found]:
        box = ours(box)
        entry = Pending(await self._spool_all(box, mails))
        box.pending.append(entry)
        try:
            async with box.saving:
                if not entry.is_done:
                    work = partial(self._commit_pending, box, [])
                    await box.files.run(work, "save in")
        except BaseException:
            if not entry.is_done:  # nobody has committed it: it never happened
                if entry in box.pending:
                    box.pending.remove(entry)
                self.drop(entry.prepared)
            raise
        if entry.error is not None:
            raise entry.error
        assert entry.saved is not None
        return entry.saved, Found()

    async def _spool_all(self, box: DboxBox, mails: Sequence[NewMail]) -> list[P]:
        """Prepare side by side, so that the waits for the disk overlap."""
        done: dict[int, P] = {}
        failed: list[CulverError] = []

        async def one(place: int) -> None:
            try:
                work = partial(self.spool, box, mails[place])
                done[place] = await in_thread(f"save to {box.directory}", work)
            except CulverError as error:
                failed.append(error)

        try:
            if len(mails) == 1:
                await one(0)
            else:
                async with trio.open_nursery() as nursery:
                    for place in range(len(mails)):
                        nursery.start_soon(one, place)
            if failed:
                raise failed[0]
        except BaseException:
            self.drop(list(done.values()))
            raise
        return [done[place] for place in range(len(mails))]

    def _commit_pending(self, box: DboxBox, batch: list[Pending[P]]) -> None:
        """Commit all that wait.  Called again after a repair, with the same ``batch``."""
        batch += box.pending
        box.pending.clear()
        waiting = [entry for entry in batch if not entry.is_done]
        prepared = [one for entry in waiting for one in entry.prepared]
        try:
            saved = self.commit(box, prepared)
        except (CulverError, OSError) as error:
            if len(waiting) == 1:
                self._fail(waiting[0], box, error)
                return
            # One bad mail doesn't fail the others.
            for entry in waiting:
                self._commit_alone(box, entry)
            return
        at = 0
        for entry in waiting:
            entry.saved = saved[at : at + len(entry.prepared)]
            at += len(entry.prepared)

    def _commit_alone(self, box: DboxBox, entry: Pending[P]) -> None:
        try:
            entry.saved = self.commit(box, entry.prepared)
        except (CulverError, OSError) as error:
            self._fail(entry, box, error)

    def _fail(self, entry: Pending[P], box: DboxBox, error: CulverError | OSError) -> None:
        self.drop(entry.prepared)
        doing = f"save to {box.directory}"
        entry.error = storage_error(error, doing) if isinstance(error, OSError) else error

    async def read(self, box: OpenBox, uids: Sequence[int]) -> AsyncIterator[Bodies]:
        box = ours(box)
        left = list(uids)
        while left:
            bodies = await self._read(box, left)
            yield bodies
            del left[: len(bodies.uids) + len(bodies.vanished)]

    async def _read(self, box: DboxBox, uids: Sequence[int]) -> Bodies:
        doing, work = f"read mails of {box.directory}", partial(self.read_some, box, uids)
        try:
            return await in_thread(doing, work)
        except DboxCorrupted as error:
            broken = error
        await box.files.run(partial(self.mend, box, broken), "mend")
        try:
            return await in_thread(doing, work)
        except DboxCorrupted as error:
            raise Unavailable("CORRUPTION", "The mail is damaged", str(error)) from error

    def body_of(self, stored: bytes, metadata: Metadata, suffix: str) -> bytes:
        """The mail of a stored body: attachments put back, transforms undone."""
        refs = metadata.get(EXT_REFS)
        if refs is not None and self._attachments:
            found = parse_ext_refs(refs.decode("utf-8", "surrogateescape"))
            stored = join_attachments(stored, found, partial(self._attachment, suffix))
        return bytes(self.context.decode(stored)[:])

    def _attachment(self, suffix: str, path: str) -> bytes:
        with open(f"{self._attachments}/{path}{suffix}", "rb") as file:
            return file.read()

    async def prepare(self, box: OpenBox, uids: Sequence[int]) -> None:
        await self._facts(ours(box), uids)

    async def _facts(self, box: DboxBox, uids: Sequence[int]) -> list[Facts]:
        missing = box.facts.missing(uids)
        if missing:
            work = partial(self.facts_of, box, missing)
            doing = f"read metadata of {box.directory}"
            found = work() if len(missing) <= _FEW else await in_thread(doing, work)
            box.facts.put(missing, found)
        return box.facts.get(uids)

    async def stat(self, box: OpenBox, uids: Sequence[int]) -> Stats:
        facts = await self._facts(ours(box), uids)
        received = np.array([one.received for one in facts], np.int64)
        saved = np.array([one.saved for one in facts], np.int64)
        # The index has modseqs of its own; nothing of the files tells them.
        return Stats(received, saved, np.zeros(len(facts), np.int64))

    async def sizes(self, box: OpenBox, uids: Sequence[int]) -> Sequence[int]:
        return [one.size for one in await self._facts(ours(box), uids)]

    def guids(self, box: OpenBox, uids: Sequence[int]) -> list[str]:
        box = ours(box)
        missing = box.facts.missing(uids)
        if missing:
            box.facts.put(missing, self.facts_of(box, missing))
        return [one.guid for one in box.facts.get(uids)]

    def temporary_directory(self, path: MailboxPath) -> str:
        """Where saves that died leave files."""
        return self.list.directory(path)

    @abstractmethod
    def new_header(self, old: BoxHeader, guid: bytes) -> BoxHeader:
        """The header of a mailbox that has none yet."""

    @abstractmethod
    def rebuild_box(self, path: MailboxPath, files: MailboxIndex) -> None:
        """Make the index whole from the mails, after what could be read of it was read; also
        called for a new one.  Takes the log's lock itself."""

    @abstractmethod
    def mend(self, box: DboxBox, broken: DboxCorrupted) -> None:
        """Make a broken file whole, keeping what it was; within ``PersistentIndex.run``."""

    @abstractmethod
    def empty(self, path: MailboxPath) -> bytes:
        """Part of deleting a mailbox: let go of its mails.  Returns its GUID."""

    @abstractmethod
    def spool(self, box: DboxBox, mail: NewMail) -> P:
        """Do what needs no lock.  Leaves nothing behind when it fails."""

    @abstractmethod
    def drop(self, prepared: Sequence[P]) -> None:
        """Remove what was prepared and will not be committed."""

    @abstractmethod
    def commit(self, box: DboxBox, prepared: Sequence[P]) -> list[Saved]:
        """Make prepared mails part of the mailbox, all or none, durably.  Within
        ``PersistentIndex.run``; takes the locks."""

    @abstractmethod
    def read_some(self, box: DboxBox, uids: Sequence[int]) -> Bodies:
        """The first of the mails, as many as make a batch; at least one."""

    @abstractmethod
    def facts_of(self, box: DboxBox, uids: Sequence[int]) -> list[Facts]:
        """What the files say of mails; ``GONE`` for those that are."""


def ours(box: OpenBox) -> DboxBox:
    """The box as what this format opened."""
    assert isinstance(box, DboxBox)
    return box
