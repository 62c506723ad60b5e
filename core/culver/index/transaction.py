"""A transaction: changes collected without a lock, written to the log as one append."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
import numpy.typing as npt

from culver.index import extrecords, msgrecords
from culver.index.boxrecords import Attribute, AttributeUpdate, IndexDeleted, IndexUndeleted
from culver.index.column import Array
from culver.index.days import day_patches
from culver.index.errors import BadRecord
from culver.index.extrecords import NEW, NO_SHRINK, Introduction
from culver.index.header import FIELDS
from culver.index.logrecord import LogRecord, as_ranges
from culver.index.modseq import HEADER as MODSEQ_HEADER
from culver.index.specs import MODSEQ, ExtensionSpec
from culver.index.state import IndexState

if TYPE_CHECKING:
    from culver.index.engine import MailboxIndex

_Build = Callable[[IndexState], list[LogRecord]]

# The order in which Dovecot writes a transaction: extensions before appends, so that records are
# made in their final size; expunges late, so that all before them still find their messages.
_INTRO, _HEADER, _ATTRIBUTES, _APPEND, _FLAGS, _ROWS, _KEYWORDS, _MODSEQS, _EXPUNGE, _LAST = range(
    10
)
_NO_GUID: Final = bytes(16)


class Committed(msgspec.Struct, frozen=True, eq=False):
    """What a commit did.

    Attributes:
        uids: UIDs of the appended messages, in their order.
        modseq: the mailbox's highest modseq after it.
        log_seq: the log file written to.
        log_offset: its size after the transaction.
    """

    uids: npt.NDArray[np.uint32]
    modseq: int
    log_seq: int
    log_offset: int


class Appended(msgspec.Struct, eq=False):
    """Messages appended by a transaction; `uids` is known from the commit on."""

    flags: Array
    uids: Array | None = None


class Transaction:
    """Changes to one mailbox. Nothing is visible to anybody before commit.

    UIDs are ascending and distinct, as any array or list of numbers; those that do not exist
    (any more) change nothing.

    Args:
        index: the mailbox index.
        external: the changes were already made to the mailbox's own files; an expunge takes
            effect only so. Without it they are requests, which whoever synchronizes the
            mailbox next finds in `MailboxIndex.requests`.
        sync: the changes copy another replica's (dsync).
    """

    def __init__(self, index: "MailboxIndex", external: bool = True, sync: bool = False) -> None:
        self._index = index
        self._external = external
        self._sync = sync
        self._builds: list[list[_Build]] = [[] for _ in range(_LAST + 1)]
        self._appends: list[Appended] = []
        self._rows: dict[tuple[ExtensionSpec, int | None], list[tuple[Appended, Array]]] = {}
        self._durable = False
        self._synced = False

    def append(
        self,
        flags: npt.ArrayLike = 0,
        *,
        uids: npt.ArrayLike | None = None,
        keywords: Sequence[str] = (),
        rows: Mapping[ExtensionSpec, npt.ArrayLike] | None = None,
    ) -> Appended:
        """Add one message, or one per element of flags.

        Args:
            flags: bits of mailflags.
            uids: their UIDs; by default the next free ones.
            keywords: keywords for all of them.
            rows: per extension a number, or a row of bytes, for each of them.
        """
        new = Appended(np.atleast_1d(np.asarray(flags, np.uint8)))
        if uids is not None:
            new.uids = np.atleast_1d(np.asarray(uids, np.uint32))
        self._appends.append(new)
        self._durable = True
        for name in keywords:
            self._add_keyword(msgrecords.ADD, name, new)
        for spec, values in (rows or {}).items():
            self._rows.setdefault((spec, None), []).append((new, as_rows(spec, values)))
        return new

    def update_flags(self, uids: npt.ArrayLike, add: int = 0, remove: int = 0) -> None:
        """Add and remove flags; remove 0xff with add replaces all of them."""
        self.update_flag_ranges(as_ranges(uids), add, remove)

    def update_flag_ranges(
        self, ranges: Array, add: int = 0, remove: int = 0, raise_modseq: bool = False
    ) -> None:
        """Add and remove flags of ranges (logrecord.RANGE) of UIDs.

        Args:
            ranges: ascending and apart.
            add: bits of mailflags.
            remove: bits of mailflags.
            raise_modseq: raise modseqs even if clients see no change.
        """
        if len(ranges) == 0:
            return
        updates = np.zeros(len(ranges), msgrecords.FLAGS)
        updates["uid1"], updates["uid2"] = ranges["uid1"], ranges["uid2"]
        updates["add"], updates["remove"], updates["raise_modseq"] = add, remove, raise_modseq
        self._add(_FLAGS, msgrecords.FlagUpdate(updates=updates))

    def add_keyword(self, name: str, uids: npt.ArrayLike) -> None:
        """Add a keyword to messages."""
        self._add_keyword(msgrecords.ADD, name, uids)

    def remove_keyword(self, name: str, uids: npt.ArrayLike) -> None:
        """Remove a keyword from messages."""
        self._add_keyword(msgrecords.REMOVE, name, uids)

    def reset_keywords(self, uids: npt.ArrayLike) -> None:
        """Remove all keywords from messages."""
        ranges = as_ranges(uids)
        if len(ranges):
            self._add(_KEYWORDS, msgrecords.KeywordReset(ranges=ranges))

    def expunge(self, uids: npt.ArrayLike, guids: Sequence[bytes] | None = None) -> None:
        """Remove messages (external), or ask for it; guids are 16 bytes each."""
        found = np.asarray(uids, np.uint32)
        messages = np.empty(len(found), msgrecords.GUID)
        messages["uid"] = found
        joined = b"".join(guids) if guids is not None else _NO_GUID * len(found)
        messages["guid"] = np.frombuffer(joined, "V16")
        self._durable = self._durable or self._external

        def build(state: IndexState) -> list[LogRecord]:
            # Not those that somebody else removed meanwhile: each record raises the modseq.
            left = messages[state.rows_of(found)[1]]
            return [msgrecords.ExpungeGuid(messages=left)] if len(left) else []

        self._builds[_EXPUNGE].append(build)

    def set_rows(
        self,
        spec: ExtensionSpec,
        uids: npt.ArrayLike | Appended,
        values: npt.ArrayLike,
        reset_id: int | None = None,
    ) -> None:
        """Set the extension's number, or row of bytes, of each message.

        Args:
            spec: the extension; made if it is new, never shrunk.
            uids: the messages, also those appended by this transaction.
            values: one per message.
            reset_id: only if this is the extension's reset_id when it comes to it.
        """
        new = uids if isinstance(uids, Appended) else _existing(uids)
        self._rows.setdefault((spec, reset_id), []).append((new, as_rows(spec, values)))

    def increment(self, spec: ExtensionSpec, uids: npt.ArrayLike, diff: int) -> None:
        """Add diff to the extension's number of each message, whatever it is by then."""
        found = np.asarray(uids, np.uint32)
        increments = np.zeros(len(found), extrecords.INCREMENT)
        increments["uid"], increments["diff"] = found, diff
        record = extrecords.ExtAtomicInc(increments=increments)
        self._builds[_ROWS].append(lambda state: [introduction(state, spec), record])

    def set_extension_header(self, spec: ExtensionSpec, data: bytes, offset: int = 0) -> None:
        """Write data into an extension's header, which grows as needed."""
        size = max(spec.header_size, offset + len(data))
        wide = size >= 65536
        kind = extrecords.ExtHdrUpdate32 if wide else extrecords.ExtHdrUpdate
        record = kind(patches=((offset, data),))
        self._builds[_INTRO].append(lambda state: [introduction(state, spec, size), record])

    def reset_extension(self, spec: ExtensionSpec, reset_id: int, preserve: bool = False) -> None:
        """Give an extension a new reset_id; zero its header and rows unless preserve."""
        record = extrecords.ExtReset(reset_id=reset_id, preserve_data=preserve)
        self._builds[_INTRO].append(lambda state: [introduction(state, spec), record])

    def introduce(self, spec: ExtensionSpec) -> None:
        """Make an extension, or grow it to the sizes of spec."""
        self._builds[_INTRO].append(lambda state: [introduction(state, spec)])

    def enable_modseqs(self) -> None:
        """Keep modseqs in the index from now on; nothing happens if it does already."""

        def build(state: IndexState) -> list[LogRecord]:
            if state.modseqs_stored:
                return []
            patch = (0, MODSEQ_HEADER.pack(state.modseq, 0, 0))
            update = extrecords.ExtHdrUpdate(patches=(patch,))
            return [introduction(state, MODSEQ), update]

        self._builds[_INTRO].append(build)

    def set_header(self, field: str, value: int) -> None:
        """Set a 32-bit field of the base header (header.FIELDS)."""
        patch = (FIELDS[field], value.to_bytes(4, "little"))
        self._add(_HEADER, extrecords.HeaderUpdate(patches=(patch,)))

    def raise_modseqs(self, uids: npt.ArrayLike, modseqs: npt.ArrayLike) -> None:
        """Raise modseqs of messages, or with UID 0 that of the mailbox, to at least modseqs."""
        found = np.atleast_1d(np.asarray(uids, np.uint32))
        values = np.broadcast_to(np.asarray(modseqs, np.uint64), found.shape)
        updates = np.empty(len(found), msgrecords.MODSEQ)
        updates["uid"] = found
        updates["low"] = values & np.uint64(0xFFFFFFFF)
        updates["high"] = values >> np.uint64(32)
        if len(found):
            self._add(_MODSEQS, msgrecords.ModseqUpdate(updates=updates))

    def note_attributes(self, attributes: Sequence[Attribute]) -> None:
        """Note that mailbox attributes changed."""
        if attributes:
            self._add(_ATTRIBUTES, AttributeUpdate(attributes=tuple(attributes)))

    def mark_deleted(self) -> None:
        """Mark the mailbox as deleted (external), or ask for it."""
        self._add(_LAST, IndexDeleted())

    def mark_undeleted(self) -> None:
        """Take back mark_deleted."""
        self._add(_INTRO, IndexUndeleted())

    def mark_synced(self) -> None:
        """Note that every request in the log, up to here, was done to the mailbox's files."""
        self._synced = True

    def commit(self) -> Committed:
        """Write the transaction, under the log's lock, and apply it to the index's state.

        It is durable on return as mail_fsync says: appends and expunges with "optimized",
        everything with "always".

        Raises:
            LockTimeout: another process kept the lock.
            BadRecord: the appended UIDs are not above those given before.
            OSError: it could not be written; nothing of it was.
        """
        with self._index.lock():
            state = self._index.state
            uids = self._assign(state)
            records = self._records(state, uids)
            self._index.write(records, durable=self._durable, synced=self._synced)
            header = state.header
            seq, offset = header.log_file_seq, header.log_file_head_offset
            done = Committed(uids, self._index.state.modseq, seq, offset)
            self._index.maintain()
        return done

    def _add(self, phase: int, record: LogRecord) -> None:
        self._builds[phase].append(lambda _: [record])

    def _add_keyword(self, modify: int, name: str, uids: npt.ArrayLike | Appended) -> None:
        if not name or "\0" in name:
            raise ValueError(f"keyword {name!r}: allowed is a name without NUL")
        new = uids if isinstance(uids, Appended) else _existing(uids)

        def build(_: IndexState) -> list[LogRecord]:
            ranges = as_ranges(new.uids if new.uids is not None else ())
            if len(ranges) == 0:
                return []
            return [msgrecords.KeywordUpdate(modify=modify, name=name, ranges=ranges)]

        self._builds[_KEYWORDS].append(build)

    def _assign(self, state: IndexState) -> npt.NDArray[np.uint32]:
        free = state.header.next_uid
        for new in self._appends:
            if new.uids is None:
                new.uids = np.arange(free, free + len(new.flags), dtype=np.uint32)
            if len(new.uids) and new.uids[0] < free:
                raise BadRecord("append UID", int(new.uids[0]), f"at least {free}")
            free = max(free, int(new.uids[-1]) + 1 if len(new.uids) else free)
        found = [new.uids for new in self._appends if new.uids is not None]
        return np.concatenate(found) if found else np.empty(0, np.uint32)

    def _records(self, state: IndexState, uids: npt.NDArray[np.uint32]) -> list[LogRecord]:
        phases = [[record for b in builds for record in b(state)] for builds in self._builds]
        if len(uids):
            phases[_APPEND].append(self._append_record(uids))
            patches = day_patches(state.header, self._index.clock(), int(uids[0]))
            if patches:
                phases[_LAST].insert(0, extrecords.HeaderUpdate(patches=patches))
        for (spec, reset_id), parts in self._rows.items():
            phases[_ROWS] += _row_records(state, spec, reset_id, parts)
        records = [record for phase in phases for record in phase]
        for record in records:
            record.external, record.sync = self._external, self._sync
        return records

    def _append_record(self, uids: npt.NDArray[np.uint32]) -> msgrecords.Append:
        messages = np.zeros(len(uids), msgrecords.MESSAGE)
        messages["uid"] = uids
        messages["flags"] = np.concatenate([new.flags for new in self._appends])
        return msgrecords.Append(messages=messages)


