"""SUBSCRIBE (RFC 3501 6.3.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.wire.subscribe import Subscribe

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Subscribe) -> Answer:
    """Subscribe to a mailbox that exists (inventory R5-057)."""
    mailbox = await session.open(command.mailbox)
    await mailbox.close()
    await session.mail_user().subscribe(command.mailbox, True)
    return Answer(b"Subscribe completed.")
