"""Follows the log: applies what is new, counts modseqs, knows what is still to be done."""

from typing import Final

from culver.index import logrecord, modseq
from culver.index.apply import Applier
from culver.index.decoding import decode_record
from culver.index.errors import BadRecord, IndexCorrupted
from culver.index.extrecords import HeaderUpdate
from culver.index.framing import Frame, frames
from culver.index.header import TAIL_FIELD
from culver.index.logfile import LogFile
from culver.index.logrecord import EXTERNAL, TYPE_MASK, LogRecord
from culver.index.state import IndexState

_REQUESTS: Final = frozenset(
    (
        logrecord.EXPUNGE | logrecord.EXPUNGE_PROT,
        logrecord.EXPUNGE_GUID | logrecord.EXPUNGE_PROT,
        logrecord.FLAG_UPDATE,
        logrecord.KEYWORD_UPDATE,
        logrecord.KEYWORD_RESET,
    )
)


class Follower:
    """A position in the log and the state there.

    Attributes:
        log: the log file being read.
        offset: where the next record starts.
        modseq: the highest modseq there.
        tail: up to here every change was done to the mailbox itself.
        skip_broken: go on after records that cannot be applied.
        skipped: how many those were.
        file_seq: the log that dovecot.index was written in, 0 without such a file.
        file_tail: the offset there up to which it knows everything.
    """

    def __init__(self, log: LogFile, state: IndexState) -> None:
        self.log = log
        self.state = state
        self.applier = Applier(state)
        self.skip_broken = False
        self.skipped = 0
        self._requests: list[tuple[int, LogRecord]] = []
        header, stored = log.header, state.header
        known = stored.log_file_head_offset != 0
        self.file_seq = stored.log_file_seq if known else 0
        self.file_tail = stored.log_file_tail_offset if known else 0
        self._apply_from = header.hdr_size
        self._count_from = header.hdr_size
        self.modseq = header.initial_modseq
        self.tail = header.hdr_size
        if known and stored.log_file_seq == header.file_seq:
            self._start_from_index()
        self.offset = min(self._count_from, self.tail)

    def _start_from_index(self) -> None:
        h, least = self.state.header, self.log.header.hdr_size
        self._apply_from = max(h.log_file_head_offset, least)
        self.tail = min(max(h.log_file_tail_offset, least), self._apply_from)
        stored = self.state.find_extension(modseq.EXTENSION)
        if stored is None or len(stored.data) != modseq.HEADER.size:
            return
        highest, seq, offset = modseq.HEADER.unpack_from(stored.data)
        if seq == self.log.header.file_seq and least <= offset <= self._apply_from:
            self._count_from, self.modseq = offset, highest

    @property
    def requests(self) -> list[LogRecord]:
        """Changes that were asked for and not yet done to the mailbox, in order."""
        self._requests = [(o, r) for o, r in self._requests if o >= self.tail]
        return [record for _, record in self._requests]

    def switch(self, log: LogFile) -> None:
        """Go on at the start of the next log."""
        self.log = log
        self.offset = self.tail = log.header.hdr_size
        self._apply_from = self._count_from = self.offset
        self.modseq = max(self.modseq, log.header.initial_modseq)
        self._requests.clear()
        self._place()

    def read(self) -> bool:
        """Apply what is new in the log file. True if there was anything.

        Raises:
            IndexCorrupted: a record is broken; the state is that before it.
        """
        data = self.log.read(self.offset)
        return bool(data) and self.consume(data)

    def consume(self, data: bytes) -> bool:
        """Apply the complete records of data, which stands at offset in the log.

        Raises:
            IndexCorrupted: a record is broken; the state is that before it.
        """
        start = self.offset
        try:
            for found in frames(data, self.offset):
                self._take(found)
        except BadRecord as bad:
            if not self.skip_broken:
                raise IndexCorrupted.at(self.log.path, bad) from bad
            # A broken size: where the next record starts cannot be known.
            self.skipped += 1
        finally:
            self._place()
        return self.offset != start

    def check_reached(self) -> None:
        """Check that the log reaches to where the index file says it was read.

        Raises:
            IndexCorrupted: it ends before.
        """
        if self.offset < self._apply_from:
            what, allowed = "log_file_head_offset", f"at most the log's {self.offset}"
            raise IndexCorrupted(self.log.path, what, self._apply_from, allowed)

    def _place(self) -> None:
        self.state.modseq = self.modseq
        header = self.state.header
        header.log_file_seq = self.log.header.file_seq
        header.log_file_head_offset = max(self.offset, self._apply_from)
        header.log_file_tail_offset = self.tail

    def _take(self, found: Frame) -> None:
        if found.offset < self._apply_from < found.end:
            raise BadRecord("log_file_head_offset", self._apply_from, "the start of a record")
        if found.offset >= self._count_from:
            version = self.log.header.version
            self.modseq = modseq.advance(self.modseq, found.kind, found.payload, version)
        external = found.kind & EXTERNAL
        if found.offset >= self._apply_from or external == 0:
            self._apply(found)
        if external and self.tail == found.offset:
            self.tail = found.end
        self.offset = found.end

    def _apply(self, found: Frame) -> None:
        try:
            record = decode_record(found.kind, found.payload)
            if found.offset >= self._apply_from:
                self.applier.apply(record, self.modseq)
        except BadRecord:
            if not self.skip_broken:
                raise
            self.skipped += 1
            return
        if found.kind & TYPE_MASK in _REQUESTS and not record.external:
            self._requests.append((found.offset, record))
        elif isinstance(record, HeaderUpdate) and record.external:
            self._move_tail(record)

    def _move_tail(self, record: HeaderUpdate) -> None:
        for offset, data in record.patches:
            if offset <= TAIL_FIELD and offset + len(data) >= TAIL_FIELD + 4:
                start = TAIL_FIELD - offset
                # Tails only grow: an older Dovecot may write one that it read long ago.
                self.tail = max(self.tail, int.from_bytes(data[start : start + 4], "little"))
