"""EXPUNGE (RFC 3501 6.4.3) and UID EXPUNGE (RFC 4315 2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer, no
from culver_plugins.imap.updates import send_updates
from culver_plugins.imap.wire.expunge import Expunge

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Expunge) -> Answer:
    """Remove what is \\Deleted; the session's sync tells the numbers."""
    selected = session.mailbox()
    if selected.view.read_only:
        return no("Mailbox is read-only.", "CANNOT")
    uids = None if command.uids is None else selected.uids(command.uids, uid=True)
    removed = await selected.mailbox.expunge(selected.view, uids)
    session.counters.expunged += len(removed)
    if not session.qresync:
        return Answer(b"Expunge completed.")
    await send_updates(session, expunges=True)
    # RFC 7162 3.2.7
    return Answer(b"Expunge completed.", b"HIGHESTMODSEQ %d" % selected.view.highest_modseq)
