"""An index in files that Dovecot and other processes share: dovecot.index and its log.

Threads change the files under :attr:`PersistentIndex.lock`; the columns that sessions look at are
taken over on the loop, when the thread is done, so that nothing moves under a reader's hands.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, TypeVar

import numpy as np
import trio
from numpy.typing import NDArray

from culver.errors import Refused
from culver.index.engine import MailboxIndex
from culver.index.errors import IndexCorrupted, IndexMissing, LockTimeout
from culver.index.view import View as FileView
from culver.mail.engine.author import author
from culver.mail.engine.index import Index, LogEntry
from culver.mail.engine.threads import in_thread
from culver.mail.flags import STORED_FLAGS
from culver.mail.uids import UidSet

T = TypeVar("T")

_SIDE: Final = ("sizes", "received", "saved")
"""Columns that live as long as the process; their values are in the cache file."""


class PersistentIndex(Index):
    """An open :class:`~culver.index.engine.MailboxIndex` as the engine's index.

    Args:
        files: opened, or created.
        rebuild: makes whole files again from the mails; called in a thread, without the lock,
            after the files turned out to be broken or gone.  Gets the reason.
    """

    def __init__(self, files: MailboxIndex, rebuild: Callable[[Exception], None]) -> None:
        self.files = files
        self.lock = trio.Lock()
        """Held by whoever uses :attr:`files`, in whichever thread."""
        self.listener: Callable[[UidSet], None] = _nobody
        """Called on the loop after news were taken over, with the UIDs that were expunged."""
        self._rebuild = rebuild
        weakref.finalize(self, files.close)
        self._seen = FileView(files)
        self._fresh: list[LogEntry] = []
        self._log: list[LogEntry] = []
        self._first = 0
        self._held: list[int] = []
        self._reset = False
        self._shape = (-1, -1)
        """The state's generation and number of messages when the columns were taken."""
        self._take_columns()
        for name in _SIDE:
            setattr(self, name, np.full(len(self.uids), -1, np.int64))

    def restart(self) -> None:
        """Forget what was seen, after the files were made anew; before anybody has a view."""
        self._seen = FileView(self.files)
        self._fresh, self._reset = [], False
        old, self._shape = self.uids, (-1, -1)
        self._take_columns()
        self._realign(old)

    async def refresh(self) -> None:
        """Take over what others wrote to the log.  One fstat when that is nothing.

        Raises Refused NONEXISTENT when the mailbox was rebuilt under another UIDVALIDITY."""
        if self.lock.locked():
            async with self.lock:
                pass
        try:
            self.lock.acquire_nowait()
        except trio.WouldBlock:
            await self.lock.acquire()
        try:
            if self.files.refresh():
                self.collect()
                self._publish()
            return
        except (IndexCorrupted, IndexMissing) as error:
            reason = error
        finally:
            self.lock.release()
        await self.run(lambda: self._rebuild(reason), "rebuild")

    async def run(self, work: Callable[[], T], doing: str) -> T:
        """Do something to the files in a thread, and take over what came of it.

        ``work`` brackets what it changes with :meth:`changing`.  Broken files are made whole and
        the work is done again, once.  ``doing`` names it in errors (Unavailable)."""
        async with self.lock:
            try:
                return await in_thread(f"{doing} {self.files.path}", self._again(work))
            finally:
                self._publish()

    def run_now(self, work: Callable[[], T]) -> T:
        """The same on the loop: for work of microseconds, when :attr:`lock` is free.  Raises
        LockTimeout at once when another process holds the log's lock, and IndexCorrupted."""
        self.lock.acquire_nowait()
        self.files.patience = 0.0
        try:
            return work()
        finally:
            self.files.patience = None
            self._publish()
            self.lock.release()

    def _again(self, work: Callable[[], T]) -> Callable[[], T]:
        def repaired() -> T:
            try:
                return work()
            except (IndexCorrupted, IndexMissing) as error:
                self._rebuild(error)
                self.collect()
                return work()
            except LockTimeout as error:
                raise TimeoutError(str(error)) from error

        return repaired

    @contextmanager
    def changing(self) -> Generator[MailboxIndex]:
        """Hold the log's write lock with everything read that others wrote.  What is committed
        within is the change of the task's view (:func:`~culver.mail.engine.author.authored`),
        what was found before it is everybody else's.  In ``run`` or ``run_now`` only."""
        with self.files.lock():
            self.collect()
            yield self.files
            self.collect(author())

    def collect(self, by: object = None) -> None:
        """Note what is new in the files as changes by a view, None: by others."""
        changes = self._seen.sync()
        if changes.reset:
            self._reset = True
        if len(changes.changed):
            self._fresh.append(LogEntry("flags", UidSet(changes.changed), by))
        if len(changes.expunged):
            self._fresh.append(LogEntry("expunge", UidSet(changes.expunged)))

    def _publish(self) -> None:
        if self._reset:
            raise Refused("NONEXISTENT", "UIDVALIDITY changed", self.files.path)
        fresh, self._fresh = self._fresh, []
        old, highest = self.uids, self.highest_modseq
        self._take_columns()
        if not fresh and self.uids is old and self.highest_modseq == highest:
            return
        self._log += fresh
        gone = UidSet.union(*(e.uids for e in fresh if e.kind == "expunge"), UidSet())
        self._realign(old)
        self.listener(gone)

    def _take_columns(self) -> None:
        state = self.files.state
        shape = state.generation, state.messages
        if shape != self._shape:
            # Otherwise the same object: that nothing moved is seen without a comparison.
            self._shape, self.uids = shape, state.uids
        self.flags = state.flags & np.uint8(STORED_FLAGS)
        # What was there before the index counted has no modseq; RFC 7162 3.1.1 wants one.
        self.modseqs = np.maximum(state.modseqs, 1)
        self.highest_modseq = max(state.modseq, 1)
        self.uid_next = state.header.next_uid
        self.first_recent = max(state.header.first_recent_uid, 1)
        self._names = tuple(state.keywords.names)
        self._bits = state.keyword_bits()

    def _realign(self, old: NDArray[np.uint32]) -> None:
        """Move the values of the side columns to where their messages are now."""
        if self.uids is old:
            return
        places = np.searchsorted(self.uids, old)
        places[places == len(self.uids)] = 0
        kept = np.flatnonzero(self.uids[places] == old) if len(self.uids) else places[:0]
        for name in _SIDE:
            column = np.full(len(self.uids), -1, np.int64)
            column[places[kept]] = getattr(self, name)[kept]
            setattr(self, name, column)

    @property
    def recent(self) -> UidSet:
        """UIDs that no session has claimed yet."""
        return UidSet(self.uids[np.searchsorted(self.uids, self.first_recent) :])

    @property
    def keyword_names(self) -> tuple[str, ...]:
        return self._names

    def keywords_of(self, places: NDArray[np.intp]) -> list[tuple[str, ...]]:
        bits = self._bits[places]
        if not bits.any():
            return []
        known: dict[bytes, tuple[str, ...]] = {}
        found: list[tuple[str, ...]] = []
        for row in bits:
            key = row.tobytes()
            names = known.get(key)
            if names is None:
                set_bits = np.flatnonzero(np.unpackbits(row, bitorder="little")).tolist()
                names = tuple(self._names[bit] for bit in set_bits if bit < len(self._names))
                known[key] = names
            found.append(names)
        return found

    def with_keyword(self, name: str, places: NDArray[np.intp]) -> NDArray[np.bool_]:
        wanted = name.lower()
        found = np.zeros(len(places), np.bool_)
        for bit, known in enumerate(self._names):
            if known.lower() == wanted and bit // 8 < self._bits.shape[1]:
                found |= self._bits[places, bit // 8] & (1 << bit % 8) != 0
        return found

    def hold(self) -> int:
        """The log's end now; entries from there on stay until it is released."""
        self._held.append(self.position)
        return self.position

    def release(self, position: int) -> None:
        """Undo one :meth:`hold`."""
        self._held.remove(position)

    def changed_by(self, view: object, position: int) -> UidSet:
        """UIDs whose flags a view itself changed since a position of the log."""
        entries = self.log_since(position)
        return UidSet.union(*(e.uids for e in entries if e.author is view), UidSet())

    def set_sizes(self, uids: NDArray[np.uint32], sizes: NDArray[np.int64]) -> None:
        there, places = self.find(uids)
        self.sizes[places] = sizes[np.isin(uids, there)]

    def set_stats(
        self,
        uids: NDArray[np.uint32],
        received: NDArray[np.int64],
        saved: NDArray[np.int64],
        modseqs: NDArray[np.uint64],
    ) -> None:
        there, places = self.find(uids)
        mine = np.isin(uids, there)
        self.received[places], self.saved[places] = received[mine], saved[mine]

    @property
    def position(self) -> int:
        return self._first + len(self._log)

    def log_since(self, position: int) -> list[LogEntry]:
        return self._log[position - self._first :]

    def trim(self, position: int) -> None:
        position = min([position, *self._held])
        del self._log[: position - self._first]
        self._first = max(self._first, position)


def _nobody(_: UidSet) -> None:
    """Nobody listens."""
