"""One mailbox of this process: what all its sessions share."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from weakref import WeakMethod, WeakSet, WeakValueDictionary

import numpy as np
import trio
from numpy.typing import NDArray

from culver.errors import CulverError, Refused
from culver.mail.changes import FlagChange
from culver.mail.closing import closing
from culver.mail.engine.author import authored
from culver.mail.engine.cache import MailCache, shared_cache
from culver.mail.engine.cacheform import from_file, unpack_number
from culver.mail.engine.cachestore import CacheStore, Rows
from culver.mail.engine.index import Index
from culver.mail.engine.memory import SLACK, MemoryIndex
from culver.mail.engine.persistent import PersistentIndex
from culver.mail.engine.view import EngineView
from culver.mail.storage import Found, MailboxPath, OpenBox, StorageFormat
from culver.mail.uids import UidSet, among
from culver.mail.watch import watcher
from culver.mime.crlf import virtual_size

_boxes: trio.lowlevel.RunVar[WeakValueDictionary[str, SharedBox]] = trio.lowlevel.RunVar(
    "culver.mail.engine.boxes"
)


def _open_boxes() -> WeakValueDictionary[str, SharedBox]:
    """Those of this trio run: locks and events don't survive it."""
    try:
        return _boxes.get()
    except LookupError:
        boxes: WeakValueDictionary[str, SharedBox] = WeakValueDictionary()
        _boxes.set(boxes)
        return boxes


