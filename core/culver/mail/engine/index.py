"""What the engine needs of an index: columns of a mailbox, and the log that views advance by."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from culver.mail.uids import UidSet


class LogEntry(msgspec.Struct, frozen=True):
    """One change.  Appended messages need no entry: their UIDs are above what a view knows."""

    kind: Literal["flags", "expunge"]
    uids: UidSet
    author: object = None
    """The view that made the change and is not to be told of it."""


class Index(ABC):
    """The state of one mailbox as this process knows it; used on the loop only.

    All columns have one entry per message, ascending by UID.  ``uids`` is never written to in
    place, so views share it; the other columns change under their readers at any checkpoint.
    """

    uids: NDArray[np.uint32]
    flags: NDArray[np.uint8]
    modseqs: NDArray[np.uint64]
    """0: not known yet, see :meth:`set_stats`."""
    sizes: NDArray[np.int64]
    """RFC822.SIZE; -1: not known yet."""
    received: NDArray[np.int64]
    """-1: not known yet."""
    saved: NDArray[np.int64]
    """-1: not known yet."""
    highest_modseq: int

    @property
    @abstractmethod
    def keyword_names(self) -> tuple[str, ...]:
        """Every keyword of the mailbox."""

    @abstractmethod
    def keywords_of(self, places: NDArray[np.intp]) -> list[tuple[str, ...]]:
        """The keywords of the messages at places; [] when none of them has any."""

    @abstractmethod
    def with_keyword(self, name: str, places: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which of the messages at places have a keyword; names compare without case."""

    @abstractmethod
    def set_sizes(self, uids: NDArray[np.uint32], sizes: NDArray[np.int64]) -> None:
        """Sizes that had to be found out."""

    @abstractmethod
    def set_stats(
        self,
        uids: NDArray[np.uint32],
        received: NDArray[np.int64],
        saved: NDArray[np.int64],
        modseqs: NDArray[np.uint64],
    ) -> None:
        """What had to be asked of the file system.  Known modseqs stay."""

    @property
    @abstractmethod
    def position(self) -> int:
        """The end of the log."""

    @abstractmethod
    def log_since(self, position: int) -> list[LogEntry]:
        """The entries from a position on."""

    @abstractmethod
    def trim(self, position: int) -> None:
        """Nobody will ask for entries before this position any more."""

    def __len__(self) -> int:
        return len(self.uids)

    def find(self, uids: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
        """Of ascending UIDs those that exist, and their places in the columns."""
        places = np.searchsorted(self.uids, uids)
        inside = places < len(self.uids)
        if not inside.all():
            uids, places = uids[inside], places[inside]
        there = self.uids[places] == uids
        return (uids, places) if there.all() else (uids[there], places[there])
