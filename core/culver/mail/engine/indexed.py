"""Formats whose flags live only in the index (sdbox, mdbox): what they share.

See the module's page in :mod:`culver.mail.storage` for the order of operations.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from culver.index.engine import MailboxIndex
from culver.index.errors import LockTimeout
from culver.index.logrecord import LogRecord
from culver.index.msgrecords import Expunge, ExpungeGuid
from culver.mail.changes import FlagChange
from culver.mail.engine.flagwrites import Uids, write_change
from culver.mail.engine.persistent import PersistentIndex
from culver.mail.storage import Found, OpenBox, StorageFormat
from culver.mail.uids import UidSet, uids_to_array

_NONE: Final = np.empty(0, np.uint32)


class IndexedFormat(StorageFormat):
    """A format that has an index and nothing else that says which mails there are.

    A subclass opens its box with ``box.index`` set, by
    :func:`~culver.mail.engine.openindex.open_index`, and implements :meth:`save`, :meth:`read`,
    :meth:`stat`, :meth:`guids`, :meth:`link` and :meth:`expunge`.  ``Found`` is always empty but
    for :meth:`remove`: the engine reads the index.
    """

    flags_in_index = True

    @abstractmethod
    def expunge(self, box: OpenBox, files: MailboxIndex, uids: Uids) -> None:
        """Remove mails for good: in a thread, under the log's lock, ``uids`` all exist.

        Commits one external expunge (:func:`commit_expunge`), then removes the files: when the
        process dies between the two a file is left over, never a mail without a file."""

    async def rescan(self, box: OpenBox) -> Found:
        index = index_of(box)
        await index.refresh()
        if index.files.requests:
            await index.run(partial(self._do_requests, box, index), "synchronize")
        return Found()

    def _do_requests(self, box: OpenBox, index: PersistentIndex) -> None:
        """Do what Dovecot asked for and did not do: expunges.  Flags are in the index already."""
        with index.changing() as files:
            if files.requests:
                uids = requested_expunges(files.requests)
                self.expunge(box, files, uids[files.state.rows_of(uids)[1]])
                done = files.begin()
                done.mark_synced()
                done.commit()

    async def write_flags(self, box: OpenBox, uids: UidSet, change: FlagChange) -> Found:
        index = index_of(box)
        work = partial(_write_flags, index, uids_to_array(uids), change)
        await at_once_or_in_thread(index, work, "change flags in")
        return Found()

    async def remove(self, box: OpenBox, uids: UidSet) -> Found:
        index = index_of(box)
        gone = await index.run(partial(self._remove, box, index, uids), "expunge in")
        return Found(expunged=UidSet(gone))

    def _remove(self, box: OpenBox, index: PersistentIndex, uids: UidSet) -> Uids:
        with index.changing() as files:
            wanted = uids_to_array(uids)
            there = wanted[files.state.rows_of(wanted)[1]]
            if len(there):
                self.expunge(box, files, there)
        return there

    async def claim_recent(self, box: OpenBox) -> UidSet:
        index = index_of(box)
        if index.first_recent >= index.uid_next:
            return UidSet()
        return await index.run(partial(claim_recent, index), "claim recent mails in")

    def watch_paths(self, box: OpenBox) -> Sequence[Path]:
        return [Path(f"{index_of(box).files.path}.log")]


def index_of(box: OpenBox) -> PersistentIndex:
    """The box's index files.  Only for boxes that were opened with them."""
    assert box.index is not None
    return box.index


async def at_once_or_in_thread(index: PersistentIndex, work: partial[None], doing: str) -> None:
    """Append to the log on the loop when nobody is in the way (30 microseconds, no fsync), in a
    thread otherwise."""
    if not index.lock.locked():
        try:
            index.run_now(work)
        except (LockTimeout, OSError):
            pass  # again, with the patience and the errors of a thread
        else:
            return
    await index.run(work, doing)


def _write_flags(index: PersistentIndex, uids: Uids, change: FlagChange) -> None:
    with index.changing() as files:
        transaction = files.begin()
        write_change(transaction, files.state, uids, change)
        transaction.commit()


def commit_expunge(files: MailboxIndex, uids: Uids, guids: Sequence[bytes] | None = None) -> None:
    """Commit that mails are gone, durably.  ``guids``: 16 bytes each, for replication."""
    transaction = files.begin()
    transaction.expunge(uids, guids)
    transaction.commit()


def claim_recent(index: PersistentIndex) -> UidSet:
    """Take all from ``first_recent_uid`` on; the index then says that they are not recent."""
    with index.changing() as files:
        header = files.state.header
        uids = files.state.uids
        first = int(np.searchsorted(uids, max(header.first_recent_uid, 1)))
        if header.first_recent_uid < header.next_uid:
            transaction = files.begin()
            transaction.set_header("first_recent_uid", header.next_uid)
            transaction.commit()
        return UidSet(uids[first:])


def requested_expunges(requests: Sequence[LogRecord]) -> Uids:
    """The UIDs that requests ask to expunge, ascending."""
    found = [_NONE]
    for record in requests:
        if isinstance(record, ExpungeGuid):
            found.append(record.messages["uid"].astype(np.uint32))
        elif isinstance(record, Expunge):
            found += [np.arange(a, b + 1, dtype=np.uint32) for a, b in record.ranges.tolist()]
    return np.unique(np.concatenate(found))
