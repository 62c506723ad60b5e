"""UNSELECT (RFC 3691): CLOSE without the expunge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.wire.unselect import Unselect

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

CAPABILITIES = ("UNSELECT",)


async def run(session: Session, command: Unselect) -> Answer:
    """Let go of the mailbox."""
    await session.unselect()
    return Answer(b"Unselect completed.")
