"""NOOP: are you there (RFC 5321 4.1.1.9)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.lmtp.wire.reply import OK, Reply

if TYPE_CHECKING:
    from culver_plugins.lmtp.session import Session


async def run(session: Session, rest: str) -> list[Reply]:
    return [OK]
