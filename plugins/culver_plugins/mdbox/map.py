"""``dovecot.map.index``: where each mail lies, and how many mailboxes have it (R4-040).

The map's own UIDs never change while a mail lives, so a purge that moves it into another file
touches no mailbox.  Whoever changes map and mailboxes together leaves the map's tail offset
behind its head until both are written: a tail that stayed behind tells that somebody died
between, and that reference counts are to be counted anew.
"""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from culver.index.engine import MailboxIndex
from culver.index.errors import IndexCorrupted, IndexMissing
from culver.index.settings import IndexSettings
from culver.index.specs import REF, ExtensionSpec
from culver.index.state import IndexState
from culver.index.transaction import Transaction
from culver_plugins.dbox.stable import places_of, stable_rows

MAP: Final = ExtensionSpec("map", 8, 12, 4)
"""Header: highest file id and rebuild count; record: file id, offset, size."""
MAX_REFS: Final = 32767
_HEADER: Final = struct.Struct("<II")

Numbers = NDArray[np.uint32]


class Entry(msgspec.Struct, frozen=True):
    """Where a mail lies; ``size`` in bytes with header and metadata."""

    uid: int
    file_id: int
    offset: int
    size: int
    refs: int


class Columns(msgspec.Struct, frozen=True, eq=False):
    """All of the map, one value per mail, ascending by UID."""

    uids: Numbers
    file_ids: Numbers
    offsets: Numbers
    sizes: Numbers
    refs: NDArray[np.uint16]

    @classmethod
    def of(cls, state: IndexState) -> Columns:
        """The columns of a map's index."""
        uids, (where, refs) = stable_rows(state, MAP, REF)
        places = where.view("<u4")
        return cls(uids, places[:, 0], places[:, 1], places[:, 2], refs.view("<u2")[:, 0])

    def entry(self, place: int) -> Entry:
        """One mail."""
        return Entry(
            int(self.uids[place]),
            int(self.file_ids[place]),
            int(self.offsets[place]),
            int(self.sizes[place]),
            int(self.refs[place]),
        )

    def in_file(self, file_id: int) -> list[Entry]:
        """The mails of a file in the order in which they lie there."""
        places = np.flatnonzero(self.file_ids == file_id)
        return sorted(map(self.entry, places.tolist()), key=lambda entry: entry.offset)


class MailMap:
    """The map of one storage; for use in threads, by several at a time.

    Args:
        directory: where the map's index files are, or shall be.
        settings: of the index.
        has_mails: whether there are mails, so that a map that is missing was lost.
    """

    def __init__(
        self, directory: str, settings: IndexSettings, has_mails: Callable[[], bool]
    ) -> None:
        self._has_mails = has_mails
        self._files = MailboxIndex(directory, settings, name="dovecot.map.index")
        self._guard = threading.RLock()
        self._is_open = False
        self.is_broken = False
        """Set when the map can't be trusted; the storage is rebuilt before the next change."""

    @contextmanager
    def lock(self) -> Generator[MailboxIndex]:
        """Hold the map's lock, everything read.  Always before a mailbox's lock, never after it:
        Dovecot takes them in this order too.  May be nested."""
        with self._guard:
            files = self._current()
            with files.lock():
                if _is_behind(files):
                    self.is_broken = True
                yield files

    @contextmanager
    def reading(self) -> Generator[MailboxIndex]:
        """Have the map for reading, everything read that was written by now."""
        with self._guard:
            yield self._current()

    def _current(self) -> MailboxIndex:
        files = self._opened()
        try:
            files.refresh()
        except (IndexMissing, IndexCorrupted):
            self._is_open = False
            files = self._opened()
        return files

    def _opened(self) -> MailboxIndex:
        if not self._is_open:
            try:
                self._files.open()
            except IndexMissing:
                self._create()
            except IndexCorrupted:
                self.is_broken = True
                self._repair()
            self._is_open = True
            self._check()
        return self._files

    def _check(self) -> None:
        """A log that was cut off looks like one that is not written yet."""
        state = self._files.state
        if not state.header.uid_validity:
            begin = self._files.begin()
            begin.set_header("uid_validity", int(time.time()))
            begin.commit()
            self.is_broken = True
        if not state.messages and self._has_mails():
            self.is_broken = True

    def _create(self) -> None:
        """A new map.  Its tail is moved at once: Dovecot takes one that never was for a crash."""
        self._files.create(int(time.time()))
        self.is_broken = self._has_mails()
        with self._files.lock():
            if not self._files.state.messages:
                finish(self._files)

    def _repair(self) -> None:
        try:
            self._files.repair()
        except (IndexMissing, IndexCorrupted):
            self._files.recreate(int(time.time()))
            with self._files.lock():
                finish(self._files)

    def columns(self) -> Columns:
        """All of it, as of now."""
        with self.reading() as files:
            return Columns.of(files.state)

    def find(self, uids: Sequence[int], *, refresh: bool = False) -> dict[int, Entry]:
        """Those of the mails that the map has.  It is only read again when one is missing, or
        when asked: a mail that was moved by a purge is missed by its file."""
        wanted = np.unique(np.array(uids, np.uint32))
        if self._is_open and not refresh:
            found = _entries(Columns.of(self._files.state), wanted)
            if len(found) == len(wanted):
                return found
        return _entries(self.columns(), wanted)

    @property
    def path(self) -> str:
        """The map's index file; its log is ``<path>.log``."""
        return self._files.path

    @property
    def uid_validity(self) -> int:
        """What mailboxes note to know that the map is theirs."""
        with self.reading() as files:
            return files.state.header.uid_validity


def _is_behind(files: MailboxIndex) -> bool:
    """Whether the tail stayed behind: somebody is at work, or with the lock held, has died."""
    header = files.state.header
    return header.log_file_tail_offset != header.log_file_head_offset


def _entries(columns: Columns, wanted: Numbers) -> dict[int, Entry]:
    places = places_of(columns.uids, wanted)
    entries = map(columns.entry, places[places >= 0].tolist())
    return {entry.uid: entry for entry in entries}


def read_header(files: MailboxIndex) -> tuple[int, int]:
    """Highest file id ever given, and how often the storage was rebuilt."""
    found = files.state.find_extension(MAP.name)
    data = bytes(found.data[: _HEADER.size]) if found is not None else b""
    highest, count = _HEADER.unpack(data.ljust(_HEADER.size, b"\0"))
    return highest, count


def set_header(begin: Transaction, highest: int, count: int) -> None:
    """Write both."""
    begin.set_extension_header(MAP, _HEADER.pack(highest, count))


def place_rows(places: Sequence[tuple[int, int, int]]) -> NDArray[np.uint8]:
    """(file id, offset, size) of each mail as the map's records have them."""
    return np.array(places, "<u4").reshape(-1, 3).view(np.uint8)


def add_refs(begin: Transaction, uids: Sequence[int], sign: int) -> None:
    """Raise (or lower, with -1) the count of each mail once for each time it is named."""
    found, counts = np.unique(np.array(uids, np.uint32), return_counts=True)
    for count in np.unique(counts).tolist():
        begin.increment(REF, found[counts == count], sign * count)


def finish(files: MailboxIndex) -> None:
    """Move the tail to the head: what belongs together is written.  Under the lock."""
    begin = files.begin(external=False)
    begin.mark_synced()
    begin.commit()


def sync_log(files: MailboxIndex) -> None:
    """Make what was committed durable: the index does it by itself only for new mails."""
    if files.settings.fsync != "never":
        fd = os.open(f"{files.path}.log", os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fdatasync(fd)
        finally:
            os.close(fd)
