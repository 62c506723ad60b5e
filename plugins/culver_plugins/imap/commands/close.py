"""CLOSE (RFC 3501 6.4.2): expunge in silence, then unselect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.wire.close import Close

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Close) -> Answer:
    """No untagged EXPUNGE is sent; nothing is removed after EXAMINE."""
    selected = session.mailbox()
    if not selected.view.read_only:
        removed = await selected.mailbox.expunge(selected.view, None)
        session.counters.expunged += len(removed)
    await session.unselect()
    return Answer(b"Close completed.")
