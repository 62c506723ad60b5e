"""Search keys that columns answer: vector operations, no mail is read."""

from __future__ import annotations

import datetime
import time
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from culver.mail import query as q
from culver.mail.engine.shared import SharedBox
from culver.mail.flags import RECENT
from culver.mail.uids import UidSet, uids_to_array
from culver.mail.view import View


async def select(
    shared: SharedBox, view: View, query: q.Query, among: UidSet, saved: UidSet
) -> UidSet:
    """The matching ones of the candidates.  Only for keys of cost COLUMNS or less."""
    match query:
        case q.All():
            return among
        case q.Uids():
            return among & view.select_uids(query.ranges)
        case q.Seqs():
            return among & view.select_seqs(query.ranges)
        case q.SavedResult():
            return among & saved
        case q.Flags():
            return _flags(shared, view, query, among)
        case q.Keyword():
            return _keyword(shared, query.name, among)
        case q.Guid():
            uids = uids_to_array(among).tolist()
            await shared.format.prepare(shared.box, uids)
            guids = shared.format.guids(shared.box, uids)
            return UidSet(u for u, guid in zip(uids, guids, strict=True) if guid == query.guid)
        case q.Date() | q.Age() | q.Size() | q.Modseq():
            return await _measured(shared, query, among)
        case q.And() | q.Or() | q.Not() | q.Header() | q.Body() | q.Text():
            raise ValueError(f"not a key that columns answer: {query!r}")
        case _:
            assert_never(query)


def _flags(shared: SharedBox, view: View, query: q.Flags, among: UidSet) -> UidSet:
    if query.flags & RECENT:
        among = among & view.recent
    stored = query.flags & ~RECENT
    uids, places = shared.index.find(uids_to_array(among))
    return UidSet(uids[shared.index.flags[places] & stored == stored])


def _keyword(shared: SharedBox, name: str, among: UidSet) -> UidSet:
    uids, places = shared.index.find(uids_to_array(among))
    return UidSet(uids[shared.index.with_keyword(name, places)])


async def _measured(
    shared: SharedBox, query: q.Date | q.Age | q.Size | q.Modseq, among: UidSet
) -> UidSet:
    index = shared.index
    uids = uids_to_array(among)
    if isinstance(query, q.Size):
        await shared.need_sizes(uids)
    else:
        await shared.need_stats(uids)
    uids, places = index.find(uids)
    match query:
        case q.Size():
            sizes = index.sizes[places]
            hit = sizes > query.size if query.op == "larger" else sizes < query.size
        case q.Modseq():
            hit = index.modseqs[places] >= query.modseq
        case q.Age():
            limit = int(time.time()) - query.seconds
            received = index.received[places]
            # RFC 5032 2: WITHIN compares "older" as more than or exactly that long ago.
            hit = received <= limit if query.op == "older" else received >= limit
        case q.Date():
            column = index.saved if query.which == "saved" else index.received
            hit = on_days(column[places], query)
    return UidSet(uids[hit])


def on_days(times: NDArray[np.int64], query: q.Date) -> NDArray[np.bool_]:
    """Compare with the days of the server's time zone (RFC 3501 6.4.4: zones are disregarded)."""
    start, end = _midnight(query.day), _midnight(query.day + 1)
    if query.op == "before":
        return times < start
    if query.op == "since":
        return times >= start
    return (times >= start) & (times < end)


def _midnight(day: int) -> float:
    return datetime.datetime.fromordinal(min(max(day, 2), 3652058)).timestamp()
