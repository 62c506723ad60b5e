"""FETCH: batches of columns, from the index, the cache and the mails."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from culver.mail.closing import closing
from culver.mail.columns import Batch, Wanted
from culver.mail.engine.cacheform import to_file
from culver.mail.engine.fields import compute
from culver.mail.engine.shared import SharedBox
from culver.mail.newmail import Buffer
from culver.mime.parse import parse_message
from culver.mime.part import Part

ROWS: Final = 1000
"""Messages in a batch without bodies."""


async def batches(
    shared: SharedBox, uids: NDArray[np.uint32], wanted: Wanted
) -> AsyncIterator[Batch]:
    """The columns of these messages; UIDs ascending."""
    for start in range(0, len(uids), ROWS):
        chunk = uids[start : start + ROWS]
        if wanted.guids:
            await shared.format.prepare(shared.box, chunk.tolist())
        if wanted.received or wanted.saved or wanted.modseqs:
            await shared.need_stats(chunk)
        if wanted.bodies or wanted.parts:
            async with closing(_with_bodies(shared, chunk, wanted)) as found:
                async for batch in found:
                    yield batch
            continue
        if wanted.sizes:
            await shared.need_sizes(chunk)
        cached = await cached_fields(shared, chunk, wanted.cached)
        yield _batch(shared, chunk, wanted, cached)


async def _with_bodies(
    shared: SharedBox, uids: NDArray[np.uint32], wanted: Wanted
) -> AsyncIterator[Batch]:
    if wanted.sizes:
        await shared.need_sizes(uids)
    async with closing(shared.format.read(shared.box, uids.tolist())) as mails:
        async for found in mails:
            roots: list[Part] = []
            if wanted.cached and _any_missing(shared, found.uids, wanted.cached):
                await shared.load(found.uids, wanted.cached)
            if wanted.parts or _any_missing(shared, found.uids, wanted.cached):
                roots = [parse_message(body) for body in found.bodies]
            if wanted.cached:
                await shared.keep(_fill(shared, found.uids, found.bodies, wanted.cached, roots))
            cached = {uid: _from_cache(shared, uid, wanted.cached) for uid in found.uids}
            batch = _batch(shared, np.array(found.uids, np.uint32), wanted, cached)
            kept = [place for place, uid in enumerate(found.uids) if uid not in batch.vanished]
            batch.bodies = [found.bodies[place] for place in kept]
            batch.parts = [roots[place] for place in kept] if wanted.parts else []
            # The index learns of these with the next look at the files.
            batch.vanished = tuple(sorted((*batch.vanished, *found.vanished)))
            yield batch


def _any_missing(shared: SharedBox, uids: Sequence[int], names: Sequence[str]) -> bool:
    return any(value is None for uid in uids for value in _from_cache(shared, uid, names))


def _from_cache(shared: SharedBox, uid: int, names: Sequence[str]) -> list[bytes | None]:
    key = shared.box.key, shared.box.uid_validity, uid
    return [shared.cache.get(key, name) for name in names]


def _fill(
    shared: SharedBox,
    uids: Sequence[int],
    bodies: Sequence[Buffer],
    names: Sequence[str],
    roots: Sequence[Part] = (),
) -> dict[int, dict[str, bytes]]:
    """Compute what is not known yet.  Returns that, as it goes to the cache file."""
    filled: dict[int, dict[str, bytes]] = {}
    for place, uid in enumerate(uids):
        missing = [
            n for n, v in zip(names, _from_cache(shared, uid, names), strict=True) if v is None
        ]
        if missing:
            body = bodies[place]
            root = roots[place] if roots else parse_message(body)
            values = compute(body, missing, root)
            shared.cache.put((shared.box.key, shared.box.uid_validity, uid), values)
            filled[uid] = {n: to_file(n, value, body, root) for n, value in values.items()}
    return filled


async def cached_fields(
    shared: SharedBox, uids: NDArray[np.uint32], names: Sequence[str]
) -> dict[int, list[bytes | None]]:
    """The fields of each mail, read and computed where they weren't known.  Values are kept
    here: the cache may already have dropped the first when the last is computed."""
    if not names:
        return {}
    rows = {uid: _from_cache(shared, uid, names) for uid in uids.tolist()}
    missing = [uid for uid, row in rows.items() if None in row]
    if missing and shared.store is not None:
        await shared.load(missing, names)
        rows.update((uid, _from_cache(shared, uid, names)) for uid in missing)
        missing = [uid for uid in missing if None in rows[uid]]
    if missing:
        async with closing(shared.format.read(shared.box, missing)) as mails:
            async for found in mails:
                await shared.keep(_fill(shared, found.uids, found.bodies, names))
                rows.update((uid, _from_cache(shared, uid, names)) for uid in found.uids)
    return rows


def _batch(
    shared: SharedBox,
    asked: NDArray[np.uint32],
    wanted: Wanted,
    cached: dict[int, list[bytes | None]],
) -> Batch:
    """The columns as they are at this moment."""
    index = shared.index
    if cached:
        lost = [uid for uid, row in cached.items() if None in row]
        here = asked[~np.isin(asked, lost)] if lost else asked
    else:
        here = asked
    uids, places = index.find(here)
    listed = uids.tolist()
    batch = Batch(
        uids=uids,
        flags=index.flags[places],
        keywords=index.keywords_of(places),
    )
    if wanted.modseqs:
        batch.modseqs = index.modseqs[places]
    if wanted.received:
        batch.received = index.received[places]
    if wanted.saved:
        batch.saved = index.saved[places]
    if wanted.sizes:
        batch.sizes = index.sizes[places]
    if wanted.guids:
        batch.guids = shared.format.guids(shared.box, listed)
    if wanted.cached:
        rows = [cached[uid] for uid in listed if uid in cached]
        batch.cached = {
            name: [row[place] or b"" for row in rows] for place, name in enumerate(wanted.cached)
        }
    if len(uids) < len(asked):
        batch.vanished = tuple(sorted(set(asked.tolist()) - set(listed)))
    return batch
