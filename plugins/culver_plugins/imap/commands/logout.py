"""LOGOUT (RFC 3501 6.1.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.logout import Logout

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Logout) -> Answer:
    """Say BYE; the state after it ends the loop."""
    session.closing.reason = "Logged out"
    session.write(responses.bye(b"Logging out"))
    return Answer(b"Logout completed.")
