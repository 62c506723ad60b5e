"""DATA: the mail, ended by a dot (RFC 5321 4.1.1.4); one reply per recipient (RFC 2033 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.lmtp.wire.reply import BAD_SEQUENCE, Reply

if TYPE_CHECKING:
    from culver_plugins.lmtp.session import Session


async def run(session: Session, rest: str) -> list[Reply]:
    if rest:
        return [Reply(501, "5.5.4", "DATA takes no parameter")]
    transaction = session.transaction
    if transaction is None:
        return [Reply(503, "5.5.1", "MAIL needed first")]
    if transaction.chunked:
        return [BAD_SEQUENCE]  # RFC 3030 2: DATA and BDAT don't mix
    if not transaction.recipients:
        return [Reply(554, "5.5.1", "No valid recipients")]
    session.machine.expect_data()
    session.receiving = "data"
    return [Reply(354, "", "OK")]
