"""What SEARCH, SORT and THREAD share: run the query, save its result, write it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from culver.plugin import UidSet, Wanted, closing, uids_to_array
from culver_plugins.imap.contexts import MAX_CONTEXTS, Context
from culver_plugins.imap.search_query import asks_modseq, to_query
from culver_plugins.imap.selected import Selected
from culver_plugins.imap.wire import responses, sequence
from culver_plugins.imap.wire.query import Key
from culver_plugins.imap.wire.search_return import Partial

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


class Request(Protocol):
    """What a SEARCH and a SORT have in common."""

    @property
    def key(self) -> Key:
        """Which messages."""
        ...

    @property
    def returns(self) -> frozenset[str] | None:
        """What of them to tell; None for the old answer."""
        ...

    @property
    def partial(self) -> Partial | None:
        """Which of the results, with PARTIAL."""
        ...

    @property
    def uid(self) -> bool:
        """Tell UIDs."""
        ...


async def find(session: Session, key: Key) -> UidSet:
    """The messages that meet the condition."""
    selected = session.mailbox()
    if asks_modseq(key):
        session.enable_condstore()
    query = to_query(key, selected)
    return await selected.mailbox.search(selected.view, query, saved=selected.saved)


async def find_for(session: Session, request: Request) -> UidSet:
    """The same; with SAVE a search that fails leaves nothing saved (RFC 5182 2.1)."""
    try:
        return await find(session, request.key)
    except BaseException:
        if request.returns is not None and "SAVE" in request.returns:
            session.mailbox().saved = UidSet()
        raise


async def answer(session: Session, request: Request, uids: NDArray[np.uint32], word: bytes) -> None:
    """Save what is to be saved, and write the result, `uids` in the order of the answer."""
    selected = session.mailbox()
    options = request.returns
    if options is not None and "UPDATE" in options:
        await _keep(session, selected, request, uids, word)
    if options is not None and "SAVE" in options:
        selected.saved = _to_save(request, uids)
    if options is not None and not options - {"SAVE", "CONTEXT", "UPDATE"}:
        return
    # One session's set: numbers in the view's numbering, or UIDs.
    ids = uids if request.uid else selected.view.seqs_of(uids)
    if options is None:
        modseq = await _highest(selected, request, uids)
        session.write(responses.search(ids.tolist(), modseq, word=word))
        return
    told = uids[_told(request, len(uids))]
    session.write(_esearch(session.tag, request, ids, await _highest(selected, request, told)))


async def _keep(
    session: Session, selected: Selected, request: Request, uids: NDArray[np.uint32], word: bytes
) -> None:
    """Keep the result up to date from now on, or tell why not (RFC 5267 4.3.1)."""
    if word != b"SEARCH":
        # Positions in a sorted result are told by nobody here: CONTEXT=SORT is not announced.
        session.write(responses.no_update(session.tag, b"Sorted results aren't updated."))
    elif len(selected.contexts) >= MAX_CONTEXTS:
        session.write(responses.no_update(session.tag, b"Too many contexts."))
    else:
        query = to_query(request.key, selected)
        context = Context(query, selected.saved.copy(), UidSet(uids), request.uid)
        await selected.contexts.add(selected, session.tag, context)


def _told(request: Request, count: int) -> Sequence[int] | slice:
    """Which results the answer names: MODSEQ is theirs alone (RFC 4731 3.2)."""
    options = request.returns or frozenset()
    if request.partial is not None:
        return request.partial.of(count)
    if options & {"ALL", "COUNT"} or not count:
        return slice(None)
    return [{"MIN": 0, "MAX": -1}[each] for each in options & {"MIN", "MAX"}]


def _to_save(request: Request, uids: NDArray[np.uint32]) -> UidSet:
    """RFC 5182 2.4: with MIN or MAX alone only those are saved; RFC 9394 3.3: so with PARTIAL."""
    options = (request.returns or frozenset()) - {"SAVE", "CONTEXT", "UPDATE"}
    if not options or options & {"ALL", "COUNT"}:
        return UidSet(uids)
    saved = UidSet(uids[request.partial.of(len(uids))]) if request.partial else UidSet()
    if len(uids):
        ends = {"MIN": int(uids[0]), "MAX": int(uids[-1])}
        saved |= UidSet([ends[option] for option in options & ends.keys()])
    return saved


async def _highest(selected: Selected, request: Request, uids: NDArray[np.uint32]) -> int | None:
    if not asks_modseq(request.key) or not len(uids):
        return None
    highest = 0
    found = UidSet(uids)
    wanted = Wanted(modseqs=True)
    async with closing(selected.mailbox.fetch(selected.view, found, wanted)) as batches:
        async for batch in batches:
            if batch.modseqs is not None and len(batch.modseqs):
                highest = max(highest, int(batch.modseqs.max()))
    return highest


def _esearch(
    tag: bytes,
    request: Request,
    ids: NDArray[np.uint32] | NDArray[np.int64],
    modseq: int | None,
) -> bytes:
    options = request.returns or frozenset()
    partial = b""
    if request.partial is not None:
        told = _written(ids[request.partial.of(len(ids))])
        partial = b"%b %b" % (request.partial.wire(), told or b"NIL")
    # RFC 4731 3.1: MIN, MAX and ALL are left out when nothing was found.
    return responses.esearch(
        tag,
        uid=request.uid,
        minimum=int(ids[0]) if len(ids) and "MIN" in options else None,
        maximum=int(ids[-1]) if len(ids) and "MAX" in options else None,
        count=len(ids) if "COUNT" in options else None,
        found=_written(ids) if "ALL" in options else b"",
        partial=partial,
        modseq=modseq,
    )


def _written(ids: NDArray[np.uint32] | NDArray[np.int64]) -> bytes:
    """A sequence set, in the order of the results: each run upwards is a range."""
    if not len(ids):
        return b""
    starts = np.flatnonzero(np.diff(ids.astype(np.int64)) != 1) + 1
    lows = ids[np.concatenate(([0], starts))].tolist()
    highs = ids[np.concatenate((starts, [len(ids)])) - 1].tolist()
    return sequence.format_ranges(tuple(zip(lows, highs, strict=True)))


async def in_uid_order(session: Session, request: Request) -> NDArray[np.uint32]:
    """What a SEARCH finds."""
    return uids_to_array(await find_for(session, request))
