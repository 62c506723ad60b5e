"""CANCELUPDATE (RFC 5267 4.3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer, no
from culver_plugins.imap.wire.cancelupdate import CancelUpdate

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

CAPABILITIES = ("CONTEXT=SEARCH",)


async def run(session: Session, command: CancelUpdate) -> Answer:
    """Forget the contexts."""
    contexts = session.mailbox().contexts
    for tag in command.tags:
        if not contexts.cancel(tag):
            return no("Unknown tag.")
    return Answer(b"Updates cancelled.")
