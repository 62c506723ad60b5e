"""CREATE (RFC 3501 6.3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver.plugin import CulverError
from culver_plugins.imap.answer import Answer, no
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.create import Create

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Create) -> Answer:
    """Create the mailbox and the parents it needs."""
    if command.special_use:
        # Special uses come from the configuration here; RFC 6154 3 has a code for that.
        return no("Special uses are set by the administrator.", "USEATTR")
    await session.mail_user().create(command.mailbox)
    return Answer(b"Create completed.", await _mailbox_id(session, command.mailbox))


async def _mailbox_id(session: Session, name: str) -> bytes:
    """MAILBOXID, or no code for what can't be selected (RFC 8474 4.1)."""
    try:
        mailbox = await session.open(name)
    except CulverError:
        return b""
    try:
        guid = (await mailbox.status()).guid
    finally:
        await mailbox.close()
    return responses.mailbox_id(guid) if guid else b""
