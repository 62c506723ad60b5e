"""VRFY: we don't tell who exists (RFC 5321 3.5.3, 7.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.lmtp.wire.reply import Reply

if TYPE_CHECKING:
    from culver_plugins.lmtp.session import Session


async def run(session: Session, rest: str) -> list[Reply]:
    return [Reply(252, "2.3.3", "Try RCPT instead")]
