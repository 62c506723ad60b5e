"""LOGIN (RFC 3501 6.2.3): SASL PLAIN in other words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.logging_in import authenticate
from culver_plugins.imap.wire.login import Login

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Login) -> Answer:
    """Authenticate as PLAIN does."""
    initial = b"\0%b\0%b" % (command.user.encode(), command.password)
    return await authenticate(session, "PLAIN", initial)