def introduction(
    state: IndexState, spec: ExtensionSpec, header_size: int = 0, reset_id: int | None = None
) -> extrecords.ExtIntro:
    """Return the record that introduces spec: by id if state has it, else by name."""
    found, ext_id = state.find_extension(spec.name), state.extension_id(spec.name)
    size = max(spec.header_size, header_size, len(found.data) if found else 0)
    known = found.reset_id if found else 0
    intro = Introduction(
        ext_id=NEW if ext_id is None else ext_id,
        reset_id=known if reset_id is None else reset_id,
        header_size=size,
        record_size=spec.record_size,
        record_align=spec.record_align,
        flags=NO_SHRINK,
        name=spec.name if ext_id is None else "",
    )
    return extrecords.ExtIntro(intros=(intro,))


def as_rows(spec: ExtensionSpec, values: npt.ArrayLike) -> Array:
    """Return values as rows of bytes: a 2-D array of bytes stays, numbers become rows.

    Raises:
        ValueError: they do not have the extension's record_size.
    """
    found = np.asarray(values)
    if found.ndim == 2 and found.dtype == np.uint8:
        rows = found
    else:
        numbers = np.atleast_1d(found).astype(f"<u{spec.record_size}")
        rows = numbers.view(np.uint8).reshape(len(numbers), spec.record_size)
    if rows.shape[1] != spec.record_size:
        raise ValueError(f"rows of {rows.shape[1]} bytes: allowed are {spec.record_size}")
    return rows


def _existing(uids: npt.ArrayLike) -> Appended:
    found = np.atleast_1d(np.asarray(uids, np.uint32))
    return Appended(np.empty(0, np.uint8), found)


def _row_records(
    state: IndexState,
    spec: ExtensionSpec,
    reset_id: int | None,
    parts: list[tuple[Appended, Array]],
) -> list[LogRecord]:
    uids = np.concatenate([new.uids for new, _ in parts if new.uids is not None])
    rows = np.concatenate([r for _, r in parts])
    if len(uids) == 0:
        return []
    intro = introduction(state, spec, reset_id=reset_id)
    return [intro, extrecords.ExtRecUpdate.of(uids, rows)]
