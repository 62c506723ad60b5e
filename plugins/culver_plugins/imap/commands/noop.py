"""NOOP (RFC 3501 6.1.2): the chance to tell what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.wire.noop import Noop

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Noop) -> Answer:
    """Nothing; the session syncs after it."""
    return Answer(b"NOOP completed.")
