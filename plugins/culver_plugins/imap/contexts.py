"""Searches whose results are kept up to date (RFC 5267 4.3), until CANCELUPDATE or a SELECT."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from culver.plugin import Changes, UidSet, Wanted, closing, query, uids_to_array
from culver_plugins.imap.wire import responses, sequence

if TYPE_CHECKING:
    from culver_plugins.imap.selected import Selected
    from culver_plugins.imap.session import Session

MAX_CONTEXTS: Final = 32
"""Of one session; each costs a search of what changed (Dovecot's CLIENT_MAX_SEARCH_UPDATES)."""


class Context(msgspec.Struct):
    """One search: what it looks for, and what the client knows to be found."""

    query: query.Query
    saved: UidSet
    found: UidSet
    uid: bool


class Contexts:
    """The contexts of a selected mailbox, by the tag of their command."""

    __slots__ = ("_by_tag", "_modseq")

    def __init__(self) -> None:
        self._by_tag: dict[bytes, Context] = {}
        self._modseq = 0

    def __len__(self) -> int:
        return len(self._by_tag)

    async def add(self, selected: Selected, tag: bytes, context: Context) -> None:
        """Keep a search that has just been answered."""
        if not self._by_tag:
            self._modseq, _ = await _changed(selected, 0)
        self._by_tag[tag] = context

    def cancel(self, tag: bytes) -> bool:
        """Forget one; tell whether there was one."""
        return self._by_tag.pop(tag, None) is not None

    def tell_expunged(self, session: Session, changes: Changes) -> None:
        """REMOVEFROM, which has to come before the EXPUNGEs so that its numbers are valid."""
        for tag, context in self._by_tag.items():
            gone = context.found & changes.expunged_uids
            if gone:
                listed = uids_to_array(changes.expunged_uids)
                places = np.searchsorted(listed, uids_to_array(gone))
                ids = gone if context.uid else UidSet(changes.expunged_seqs[places])
                session.write(responses.esearch_update(tag, b"REMOVEFROM", ids, uid=context.uid))
                context.found -= gone

    async def tell_changed(self, session: Session, selected: Selected) -> None:
        """ADDTO and REMOVEFROM for what has come or has changed since the last time."""
        if not self._by_tag:
            return
        self._modseq, changed = await _changed(selected, self._modseq)
        if not changed:
            return
        among = query.Uids(sequence.to_ranges(changed))
        for tag, context in self._by_tag.items():
            asked = query.And((among, context.query))
            now = await selected.mailbox.search(selected.view, asked, saved=context.saved)
            _tell(session, selected, tag, context, now - context.found, b"ADDTO")
            _tell(session, selected, tag, context, (context.found & changed) - now, b"REMOVEFROM")
            context.found = (context.found - changed) | now


async def _changed(selected: Selected, since: int) -> tuple[int, UidSet]:
    """The highest modseq, and what is newer than ``since``: a look at one column."""
    changed, highest = UidSet(), since
    view = selected.view
    wanted = Wanted(modseqs=True)
    async with closing(selected.mailbox.fetch(view, UidSet(view.uids), wanted)) as batches:
        async for batch in batches:
            modseqs = batch.modseqs
            if modseqs is not None and len(modseqs):
                changed |= UidSet(batch.uids[modseqs > since])
                highest = max(highest, int(modseqs.max()))
    return highest, changed


def _tell(
    session: Session, selected: Selected, tag: bytes, context: Context, uids: UidSet, what: bytes
) -> None:
    if uids:
        ids = uids if context.uid else UidSet(_numbers(selected, uids))
        session.write(responses.esearch_update(tag, what, ids, uid=context.uid))


def _numbers(selected: Selected, uids: UidSet) -> NDArray[np.int64]:
    return selected.view.seqs_of(uids_to_array(uids))
