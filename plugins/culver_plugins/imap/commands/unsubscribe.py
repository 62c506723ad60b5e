"""UNSUBSCRIBE (RFC 3501 6.3.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.wire.unsubscribe import Unsubscribe

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Unsubscribe) -> Answer:
    """Unsubscribe; also from what doesn't exist any more."""
    await session.mail_user().subscribe(command.mailbox, False)
    return Answer(b"Unsubscribe completed.")
