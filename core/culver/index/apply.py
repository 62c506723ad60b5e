"""Apply records of the log to a state, each type as a vector operation."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from culver.index import boxrecords, extrecords, msgrecords
from culver.index import keywords as kw
from culver.index import modseq as modseqs
from culver.index.column import Array, Column
from culver.index.errors import BadRecord
from culver.index.extension import Extension
from culver.index.extheader import check_extension
from culver.index.extrecords import NEW, Introduction
from culver.index.logrecord import LogRecord
from culver.index.mailflags import DIRTY, HEADER_HAVE_DIRTY, SYSTEM_FLAGS
from culver.index.state import IndexState

_FEW: Final = 16
"""Ranges below this count are faster as slices than as one gathered index."""


class Applier:
    """Applies records in the order of the log, which matters: an introduction says which
    extension the records after it mean."""

    def __init__(self, state: IndexState) -> None:
        self.state = state
        self.delete_requested = False
        self.deleted = False
        self._extension: Extension | None = None
        self._ignore = True
        self._record_size = 0

    def apply(self, record: LogRecord, modseq: int) -> None:
        """Apply one record.

        Args:
            record: the next one of the log.
            modseq: the highest modseq after it.

        Raises:
            BadRecord: it does not fit the state. Nothing but this record is lost.
        """
        self.state.modseq = modseq
        _HANDLERS[type(record)](self, record, modseq)

    def _touch(self, start: Array, end: Array, modseq: int) -> None:
        column = self.state.modseqs
        for rows in selections(start, end):
            column[rows] = np.maximum(column[rows], modseq)

    def append(self, record: msgrecords.Append, modseq: int) -> None:
        """Add messages; next_uid follows."""
        state, uids = self.state, record.messages["uid"]
        if uids[0] < state.header.next_uid:
            allowed = f"at least next_uid {state.header.next_uid}"
            raise BadRecord("append UID", int(uids[0]), allowed)
        first = state.messages
        state.extend(uids, record.messages["flags"])
        state.header.next_uid = int(uids[-1]) + 1
        state.modseqs[first:] = modseq
        self._note_dirty(int(np.bitwise_or.reduce(record.messages["flags"])))

    def _note_dirty(self, added: int) -> None:
        if added & DIRTY:
            self.state.header.flags |= HEADER_HAVE_DIRTY

    def expunge(self, record: msgrecords.Expunge, modseq: int) -> None:
        """Drop ranges of messages; a request to do so changes nothing."""
        del modseq
        if not record.external:
            return
        self._drop(gather(*self.state.spans(record.ranges))[0])

    def expunge_guid(self, record: msgrecords.ExpungeGuid, modseq: int) -> None:
        """Drop messages; a request to do so changes nothing."""
        del modseq
        if not record.external:
            return
        self._drop(np.unique(self.state.rows_of(record.messages["uid"])[0]))

    def _drop(self, places: Array) -> None:
        if len(places):
            self.state.drop(places)

    def flag_update(self, record: msgrecords.FlagUpdate, modseq: int) -> None:
        """Change flags; modseqs follow unless only internal bits change."""
        updates = record.updates
        start, end = self.state.spans(updates)
        flags = self.state.own_flags()
        if len(updates) == 1:
            self._flag_one(int(start[0]), int(end[0]), updates[0].item(), modseq)
            return
        if len(updates) < _FEW:
            for s, e, u in zip(start.tolist(), end.tolist(), updates.tolist(), strict=True):
                part = flags[s:e]
                part &= ~u[3] & 0xFF
                part |= u[2]
        else:
            places, which = gather(start, end)
            u = updates[which]
            flags[places] = (flags[places] & ~u["remove"]) | u["add"]
        bits = (updates["add"] | updates["remove"]) & SYSTEM_FLAGS
        visible = (bits | updates["raise_modseq"]) != 0
        self._touch(start[visible], end[visible], modseq)
        self._note_dirty(int(np.bitwise_or.reduce(updates["add"])))

    def _flag_one(self, start: int, end: int, update: tuple[int, ...], modseq: int) -> None:
        # By far the most frequent change, worth a path without small arrays.
        _, _, add, remove, raise_modseq, _ = update
        part = self.state.own_flags()[start:end]
        part &= ~remove & 0xFF
        part |= add
        if (add | remove) & SYSTEM_FLAGS or raise_modseq:
            column = self.state.modseqs[start:end]
            np.maximum(column, modseq, out=column)
        self._note_dirty(add)

    def keyword_update(self, record: msgrecords.KeywordUpdate, modseq: int) -> None:
        """Add or remove a keyword; a name not seen before becomes one even by its removal."""
        bit = self.state.keywords.add(record.name)
        column = self.state.keywords_extension().rows.own()[:, bit // 8]
        mask = 1 << bit % 8
        start, end = self.state.spans(record.ranges)
        for part in selections(start, end):
            if record.modify == msgrecords.ADD:
                column[part] |= mask
            else:
                column[part] &= ~mask & 0xFF
        self._touch(start, end, modseq)

    def keyword_reset(self, record: msgrecords.KeywordReset, modseq: int) -> None:
        """Remove all keywords; nothing happens, modseqs included, when there never were any."""
        found = self.state.find_extension(kw.EXTENSION)
        if found is None:
            return
        rows = found.rows.own()
        start, end = self.state.spans(record.ranges)
        for part in selections(start, end):
            rows[part] = 0
        self._touch(start, end, modseq)

    def modseq_update(self, record: msgrecords.ModseqUpdate, modseq: int) -> None:
        """Raise modseqs of messages."""
        del modseq
        places, there = self.state.rows_of(record.updates["uid"])
        # at() and not an assignment: a UID may stand in the record more than once.
        np.maximum.at(self.state.modseqs, places, record.modseqs()[there])

    def header_update(self, record: extrecords.HeaderUpdate, modseq: int) -> None:
        """Write into the base header."""
        del modseq
        header = self.state.header
        for offset, data in record.patches:
            header = header.patched(offset, data)
        self.state.header = header

    def ext_intro(self, record: extrecords.ExtIntro, modseq: int) -> None:
        """Introduce, make or resize an extension."""
        del modseq
        self._extension, self._ignore = None, True
        for intro in record.intros:
            self._introduce(intro)

    def _introduce(self, intro: Introduction) -> None:
        found = self._lookup(intro)
        name = intro.name if found is None else found.name
        if name == kw.EXTENSION:
            raise BadRecord("ext intro", name, "any but the internal one")
        check_extension(name, intro.header_size, intro.record_size, intro.record_align)
        if name == modseqs.EXTENSION and intro.record_size != 8:
            raise BadRecord("modseq record_size", intro.record_size, "8")
        self._record_size = intro.record_size
        if found is None:
            found = self._new(intro)
        elif found.reset_id == intro.reset_id:
            found.resize(intro)
        # A writer that had not seen the reset yet: its updates are for data that is gone.
        self._ignore = found.reset_id != intro.reset_id
        self._extension = found

    def _lookup(self, intro: Introduction) -> Extension | None:
        known = self.state.extensions
        if intro.ext_id == NEW:
            return self.state.find_extension(intro.name)
        if intro.ext_id >= len(known):
            raise BadRecord("ext intro id", intro.ext_id, f"below {len(known)}")
        return known[intro.ext_id]

    def _new(self, intro: Introduction) -> Extension:
        rows = Column(np.zeros((self.state.messages, intro.record_size), np.uint8))
        if intro.name == modseqs.EXTENSION:
            rows = Column(self.state.modseqs.copy().view(np.uint8).reshape(-1, 8))
        data = bytes(intro.header_size)
        found = Extension(intro.name, intro.reset_id, intro.record_align, data, rows)
        self.state.add_extension(found)
        return found

    def _current(self) -> Extension:
        if self._extension is None:
            raise BadRecord("extension record", "no introduction", "one before it")
        return self._extension

    def ext_reset(self, record: extrecords.ExtReset, modseq: int) -> None:
        """Reset the introduced extension, also one whose updates are ignored."""
        del modseq
        self._current().reset(record.reset_id, record.preserve_data)

    def ext_header(
        self, record: extrecords.ExtHdrUpdate | extrecords.ExtHdrUpdate32, modseq: int
    ) -> None:
        """Write into the extension's header."""
        del modseq
        current = self._current()
        if self._ignore:
            return
        for offset, data in record.patches:
            current.patch(offset, data)
        if current.name == modseqs.EXTENSION:
            enable_modseqs(self.state)

    def ext_rows(self, record: extrecords.ExtRecUpdate, modseq: int) -> None:
        """Set the extension's rows of messages."""
        del modseq
        current = self._current()
        if self._ignore:
            return
        uids, rows = record.rows(self._record_size)
        self._check_uids(uids)
        places, there = self.state.rows_of(uids)
        current.write_rows(places, rows[there])

    def ext_increment(self, record: extrecords.ExtAtomicInc, modseq: int) -> None:
        """Add to the extension's numbers."""
        del modseq
        current = self._current()
        if self._ignore:
            return
        self._check_uids(record.increments["uid"])
        places, there = self.state.rows_of(record.increments["uid"])
        current.add(places, record.increments["diff"][there])

    def _check_uids(self, uids: Array) -> None:
        top = self.state.header.next_uid
        if len(uids) and (not uids.all() or uids.max() >= top):
            raise BadRecord("extension record UID", int(uids.max()), f"1 to {top - 1}")

    def index_deleted(self, record: boxrecords.IndexDeleted, modseq: int) -> None:
        """Note that the mailbox is (external) or shall be deleted."""
        del modseq
        self.deleted = self.deleted or record.external
        self.delete_requested = not record.external

    def index_undeleted(self, record: boxrecords.IndexUndeleted, modseq: int) -> None:
        """Note that the mailbox stays."""
        del record, modseq
        self.deleted = self.delete_requested = False

    def nothing(self, record: LogRecord, modseq: int) -> None:
        """Change nothing: the record matters only to readers of the log."""


