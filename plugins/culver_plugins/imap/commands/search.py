"""SEARCH and UID SEARCH (RFC 3501 6.4.4, RFC 4731, RFC 5182, RFC 7162 3.1.5, RFC 9394)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.finding import answer, in_uid_order
from culver_plugins.imap.wire.search import Search

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

CAPABILITIES = ("ESEARCH", "PARTIAL", "SEARCHRES", "WITHIN")


async def run(session: Session, command: Search) -> Answer:
    """Find, and answer in the form the client asked for."""
    await answer(session, command, await in_uid_order(session, command), b"SEARCH")
    return Answer(b"Search completed.")
