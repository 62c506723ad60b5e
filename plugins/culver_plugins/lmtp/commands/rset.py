"""RSET: the transaction never was (RFC 5321 4.1.1.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.lmtp.wire.reply import OK, Reply

if TYPE_CHECKING:
    from culver_plugins.lmtp.session import Session


async def run(session: Session, rest: str) -> list[Reply]:
    session.reset()
    return [OK]