class SharedBox:
    """A format's open box with its index.  Sessions see each other's changes through it without
    looking at the disk."""

    def __init__(self, format: StorageFormat, box: OpenBox, cache: MailCache) -> None:
        self.format = format
        self.box = box
        self.cache = cache
        self.memory = MemoryIndex(box.keywords) if box.index is None else None
        """The index that is filled from what the format finds; None: it has files of its own."""
        self.index: Index = _persistent(box) if self.memory is None else self.memory
        self.store = None if box.index is None else CacheStore(box.index, format.context)
        """What is cached on disk, beside the index."""
        if box.index is not None:
            # Weakly: a mailbox that nobody has open is let go of at once, with its descriptors.
            box.index.listener = _weakly(WeakMethod(self._took_over))
        self.views: WeakSet[EngineView] = WeakSet()
        self._news = trio.Event()
        self._waiting = 0
        self._watches: tuple[int, ...] = ()

    @classmethod
    async def open(
        cls, format: StorageFormat, path: MailboxPath, cache: MailCache = shared_cache
    ) -> SharedBox:
        """The one of this process, opened now if nobody has it open."""
        boxes = _open_boxes()
        shared = boxes.get(format.key(path))
        if shared is not None:
            try:
                await shared.refresh()
                return shared
            except Refused:
                boxes.pop(shared.box.key, None)  # deleted, and perhaps made again
        box = await format.open(path)
        shared = boxes.get(box.key)
        if shared is None:
            shared = boxes[box.key] = cls(format, box, cache)
        await shared.refresh()
        return shared

    async def refresh(self) -> None:
        """Find out what others did to the files."""
        index = self.memory
        if index is None:
            await self.format.rescan(self.box)
            return
        first = not index.position and not len(index)
        found = await self.format.rescan(self.box)
        # At the start nothing is known of when the mails changed; it is looked up when asked.
        self.apply(found, modseq=0 if first else None)
        if first:
            index.highest_modseq = max(index.highest_modseq, self.box.changed + SLACK)

    def _took_over(self, expunged: UidSet) -> None:
        """The index files had news."""
        self._forget(expunged)
        if self.store is not None:
            self.store.expunged(len(expunged))
        self._trim()
        self.notify()

    def _forget(self, uids: UidSet) -> None:
        for uid in uids:
            self.cache.forget((self.box.key, self.box.uid_validity, uid))

    @property
    def recent(self) -> UidSet:
        """What no writable session has claimed yet."""
        return self.box.recent if self.box.index is None else self.box.index.recent

    @property
    def uid_next(self) -> int:
        """The UID of the next mail."""
        return self.box.uid_next if self.box.index is None else self.box.index.uid_next

    def next_modseq(self) -> int:
        """For a change about to be made: take it before the first file is touched."""
        return max(time.time_ns() // 1000, self.index.highest_modseq + 1)

    def apply(
        self,
        found: Found,
        *,
        modseq: int | None = None,
        author: EngineView | None = None,
    ) -> UidSet:
        """Bring the index up to date and wake who waits.  Returns UIDs whose flags changed; of
        those ``author`` is not told.  Nothing to do where the index has files: there it happened
        when they were written."""
        index = self.memory
        if not found or index is None:
            return UidSet()
        if modseq is None:
            modseq = max(index.highest_modseq + 1, self.box.changed + SLACK)
        if len(found.appeared):
            index.append(found.appeared, modseq)
        changed = UidSet()
        if len(found.changed):
            changed = index.update(found.changed, modseq, author)
        if found.expunged:
            self._forget(index.expunge(found.expunged, modseq))
        self._trim()
        self.notify()
        return changed

    def apply_own(
        self, found: Found, uids: UidSet, change: FlagChange, modseq: int, author: EngineView
    ) -> UidSet:
        """Apply what a flag change of ``author`` came to.

        Rows that came out as the view must expect are its own doing; where others have changed
        something too, the view is told like everybody else.
        """
        index = self.memory
        assert index is not None
        rows = found.changed
        mine = np.isin(rows.uids, among(uids, author.uids))
        known, _ = index.find(rows.uids)
        mine &= np.isin(rows.uids, known)
        flags, keywords = self._expected(index, rows.uids, change)
        mine &= (rows.flags == flags) & (rows.keywords == keywords)
        own = Found(changed=rows.only(mine))
        changed = self.apply(own, modseq=modseq, author=author)
        others = Found(appeared=found.appeared, changed=rows.only(~mine), expunged=found.expunged)
        return changed | self.apply(others, modseq=modseq)

    async def change_flags(
        self, uids: UidSet, change: FlagChange, author: EngineView
    ) -> tuple[UidSet, int]:
        """Change flags for a view.  Returns the UIDs that differ now, and their modseq."""
        index = self.box.index
        if index is None:
            modseq = self.next_modseq()
            found = await self.format.write_flags(self.box, uids, change)
            return self.apply_own(found, uids, change, modseq, author), modseq
        position = index.hold()
        try:
            with authored(author):
                await self.format.write_flags(self.box, uids, change)
            return index.changed_by(author, position), index.highest_modseq
        finally:
            index.release(position)

    def _expected(
        self, index: MemoryIndex, uids: NDArray[np.uint32], change: FlagChange
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint64]]:
        places = np.minimum(np.searchsorted(index.uids, uids), max(len(index) - 1, 0))
        flags, keywords = index.flags[places], index.keywords[places]
        names = {name.lower() for name in change.keywords}
        named = (1 << bit for bit, name in enumerate(self.box.keywords) if name.lower() in names)
        bits, mask = np.uint8(change.flags), np.uint64(sum(named))
        if change.mode == "add":
            return flags | bits, keywords | mask
        if change.mode == "remove":
            return flags & ~bits, keywords & ~mask
        return np.full_like(flags, bits), np.full_like(keywords, mask)

    def _trim(self) -> None:
        self.index.trim(min((v.position for v in self.views), default=self.index.position))

    def notify(self) -> None:
        """Wake everybody who waits for news."""
        news, self._news = self._news, trio.Event()
        news.set()

    async def wait(self, is_done: Callable[[], bool], interval: float) -> None:
        """Return when ``is_done``, which is asked after each change in this process or on the
        disk, and every ``interval`` seconds in case the kernel doesn't tell (NFS)."""
        self._watch()
        self._waiting += 1
        try:
            while True:
                news = self._news  # before looking: what comes after is not missed
                await self.refresh()
                if is_done():
                    return
                with trio.move_on_after(interval):
                    await news.wait()
                self._watch_again()
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._unwatch()

    def _watch(self) -> None:
        if not self._watches:
            try:
                self._watches = watcher().add(self._paths(), self.notify)
            except OSError:
                self._watches = ()  # the interval has to do

    def _watch_again(self) -> None:
        """A log that was rotated is another file under the name."""
        old = self._watches
        if self.box.index is not None and old:
            self._watches = ()
            self._watch()
            watcher().remove(old, self.notify)

    def _paths(self) -> list[Path]:
        return list(self.format.watch_paths(self.box))

    def _unwatch(self) -> None:
        watches, self._watches = self._watches, ()
        if watches:
            watcher().remove(watches, self.notify)

    async def need_stats(self, uids: NDArray[np.uint32]) -> None:
        """Fill received, saved and modseqs of these."""
        index = self.index
        uids, places = index.find(uids)
        unknown = uids[(index.received[places] < 0) | (index.modseqs[places] == 0)]
        if not len(unknown):
            return
        stats = await self.format.stat(self.box, unknown.tolist())
        # A hard link made elsewhere touches a mail without touching this mailbox.
        modseqs = np.clip(stats.changed + SLACK, 1, index.highest_modseq).astype(np.uint64)
        index.set_stats(unknown, stats.received, stats.saved, modseqs)

    async def _stored(self, uids: NDArray[np.uint32], name: str) -> NDArray[np.uint32]:
        """Fill sizes from the cache file.  Returns the UIDs that it doesn't have."""
        if self.store is None or not len(uids):
            return uids
        rows = await self.store.load(uids, (name,))
        values = [unpack_number(name, rows.get(u, {}).get(name, b"")) for u in uids.tolist()]
        found = np.array(values, np.int64)
        self.index.set_sizes(uids[found >= 0], found[found >= 0])
        return uids[found < 0]

    async def load(self, uids: Sequence[int], names: Sequence[str]) -> None:
        """Take fields that the cache file has over into the process's cache."""
        if self.store is None:
            return
        rows = await self.store.load(np.array(uids, np.uint32), names)
        for uid, row in rows.items():
            if row:
                values = {name: from_file(name, value) for name, value in row.items()}
                self.cache.put((self.box.key, self.box.uid_validity, uid), values)

    async def keep(self, rows: Rows) -> None:
        """Write computed fields, values as in the file, to the cache file."""
        if self.store is not None and rows:
            try:
                await self.store.add(rows)
            except CulverError as error:  # a full disk, no rights: it is computed again next time
                if isinstance(error, Refused) and error.code == "NONEXISTENT":
                    raise

    async def need_sizes(self, uids: NDArray[np.uint32]) -> None:
        """Fill the sizes of these, reading the mails whose names don't tell it."""
        index = self.index
        uids, places = index.find(uids)
        unknown = await self._stored(uids[index.sizes[places] < 0], "size.virtual")
        if len(unknown) and self.memory is None:
            known = await self.format.sizes(self.box, unknown.tolist())
            index.set_sizes(unknown, np.array(known, np.int64))
            unknown = unknown[np.array(known, np.int64) < 0]
        if len(unknown):
            async with closing(self.format.read(self.box, unknown.tolist())) as mails:
                async for bodies in mails:
                    sizes = [virtual_size(body) for body in bodies.bodies]
                    index.set_sizes(np.array(bodies.uids, np.uint32), np.array(sizes, np.int64))


def _persistent(box: OpenBox) -> PersistentIndex:
    assert box.index is not None
    return box.index


def _weakly(method: WeakMethod[Callable[[UidSet], None]]) -> Callable[[UidSet], None]:
    def call(expunged: UidSet) -> None:
        found = method()
        if found is not None:
            found(expunged)

    return call
