"""STARTTLS (RFC 3207)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.lmtp.wire.reply import Reply

if TYPE_CHECKING:
    from culver_plugins.lmtp.session import Session


async def run(session: Session, rest: str) -> list[Reply]:
    if rest:
        return [Reply(501, "5.5.4", "STARTTLS takes no parameter")]
    if session.connection.tls is not None:
        return [Reply(443, "5.5.1", "TLS is already active")]
    if not session.connection.can_start_tls:
        return [Reply(502, "5.5.1", "TLS support is not enabled")]
    session.start_tls = True
    return [Reply(220, "2.0.0", "Begin TLS negotiation now")]
