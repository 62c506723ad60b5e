"""EXAMINE (RFC 3501 6.3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.commands.select import open_mailbox
from culver_plugins.imap.wire.select import Select

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Select) -> Answer:
    """Open for reading; no message stops being recent by it."""
    return await open_mailbox(session, command, read_only=True)
