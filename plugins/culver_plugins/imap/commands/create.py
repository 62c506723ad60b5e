"""CREATE (RFC 3501 6.3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer, no
from culver_plugins.imap.wire.create import Create

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Create) -> Answer:
    """Create the mailbox and the parents it needs."""
    if command.special_use:
        # Special uses come from the configuration here; RFC 6154 3 has a code for that.
        return no("Special uses are set by the administrator.", "USEATTR")
    await session.mail_user().create(command.mailbox)
    return Answer(b"Create completed.")
