"""BDAT: the mail in counted chunks (RFC 3030)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.lmtp.wire.reply import Reply

if TYPE_CHECKING:
    from culver_plugins.lmtp.session import Session

MAX_DIGITS = 12
"""A terabyte in one chunk is a mistake, not a mail."""


async def run(session: Session, rest: str) -> list[Reply]:
    words = rest.upper().split()
    digits = words[0] if words else ""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MAX_DIGITS):
        # The chunk's bytes can't be told from commands any more.
        session.close_after = "Invalid BDAT size"
        return [Reply(501, "5.5.4", "BDAT takes a size in bytes, then LAST or nothing")]
    if words[1:] not in ([], ["LAST"]):
        session.close_after = "Invalid BDAT parameters"
        return [Reply(501, "5.5.4", "BDAT takes a size in bytes, then LAST or nothing")]
    session.machine.expect_chunk(int(digits))
    session.last_chunk = len(words) == 2
    transaction = session.transaction
    if transaction is None or not transaction.recipients:
        # The chunk comes whatever we say (RFC 3030 2): it is read and dropped.
        session.receiving = "refused"
        return []
    transaction.chunked = True
    session.receiving = "chunk"
    return []
