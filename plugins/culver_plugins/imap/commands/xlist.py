"""XLIST: Google's elder form of LIST with special uses (inventory R5-051)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from culver_plugins.imap.answer import Answer
from culver_plugins.imap.listing import attributes, patterns_of, select
from culver_plugins.imap.wire import responses
from culver_plugins.imap.wire.xlist import Xlist

if TYPE_CHECKING:
    from culver_plugins.imap.session import Session


async def run(session: Session, command: Xlist) -> Answer:
    """As LIST, with \\Inbox."""
    patterns = patterns_of(command.reference, (command.pattern,))
    for row in select(await session.mail_user().mailboxes(), patterns, frozenset()):
        info = row.info
        words = attributes(info, subscribed=False, extended=False)
        if info.name == "INBOX":
            words.append(b"\\Inbox")
        session.write(responses.list_line(words, info.separator, info.name, command=b"XLIST"))
    return Answer(b"Xlist completed.")
