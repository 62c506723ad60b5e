"""QUIT (RFC 5321 4.1.1.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.lmtp.wire.reply import Reply

if TYPE_CHECKING:
    from culver_plugins.lmtp.session import Session


async def run(session: Session, rest: str) -> list[Reply]:
    session.close_after = "Client has quit the connection"
    return [Reply(221, "2.0.0", "Bye")]
