"""dovecot.index.cache: what was parsed of messages, so that it is parsed once."""

import contextlib
import mmap
import os
from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import numpy.typing as npt

from culver.index import cachefields as cf
from culver.index.cachefields import CacheField, decode_fields, encode_fields
from culver.index.cacheheader import FIELDS_OFFSET, SIZE, CacheHeader
from culver.index.cacherecords import encode_record, merged
from culver.index.errors import BadRecord, IndexCorrupted
from culver.index.locking import locked
from culver.index.packing import pack_size, unpack_size
from culver.index.specs import CACHE

if TYPE_CHECKING:
    from culver.index.engine import MailboxIndex
    from culver.index.transaction import Transaction

MAX_RECORD: Final = 64 * 1024
MAX_FILE: Final = 1 << 30


class CacheLimits(msgspec.Struct, frozen=True):
    """When to purge; Dovecot's settings of the same names without mail_cache_."""

    purge_min_size: int = 32 * 1024
    purge_delete_percentage: int = 20
    purge_continued_percentage: int = 200
    purge_header_continue_count: int = 4
    unaccessed_field_drop: int = 30 * 24 * 3600


class CacheFile:
    """The cache of one mailbox. It may be missing or lost at any time: then nothing is cached.

    Args:
        index: the mailbox's open index.
        limits: see CacheLimits.
        directory: where the file is, by default beside the index.
    """

    def __init__(
        self,
        index: "MailboxIndex",
        limits: CacheLimits | None = None,
        directory: str | os.PathLike[str] | None = None,
    ) -> None:
        folder, name = os.path.split(index.path)
        self.path = os.path.join(directory or folder, f"{name}.cache")
        self.fields: list[CacheField] = []
        self.header: CacheHeader | None = None
        self.limits = limits or CacheLimits()
        self._index = index
        self._fd = -1
        self._map: mmap.mmap | None = None
        self._fields_at = 0
        self._headers = 0
        self._created_in: Transaction | None = None

    def close(self) -> None:
        """Close the file."""
        if self._map is not None:
            self._map.close()
        if self._fd != -1:
            os.close(self._fd)
        self._map, self._fd, self.header, self.fields = None, -1, None, []

    def refresh(self) -> bool:
        """Open or reread the file. False if there is none that fits the index.

        Raises:
            IndexCorrupted: the file is broken; `remove` it.
        """
        try:
            if self._fd == -1 or os.stat(self.path).st_ino != os.fstat(self._fd).st_ino:
                self.close()
                self._fd = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            self.close()
            return False
        try:
            self._read()
        except BadRecord as bad:
            self.close()
            raise IndexCorrupted.at(self.path, bad) from bad
        return self.header is not None and self.header.file_seq == self._reset_id()

    def lookup(self, uids: npt.ArrayLike, names: Sequence[str]) -> list[dict[str, bytes]]:
        """Return what is cached of fields for each of uids, missing ones left out.

        Args:
            uids: messages of the index's state; others have nothing cached.
            names: fields.

        Raises:
            IndexCorrupted: the file is broken; `remove` it.
        """
        wanted = np.atleast_1d(np.asarray(uids, np.uint32))
        offsets = self._offsets(wanted)
        if not offsets.any():
            return [{} for _ in wanted]
        return [self._values(offset, names) for offset in offsets.tolist()]

    def decision(self, name: str) -> int:
        """Return whether a field is cached: NO when the file does not have it."""
        return next((f.decision for f in self.fields if f.name == name), cf.NO)

    def add(
        self,
        transaction: "Transaction",
        uids: npt.ArrayLike,
        values: Mapping[str, Sequence[bytes | None]],
        decision: int = cf.TEMP,
    ) -> None:
        """Write fields of messages, and their offsets by the transaction's commit.

        Only under the index's lock, kept until the commit, and once for a message in a
        transaction. A message whose record would be larger than MAX_RECORD is left out.

        Args:
            transaction: of the same index.
            uids: messages, also ones that this transaction appends with these UIDs.
            values: for each field a value per message, None for none.
            decision: of fields that are new to the file.

        Raises:
            ValueError: a value does not have its field's fixed size.
        """
        wanted = np.atleast_1d(np.asarray(uids, np.uint32))
        fits = self._usable()
        if not fits and self._created_in is not transaction:
            self._create(transaction)
        with self._locked():
            numbers = self._add_fields(list(values), decision)
            offsets = self._offsets(wanted) if fits else np.zeros(len(wanted), np.uint32)
            self._append(transaction, wanted, offsets, values, numbers)

    def set_decision(self, name: str, decision: int) -> None:
        """Set a field's decision, and its last use to now, in the file."""
        for number, f in enumerate(self.fields):
            if f.name == name:
                f.decision, f.last_used = decision, int(self._index.clock())
                count = len(self.fields)
                place = self._fields_at + cf.decisions_offset(count) + number
                os.pwrite(self._fd, bytes([decision & ~cf.FORCED]), place)
                used = self._fields_at + cf.LAST_USED_OFFSET + 4 * number
                os.pwrite(self._fd, f.last_used.to_bytes(4, "little"), used)

    def note_expunged(self, count: int) -> None:
        """Count messages that had a record and were expunged."""
        if count and self.refresh() and self.header is not None:
            with self._locked():
                self.header.deleted_record_count += count
                left = max(0, self.header.record_count - count)
                self.header.record_count = left
                self._write_header()

    def wants_purge(self) -> bool:
        """Is the file so full of what nobody needs that it should be written anew?"""
        h, limits = self.header, self.limits
        if h is None or self._fd == -1:
            return False
        if self._headers > limits.purge_header_continue_count:
            return True
        if os.fstat(self._fd).st_size < limits.purge_min_size:
            return False
        total = h.record_count + h.deleted_record_count
        deleted = h.deleted_record_count * 100 > total * limits.purge_delete_percentage
        many = h.record_count * limits.purge_continued_percentage
        return deleted or h.continued_record_count * 100 > many

    def purge(self, transaction: "Transaction") -> None:
        """Write the file anew without expunged messages and fields nobody uses.

        Only under the index's lock, kept until the transaction's commit.
        """
        state = self._index.state
        kept: list[tuple[int, dict[str, bytes]]] = []
        if self._usable():
            self._drop_old_fields()
            recent = state.header.day_first_uid[-1]
            names = [f.name for f in self.fields if f.decision != cf.NO]
            lasting = [f.name for f in self.fields if f.decision == cf.YES]
            for uid, offset in zip(
                state.uids.tolist(), self._offsets(state.uids).tolist(), strict=True
            ):
                found = self._values(offset, names if uid >= recent else lasting)
                kept.append((uid, found))
        fields = [f for f in self.fields if f.decision != cf.NO]
        self._create(transaction, fields)
        with self._locked():
            self._rewrite(transaction, kept)

    def remove(self) -> None:
        """Delete a broken file; nothing but time is lost."""
        self.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    def _usable(self) -> bool:
        try:
            return self.refresh()
        except IndexCorrupted:
            self.remove()
            return False

    def _reset_id(self) -> int:
        found = self._index.state.find_extension(CACHE.name)
        return 0 if found is None else found.reset_id

    def _read(self) -> None:
        indexid = self._index.state.header.indexid
        self.header = CacheHeader.decode(os.pread(self._fd, SIZE, 0), indexid)
        at, count, size = unpack_size(self.header.field_header_offset), 0, 0
        self._fields_at = 0
        while at:
            if at <= self._fields_at:
                raise BadRecord("cache next_offset", at, f"above {self._fields_at}")
            self._fields_at, count = at, count + 1
            start = os.pread(self._fd, 8, at)
            size = int.from_bytes(start[4:8], "little")
            if len(start) < 8:
                raise BadRecord("cache field header offset", at, "inside the file")
            at = unpack_size(start)
        self._headers = count
        if count:
            self.fields = decode_fields(os.pread(self._fd, min(size, MAX_FILE), self._fields_at))

    def _data(self) -> mmap.mmap:
        """Return the file as mapped; it only grows or is replaced by another."""
        size = os.fstat(self._fd).st_size
        if self._map is None or len(self._map) < size:
            if self._map is not None:
                self._map.close()
            self._map = mmap.mmap(self._fd, size, mmap.MAP_SHARED, mmap.PROT_READ)
        return self._map

    def _offsets(self, uids: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
        found = np.zeros(len(uids), np.uint32)
        known = self.header is not None and self.header.file_seq == self._reset_id()
        if known or self.refresh():
            places, there = self._index.state.rows_of(uids)
            found[there] = self._index.state.numbers(CACHE.name, "<u4")[places]
        return found

    def _values(self, offset: int, names: Sequence[str]) -> dict[str, bytes]:
        if offset == 0:
            return {}
        try:
            with memoryview(self._data()) as data:
                found = self._merged(data, offset)
        except BadRecord as bad:
            raise IndexCorrupted.at(self.path, bad) from bad
        by_name = {self.fields[number].name: value for number, value in found.items()}
        return {name: by_name[name] for name in names if name in by_name}

    def _merged(self, data: memoryview, offset: int) -> dict[int, bytes]:
        try:
            return merged(data, offset, self.fields)
        except BadRecord:
            # Perhaps another process added a field since the header was read.
            self._read()
            return merged(data, offset, self.fields)

    @contextlib.contextmanager
    def _locked(self) -> Generator[None]:
        with locked(self._fd, self.path, self._index.settings):
            self._read()
            yield

    def _create(
        self, transaction: "Transaction", fields: Sequence[CacheField] | None = None
    ) -> None:
        state, settings = self._index.state, self._index.settings
        old = self.header.file_seq if self.header is not None else 0
        known = self._reset_id()
        seq = max(known + 1 if known else int(self._index.clock()), old + 1)
        header = CacheHeader(indexid=state.header.indexid, file_seq=seq)
        data = encode_fields(fields) if fields else b""
        if data:
            header.field_header_offset = pack_size(SIZE)
        header.used_file_size = SIZE + len(data)
        temporary = f"{self.path}.tmp"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        fd = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, settings.mode)
        os.write(fd, header.encode() + data)
        os.rename(temporary, self.path)
        self.close()
        self._fd, self.header = fd, header
        self._read()
        self._created_in = transaction
        transaction.reset_extension(CACHE, seq)

    def _add_fields(self, names: Sequence[str], decision: int) -> dict[str, int]:
        known = {f.name: n for n, f in enumerate(self.fields)}
        now = int(self._index.clock())
        new = [cf.field(name, decision, now) for name in names if name not in known]
        if new:
            self._write_fields([*self.fields, *new])
        return {f.name: n for n, f in enumerate(self.fields)}

    def _write_fields(self, fields: list[CacheField]) -> None:
        end = self._end()
        os.pwrite(self._fd, encode_fields(fields), end)
        # The pointer last: a reader that comes between sees the old list, whole.
        os.pwrite(self._fd, pack_size(end), self._fields_at or FIELDS_OFFSET)
        self._read()

    def _append(
        self,
        transaction: "Transaction",
        uids: npt.NDArray[np.uint32],
        previous: npt.NDArray[np.uint32],
        values: Mapping[str, Sequence[bytes | None]],
        numbers: Mapping[str, int],
    ) -> None:
        rows = zip(*values.values(), strict=True)
        columns = [(numbers[name], self.fields[numbers[name]]) for name in values]
        at = self._end()
        if at > MAX_FILE or self.header is None:
            return
        out: list[bytes] = []
        places: list[tuple[int, int]] = []
        for uid, before, row in zip(uids.tolist(), previous.tolist(), rows, strict=True):
            found = [(*c, v) for c, v in zip(columns, row, strict=True) if v is not None]
            record = encode_record(before, found)
            if not found or len(record) > MAX_RECORD:
                continue
            places.append((uid, at))
            out.append(record)
            at += len(record)
            self.header.continued_record_count += before != 0
            self.header.record_count += before == 0
        self._finish(transaction, places, b"".join(out))

    def _rewrite(
        self, transaction: "Transaction", kept: Sequence[tuple[int, dict[str, bytes]]]
    ) -> None:
        numbers = {f.name: (n, f) for n, f in enumerate(self.fields)}
        at = self._end()
        out: list[bytes] = []
        places: list[tuple[int, int]] = []
        for uid, values in kept:
            record = encode_record(0, [(*numbers[name], v) for name, v in values.items()])
            if values and len(record) <= MAX_RECORD:
                places.append((uid, at))
                out.append(record)
                at += len(record)
        if self.header is not None:
            self.header.record_count = len(places)
        self._finish(transaction, places, b"".join(out))

    def _finish(
        self, transaction: "Transaction", places: Sequence[tuple[int, int]], data: bytes
    ) -> None:
        if not places or self.header is None:
            return
        os.pwrite(self._fd, data, self._end())
        self._write_header()
        uids, offsets = zip(*places, strict=True)
        transaction.set_rows(CACHE, uids, offsets, reset_id=self.header.file_seq)

    def _write_header(self) -> None:
        if self.header is not None:
            os.pwrite(self._fd, self.header.encode(), 0)

    def _end(self) -> int:
        size = os.fstat(self._fd).st_size
        return size + -size % 4

    def _drop_old_fields(self) -> None:
        stamp, age = self._index.state.header.day_stamp, self.limits.unaccessed_field_drop
        if stamp == 0:
            return
        for f in self.fields:
            if f.last_used < stamp - 2 * age:
                f.decision = cf.NO
            elif f.decision == cf.YES and f.last_used < stamp - age:
                f.decision = cf.TEMP
