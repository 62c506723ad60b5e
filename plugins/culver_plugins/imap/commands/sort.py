"""SORT and UID SORT (RFC 5256, RFC 5957, RFC 5267)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.finding import answer, find_for
from culver_plugins.imap.sorting import in_order
from culver_plugins.imap.wire.sort import Sort

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session

CAPABILITIES = ("ESORT", "SORT", "SORT=DISPLAY")


async def run(session: Session, command: Sort) -> Answer:
    """Find, sort, and answer in the form the client asked for."""
    found = await find_for(session, command)
    ordered = await in_order(session.mailbox(), found, command.order)
    await answer(session, command, ordered, b"SORT")
    return Answer(b"Sort completed.")