def gather(start: Array, end: Array) -> tuple[Array, Array]:
    """Return the rows in all spans and for each the number of its span."""
    sizes = end - start
    which = np.repeat(np.arange(len(sizes)), sizes)
    before = np.cumsum(sizes) - sizes
    return np.arange(len(which)) - before[which] + start[which], which


def selections(start: Array, end: Array) -> list[slice] | list[Array]:
    """Return indexes that select the rows of all spans: slices of a few, one index of many."""
    if len(start) < _FEW:
        return [slice(s, e) for s, e in zip(start.tolist(), end.tolist(), strict=True)]
    return [gather(start, end)[0]]


def enable_modseqs(state: IndexState) -> None:
    """Start storing modseqs: messages without one get the highest that was ever told."""
    highest = state.modseq
    found = state.find_extension(modseqs.EXTENSION)
    if found is not None and len(found.data) >= modseqs.HEADER.size:
        highest = modseqs.HEADER.unpack_from(found.data)[0]
    column = state.modseqs
    if state.modseqs_stored:
        column[column == 0] = highest
    else:
        column[:] = highest
    state.modseqs_stored = True


_HANDLERS: Final[dict[type[LogRecord], Callable[[Applier, Any, int], None]]] = {
    msgrecords.Append: Applier.append,
    msgrecords.Expunge: Applier.expunge,
    msgrecords.ExpungeGuid: Applier.expunge_guid,
    msgrecords.FlagUpdate: Applier.flag_update,
    msgrecords.KeywordUpdate: Applier.keyword_update,
    msgrecords.KeywordReset: Applier.keyword_reset,
    msgrecords.ModseqUpdate: Applier.modseq_update,
    extrecords.HeaderUpdate: Applier.header_update,
    extrecords.ExtIntro: Applier.ext_intro,
    extrecords.ExtReset: Applier.ext_reset,
    extrecords.ExtHdrUpdate: Applier.ext_header,
    extrecords.ExtHdrUpdate32: Applier.ext_header,
    extrecords.ExtRecUpdate: Applier.ext_rows,
    extrecords.ExtAtomicInc: Applier.ext_increment,
    boxrecords.Boundary: Applier.nothing,
    boxrecords.IndexDeleted: Applier.index_deleted,
    boxrecords.IndexUndeleted: Applier.index_undeleted,
    boxrecords.AttributeUpdate: Applier.nothing,
}
