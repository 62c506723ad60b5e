"""CHECK (RFC 3501 6.4.1): a checkpoint.  All that was answered with OK is on disk already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.wire.check import Check

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Check) -> Answer:
    """Nothing is left to be written."""
    return Answer(b"Check completed.")
