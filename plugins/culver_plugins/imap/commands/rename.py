"""RENAME (RFC 3501 6.3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.wire.rename import Rename

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Rename) -> Answer:
    """Rename with children; INBOX gives its mail away and stays."""
    await session.mail_user().rename(command.mailbox, command.new_name)
    return Answer(b"Rename completed.")
