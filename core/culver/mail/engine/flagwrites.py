"""Write flag changes to an index transaction: only what makes a difference, as Dovecot does.

Each record of the log raises modseqs, so a record without an effect would tell every CONDSTORE
client of a change that is none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from culver.index.state import IndexState
from culver.index.transaction import Transaction
from culver.mail.changes import FlagChange
from culver.mail.flags import STORED_FLAGS

Uids = NDArray[np.uint32]


def write_change(
    transaction: Transaction, state: IndexState, uids: Uids, change: FlagChange
) -> None:
    """Record a change of those of ``uids`` that exist and do not have it yet.

    Args:
        transaction: of the same index.
        state: under the log's lock.
        uids: ascending.
        change: flags and keywords; ``unchanged_since`` was looked at before.
    """
    places, there = state.rows_of(uids)
    uids = uids[there]
    _write_flags(transaction, state, uids, places, change)
    _write_keywords(transaction, state, uids, places, change)


def _write_flags(
    transaction: Transaction,
    state: IndexState,
    uids: Uids,
    places: NDArray[np.intp],
    change: FlagChange,
) -> None:
    flags = state.flags[places]
    add = change.flags if change.mode != "remove" else 0
    remove = change.flags if change.mode == "remove" else 0
    if change.mode == "replace":
        remove = STORED_FLAGS & ~change.flags
    different = (flags & np.uint8(add) != add) | (flags & np.uint8(remove) != 0)
    transaction.update_flags(uids[different], add=add, remove=remove)


def _write_keywords(
    transaction: Transaction,
    state: IndexState,
    uids: Uids,
    places: NDArray[np.intp],
    change: FlagChange,
) -> None:
    names = list({name.lower(): name for name in change.keywords}.values())
    if change.mode == "replace":
        wanted = {name.lower() for name in names}
        for name in state.keywords.names:
            if name.lower() not in wanted:
                having = uids[state.has_keyword(name)[places]]
                if len(having):
                    transaction.remove_keyword(name, having)
    for name in names:
        having_it = state.has_keyword(name)[places]
        left = uids[having_it if change.mode == "remove" else ~having_it]
        if not len(left):
            continue
        if change.mode == "remove":
            transaction.remove_keyword(name, left)
        else:
            transaction.add_keyword(name, left)
