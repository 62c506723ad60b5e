"""CAPABILITY (RFC 3501 6.1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.capability import Capability

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Capability) -> Answer:
    """Say what can be done now."""
    session.write(responses.capability(session.service.capabilities(session)))
    return Answer(b"Capability completed.")
