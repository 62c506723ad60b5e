"""SEARCH: columns first, then headers from the cache, then the mails that are still possible."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

import trio

from culver.mail import query as q
from culver.mail.closing import closing
from culver.mail.engine.columns import cached_fields
from culver.mail.engine.match import (
    COLUMNS,
    HEADERS,
    CachedMail,
    Mail,
    WholeMail,
    cost,
    headers_in,
    matches,
)
from culver.mail.engine.select import select
from culver.mail.engine.shared import SharedBox
from culver.mail.uids import UidSet, uids_to_array
from culver.mail.view import View

_LONGEST_STEP: Final = 0.01
"""Seconds of work after which other sessions get their turn."""
_CHUNK: Final = 500
"""Mails whose cached headers are looked at together."""


async def search(shared: SharedBox, view: View, query: q.Query, saved: UidSet) -> UidSet:
    """The view's messages that match, of those that still exist."""
    search = _Search(shared, view, saved)
    return await search.run(query, UidSet(view.uids) & UidSet(shared.index.uids))


class _Search:
    """One search.  Each step gets the candidates that are left and returns those that match."""

    def __init__(self, shared: SharedBox, view: View, saved: UidSet) -> None:
        self.shared = shared
        self.view = view
        self.saved = saved
        self._since = time.monotonic()

    async def run(self, query: q.Query, among: UidSet) -> UidSet:
        """The matching ones of the candidates."""
        if not among:
            return among
        if isinstance(query, q.And):
            return await self._all(query.keys, among)
        if isinstance(query, q.Or):
            return await self._any(query.keys, among)
        if isinstance(query, q.Not):
            return among - await self.run(query.key, among)
        if cost(query) <= COLUMNS:
            return await select(self.shared, self.view, query, among, self.saved)
        return await self._read(query, among)

    async def _all(self, keys: Sequence[q.Query], among: UidSet) -> UidSet:
        costly: list[q.Query] = []
        for key in sorted(keys, key=cost):
            if cost(key) <= COLUMNS:
                among = await self.run(key, among)
            else:
                costly.append(key)
        if not costly or not among:
            return among
        headers = [key for key in costly if cost(key) <= HEADERS]
        bodies = [key for key in costly if cost(key) > HEADERS]
        if headers:
            among = await self._read(q.And(tuple(headers)), among)
        return await self._read(q.And(tuple(bodies)), among) if bodies else among

    async def _any(self, keys: Sequence[q.Query], among: UidSet) -> UidSet:
        found = UidSet()
        costly: list[q.Query] = []
        for key in sorted(keys, key=cost):
            if cost(key) <= COLUMNS:
                found |= await self.run(key, among - found)
            else:
                costly.append(key)
        if costly:
            found |= await self._read(q.Or(tuple(costly)), among - found)
        return found

    async def _read(self, query: q.Query, among: UidSet) -> UidSet:
        """One pass over the mails for the whole expression."""
        if not among:
            return among
        known = await self._columns_in(query, among)
        found = UidSet()
        uids = uids_to_array(among)
        if cost(query) <= HEADERS:
            names = headers_in(query)
            for start in range(0, len(uids), _CHUNK):
                rows = await cached_fields(self.shared, uids[start : start + _CHUNK], names)
                for uid, row in rows.items():
                    if None not in row:
                        mail = CachedMail(uid, dict(zip(names, row, strict=True)))
                        await self._look(query, mail, known, found.add)
            return found
        async with closing(self.shared.format.read(self.shared.box, uids.tolist())) as mails:
            async for bodies in mails:
                for uid, body in zip(bodies.uids, bodies.bodies, strict=True):
                    await self._look(query, WholeMail(uid, body), known, found.add)
        return found

    async def _look(
        self,
        query: q.Query,
        mail: Mail,
        known: dict[int, UidSet],
        found: Callable[[int], None],
    ) -> None:
        if matches(query, mail, known):
            found(mail.uid)
        if time.monotonic() - self._since > _LONGEST_STEP:
            await trio.lowlevel.checkpoint()
            self._since = time.monotonic()

    async def _columns_in(self, query: q.Query, among: UidSet) -> dict[int, UidSet]:
        """Answers, by identity, to the cheap keys inside an expression that reads mails."""
        if cost(query) <= COLUMNS:
            return {id(query): await self.run(query, among)}
        known: dict[int, UidSet] = {}
        keys: Sequence[q.Query] = ()
        if isinstance(query, q.And | q.Or):
            keys = query.keys
        elif isinstance(query, q.Not):
            keys = (query.key,)
        for key in keys:
            known |= await self._columns_in(key, among)
        return known
