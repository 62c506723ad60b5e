"""An index that lives as long as the process.

Modification sequences are microseconds of the clock, because nothing remembers a counter over a
restart: a change made here gets the time before its first rename, a message found later the time
of its directory entry's last change (ctime) plus :data:`SLACK`.  File times come from the
kernel's clock tick, so they may lag the clock by up to 10 ms; with the slack what is read after a
restart is never lower than what was told before it.  An expunge changes the directory's mtime,
and with it HIGHESTMODSEQ.  Hard-linking a mail elsewhere changes its ctime too: clients then see a
modseq without a change, which RFC 7162 allows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from culver.mail.engine.index import Index, LogEntry
from culver.mail.rows import Rows
from culver.mail.uids import UidSet

SLACK: Final = 20_000
"""Microseconds."""

_COLUMNS: Final[dict[str, type[np.generic]]] = {
    "uids": np.uint32,
    "flags": np.uint8,
    "keywords": np.uint64,
    "modseqs": np.uint64,
    "sizes": np.int64,
    "received": np.int64,
    "saved": np.int64,
}


class MemoryIndex(Index):
    """Columns in memory that grow by a quarter, so that a delivery doesn't copy a mailbox."""

    keywords: NDArray[np.uint64]
    """Bit n stands for ``names[n]``."""

    def __init__(self, names: list[str] | None = None) -> None:
        self.names = [] if names is None else names
        """Keywords by bit; the format's own list, which only grows."""
        self._room = {name: np.empty(16, dtype) for name, dtype in _COLUMNS.items()}
        self._set_length(0)
        self.highest_modseq = 1
        self._log: list[LogEntry] = []
        self._first = 0

    def _set_length(self, length: int) -> None:
        for name, room in self._room.items():
            setattr(self, name, room[:length])

    @property
    def keyword_names(self) -> tuple[str, ...]:
        return tuple(filter(None, self.names))

    def keywords_of(self, places: NDArray[np.intp]) -> list[tuple[str, ...]]:
        masks = self.keywords[places]
        names = tuple(self.names)
        return [_names(names, mask) for mask in masks.tolist()] if masks.any() else []

    def with_keyword(self, name: str, places: NDArray[np.intp]) -> NDArray[np.bool_]:
        wanted = name.lower()
        mask = sum(1 << bit for bit, known in enumerate(self.names) if known.lower() == wanted)
        found: NDArray[np.bool_] = self.keywords[places] & np.uint64(mask) != 0
        return found

    def append(self, rows: Rows, modseq: int) -> None:
        """Messages with higher UIDs than any before."""
        old, new = len(self.uids), len(self.uids) + len(rows)
        if new > len(self._room["uids"]):
            self._grow(new + new // 4)
        fresh: dict[str, Any] = {
            "uids": rows.uids,
            "flags": rows.flags,
            "keywords": rows.keywords,
            "modseqs": modseq,
            "sizes": rows.sizes,
            "received": -1,
            "saved": -1,
        }
        # Views hold slices that end before `old`: what is written here is not theirs.
        for name, values in fresh.items():
            self._room[name][old:new] = values
        self._set_length(new)
        self._raise(modseq)

    def _grow(self, size: int) -> None:
        for name, dtype in _COLUMNS.items():
            bigger = np.empty(size, dtype)
            bigger[: len(self.uids)] = self._room[name][: len(self.uids)]
            self._room[name] = bigger

    def _raise(self, modseq: int) -> None:
        self.highest_modseq = max(self.highest_modseq, modseq)

    def update(self, rows: Rows, modseq: int, author: object = None) -> UidSet:
        """Flags and keywords as they are now.  Returns the UIDs of those that differ; only
        those get the modseq and a log entry.  UIDs that don't exist are ignored."""
        _, places = self.find(rows.uids)
        if len(places) < len(rows):
            there = np.isin(rows.uids, self.uids[places])
            rows = rows.only(there)
        differ = (self.flags[places] != rows.flags) | (self.keywords[places] != rows.keywords)
        if not differ.any():
            return UidSet()
        places = places[differ]
        self.flags[places] = rows.flags[differ]
        self.keywords[places] = rows.keywords[differ]
        self.modseqs[places] = modseq
        self._raise(modseq)
        changed = UidSet(self.uids[places])
        self._log.append(LogEntry("flags", changed, author))
        return changed

    def expunge(self, uids: UidSet, modseq: int) -> UidSet:
        """Remove messages.  Returns those that were there."""
        gone = np.isin(self.uids, np.fromiter(uids, np.uint32, len(uids)))
        removed = UidSet(self.uids[gone])
        if removed:
            kept = ~gone
            # New arrays: views still hold the old UIDs.
            self._room = {name: getattr(self, name)[kept] for name in _COLUMNS}
            self._set_length(int(kept.sum()))
            self._raise(modseq)
            self._log.append(LogEntry("expunge", removed))
        return removed

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
        self.received[places] = received[mine]
        self.saved[places] = saved[mine]
        unknown = self.modseqs[places] == 0
        self.modseqs[places[unknown]] = modseqs[mine][unknown]

    @property
    def position(self) -> int:
        return self._first + len(self._log)

    def log_since(self, position: int) -> list[LogEntry]:
        return self._log[position - self._first :]

    def trim(self, position: int) -> None:
        del self._log[: position - self._first]
        self._first = max(self._first, position)


@lru_cache(maxsize=1024)
def _names(names: tuple[str, ...], mask: int) -> tuple[str, ...]:
    return tuple(name for bit, name in enumerate(names) if mask >> bit & 1 and name)
