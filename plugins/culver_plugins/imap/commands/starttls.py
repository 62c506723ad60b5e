"""STARTTLS (RFC 3501 6.2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer, bad
from culver_plugins.imap.wire.starttls import StartTls

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: StartTls) -> Answer:
    """Agree; the service does the handshake once the answer is out."""
    if session.connection.tls is not None:
        return bad("TLS is already active.")
    if not session.connection.can_start_tls:
        return bad("TLS support isn't enabled.")
    return Answer(b"Begin TLS negotiation now.")


async def after(session: Session, answer: Answer) -> None:
    """The handshake.  The machine has dropped what came in the clear behind the command."""
    if answer.status == b"OK":
        await session.flush()
        await session.connection.start_tls()
