"""The state of a mailbox's index at one position of its log: header and columns."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from culver.index import keywords as kw
from culver.index import modseq
from culver.index.column import Array, Column
from culver.index.errors import BadRecord
from culver.index.extension import Extension
from culver.index.header import BaseHeader
from culver.index.keywords import Keywords
from culver.index.mailflags import DELETED, SEEN

_KEYWORDS_HEADER: Final = 128


class IndexState:
    """Every message as columns in ascending order of UIDs, and the header.

    Rows of all columns belong together: row n is the message with sequence number n + 1.
    Counts and low-water marks are computed from the columns, never tracked.

    Attributes:
        header: the base header; its counts are those of the file it came from.
        extensions: in the order of their ids in the log.
        modseq: the highest modseq of the mailbox.
        modseqs_stored: the index keeps modseqs (the modseq extension is there); without it
            they are tracked from the moment this state was read.
        generation: raised by every expunge and reset, so that views know their UIDs are whole.
    """

    def __init__(self, header: BaseHeader, uids: Array, flags: Array) -> None:
        self.header = header
        self.extensions: list[Extension] = []
        self.keywords = Keywords()
        self.modseq = 0
        self.modseqs_stored = False
        self.generation = 0
        self._uids = Column(uids)
        self._flags = Column(flags)
        self._modseqs = Column(np.zeros((len(uids), 8), np.uint8))

    @classmethod
    def empty(cls, indexid: int, log_seq: int = 1) -> "IndexState":
        """Return the state at the start of a log that stands alone."""
        header = BaseHeader(indexid=indexid, log_file_seq=log_seq)
        return cls(header, np.empty(0, np.uint32), np.empty(0, np.uint8))

    @property
    def uids(self) -> npt.NDArray[np.uint32]:
        """UIDs, ascending; an array handed out never changes."""
        return self._uids.values

    @property
    def flags(self) -> npt.NDArray[np.uint8]:
        """Bits of mailflags. Read only: changes go through the log."""
        return self._flags.values

    @property
    def modseqs(self) -> npt.NDArray[np.uint64]:
        """The modseq of each message's last change. Read only."""
        return self._modseqs.own().view("<u8")[:, 0]

    @property
    def messages(self) -> int:
        """Number of messages."""
        return len(self._uids.values)

    @property
    def seen(self) -> int:
        """Number of messages with the Seen flag."""
        return int(np.count_nonzero(self.flags & SEEN))

    @property
    def deleted(self) -> int:
        """Number of messages with the Deleted flag."""
        return int(np.count_nonzero(self.flags & DELETED))

    def first_uid(self, bit: int, is_set: bool) -> int:
        """Return the least UID whose flag bit is (or is not) set, next_uid when none is."""
        found = ((self.flags & bit) != 0) == is_set
        place = int(found.argmax()) if len(found) else 0
        return int(self.uids[place]) if len(found) and found[place] else self.header.next_uid

    def find_extension(self, name: str) -> Extension | None:
        """Return the extension called name, None when the index has none."""
        return next((e for e in self.extensions if e.name == name), None)

    def extension_id(self, name: str) -> int | None:
        """Return the id of an extension as introductions use it."""
        return next((i for i, e in enumerate(self.extensions) if e.name == name), None)

    def numbers(self, name: str, dtype: str) -> npt.NDArray[Any]:
        """Return an extension's rows as numbers, zeros when the index does not have it."""
        found = self.find_extension(name)
        if found is None or found.record_size == 0:
            return np.zeros(self.messages, dtype)
        return found.numbers(dtype)

    def has_keyword(self, name: str) -> npt.NDArray[np.bool_]:
        """Return which messages have a keyword."""
        bit = self.keywords.find(name)
        found = self.find_extension(kw.EXTENSION)
        if bit is None or found is None or bit // 8 >= found.record_size:
            return np.zeros(self.messages, np.bool_)
        return np.asarray(found.rows.values[:, bit // 8] & (1 << bit % 8), np.bool_)

    def keyword_bits(self) -> npt.NDArray[np.uint8]:
        """Return the keyword bits, a row of bytes per message, bit 0 first."""
        found = self.find_extension(kw.EXTENSION)
        return np.zeros((self.messages, 0), np.uint8) if found is None else found.rows.values

    def keyword_names(self, place: int) -> list[str]:
        """Return the keywords of the message in row place."""
        bits = np.unpackbits(self.keyword_bits()[place], bitorder="little")
        return [self.keywords.names[b] for b in np.flatnonzero(bits) if b < len(self.keywords)]

    def rows_of(self, uids: npt.ArrayLike) -> tuple[Array, Array]:
        """Return the rows of those of uids that exist, and which of uids those are."""
        wanted = np.asarray(uids, np.uint32)
        places = np.searchsorted(self.uids, wanted)
        inside = places < self.messages
        there = inside.copy()
        there[inside] = self.uids[places[inside]] == wanted[inside]
        return places[there], there

    def spans(self, ranges: Array) -> tuple[Array, Array]:
        """Return where the rows of each range of UIDs start and end (exclusive)."""
        start = np.searchsorted(self.uids, ranges["uid1"], "left")
        return start, np.searchsorted(self.uids, ranges["uid2"], "right")

    def add_extension(self, extension: Extension) -> None:
        """Take a new extension; its id is the next one.

        Raises:
            BadRecord: it is the modseq extension and its numbers are not 64-bit.
        """
        if extension.name == modseq.EXTENSION:
            if extension.record_size != 8:
                raise BadRecord("modseq record_size", extension.record_size, "8")
            self._modseqs = extension.rows
        self.extensions.append(extension)

    def keywords_extension(self) -> Extension:
        """Return the keywords extension, made or widened so that every bit has room."""
        size = self.keywords.record_size()
        found = self.find_extension(kw.EXTENSION)
        if found is None:
            rows = Column(np.zeros((self.messages, size), np.uint8))
            found = Extension(kw.EXTENSION, 0, 1, bytes(_KEYWORDS_HEADER), rows)
            self.add_extension(found)
        elif found.record_size * 8 < len(self.keywords):
            found.rows.widen(size)
        return found

    def columns(self) -> list[Column]:
        """Return every column once."""
        found = [self._uids, self._flags, self._modseqs]
        return found + [e.rows for e in self.extensions if e.rows is not self._modseqs]

    def own_flags(self) -> npt.NDArray[np.uint8]:
        """Return the flags for writing; only for applying the log."""
        return self._flags.own()

    def extend(self, uids: Array, flags: Array) -> None:
        """Add messages at the end, zeros in every extension."""
        count = len(uids)
        self._uids.extend(uids)
        self._flags.extend(flags)
        for column in self.columns()[2:]:
            column.extend_zeros(count)

    def drop(self, places: Array) -> None:
        """Remove the messages in the rows places, which ascend and differ."""
        for column in self.columns():
            column.drop(places)
        self.generation += 1
