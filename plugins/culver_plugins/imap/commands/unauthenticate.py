"""UNAUTHENTICATE (RFC 8437)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.wire.unauthenticate import Unauthenticate

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

CAPABILITIES = ("UNAUTHENTICATE",)


async def run(session: Session, command: Unauthenticate) -> Answer:
    """Forget the user and all that was enabled; TLS and COMPRESS stay (RFC 8437 4)."""
    await session.log_out_user()
    return Answer(b"Unauthenticate completed.")
