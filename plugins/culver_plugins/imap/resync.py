"""What changed while the client was away (RFC 7162 3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.plugin import UidSet, Wanted, closing
from culver_plugins.imap.updates import send_flags
from culver_plugins.imap.wire import responses, sequence
from culver_plugins.imap.wire.select import Qresync
from culver_plugins.imap.wire.sequence import Ranges

if TYPE_CHECKING:
    from culver_plugins.imap.selected import Selected
    from culver_plugins.imap.session import Session


async def resynchronize(session: Session, selected: Selected, known: Qresync) -> None:
    """After SELECT: what has vanished and what has other flags than the client remembers.

    The client's numbers (seq-match data) are not needed: they only make the answer shorter.
    """
    if known.uid_validity != selected.uid_validity:
        return  # RFC 7162 3.2.5.1: what the client remembers is of another mailbox
    everything: Ranges = ((1, sequence.STAR),)
    ids = known.known_uids or everything
    write_vanished(session, selected, ids)
    # A modseq from the future is from an index that was lost: all flags are news then.
    since = known.modseq if known.modseq <= selected.view.highest_modseq else 0
    uids = await changed_since(selected, selected.uids(ids, uid=True), since)
    await send_flags(session, selected, uids, uid=True)


def write_vanished(session: Session, selected: Selected, ids: Ranges) -> None:
    """VANISHED (EARLIER): UIDs among these that exist no more.

    Nobody keeps what was expunged when; RFC 7162 3.2.6 allows to tell more than was asked for,
    and a set of ranges stays short.
    """
    highest = selected.uid_next - 1
    gone = UidSet()
    for low, high in sequence.resolve(ids, max(highest, 1)):
        gone.add_range(low, min(high, highest) + 1)
    gone -= UidSet(selected.view.uids)
    if gone:
        session.write(responses.vanished(gone, earlier=True))


async def changed_since(selected: Selected, uids: UidSet, since: int) -> UidSet:
    """Those whose modification sequence is higher."""
    changed = UidSet()
    async with closing(
        selected.mailbox.fetch(selected.view, uids, Wanted(modseqs=True))
    ) as batches:
        async for batch in batches:
            assert batch.modseqs is not None
            changed |= UidSet(batch.uids[batch.modseqs > since])
    return changed
