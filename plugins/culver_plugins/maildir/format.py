"""The storage format ``maildir``."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import trio

from culver.config.common.mail import MailSettings
from culver.errors import CulverError, Refused
from culver.mail.changes import FlagChange
from culver.mail.engine.indexed import at_once_or_in_thread
from culver.mail.engine.persistent import PersistentIndex
from culver.mail.engine.threads import in_thread, quickly
from culver.mail.location import MailLocation
from culver.mail.newmail import Link, NewMail, Saved
from culver.mail.storage import Bodies, Found, MailboxPath, OpenBox, Stats, StorageFormat
from culver.mail.storagecontext import StorageContext
from culver.mail.uids import UidSet
from culver_plugins.maildir import change as changing
from culver_plugins.maildir import indexchange, indexsync
from culver_plugins.maildir.box import MaildirBox
from culver_plugins.maildir.cleanup import clean_tmp
from culver_plugins.maildir.filename import base_of, make_name, sizes_of
from culver_plugins.maildir.indexopen import is_settled, open_box
from culver_plugins.maildir.layout import MaildirList
from culver_plugins.maildir.permissions import make_dir
from culver_plugins.maildir.read import INLINE, batches, read_batch
from culver_plugins.maildir.save import MaildirLink, Pending, Spooled, commit_all, drop, spool
from culver_plugins.maildir.scan import scan
from culver_plugins.maildir.settings import MaildirSettings

T = TypeVar("T")

_FEW: Final = 16
"""Files that are renamed on the loop: 20 microseconds each, where a thread costs a few hundred."""


class MaildirFormat(StorageFormat):
    """Maildir and Maildir++ as Dovecot writes them."""

    name = "maildir"

    def __init__(self, location: MailLocation, context: StorageContext) -> None:
        super().__init__(location, context)
        self.settings = context.config.get(MaildirSettings)
        self._sync = context.fsync != "never"
        self._temp_scan_interval = context.config.get(MailSettings).mail_temp_scan_interval
        self._list = MaildirList(location, stat_dirs=self.settings.stat_dirs, sync=self._sync)
        self.mailboxes = self._list

    @classmethod
    def detect(cls, root: Path) -> bool:
        return (root / "cur").is_dir()

    def key(self, path: MailboxPath) -> str:
        return os.path.realpath(self._list.directory(path))

    async def open(self, path: MailboxPath) -> MaildirBox:
        return await in_thread("open a mailbox", partial(self._open, path))

    def _open(self, path: MailboxPath) -> MaildirBox:
        directory, control = self._list.directory(path), self._list.control(path)
        if not os.path.isdir(f"{directory}/cur"):
            raise Refused("NONEXISTENT", "Mailbox doesn't exist", directory)
        box = MaildirBox(path, directory, control, self._list.control_root, sync=self._sync)
        for part in ("new", "tmp"):
            if not os.path.isdir(f"{directory}/{part}"):
                make_dir(f"{directory}/{part}", box.permissions)
        os.makedirs(control, mode=0o700, exist_ok=True)
        box.trust_names = not self.settings.broken_filename_sizes
        index = self._list.index(path)
        if index is None:
            box.load()
        else:
            open_box(box, index, self.context)
        clean_tmp(f"{directory}/tmp", float(self._temp_scan_interval))
        return box

    async def rescan(self, box: OpenBox) -> Found:
        box = _ours(box)
        if box.index is not None:
            await self._follow(box, box.index)
            return Found()
        if box.is_known():
            return _told(box, Found())
        return await self._find(box, "look at", partial(self._look, box))

    async def _follow(self, box: MaildirBox, index: PersistentIndex) -> None:
        await index.refresh()
        if not index.lock.locked() and not index.files.requests and is_settled(box, index.files):
            return
        await self._do(box, "look at", partial(self._synchronize, box))

    def _synchronize(self, box: MaildirBox) -> None:
        indexsync.sync(box)
        if self.settings.empty_new:
            indexchange.empty_new(box)

    def _look(self, box: MaildirBox) -> Found:
        found = scan(box)
        if self.settings.empty_new:
            changing.empty_new(box)
        return found

    async def _do(self, box: MaildirBox, doing: str, work: Callable[[], T]) -> T:
        async with box.lock:
            if box.index is not None:
                return await box.index.run(work, doing)
            return await in_thread(f"{doing} {box.directory}", work)

    async def _find(self, box: MaildirBox, doing: str, work: Callable[[], Found]) -> Found:
        return _told(box, await self._do(box, doing, work))

    async def save(self, box: OpenBox, mails: Sequence[NewMail]) -> tuple[Sequence[Saved], Found]:
        box = _ours(box)
        entry = Pending(await self._spool(box, mails))
        waiting = box.pending
        waiting.append(entry)
        found = Found()
        try:
            async with box.lock:
                if entry.saved is None and entry.error is None:
                    batch, waiting[:] = list(waiting), []
                    found = await self._commit(box, batch)
        except trio.Cancelled:
            if entry in waiting:  # nobody has taken it: it never happened
                waiting.remove(entry)
                drop(entry.spooled)
            raise
        if entry.error is not None:
            raise entry.error
        assert entry.saved is not None
        return entry.saved, found

    async def _commit(self, box: MaildirBox, batch: list[Pending]) -> Found:
        work = partial(commit_all, box, batch)
        if box.index is not None:
            return await box.index.run(work, "save to")
        return _told(box, await in_thread("save", work))

    async def _spool(self, box: MaildirBox, mails: Sequence[NewMail]) -> list[Spooled]:
        """Write all to tmp/, their waits for the disk side by side."""
        # Named here, so that names ascend like the UIDs whatever the threads do.
        names = [make_name() for _ in mails]
        done: dict[int, Spooled] = {}
        failed: list[CulverError] = []

        async def one(place: int) -> None:
            try:
                hardlinks = self.settings.copy_with_hardlinks and not self.context.transforms
                mail, name = mails[place], names[place]
                work = partial(spool, box, mail, name, self.context, hardlinks=hardlinks)
                done[place] = await in_thread(f"save to {box.directory}/tmp", work)
            except CulverError as error:
                failed.append(error)

        try:
            async with trio.open_nursery() as nursery:
                for place in range(len(mails)):
                    nursery.start_soon(one, place)
            if failed:
                raise failed[0]
        except BaseException:
            drop(list(done.values()))
            raise
        return [done[place] for place in range(len(mails))]

    async def read(self, box: OpenBox, uids: Sequence[int]) -> AsyncIterator[Bodies]:
        box = _ours(box)
        await self.prepare(box, uids)
        for size, batch in batches(box, uids):
            bodies = await self._read(box, batch, size)
            if bodies.vanished:
                # Renamed by somebody, most likely: look again before they are called gone.
                await self._do(box, "look at", lambda: self._stash(box))
                again = await self._read(box, bodies.vanished, INLINE + 1)
                bodies = _in_order(batch, bodies, again)
            yield bodies

    async def _read(self, box: MaildirBox, uids: Sequence[int], size: int) -> Bodies:
        if size <= INLINE and not self.context.transforms:
            return read_batch(box, uids, self.context)
        work = partial(read_batch, box, uids, self.context)
        return await in_thread(f"read mails of {box.directory}", work)

    def _stash(self, box: MaildirBox) -> None:
        if box.has_index:
            indexsync.sync(box)
        else:
            box.untold.append(scan(box))

    async def prepare(self, box: OpenBox, uids: Sequence[int]) -> None:
        box = _ours(box)
        if any(uid not in box.files for uid in uids) or (box.names_old and _any_gone(box, uids)):
            await self._do(box, "look at", partial(self._stash, box))

    async def write_flags(self, box: OpenBox, uids: UidSet, change: FlagChange) -> Found:
        box = _ours(box)
        if box.index is not None:
            await self._write_indexed(box, box.index, uids, change)
            return Found()
        work = partial(changing.write_flags, box, uids, change)
        if len(uids) <= _FEW and not box.lock.locked() and changing.is_quick(box, change):
            # A few renames take less time than the way to a thread and back.
            await trio.lowlevel.checkpoint_if_cancelled()
            return _told(box, quickly(f"change flags in {box.directory}", work))
        return await self._find(box, "change flags in", work)

    async def _write_indexed(
        self, box: MaildirBox, index: PersistentIndex, uids: UidSet, change: FlagChange
    ) -> None:
        work = partial(indexchange.write_flags, box, uids, change)
        if len(uids) <= _FEW and not box.lock.locked() and indexchange.is_quick(box, uids, change):
            await trio.lowlevel.checkpoint_if_cancelled()
            await at_once_or_in_thread(index, work, "change flags in")
        else:
            await self._do(box, "change flags in", work)

    async def remove(self, box: OpenBox, uids: UidSet) -> Found:
        box = _ours(box)
        if box.has_index:
            gone = await self._do(box, "expunge in", partial(indexchange.remove, box, uids))
            return Found(expunged=UidSet(gone))
        return await self._find(box, "expunge in", partial(changing.remove, box, uids))

    async def claim_recent(self, box: OpenBox) -> UidSet:
        box = _ours(box)
        if box.index is not None:
            if box.index.first_recent >= box.index.uid_next:
                return UidSet()
            return await self._do(box, "claim in", partial(indexchange.claim, box))
        if not box.recent:
            return UidSet()
        work = partial(changing.claim, box, box.recent.copy())
        if len(box.recent) <= _FEW and not box.lock.locked():
            return quickly(f"claim in {box.directory}", work)
        return await self._do(box, "claim in", work)

    async def stat(self, box: OpenBox, uids: Sequence[int]) -> Stats:
        box = _ours(box)
        stats = await in_thread(f"stat mails of {box.directory}", partial(_stat, box, uids))
        if (stats.received < 0).any():
            # Renamed by somebody, most likely: look again before they are called gone.
            await self._do(box, "look at", partial(self._stash, box))
            stats = await in_thread(f"stat mails of {box.directory}", partial(_stat, box, uids))
        return stats

    async def sizes(self, box: OpenBox, uids: Sequence[int]) -> Sequence[int]:
        box = _ours(box)
        await self.prepare(box, uids)
        return [box.size(uid) for uid in uids]

    def guids(self, box: OpenBox, uids: Sequence[int]) -> list[str]:
        box = _ours(box)
        return [box.uidlist.field(u, "G") or base_of(box.files.get(u, "")[4:]) for u in uids]

    def link(self, box: OpenBox, uid: int) -> Link | None:
        box = _ours(box)
        name = box.files.get(uid)
        if name is None:
            return None
        link = MaildirLink(box, uid, self.context, base_of(name[4:]))
        link.physical, link.virtual = sizes_of(name)
        return link

    def watch_paths(self, box: OpenBox) -> Sequence[Path]:
        box = _ours(box)
        paths = [Path(box.directory, "new"), Path(box.directory, "cur")]
        return paths if box.index is None else [*paths, Path(f"{box.index.files.path}.log")]


def _ours(box: OpenBox) -> MaildirBox:
    assert isinstance(box, MaildirBox)
    return box


def _told(box: MaildirBox, found: Found) -> Found:
    """What a read found out by the way comes before what was found now."""
    untold, box.untold = box.untold, []
    for earlier in reversed(untold):
        found = changing.merge(earlier, found)
    return found


def _any_gone(box: MaildirBox, uids: Sequence[int]) -> bool:
    return not all(os.path.lexists(box.file(uid) or "") for uid in uids)


def _in_order(uids: Sequence[int], first: Bodies, second: Bodies) -> Bodies:
    """Both, in the order asked for."""
    bodies = dict(zip(first.uids + second.uids, first.bodies + second.bodies, strict=True))
    found = tuple(uid for uid in uids if uid in bodies)
    return Bodies(found, tuple(bodies[uid] for uid in found), second.vanished)


def _stat(box: MaildirBox, uids: Sequence[int]) -> Stats:
    rows = [_stat_one(box.file(uid)) for uid in uids]
    table = np.array(rows, np.int64).reshape(len(rows), 3)
    return Stats(table[:, 0], table[:, 1], table[:, 2])


def _stat_one(path: str | None) -> tuple[int, int, int]:
    try:
        info = os.stat(path or "")
    except FileNotFoundError:
        return -1, -1, -1
    return int(info.st_mtime), int(info.st_ctime), info.st_ctime_ns // 1000
