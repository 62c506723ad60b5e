"""LHLO: who the client is, and what we can (RFC 2033 4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.lmtp.wire.reply import Reply

if TYPE_CHECKING:
    from culver_plugins.lmtp.session import Session

EXTENSIONS = ("8BITMIME", "ENHANCEDSTATUSCODES", "CHUNKING", "PIPELINING", "SMTPUTF8")


async def run(session: Session, rest: str) -> list[Reply]:
    if not rest:
        return [Reply(501, "5.5.4", "Domain or address expected: LHLO example.org")]
    session.reset()
    session.helo = rest.split()[0]
    offered = [session.hostname, *EXTENSIONS]
    if session.connection.can_start_tls:
        offered.append("STARTTLS")
    return [Reply(250, "", "\n".join(offered))]
