"""What happened in the mailbox, told to the client as untagged responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from culver.plugin import Batch, Changes, UidSet, Wanted, closing, uids_to_array
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.flags import FLAG_TEXTS, RECENT

if TYPE_CHECKING:
    from culver_plugins.imap.selected import Selected
    from culver_plugins.imap.session import Session


async def send_updates(session: Session, *, expunges: bool, uid: bool = False) -> None:
    """Sync the selected mailbox, if any, and write what changed.

    ``expunges`` false keeps sequence numbers as they are: during FETCH, STORE and SEARCH none may
    change (RFC 3501 7.4.1).  ``uid``: FLAGS come with UIDs.
    """
    selected = session.selected
    if selected is None:
        return
    changes = await selected.mailbox.sync(selected.view, expunges=expunges)
    if changes:
        await _write_changes(session, selected, changes, uid=uid)
    # What this session changed itself is no news to it, but to its contexts it is.
    await selected.contexts.tell_changed(session, selected)


async def _write_changes(
    session: Session, selected: Selected, changes: Changes, *, uid: bool
) -> None:
    if len(changes.expunged_seqs):
        selected.contexts.tell_expunged(session, changes)
        if session.qresync:
            session.write(responses.vanished(changes.expunged_uids))
        else:
            session.write(responses.expunges(changes.expunged_seqs[::-1].tolist()))
        selected.saved -= changes.expunged_uids
    if changes.appeared:
        session.write(responses.exists(len(selected.view)))
        session.write(responses.recent(len(selected.view.recent)))
    if changes.flags:
        await send_flags(session, selected, changes.flags, uid=uid)


async def send_flags(session: Session, selected: Selected, uids: UidSet, *, uid: bool) -> None:
    """Write FETCH with the flags of these messages."""
    wanted = Wanted(modseqs=session.condstore)
    async with closing(selected.mailbox.fetch(selected.view, uids, wanted)) as batches:
        async for batch in batches:
            write_flags(session, selected, batch, uid=uid)
            await session.flush_if_full()


def write_flags(session: Session, selected: Selected, batch: Batch, *, uid: bool) -> None:
    """FETCH lines of a batch: FLAGS, with UID and MODSEQ as the client enabled them."""
    learn_keywords(session, selected, batch)
    texts = flag_texts(selected, batch)
    numbers = selected.view.seqs_of(batch.uids).tolist()
    uids = batch.uids.tolist()
    if session.condstore and batch.modseqs is not None:
        modseqs = batch.modseqs.tolist()
        if uid:
            session.write(responses.fetch_modseq_lines(numbers, uids, texts, modseqs))
            return
        rows = zip(numbers, texts, modseqs, strict=True)
        session.write(b"".join(b"* %d FETCH (FLAGS (%b) MODSEQ (%d))\r\n" % row for row in rows))
        return
    session.write(responses.fetch_flags_lines(numbers, uids if uid else None, texts))


def learn_keywords(session: Session, selected: Selected, batch: Batch) -> None:
    """Announce keywords that the client hasn't seen in FLAGS yet (RFC 3501 7.2.6)."""
    new = False
    for row in set(batch.keywords):
        new |= selected.learn(row)
    if new:
        write_known_flags(session, selected)


def write_known_flags(session: Session, selected: Selected) -> None:
    """FLAGS and PERMANENTFLAGS."""
    known = selected.keywords.values()
    session.write(responses.flags_line(known))
    if selected.view.read_only:
        session.write(responses.permanent_flags((), bits=0, new=False))
    else:
        session.write(responses.permanent_flags(known))


def flag_texts(selected: Selected, batch: Batch) -> list[bytes]:
    """The inside of FLAGS (...) per row: system flags, \\Recent of this session, keywords."""
    flags = batch.flags
    if selected.view.recent:
        recent = np.isin(batch.uids, uids_to_array(selected.view.recent))
        flags = flags | np.where(recent, RECENT, 0).astype(np.uint8)
    texts: list[bytes] = [FLAG_TEXTS[bits] for bits in flags.tolist()]
    if not batch.keywords:
        return texts
    return [
        b" ".join(filter(None, (text, *map(str.encode, words))))
        for text, words in zip(texts, batch.keywords, strict=True)
    ]
