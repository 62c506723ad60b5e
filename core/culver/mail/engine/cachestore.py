"""A mailbox's dovecot.index.cache, as the engine reads and fills it (R4-067 to R4-069)."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from culver.config.common.mail import MailCacheSettings
from culver.index import cachefields as cf
from culver.index.cachefile import CacheFile, CacheLimits
from culver.index.errors import IndexCorrupted
from culver.mail.engine.indexed import at_once_or_in_thread
from culver.mail.engine.persistent import PersistentIndex
from culver.mail.storagecontext import StorageContext
from culver_events.index import MailCacheCorrupted

T = TypeVar("T")

_FEW: Final = 8
"""Mails whose fields are written on the loop."""
_DAY: Final = 24 * 3600
_ALWAYS_COMPUTED: Final = "imap.envelope"
"""Never cached by default: Dovecot makes it from cached headers; here it is what is cached."""

Rows = Mapping[int, Mapping[str, bytes]]
"""UID -> field -> value as in the file."""


class CacheStore:
    """The cache of one mailbox.  A broken file is removed, told as an event, and starts anew.

    Args:
        index: the mailbox's.
        context: of the namespace: settings and events.
    """

    def __init__(self, index: PersistentIndex, context: StorageContext) -> None:
        conf = context.config.get(MailCacheSettings)
        limits = CacheLimits(
            purge_min_size=int(conf.mail_cache_purge_min_size),
            purge_delete_percentage=conf.mail_cache_purge_delete_percentage,
            purge_continued_percentage=conf.mail_cache_purge_continued_percentage,
            purge_header_continue_count=conf.mail_cache_purge_header_continue_count,
            unaccessed_field_drop=int(conf.mail_cache_unaccessed_field_drop),
        )
        self._index = index
        self._context = context
        self._file = CacheFile(index.files, limits)
        weakref.finalize(self, self._file.close)
        self._always = frozenset(conf.mail_always_cache_fields)
        self._never = frozenset(conf.mail_never_cache_fields) - {_ALWAYS_COMPUTED}
        self._least = conf.mail_cache_min_mail_count
        self._expunged = 0

    def wanted(self) -> list[str]:
        """The fields that new mails get because somebody asked for them lately."""
        if len(self._index) < self._least:
            return []
        return [f.name for f in self._file.fields if f.decision != cf.NO]

    async def load(
        self, uids: NDArray[np.uint32], names: Sequence[str]
    ) -> dict[int, dict[str, bytes]]:
        """What is cached of fields of mails, values as in the file; missing ones left out."""
        async with self._index.lock:
            found = self._guarded(partial(self._lookup, uids, names))
        return found or {}

    def _lookup(
        self, uids: NDArray[np.uint32], names: Sequence[str]
    ) -> dict[int, dict[str, bytes]]:
        if not self._file.refresh():
            return {}
        known = {f.name.lower(): f.name for f in self._file.fields}
        stored = {known[name.lower()]: name for name in names if name.lower() in known}
        if not stored:
            return {}
        self._note_use(list(stored), int(uids[0]) if len(uids) else 0)
        rows = self._file.lookup(uids, list(stored))
        return {
            uid: {stored[name]: value for name, value in row.items()}
            for uid, row in zip(uids.tolist(), rows, strict=True)
        }

    def _note_use(self, names: Sequence[str], first_uid: int) -> None:
        """A field that is asked for of mails older than a week is worth keeping for all."""
        now = time.time()
        week_ago = int(self._index.files.state.header.day_first_uid[-1])
        for field in self._file.fields:
            if field.name in names:
                lasting = field.decision == cf.TEMP and first_uid < week_ago
                if lasting or field.last_used < now - _DAY:
                    decision = cf.YES if lasting else field.decision
                    self._file.set_decision(field.name, decision or cf.TEMP)

    async def add(self, rows: Rows) -> None:
        """Remember fields of mails beside what is known of them."""
        names = {name for row in rows.values() for name in row} - self._never
        if not names:
            return
        work = partial(self._add, rows, sorted(names))
        if len(rows) <= _FEW:
            await at_once_or_in_thread(self._index, work, "fill the cache of")
        else:
            await self._index.run(work, "fill the cache of")

    def expunged(self, count: int) -> None:
        """Mails are gone: counted, for the decision when to write the file anew."""
        self._expunged += count

    def _add(self, rows: Rows, names: Sequence[str]) -> None:
        self._guarded(partial(self._add_locked, rows, names))

    def _add_locked(self, rows: Rows, names: Sequence[str]) -> None:
        with self._index.changing() as files:
            uids = np.array(sorted(rows), np.uint32)
            uids = uids[files.state.rows_of(uids)[1]]
            lasting = [name for name in names if name in self._always]
            for which, decision in (
                (lasting, cf.YES),
                ([name for name in names if name not in self._always], cf.TEMP),
            ):
                values = {n: [rows[uid].get(n) for uid in uids.tolist()] for n in which}
                if values and len(uids):
                    transaction = files.begin()
                    self._file.add(transaction, uids, values, decision)
                    transaction.commit()
            gone, self._expunged = self._expunged, 0
            self._file.note_expunged(gone)
            if self._file.wants_purge():
                transaction = files.begin()
                self._file.purge(transaction)
                transaction.commit()

    def _guarded(self, work: Callable[[], T]) -> T | None:
        try:
            return work()
        except IndexCorrupted as error:
            if not error.path.endswith(".cache"):
                raise
            self._file.remove()
            scope = self._context.scope
            scope.emit(MailCacheCorrupted(filepath=error.path, reason=str(error)))
            return None
