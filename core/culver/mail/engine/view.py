"""A session's numbering, advanced along the index's log."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from culver.mail.changes import Changes
from culver.mail.engine.index import Index
from culver.mail.uids import UidSet, among
from culver.mail.view import View


class EngineView(View):
    """The view of a mailbox that the engine keeps."""

    __slots__ = ("__weakref__", "_expunged", "_highest", "_index", "_known_below", "position")

    def __init__(self, index: Index, *, read_only: bool) -> None:
        self._index = index
        self.read_only = read_only
        self.recent = UidSet()
        self.uids = index.uids
        self.position = index.position
        self._known_below = _next_uid(index.uids, 0)
        self._expunged = UidSet()
        """Expunged, but the session may not hear of it yet."""
        self._highest = index.highest_modseq

    @property
    def highest_modseq(self) -> int:
        return self._highest

    def is_behind(self) -> bool:
        """Whether :meth:`advance` with expunges would find something."""
        index = self._index
        return bool(
            self._expunged
            or (len(index.uids) and int(index.uids[-1]) >= self._known_below)
            or any(entry.author is not self for entry in index.log_since(self.position))
        )

    def advance(self, *, expunges: bool) -> Changes:
        """Take over what happened.  See :meth:`culver.mail.mailbox.Mailbox.sync`."""
        index = self._index
        flags = UidSet()
        for entry in index.log_since(self.position):
            if entry.kind == "expunge":
                self._expunged |= entry.uids
            elif entry.author is not self:
                flags |= entry.uids
        self.position = index.position
        self._highest = index.highest_modseq
        new = index.uids[np.searchsorted(index.uids, self._known_below) :]
        if self._expunged:
            self._expunged = UidSet(among(self._expunged, self.uids))
        seqs, expunged = self._renumber(expunges=expunges, new=new)
        self._known_below = _next_uid(index.uids, self._known_below)
        if flags:
            flags = UidSet(among(flags, self.uids[: len(self.uids) - len(new)]))
        return Changes(seqs, expunged, len(new), flags, self._highest)

    def _renumber(
        self, *, expunges: bool, new: NDArray[np.uint32]
    ) -> tuple[NDArray[np.uint32], UidSet]:
        nothing = np.empty(0, np.uint32), UidSet()
        if self._expunged and not expunges:
            self.uids = np.concatenate((self.uids, new)) if len(new) else self.uids
            return nothing
        if not self._expunged:
            self.uids = self._index.uids
            return nothing
        gone, self._expunged = self._expunged, UidSet()
        array = np.fromiter(gone, np.uint32, len(gone))
        seqs = (np.searchsorted(self.uids, array) + 1).astype(np.uint32)
        self.uids = self._index.uids
        self.recent -= gone
        return seqs, gone


def _next_uid(uids: NDArray[np.uint32], known: int) -> int:
    return max(known, int(uids[-1]) + 1) if len(uids) else known
