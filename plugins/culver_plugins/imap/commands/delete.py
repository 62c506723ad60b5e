"""DELETE (RFC 3501 6.3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.wire.delete import Delete

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Delete) -> Answer:
    """Remove the mailbox and its mail; children stay."""
    await session.mail_user().delete(command.mailbox)
    return Answer(b"Delete completed.")
