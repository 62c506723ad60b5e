"""AUTHENTICATE (RFC 3501 6.2.2, RFC 4959)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.logging_in import authenticate
from culver_plugins.imap.wire.authenticate import Authenticate

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Authenticate) -> Answer:
    """Run the mechanism's exchange."""
    return await authenticate(session, command.mechanism, command.initial)
