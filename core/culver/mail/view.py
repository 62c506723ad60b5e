"""A session's own numbering of a mailbox."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from culver.mail.uids import STAR, Ranges, UidSet


class View(ABC):
    """What one session knows of a mailbox: it changes only in :meth:`Mailbox.sync`.

    ``uids[n - 1]`` is the UID of sequence number ``n``.  The array is shared with other views
    and with the engine: never write to it.
    """

    __slots__ = ("read_only", "recent", "uids")

    uids: NDArray[np.uint32]
    recent: UidSet
    """UIDs that are \\Recent in this session."""
    read_only: bool

    @property
    @abstractmethod
    def highest_modseq(self) -> int:
        """HIGHESTMODSEQ as of the last sync."""

    def __len__(self) -> int:
        return len(self.uids)

    def select_uids(self, ranges: Ranges) -> UidSet:
        """The view's UIDs within UID ranges.  ``*`` is the highest UID (RFC 3501 9)."""
        uids = self.uids
        if not len(uids):
            return UidSet()
        wanted = UidSet()
        highest = int(uids[-1])
        for low, high in ranges:
            low, high = (highest if n == STAR else n for n in (low, high))
            low, high = min(low, high), max(low, high)
            first, last = np.searchsorted(uids, (low, high + 1))
            wanted |= UidSet(uids[first:last])
        return wanted

    def select_seqs(self, ranges: Ranges) -> UidSet:
        """The UIDs of sequence ranges; numbers above the last message are left out."""
        count = len(self.uids)
        wanted = UidSet()
        for low, high in ranges:
            low, high = (count if n == STAR else n for n in (low, high))
            low, high = min(low, high), max(low, high)
            wanted |= UidSet(self.uids[max(low, 1) - 1 : high])
        return wanted

    def seqs_of(self, uids: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Sequence numbers of UIDs that are in the view."""
        return np.searchsorted(self.uids, uids) + 1
